import { execFile } from "node:child_process";
import { rename, rm, stat } from "node:fs/promises";
import { join } from "node:path";
import { promisify } from "node:util";

const run = promisify(execFile);

/** Where downloads and what is made of them are kept, for the demo and all tests. */
export const CACHE = process.env["PLAYGROUND_CACHE"] ?? join(import.meta.dirname, "../.cache");

/** Written under another name and renamed, so that the result is complete even if two processes make it at the same time. */
export async function once(path: string, make: (target: string) => Promise<void>): Promise<void> {
  if (await exists(path)) return;
  const target = `${path}.${process.pid}.${Date.now()}`;
  try {
    await make(target);
    await rename(target, path);
  } catch (error) {
    await rm(target, { recursive: true, force: true });
    if (!(await exists(path))) throw error;
  }
}

/** Whether a command can be run with these arguments. */
export const works = (command: string, args: string[]): Promise<boolean> =>
  run(command, args).then(
    () => true,
    () => false,
  );

/** Runs a command, in a folder of its own if it leaves things behind. Throws with its last lines. */
export async function tell(command: string, args: string[], cwd?: string): Promise<void> {
  try {
    await run(command, args, { maxBuffer: 64 * 1024 * 1024, cwd });
  } catch (error) {
    const { stdout = "", stderr = "" } = error as { stdout?: string; stderr?: string };
    const last = `${stdout}\n${stderr}`.trim().split("\n").slice(-15).join("\n");
    throw new Error(`${command} ${args[0]} went wrong:\n${last}`, { cause: error });
  }
}

const exists = (path: string): Promise<boolean> =>
  stat(path).then(
    () => true,
    () => false,
  );
