import { execFile } from "node:child_process";
import { join } from "node:path";
import { promisify } from "node:util";
import { startTied, type Tied, until } from "../../playground/processes.ts";

const run = promisify(execFile);
const ROOT = join(import.meta.dirname, "../..");

/** `npm run demo` without its build: the script as a child of this test. */
export interface DemoProcess extends Tied {
  /** The terminal's text so far. */
  readonly lines: readonly string[];
  /** Of the page, once it is printed; the whole of the terminal is in the error otherwise. */
  page(timeoutMs?: number): Promise<string>;
  /** What Flink itself answers to a GET. */
  askFlink(path: string): Promise<unknown>;
  /** Once the demo has ended: what it left running, as lines of `ps`. */
  leftovers(): Promise<string[]>;
  /** Takes down who belongs to the demo now: itself, and all that it started. */
  lookAround(): Promise<string[]>;
}

export interface DemoStart {
  args?: readonly string[];
  env?: NodeJS.ProcessEnv;
  /** A shell between us and the demo, as npm has one: `pid` is the shell's. */
  throughShell?: boolean;
}

export async function startDemoProcess(o: DemoStart = {}): Promise<DemoProcess> {
  const lines: string[] = [];
  const node = [process.execPath, "--import", "tsx", join(ROOT, "playground/demo.ts"), ...(o.args ?? [])];
  const [program = "", ...args] =
    o.throughShell === true ? ["bash", "-c", '"$@"; exit $?', "sh", ...node] : node;
  const demo = await startTied(program, args, {
    cwd: ROOT,
    env: { ...process.env, ...o.env },
    onLine: (line) => lines.push(line),
  });
  let ended = false;
  void demo.exited.then(() => (ended = true));
  const known = new Map<number, string>();
  return {
    ...demo,
    lines,
    page: async (timeoutMs = 180_000) =>
      await until(
        "the demo is up",
        () => {
          const found = lines
            .map((line) => /^ {2}Open (http\S+)$/u.exec(line)?.[1])
            .find((url) => url !== undefined);
          if (found === undefined && ended) throw new Error(`the demo ended:\n${lines.join("\n")}`);
          return Promise.resolve(found ?? null);
        },
        timeoutMs,
      ),
    async askFlink(path) {
      const url = lines
        .map((line) => /^ {2}Flink\S*\s.*(http:\S+)$/u.exec(line)?.[1])
        .find((found) => found !== undefined);
      return await (await fetch(`${url}${path}`)).json();
    },
    async lookAround() {
      for (const one of family(await processes(), demo.pid)) known.set(one.pid, one.command);
      return [...known.values()];
    },
    async leftovers() {
      const now = await processes();
      return now
        .filter((one) => known.get(one.pid) === one.command)
        .map((one) => `${one.pid} ${one.command}`);
    },
  };
}

interface Process {
  pid: number;
  parent: number;
  command: string;
}

async function processes(): Promise<Process[]> {
  const { stdout } = await run("ps", ["-ww", "-eo", "pid=,ppid=,stat=,args="], {
    maxBuffer: 64 * 1024 * 1024,
  });
  return stdout.split("\n").flatMap((line) => {
    const [, pid, parent, state = "", command = ""] = /^\s*(\d+)\s+(\d+)\s+(\S+)\s+(.*)$/u.exec(line) ?? [];
    // a zombie runs nothing; it waits for whoever adopted it to look
    return pid === undefined || state.startsWith("Z")
      ? []
      : [{ pid: Number(pid), parent: Number(parent), command }];
  });
}

function family(all: readonly Process[], root: number): Process[] {
  const own = all.filter((one) => one.pid === root);
  for (const one of own) own.push(...all.filter((child) => child.parent === one.pid));
  return own;
}
