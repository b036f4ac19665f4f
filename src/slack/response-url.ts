import type { Clock } from "../platform/clock.ts";
import { SlackUnavailable } from "../model/errors.ts";
import type { Message } from "./blocks.ts";
import { isLoopback } from "./client.ts";

export interface Response extends Message {
  /** The thread of a click; slash commands have none. */
  thread: string | null;
  /** For a click: leaves the clicked message unchanged. */
  keepOriginal: boolean;
}

const TIMEOUT_MS = 5000;

/**
 * Whether it is safe to post to a `response_url`: it comes from a payload, and the message may hold job names and
 * paths. It must be https (or loopback) and on the API's own host or a subdomain.
 */
export function isResponseUrl(responseUrl: string, apiUrl: string): boolean {
  if (!URL.canParse(responseUrl)) return false;
  const url = new URL(responseUrl);
  const api = new URL(apiUrl);
  if (url.username !== "" || url.password !== "") return false;
  if (isLoopback(api.hostname)) return url.protocol === "http:" && isLoopback(url.hostname);
  // `hooks.slack.com` belongs to `slack.com`
  const ours = url.hostname === api.hostname || url.hostname.endsWith(`.${api.hostname}`);
  return url.protocol === "https:" && ours;
}

/**
 * Sends one ephemeral message by `response_url`. False: the URL is used up or expired (5 uses, 30 minutes), so nothing
 * was shown. Throws SlackUnavailable. https://docs.slack.dev/interactivity/handling-user-interaction#message_responses
 */
export async function respond(
  responseUrl: string,
  what: Response,
  clock: Pick<Clock, "timeout">,
): Promise<boolean> {
  const response = await fetch(responseUrl, {
    method: "POST",
    redirect: "error",
    signal: clock.timeout(TIMEOUT_MS),
    headers: { "content-type": "application/json" },
    body: JSON.stringify({
      response_type: "ephemeral",
      text: what.text,
      blocks: what.blocks,
      ...(what.keepOriginal ? { replace_original: false } : {}),
      ...(what.thread === null ? {} : { thread_ts: what.thread }),
    }),
  }).catch((error: unknown) => {
    throw new SlackUnavailable("slack did not answer a response_url", 0, { cause: error });
  });
  await response.body?.cancel();
  if (response.ok) return true;
  if (response.status === 429) {
    const seconds = Number(response.headers.get("retry-after") ?? "1");
    throw new SlackUnavailable("slack asks us to wait", Number.isFinite(seconds) ? seconds * 1000 : 1000);
  }
  if (response.status >= 500) throw new SlackUnavailable(`slack answered HTTP ${response.status}`, 0);
  return false;
}
