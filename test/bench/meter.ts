import { readFileSync, rmSync } from "node:fs";
import type { Redis } from "ioredis";
import { until } from "../../playground/processes.ts";

/** Clock ticks of /proc are 10 ms on every Linux that Node runs on. */
const TICK_MS = 10;

/** CPU that a process has used so far, ms; of itself and the kernel for it. */
export function cpuMs(pid: number): number {
  const stat = readFileSync(`/proc/${pid}/stat`, "utf8");
  // the name of the program is in brackets and may contain anything
  const fields = stat.slice(stat.lastIndexOf(")") + 2).split(" ");
  return (Number(fields[11]) + Number(fields[12])) * TICK_MS;
}

export interface RedisCounts {
  commands: number;
  /** Each time that Redis read from a connection: commands that are sent together are one round trip. */
  roundTrips: number;
}

export async function redisCounts(redis: Redis): Promise<RedisCounts> {
  const info = await redis.info("stats");
  const field = (name: string): number => Number(new RegExp(`^${name}:(\\d+)`, "mu").exec(info)?.[1]);
  return { commands: field("total_commands_processed"), roundTrips: field("total_reads_processed") };
}

/** The longest block of the event loop since it was asked last, ms, of a program with loop.mjs in it. */
export async function longestBlock(pid: number, file: string): Promise<number> {
  rmSync(file, { force: true });
  process.kill(pid, "SIGUSR2");
  return await until("the loop was measured", async () => {
    try {
      const text = readFileSync(file, "utf8");
      return await Promise.resolve(text === "" ? null : Number(text));
    } catch {
      return null;
    }
  });
}

/**
 * How much later than planned each poll came that was due in a window, ms. `polls`: the times of each thing that is polled, by
 * its name; all times in ms since the epoch. What was due and did not come in the window is at least as late as its end.
 */
export function lateness(
  polls: ReadonlyMap<string, readonly number[]>,
  window: { from: number; to: number },
  everyMs: number,
): number[] {
  return [...polls.values()].flatMap((times) => {
    const [first, last] = [times[0] ?? window.to, times.at(-1) ?? window.from];
    const edges = [first - window.from, ...(times.length === 0 ? [] : [window.to - last])];
    const between = times.slice(1).map((time, i) => time - (times[i] ?? time));
    return [...between, ...edges.filter((ms) => ms > everyMs)].map((ms) => ms - everyMs);
  });
}
