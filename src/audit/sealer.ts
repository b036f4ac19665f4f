import { noticeLine } from "../model/audit-entry.ts";
import type { Clock } from "../platform/clock.ts";
import type { Log } from "../platform/log.ts";
import type { Seal } from "../platform/seal.ts";
import { isRedisProblem } from "../redis/connect.ts";
import type { Keys } from "../redis/keys.ts";
import type { Seat } from "../redis/seat.ts";
import { headText, link } from "./chain.ts";
import type { Daily } from "./daily.ts";
import { type Judged, judged } from "./foreign.ts";
import { recovered } from "./recovered.ts";
import { createShipping, type Shipping } from "./shipping.ts";
import type { Signer } from "../platform/signing.ts";
import type { Sink } from "./sinks/sink.ts";
import type { AuditStream, StoredHead } from "./stream.ts";

/** How many entries are chained at once, and how long the sealer waits for the first one, ms. */
const AT_ONCE = 200;
const WAIT_MS = 1000;
/** How often a worker without the seat asks for it, ms. */
const ASK_MS = 1000;
/** Time to live of the seat, ms. Short, because destructive effects may wait for the chain. */
export const SEALER_SEAT_MS = 3000;

export interface SealerOptions {
  stream: AuditStream;
  seat: Seat;
  keys: Keys;
  seal: Pick<Seal, "tell">;
  sinks: readonly Sink[];
  /** Null: entries are chained and not signed. */
  sign: Signer | null;
  /** How long chained entries stay in Redis, ms. */
  keep: number;
  /** Posts the head once a day; null: to no channel. */
  daily: Daily | null;
  log: Pick<Log, "info" | "warn" | "error">;
  clock: Clock;
}

/**
 * Chains the audit log and passes it to the sinks. Every worker runs one, and the holder of the seat works. A sealer
 * that dies is replaced within the seat's time to live; one that was paused and wakes later changes nothing, because
 * each write comes with the token of its seat.
 */
export function startSealer(options: SealerOptions): { close(): Promise<void> } {
  const stop = new AbortController();
  const running = loop(options, stop.signal);
  return {
    async close() {
      stop.abort();
      await running;
      await Promise.allSettled(options.sinks.map(async (sink) => await sink.close()));
    },
  };
}

/** A sealer that has the seat. */
interface Office {
  readonly token: string;
  head: StoredHead;
  /** The head as it is stored. */
  stored: string;
  readonly shipping: Shipping;
}

async function loop(options: SealerOptions, signal: AbortSignal): Promise<void> {
  const { seat, keys, clock, log } = options;
  const at = { seat: keys.auditSealer, fence: keys.auditFence, watched: keys.auditChain };
  let office: Office | null = null;
  /** The newest end of the chain that this process has written. */
  let seen: StoredHead | null = null;
  let problem: string | null = null;
  const leave = async (): Promise<void> => {
    const { shipping } = office ?? {};
    office = null;
    await shipping?.stop();
  };
  while (!signal.aborted)
    try {
      const { token, now } = await seat.take(at);
      if (office?.token !== token) await leave();
      if (token === null) {
        await clock.sleep(ASK_MS, signal);
        continue;
      }
      office ??= await enter(options, { token, now, seen });
      const went = await chainWaiting(options, office, now);
      seen = office.head;
      if (went === "lost") await leave();
      else options.daily?.post(token, office.head, now);
      problem = null;
    } catch (error) {
      const words = error instanceof Error ? error.message : String(error);
      if (words !== problem && !signal.aborted)
        log[isRedisProblem(error) ? "warn" : "error"]({ err: error }, "the audit log cannot be chained");
      problem = words;
      await leave();
      await clock.sleep(ASK_MS, signal);
    }
  const token = office?.token;
  // gives the seat up first, so that another worker continues at once
  if (token !== undefined) await seat.leave(keys.auditSealer, token).catch(() => undefined);
  await leave();
}

async function enter(
  options: SealerOptions,
  { token, now, seen }: { token: string; now: number; seen: StoredHead | null },
): Promise<Office> {
  const { stream, sinks, log, clock, keep } = options;
  const { head, stored, wentBack } = await recovered(
    { stream, sinks, sign: options.sign, log },
    { token, now, seen },
  );
  const office: Office = {
    token,
    head,
    stored,
    shipping: createShipping({ stream, sinks, token, keep, log, clock }, head),
  };
  log.info({ head: headText(head), sinks: sinks.map(({ name }) => name) }, "chaining the audit log");
  if (wentBack !== null) {
    const entry = noticeLine("went back", {
      at: now,
      headline: "Redis had an older end of the audit log than flinkops had written",
      detail: wentBack,
    });
    await append(options, office, [{ of: head.of, entry, sealed: "yes" }]);
  }
  return office;
}

/** `lost`: another sealer works, or the chain in Redis is not as this one left it. */
async function chainWaiting(options: SealerOptions, office: Office, now: number): Promise<"ok" | "lost"> {
  const waiting = await options.stream.waiting(AT_ONCE, WAIT_MS);
  await office.shipping.trim(now);
  if (waiting.length === 0) return "ok";
  if (office.head.n === 0) office.head = { ...office.head, began: now };
  const { began } = office.head;
  const entries = waiting.map((one) => ({ of: one.id, ...judged(one, began, options.seal) }));
  return await append(options, office, entries);
}

async function append(
  { stream, sign }: SealerOptions,
  office: Office,
  entries: readonly (Judged & { of: string })[],
): Promise<"ok" | "lost"> {
  let head = office.head;
  const kept = entries.map(({ of, entry, sealed }) => {
    const next = link(entry, head, { sign, sealed });
    head = { ...head, n: next.n, hash: next.hash, of };
    return { n: next.n, of, line: next.line };
  });
  const { is, stored } = await stream.append(office.token, { before: office.stored, after: head }, kept);
  if (is !== "ok") return "lost";
  office.head = head;
  office.stored = stored;
  office.shipping.ring(head);
  return "ok";
}
