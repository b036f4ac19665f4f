import type { Clock } from "../platform/clock.ts";
import type { Log } from "../platform/log.ts";
import { inWords, isConnectionProblem, type RedisClient } from "./connect.ts";
import { redisTime } from "./replies.ts";

/** How often Redis is asked for its time, and how long an answer is valid, ms. */
const EVERY_MS = 400;
const HOLDS_MS = 1500;
/** Refusals of Redis are logged at most this often, ms. */
const REFUSALS_MS = 10_000;

/** Whether Redis answers, and its time. An outage is logged with one line when it begins and one when it ends. */
export interface Pulse {
  /** Whether Redis has answered recently. */
  readonly ok: () => boolean;
  /**
   * Redis's clock, whole ms, without a call: last answer plus elapsed time. Before the first answer, this machine's clock.
   */
  now(): number;
  /** Takes errors from any connection of this process: a connection error of an outage, or a refusal by Redis. */
  readonly failed: (error: Error) => void;
  close(): void;
}

/** Asks over `client`, which should fail fast. */
export function startPulse(client: RedisClient, { clock, log }: { clock: Clock; log: Log }): Pulse {
  const startedAt = clock.monotonic();
  let told: { redis: number; at: number } | null = null;
  let lostAt: number | null = null;
  let why = "no answer";
  let asking = false;
  let lastRefusal = Number.NEGATIVE_INFINITY;

  const lost = (): void => {
    if (lostAt !== null) return;
    lostAt = clock.monotonic();
    log.warn({ reason: why }, "redis is not available");
  };
  const answered = (redis: number): void => {
    told = { redis, at: clock.monotonic() };
    if (lostAt !== null) log.info({ afterMs: Math.round(told.at - lostAt) }, "redis is available again");
    lostAt = null;
    why = "no answer";
  };
  const ask = async (): Promise<void> => {
    if (asking) return;
    asking = true;
    await client
      .time()
      .then((time) => answered(redisTime(time)))
      .catch((error: unknown) => {
        if (error instanceof Error && !/^(Stream isn't|Command timed out)/u.test(error.message))
          why = inWords(error);
        if (clock.monotonic() - (told?.at ?? startedAt) >= HOLDS_MS) lost();
      });
    asking = false;
  };
  const failed = (error: Error): void => {
    if (isConnectionProblem(error)) {
      why = inWords(error);
      return;
    }
    if (clock.monotonic() - lastRefusal < REFUSALS_MS) return;
    lastRefusal = clock.monotonic();
    log.warn({ reason: inWords(error) }, "redis returned an error");
  };
  const onReady = (): void => void ask();
  client.on("ready", onReady);
  client.on("close", lost);
  const end = clock.every(EVERY_MS, () => void ask());
  void ask();
  return {
    ok: () => lostAt === null && told !== null && clock.monotonic() - told.at < HOLDS_MS,
    now: () => (told === null ? clock.now() : told.redis + Math.floor(clock.monotonic() - told.at)),
    failed,
    close() {
      end();
      client.off("ready", onReady);
      client.off("close", lost);
    },
  };
}

/** The same clock, but `now` is Redis's time. */
export const timedBy = (clock: Clock, pulse: Pick<Pulse, "now">): Clock => ({
  now: () => pulse.now(),
  monotonic: () => clock.monotonic(),
  sleep: async (ms, signal) => await clock.sleep(ms, signal),
  after: (ms, call) => clock.after(ms, call),
  every: (ms, call) => clock.every(ms, call),
  timeout: (ms) => clock.timeout(ms),
});
