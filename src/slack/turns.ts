import type { Clock } from "../platform/clock.ts";
import { NotOurTurn, SlackUnavailable } from "../model/errors.ts";
import { type Lane, lanes } from "../requests/ports/conversation.ts";
import type { Log } from "./log.ts";
import { type RateLimiter, type Rate, turnOf } from "./rate-limits.ts";

/** A turn to wait for: the key of the pace, its rate, and the urgency. */
export interface Wanted {
  key: string;
  rate: Rate;
  lane: Lane;
  /** Longest wait, ms, for a caller that blocks others; by default unlimited. */
  patienceMs?: number;
}

/** The queues for Slack's pace: the most urgent first, then in order of arrival. */
export interface Turns {
  /**
   * Returns the result of `content` when the turn has come. Null: the content is no longer wanted, and no turn was
   * used. Throws NotOurTurn when patience ends, SlackUnavailable when the process stops, and the errors of `content`.
   */
  take<T>(wanted: Wanted, content: () => Promise<T | null>): Promise<T | null>;
  /** Slack asked us to wait: nothing in this queue is sent before that. */
  hold(key: string, ms: number): void;
}

export interface TurnsOptions {
  limiter: RateLimiter;
  clock: Clock;
  log: Pick<Log, "info">;
  /** Ends all waits when the process stops. */
  signal?: AbortSignal | undefined;
}

/** A longer wait is logged, at most once a minute per queue. */
const LONG_MS = 2000;
const TELL_EVERY_MS = 60_000;

interface Waiter {
  rank: number;
  since: number;
  until: number;
  /** `over`: its turn was used, it failed, or it is no longer wanted. `wait`: try again. */
  offer(): Promise<"over" | "wait">;
  refuse(error: unknown): void;
  waitMs: number;
}

interface Line {
  waiters: Waiter[];
  running: boolean;
  heldUntil: number;
  toldAt: number;
  /** Ends the pause, because someone more urgent may have arrived. */
  rouse: AbortController;
}

/** The queues of one process. Between processes only the pace decides, by the lanes' tolerance. */
export function createTurns({ limiter, clock, log, signal }: TurnsOptions): Turns {
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

  /** Runs until nobody waits. At most one per queue. */
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
              // someone more urgent may have arrived while the content was made; the turn is theirs
              if (what !== null && first(line) !== waiter) return "wait";
              waiter.waitMs = what === null ? 0 : (await limiter.take(key, turnOf(rate, lane))).waitMs;
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

/** The first waiter of the most urgent ones. */
const first = ({ waiters }: Line): Waiter | undefined =>
  waiters.reduce<Waiter | undefined>(
    (best, w) => (best === undefined || w.rank < best.rank ? w : best),
    undefined,
  );

/** Refuses the waiters whose patience ends before the next turn can come. */
function giveUp(line: Line, now: number, waitMs: number): void {
  const impatient = line.waiters.filter((w) => w.until < now + waitMs);
  line.waiters = line.waiters.filter((w) => !impatient.includes(w));
  for (const one of impatient) one.refuse(new NotOurTurn(Math.ceil(waitMs)));
}

/** `post:C1` is the queue of a channel; all others belong to a method. */
const named = (key: string): { channel: string } | { line: string } =>
  key.startsWith("post:") ? { channel: key.slice("post:".length) } : { line: key };
