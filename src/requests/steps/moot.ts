import { FlinkProblem } from "../../model/errors.ts";
import { isRefusal } from "../../model/report.ts";
import { b, type Text, t } from "../../model/text.ts";
import { contextOf, type On } from "./phase-context.ts";
import { again, type Engine, type Next } from "../ports/engine.ts";
import { end, says } from "../record/transitions.ts";
import { isLive, type RequestRecord } from "../record/record.ts";
import type { Held } from "../record/store.ts";

/** A request that is younger than this has just been checked, ms. */
const FRESH_MS = 2000;
/** How many requests about a job are checked when one of them ends. */
const MOST = 50;

/**
 * Ends a request that awaits approval although its job has ended meanwhile, because there is nothing left to approve.
 * A brake is pointless only where it can no longer be opened. Null: the request still needs a decision, or the
 * cluster could not be read.
 */
export async function closeMoot(
  engine: Engine,
  held: Held,
  { operation, cluster }: On,
): Promise<Next | null> {
  const { record, now } = held;
  const { target } = record;
  const isBrake = operation.preempts?.(record.args) === true;
  if (target.kind !== "job" || now - record.askedAt < FRESH_MS) return null;
  if (operation.allowedIn === "any" && !isBrake) return null;
  const why = await quietly(async () => {
    const seen = await cluster.reads.sighting(target.jobId);
    if (seen.is !== "ended") return null;
    if (!isBrake) return t`${target.name} has ended meanwhile: it is ${b(seen.state)}.`;
    const opened = await operation.open(contextOf(engine, held, cluster));
    return isRefusal(opened) ? opened.refuse : null;
  });
  if (why === null) return null;
  const nothing = "Nothing was changed by this request.";
  const report = says("failed", "Nothing left to approve", why, nothing);
  await end(engine.store, held, { ending: "void", report });
  return again(0);
}

async function quietly(ask: () => Promise<Text | null>): Promise<Text | null> {
  try {
    return await ask();
  } catch (error) {
    if (error instanceof FlinkProblem) return null;
    throw error;
  }
}

/** Wakes the requests about the same job that await approval, when a request about it has ended. Never throws. */
export async function wakeOthers(engine: Engine, record: RequestRecord): Promise<void> {
  if (record.target.kind !== "job") return;
  try {
    const ids = await engine.store.about(record.target, MOST);
    const held = ids.length > 1 ? await engine.store.loadMany(ids.filter((id) => id !== record.id)) : [];
    const waiting = held.filter((h) => isLive(h.record) && h.record.state === "awaiting");
    await Promise.all(waiting.map(async (h) => await engine.wake(h.record)));
  } catch (error) {
    engine.log.warn({ requestId: record.id, err: error }, "waiting requests were not woken");
  }
}
