import { type ChildProcess, spawn } from "node:child_process";
import { once } from "node:events";
import { createServer } from "node:net";
import { createInterface } from "node:readline";
import { setTimeout as sleep } from "node:timers/promises";

/** A child that ends when we end, however we end. */
export interface Tied {
  /** Of the program itself, for signals that are meant for it alone. */
  readonly pid: number;
  readonly exited: Promise<number | null>;
  /** SIGTERM, then SIGKILL after `graceMs`. */
  stop(graceMs?: number): Promise<void>;
  kill(signal: NodeJS.Signals): void;
}

export interface TiedOptions {
  env?: NodeJS.ProcessEnv;
  cwd?: string;
  /** Each line of stdout and stderr. */
  onLine?: (line: string) => void;
}

/**
 * The pipe on descriptor 3 closes when this process dies, even by SIGKILL; then the child is killed.
 * The first line on descriptor 4 is the program's own pid.
 */
const WATCHDOG = `
"$@" 3<&- 4>&- </dev/null &
p=$!
echo $p >&4; exec 4>&-
trap 'kill -TERM $p 2>/dev/null' TERM INT
{ cat <&3 >/dev/null; kill -9 $p 2>/dev/null; } >/dev/null 2>&1 &
exec 3<&-
rc=0
while kill -0 $p 2>/dev/null; do wait $p; rc=$?; done
exit $rc
`;

/** Starts a program that leaves nothing behind. Throws when it cannot be started. */
export async function startTied(
  program: string,
  args: readonly string[],
  options: TiedOptions = {},
): Promise<Tied> {
  const child = spawn("bash", ["-c", WATCHDOG, "tied", program, ...args], {
    stdio: ["ignore", "pipe", "pipe", "pipe", "pipe"],
    // out of reach of the terminal: its Ctrl-C and hang-up are for us, who end our children in order
    detached: true,
    env: options.env ?? process.env,
    ...(options.cwd === undefined ? {} : { cwd: options.cwd }),
  });
  const lines = options.onLine ?? (() => undefined);
  readLines(child, lines);
  const leash = child.stdio[3];
  child.once("exit", () => leash?.destroy());
  const pid = await firstNumber(child);
  const exited = child.exitCode !== null ? Promise.resolve(child.exitCode) : exitOf(child);
  const kill = (signal: NodeJS.Signals): void => {
    try {
      process.kill(pid, signal);
    } catch {
      // it has ended already
    }
  };
  return {
    pid,
    exited,
    kill,
    async stop(graceMs = 10_000) {
      kill("SIGTERM");
      const timer = new AbortController();
      const tooLong = sleep(graceMs, "late", { signal: timer.signal }).catch(() => "ended");
      if ((await Promise.race([exited, tooLong])) === "late") kill("SIGKILL");
      timer.abort();
      await exited;
    },
  };
}

async function exitOf(child: ChildProcess): Promise<number | null> {
  const [code]: unknown[] = await once(child, "exit");
  return typeof code === "number" ? code : null;
}

function readLines(child: ChildProcess, onLine: (line: string) => void): void {
  for (const stream of [child.stdout, child.stderr])
    if (stream !== null) createInterface({ input: stream }).on("line", onLine);
}

async function firstNumber(child: ChildProcess): Promise<number> {
  const pipe = child.stdio[4];
  if (pipe === null || pipe === undefined || !("setEncoding" in pipe))
    throw new TypeError("no pipe for the pid");
  const [text]: unknown[] = await once(pipe, "data");
  return Number(String(text).trim());
}

/** A port of 127.0.0.1 that is free now. */
export async function freePort(): Promise<number> {
  const server = createServer();
  server.listen(0, "127.0.0.1");
  await once(server, "listening");
  const address = server.address();
  server.close();
  await once(server, "close");
  if (address === null || typeof address === "string") throw new TypeError("no port");
  return address.port;
}

/** Polls until `look` gives something other than null. Throws, naming `what`, after `timeoutMs`. */
export async function until<T>(what: string, look: () => Promise<T | null>, timeoutMs = 30_000): Promise<T> {
  const end = performance.now() + timeoutMs;
  for (;;) {
    const seen = await look();
    if (seen !== null) return seen;
    if (performance.now() > end) throw new Error(`${what}: not within ${timeoutMs} ms`);
    await sleep(25);
  }
}

/** Whether a program can be found on the PATH. */
export async function hasProgram(name: string): Promise<boolean> {
  const child = spawn("sh", ["-c", `command -v "${name}"`], { stdio: "ignore" });
  return (await exitOf(child)) === 0;
}
