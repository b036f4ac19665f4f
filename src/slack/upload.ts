import type { WebClient } from "@slack/web-api";
import type { Clock } from "../platform/clock.ts";
import { z } from "zod";
import { SlackRefused, SlackUnavailable } from "../model/errors.ts";
import { asking, isLoopback } from "./client.ts";
import { tame } from "./escape.ts";
import { truncate } from "./limits.ts";
import { rates } from "./rate-limits.ts";
import type { Turns } from "./turns.ts";

export interface UploadOptions {
  client: WebClient;
  turns: Turns;
  /** How long to wait for a turn, ms. */
  patienceMs: number;
  clock: Clock;
}

export interface Upload {
  name: string;
  title: string;
  bytes: Buffer;
  /** A picture's description; null for a text file. */
  alt: string | null;
}

export const UPLOAD_SCOPE = "files:write";
const TIMEOUT_MS = 10_000;
/** https://docs.slack.dev/reference/methods/files.getUploadURLExternal#errors: alt_txt_too_large */
const ALT_MOST = 1000;
const TITLE_MOST = 120;
const placeSchema = z.looseObject({ upload_url: z.url(), file_id: z.string() });

/**
 * Uploads a file and shares it in a thread. Makes the three calls of `files.uploadV2` itself, because the package
 * sends the description as `alt_text`, but Slack expects `alt_txt`. Throws SlackUnavailable, SlackRefused.
 * https://docs.slack.dev/messaging/working-with-files#upload
 */
export async function upload(
  { client, turns, patienceMs, clock }: UploadOptions,
  where: { channel: string; thread: string },
  file: Upload,
): Promise<void> {
  const place = await asking(() =>
    client.apiCall("files.getUploadURLExternal", {
      filename: file.name,
      length: file.bytes.length,
      ...(file.alt === null ? {} : { alt_txt: truncate(tame(file.alt), ALT_MOST) }),
    }),
  );
  const read = placeSchema.safeParse(place);
  if (!read.success) throw new SlackRefused("no upload_url in the answer");
  const { upload_url: url, file_id: id } = read.data;
  await send(url, file.bytes, clock);
  const turn = { key: `post:${where.channel}`, rate: rates.post, lane: "answer", patienceMs } as const;
  await turns.take(turn, () => Promise.resolve(true));
  await asking(() =>
    client.files.completeUploadExternal({
      files: [{ id, title: truncate(tame(file.title), TITLE_MOST) }],
      channel_id: where.channel,
      thread_ts: where.thread,
    }),
  );
}

/** Sends no token: the URL authorizes the upload by itself. */
async function send(url: string, bytes: Buffer, clock: Clock): Promise<void> {
  const { protocol, hostname } = new URL(url);
  if (protocol !== "https:" && !isLoopback(hostname)) throw new SlackRefused("upload_url is not https");
  const answer = await fetch(url, {
    method: "POST",
    redirect: "error",
    signal: clock.timeout(TIMEOUT_MS),
    headers: { "content-type": "application/octet-stream" },
    body: new Uint8Array(bytes),
  }).catch((error: unknown) => {
    throw new SlackUnavailable("slack did not take the upload", 0, { cause: error });
  });
  await answer.body?.cancel();
  if (!answer.ok) throw new SlackUnavailable(`slack answered an upload with HTTP ${answer.status}`, 0);
}

/** Whether the token's scopes, as Slack listed them with its last answer, allow an upload; not listed: try. */
export const mayUpload = (answer: { response_metadata?: { scopes?: string[] } }): boolean =>
  answer.response_metadata?.scopes?.includes(UPLOAD_SCOPE) ?? true;
