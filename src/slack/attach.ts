import { SlackRefused, SlackUnavailable } from "../model/errors.ts";
import type { Report, TextFile } from "../model/report.ts";
import type { Picture } from "../model/picture.ts";
import { code, type Text, t } from "../model/text.ts";
import type { Drawing } from "../pictures/draw.ts";
import type { Log } from "./log.ts";
import { upload, type UploadOptions, UPLOAD_SCOPE } from "./upload.ts";

/** Throws if the picture cannot be drawn. */
export type Draw = (picture: Picture) => Promise<Drawing>;

export interface AttachOptions extends UploadOptions {
  /** Draws pictures; without it answers are text only. */
  draw: Draw | undefined;
  /** Posts a text in the thread. */
  say(words: Text): Promise<void>;
  log: Log;
}

/** What is added to an answer. `isAllowed`: the bot may upload files. */
interface Attached {
  picture: Report["picture"] | undefined;
  file: Report["file"] | undefined;
  isAllowed: boolean;
}

/**
 * Adds an answer's picture and file to the thread that already has its text. Never throws: a retry would post the text
 * twice. A picture repeats the text, so a missing one is only logged; a missing file is also reported in the thread.
 */
export async function attach(
  options: AttachOptions,
  where: { channel: string; thread: string },
  { picture, file, isAllowed }: Attached,
): Promise<void> {
  if (picture !== undefined && isAllowed) await showPicture(options, where, picture);
  if (file !== undefined) await showFile(options, where, { ...file, isAllowed });
}

async function showPicture(
  options: AttachOptions,
  where: { channel: string; thread: string },
  picture: Picture,
): Promise<void> {
  if (options.draw === undefined) return;
  try {
    const { png: bytes, ...drawing } = await options.draw(picture);
    await upload(options, where, { ...drawing, bytes });
  } catch (error) {
    options.log.warn({ err: error, picture: picture.kind }, "answered without its picture");
  }
}

async function showFile(
  options: AttachOptions,
  where: { channel: string; thread: string },
  { name, title, text, isAllowed }: TextFile & { isAllowed: boolean },
): Promise<void> {
  try {
    if (!isAllowed) throw new SlackRefused("missing_scope");
    await upload(options, where, { name, title, bytes: Buffer.from(text), alt: null });
  } catch (error) {
    options.log.warn({ err: error, file: name }, "answered without its file");
    await options
      .say(missing(error))
      .catch((second: unknown) => options.log.warn({ err: second }, "could not report a missing file"));
  }
}

function missing(error: unknown): Text {
  if (error instanceof SlackRefused && error.reason === "missing_scope")
    return t`The file cannot be shown: the Slack app was not granted ${code(UPLOAD_SCOPE)}. An administrator can add that scope to the app and reinstall it.`;
  if (error instanceof SlackRefused)
    return t`The file cannot be shown: Slack refuses it (${code(error.reason)}).`;
  const why = error instanceof SlackUnavailable ? `: ${error.message}` : "";
  return t`The file could not be uploaded${why}. Try again in a moment.`;
}
