import type { Clock } from "../platform/clock.ts";
import { NotOurTurn, SlackUnavailable } from "../model/errors.ts";
import { type Lane, lanes } from "../requests/ports/conversation.ts";
import type { Log } from "./log.ts";
import { type Pace, type Rate, turnOf } from "./rate-limits.ts";

/** What is waited for: a key of the pace, how often it may be taken, and how urgent this one is. */
export interface Wanted {
  key: string;
  rate: Rate;
  lane: Lane;
  /** Whoever holds something that others need waits no longer than this, ms; by default for as long as it takes. */
  patienceMs?: number;
}

/** The lines in front of Slack's pace: the most urgent first, then first come, first served. */
export interface Turns {
  /**
   * What `content` gives, when the turn has come. Null: it is not wanted any more, and no turn was used up. Throws
   * NotOurTurn where patience ends, SlackUnavailable when the process stops, and what `content` throws.
   */
  take<T>(wanted: Wanted, content: () => Promise<T | null>): Promise<T | null>;
  /** Slack asked to wait: nobody in this line is sent before. */
  hold(key: string, ms: number): void;
}

export interface TurnsOptions {
  pace: Pace;
  clock: Clock;
  log: Pick<Log, "info">;
  /** Ends all waits when the process stops. */
  signal?: AbortSignal | undefined;
}

/** What waits longer is worth a line in the log, at most one a minute for each line of waiters. */
const LONG_MS = 2000;
const TELL_EVERY_MS = 60_000;

interface Waiter {
  rank: number;
  since: number;
  until: number;
  /** True: its turn was used, or it is not wanted. */
  offer(): Promise<"over" | "wait">;
  refuse(error: unknown): void;
  waitMs: number;
}

interface Line {
  waiters: Waiter[];
  running: boolean;
  heldUntil: number;
  toldAt: number;
  /** Ends the pause: somebody more urgent may have come. */
  rouse: AbortController;
}

/** One process's lines. Between processes the pace alone decides, by the lanes' tolerance. */
export function createTurns({ pace, clock, log, signal }: TurnsOptions): Turns {
  const lines = new Map<string, Line>();
  signal?.addEventListener("abort", () => {
    for (const line of lines.values()) line.rouse.abort();
  });
  const lineOf = (key: string): Line => {
    const known = lines.get(key);
    if (known !== undefined) return known;
    const line: Line = {
      waiters: [],
      running: false,
      heldUntil: 0,
      toldAt: Number.NEGATIVE_INFINITY,
      rouse: new AbortController(),
    };
    lines.set(key, line);
    return line;
  };

  const tell = (key: string, { waiters, toldAt }: Line): number => {
    const now = clock.monotonic();
    const oldestMs = Math.round(now - Math.min(...waiters.map((w) => w.since)));
    if (oldestMs < LONG_MS || now - toldAt < TELL_EVERY_MS) return toldAt;
    log.info({ ...named(key), waiting: waiters.length, oldestMs }, "slack posts are waiting their turn");
    return now;
  };

  /** Until nobody waits. One of these at a time runs for a line. */
  const serve = async (key: string, line: Line): Promise<void> => {
    for (let head = first(line); head !== undefined; head = first(line)) {
      if (signal?.aborted === true) {
        for (const one of line.waiters.splice(0)) one.refuse(new SlackUnavailable("stopping", 0));
        break;
      }
      const heldMs = line.heldUntil - clock.monotonic();
      if (heldMs > 0) head.waitMs = heldMs;
      else if ((await head.offer()) === "over") {
        line.waiters.splice(line.waiters.indexOf(head), 1);
        continue;
      }
      giveUp(line, clock.monotonic(), head.waitMs);
      if (!line.waiters.includes(head) || head !== first(line)) continue;
      line.toldAt = tell(key, line);
      line.rouse = new AbortController();
      const ends = Math.min(...line.waiters.map((w) => w.until)) - clock.monotonic();
      await clock.sleep(Math.min(head.waitMs, ends), line.rouse.signal);
    }
    line.running = false;
    if (line.heldUntil <= clock.monotonic()) lines.delete(key);
  };

  return {
    async take<T>(wanted: Wanted, content: () => Promise<T | null>): Promise<T | null> {
      const { key, rate, lane, patienceMs = Number.POSITIVE_INFINITY } = wanted;
      const line = lineOf(key);
      const since = clock.monotonic();
      return await new Promise<T | null>((resolve, reject) => {
        const waiter: Waiter = {
          rank: lanes.indexOf(lane),
          since,
          until: since + patienceMs,
          waitMs: 0,
          refuse: reject,
          async offer() {
            try {
              const what = await content();
              // while it was made somebody more urgent may have come; the turn would be theirs
              if (what !== null && first(line) !== waiter) return "wait";
              waiter.waitMs = what === null ? 0 : (await pace.take(key, turnOf(rate, lane))).waitMs;
              if (waiter.waitMs > 0) return "wait";
              resolve(what);
            } catch (error) {
              reject(error);
            }
            return "over";
          },
        };
        line.waiters.push(waiter);
        if (first(line) === waiter || Number.isFinite(patienceMs)) line.rouse.abort();
        if (line.running) return;
        line.running = true;
        void serve(key, line);
      });
    },
    hold(key, ms) {
      if (ms <= 0) return;
      const line = lineOf(key);
      line.heldUntil = Math.max(line.heldUntil, clock.monotonic() + ms);
    },
  };
}

/** The first of the most urgent. */
const first = ({ waiters }: Line): Waiter | undefined =>
  waiters.reduce<Waiter | undefined>(
    (best, w) => (best === undefined || w.rank < best.rank ? w : best),
    undefined,
  );

/** Those whose patience ends before the next turn can come. */
function giveUp(line: Line, now: number, waitMs: number): void {
  const impatient = line.waiters.filter((w) => w.until < now + waitMs);
  line.waiters = line.waiters.filter((w) => !impatient.includes(w));
  for (const one of impatient) one.refuse(new NotOurTurn(Math.ceil(waitMs)));
}

/** `post:C1` is a channel's line; the others are a method's. */
const named = (key: string): { channel: string } | { line: string } =>
  key.startsWith("post:") ? { channel: key.slice("post:".length) } : { line: key };
