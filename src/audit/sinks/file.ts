import { type FileHandle, open, stat } from "node:fs/promises";
import { dirname } from "node:path";
import { canonical, sha256 } from "../../platform/canonical.ts";
import { readLink } from "../chain.ts";
import { type Sink, SinkProblem } from "./sink.ts";

/** The longest entry that is looked for at the end of the file, bytes. */
const TAIL = 4 * 1024 * 1024;
const NEW_LINE = 10;

/**
 * Appends entries to a file, a line each, and waits until they are on disk (fsync). The file is never rewritten: an
 * incomplete last line, as a crash leaves one, stays and is followed by a line that says so, `{"torn":...}`. A file
 * that was rotated away is followed by a new one.
 */
export function createFileSink({ path, ...how }: { name: string; required: boolean; path: string }): Sink {
  let file: { handle: FileHandle; inode: number; size: number } | null = null;

  const close = async (): Promise<void> => {
    const { handle } = file ?? {};
    file = null;
    await handle?.close().catch(() => undefined);
  };
  /** Opens the file where it is not open, was rotated away, or was written by someone else meanwhile. */
  const opened = async (): Promise<FileHandle> => {
    const there = await stat(path).catch(() => null);
    if (file !== null && file.inode === there?.ino && file.size === there.size) return file.handle;
    await close();
    const handle = await open(path, "a+", 0o640);
    try {
      await endTornLine(handle);
      const { ino, size } = await handle.stat();
      if (there === null) await syncDirectory(path);
      file = { handle, inode: ino, size };
      return handle;
    } catch (error) {
      await handle.close();
      throw error;
    }
  };
  return {
    ...how,
    newest: async () => await inWords(path, async () => await newestIn(await opened())),
    push: async ({ lines }) =>
      await inWords(path, async () => {
        const handle = await opened();
        const bytes = Buffer.from(lines.map((line) => `${line}\n`).join(""));
        try {
          await handle.appendFile(bytes);
          await handle.sync();
        } catch (error) {
          // part of a line may be there: the next call opens the file anew and ends that line
          await close();
          throw error;
        }
        if (file !== null) file.size += bytes.length;
      }),
    close,
  };
}

/** Ends an incomplete last line, and says so in a line of its own where it is not an entry. */
async function endTornLine(handle: FileHandle): Promise<void> {
  const tail = await tailOf(handle);
  if (tail.length === 0 || tail.at(-1) === NEW_LINE) return;
  const torn = tail.subarray(tail.lastIndexOf(NEW_LINE) + 1);
  const whole = readLink(torn.toString("utf8"))?.whole === true;
  const note = whole ? "" : `${canonical({ torn: sha256(torn), bytes: torn.length })}\n`;
  await handle.appendFile(`\n${note}`);
  await handle.sync();
}

async function newestIn(handle: FileHandle): ReturnType<Sink["newest"]> {
  const lines = (await tailOf(handle)).toString("utf8").split("\n");
  for (const line of lines.toReversed()) {
    const read = readLink(line);
    if (read?.whole === true) return { n: read.n, hash: read.hash, sig: read.sig };
  }
  return null;
}

async function tailOf(handle: FileHandle): Promise<Buffer> {
  const { size } = await handle.stat();
  const length = Math.min(size, TAIL);
  const { buffer, bytesRead } = await handle.read(Buffer.alloc(length), 0, length, size - length);
  return buffer.subarray(0, bytesRead);
}

/** Without this, a power cut may lose a new file although its bytes are on disk. */
async function syncDirectory(path: string): Promise<void> {
  const directory = await open(dirname(path), "r");
  try {
    await directory.sync();
  } finally {
    await directory.close();
  }
}

async function inWords<T>(path: string, work: () => Promise<T>): Promise<T> {
  try {
    return await work();
  } catch (error) {
    const code = error instanceof Error && "code" in error ? String(error.code) : "unknown error";
    throw new SinkProblem(`${path} cannot be written (${code})`, { cause: error });
  }
}
