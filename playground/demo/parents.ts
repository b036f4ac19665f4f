import { execFile } from "node:child_process";
import { promisify } from "node:util";

const run = promisify(execFile);
const LOOK_EVERY_MS = 1000;
/** `npm run` -> `sh -c` -> tsx -> us. */
const UNDER_NPM = 3;

/**
 * Calls `gone` once when whoever started us has died without a word (SIGKILL). Under `npm run` that is npm, its shell or
 * tsx; otherwise our parent alone. Ends with the function that is returned.
 */
export async function watchParents(gone: () => void): Promise<() => void> {
  const pids = await ancestors(process.env["npm_lifecycle_event"] === "demo" ? UNDER_NPM : 1);
  const timer = setInterval(() => {
    if (pids.every(isAlive)) return;
    clearInterval(timer);
    gone();
  }, LOOK_EVERY_MS);
  timer.unref();
  return () => clearInterval(timer);
}

async function ancestors(most: number): Promise<number[]> {
  const pids = [process.ppid];
  while (pids.length < most) {
    const { stdout } = await run("ps", ["-o", "ppid=", "-p", String(pids.at(-1))]).catch(() => ({
      stdout: "",
    }));
    const parent = Number(stdout.trim());
    if (!(parent > 1)) break;
    pids.push(parent);
  }
  // 1 is whoever adopts orphans: it never goes
  return pids.filter((pid) => pid > 1);
}

function isAlive(pid: number): boolean {
  try {
    process.kill(pid, 0);
    return true;
  } catch (error) {
    return error instanceof Error && "code" in error && error.code === "EPERM";
  }
}
