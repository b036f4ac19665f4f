import { FlinkNotYet, FlinkProblem, FlinkRefused, FlinkUnreachable } from "../../model/errors.ts";
import type { Hold } from "../../model/target.ts";
import { isRefusal } from "../../model/report.ts";
import { code, plain, type Text, t } from "../../model/text.ts";
import { auditLine, callingDetail } from "../record/audit.ts";
import { giveUp, recheck, waitedUntil } from "./recheck.ts";
import { type AnyChange, contextOf, laneOf, type On } from "./phase-context.ts";
import { deliver } from "./deliver.ts";
import { again, type Engine, type Next } from "../ports/engine.ts";
import { enterPhase, freshRun } from "./enter-phase.ts";
import { transition, runOf } from "../record/transitions.ts";
import { isLive, type RequestRecord } from "../record/record.ts";
import { isShown } from "./close.ts";
import { claimOn, type Held, jobIndex } from "../record/store.ts";
import { holdFor, unlocked, untilUnlocked } from "./locked.ts";
import { successorOf } from "./target.ts";
import { takeClaim } from "./take-claim.ts";

const RETRY_MS = 1000;
/**
 * Longest sleep of a request in line, ms. The process that releases the claim wakes it when its turn comes, or else
 * the sweeper does.
 */
const IN_LINE_MS = 600_000;

/** Starts a ready request: repeats every check, then takes the claim and saves the first effect in one commit. */
export async function start(engine: Engine, held: Held, operation: AnyChange): Promise<Next> {
  const { record, now } = held;
  const cluster = engine.cluster(record.target.cluster, laneOf(operation, record));
  if (cluster === undefined) return await giveUp(engine, held, "its cluster is no longer configured");
  const shown = await isShown(engine, held);
  if (shown.is === "never") return await giveUp(engine, held, shown.why);
  if (shown.is === "not yet") return again(engine.timings.parkSlice);
  if (record.startBy !== null && now > record.startBy) return await giveUp(engine, held, whyLate(record));
  if (await stillBusy(engine, record, operation)) return parkInLine(engine, held);
  const locked = await untilUnlocked(engine, held);
  if (locked !== null) return locked;
  const on = { operation, cluster };
  try {
    const moved = await followed(engine, held, on);
    if (moved !== null) return moved;
    const checked = await recheck(engine, held, on);
    if (checked.is === "wait") return await waitFor(engine, held, checked.words);
    if (checked.is === "no") return await giveUp(engine, held, checked);
    return await save(engine, held, on);
  } catch (error) {
    if (!(error instanceof FlinkProblem)) throw error;
    if (error instanceof FlinkUnreachable || error instanceof FlinkNotYet)
      return await waitFor(
        engine,
        held,
        t`Cluster ${code(record.target.cluster)} ${error.did}; still trying.`,
      );
    const why = error instanceof FlinkRefused ? error.message : `its cluster ${error.did}: ${error.message}`;
    return await giveUp(engine, held, why);
  }
}

/**
 * Retargets a child request in line whose job another request of ours has replaced: it continues with the new job.
 * Null: its target is unchanged.
 */
async function followed(engine: Engine, held: Held, on: On): Promise<Next | null> {
  const { record, now } = held;
  const { target } = record;
  if (record.parent === null || target.kind !== "job") return null;
  const seen = await on.cluster.reads.sighting(target.jobId);
  if (seen.is === "alive" || seen.is === "unanswered") return null;
  const found = await successorOf(engine, on, { target, otherwise: target });
  if ("wait" in found) return await waitFor(engine, held, found.wait);
  if (!("kind" in found) || found.kind !== "job" || found.jobId === target.jobId) return null;
  const next = { ...record, target: found, waiting: null };
  const intent = await on.operation.open(contextOf(engine, { record: next, now }, on.cluster));
  if (isRefusal(intent)) return await giveUp(engine, held, intent.refuse);
  const index = [jobIndex(found.cluster, found.jobId)];
  await transition(engine.store, held, { next: { ...next, intent }, extras: { index } });
  return again(0);
}

async function save(engine: Engine, held: Held, on: On): Promise<Next> {
  const { record, now } = held;
  const { operation } = on;
  const own: RequestRecord = {
    ...record,
    state: "running",
    waiting: null,
    claims: await claims(engine, held, on),
  };
  const entered = await enterPhase(engine, on, {
    record: own,
    run: freshRun(record, operation.first, { now, before: null }),
  });
  const { effect } = entered;
  const lease = { holder: engine.worker, until: now + engine.timings.lease };
  const run = runOf(entered.next);
  const next = { ...entered.next, run: effect === null ? run : { ...run, lease } };
  const { phase, effectId } = run;
  const calling = { at: now, detail: callingDetail(next) };
  const audit = effect === null ? [] : [auditLine(next, "calling", calling)];
  const extras = {
    audit,
    ...unlocked(engine, record),
    index: entered.extras.index ?? [],
    ...(record.startBy === null ? {} : { before: record.startBy }),
  };
  const committed = await takeClaim(engine, held, { next, operation, extras });
  if (committed.is === "fenced") return again(0);
  if (committed.is === "late") return await giveUp(engine, held, whyLate(record));
  if (committed.is === "locked") return await holdFor(engine, held, committed.lock);
  if (committed.is === "busy")
    return await standInLine(engine, held, { operation, holder: committed.holder, claims: next.claims });
  engine.log.info({ requestId: record.id, phase, effectId }, "effect saved");
  const saved: Held = { ...held, record: committed.next, rev: held.rev + 1 };
  return effect === null
    ? again(0)
    : await deliver(engine, saved, { ...on, sender: "this step", entry: committed.entry });
}

/** The names of the claims that the request needs. */
async function claims(engine: Engine, held: Held, { operation, cluster }: On): Promise<readonly string[]> {
  const { target } = held.record;
  const usual: readonly Hold[] = target.kind === "job" ? [{ job: target.jobId }] : [];
  const holds = (await operation.holds?.(contextOf(engine, held, cluster))) ?? usual;
  return holds.map((hold) => claimOn(target.cluster, hold));
}

/**
 * Whether the request that it waited for has not ended yet. Then nothing else is checked, so waiting costs no call to
 * Slack or Flink.
 */
async function stillBusy(engine: Engine, record: RequestRecord, operation: AnyChange): Promise<boolean> {
  const { holder = null, claims } = record.waiting ?? {};
  // Without claims the request is in no line, and nobody would wake it.
  if (holder === null || claims === undefined || operation.preempts?.(record.args) === true) return false;
  const other = await engine.store.load(holder);
  // A holder whose record is forged keeps its claim until somebody resolves it.
  return other.record === null ? other.forged : isLive(other.record);
}

function park(engine: Engine, held: Held): Next {
  engine.present(held);
  return again(RETRY_MS);
}

/** The process that releases the claim wakes the first request in its line. */
function parkInLine(engine: Engine, held: Held): Next {
  const { record, now } = held;
  engine.present(held);
  return again(record.startBy === null ? IN_LINE_MS : Math.min(IN_LINE_MS, record.startBy - now + 1));
}

/** The request is ready, but another one holds a claim that it needs; the card names it. */
async function standInLine(
  engine: Engine,
  held: Held,
  { operation, ...line }: { operation: AnyChange; holder: string; claims: readonly string[] },
): Promise<Next> {
  const { record } = held;
  const words =
    record.target.kind === "job"
      ? "Another change of this job is in progress; this one waits."
      : "Another change of the same target is in progress; this one waits.";
  const next = { ...record, waiting: { ...line, words } };
  const committed = await transition(engine.store, held, { next });
  // The claim was released at this moment, or another process moved the record.
  if (committed.is !== "ok" || committed.recall.includes(record.id)) return again(0);
  const standing: Held = { ...held, record: next, rev: held.rev + 1 };
  // A brake does not wait in line: it takes over from the holder at the next try.
  return operation.preempts?.(record.args) === true ? park(engine, standing) : parkInLine(engine, standing);
}

/** The request is ready but has to wait; the card says why. */
async function waitFor(engine: Engine, held: Held, words: Text): Promise<Next> {
  const { record } = held;
  const { waiting } = record;
  if (waiting !== null && waiting.holder === null && plain(waiting.words) === plain(words))
    return park(engine, held);
  // people are still to be judged by what holds after the wait before this one
  const freeAt = await waitedUntil(engine, record);
  const next = { ...record, waiting: { holder: null, words, ...(freeAt > 0 && { freeAt }) } };
  const committed = await transition(engine.store, held, { next });
  return again(committed.is === "ok" ? RETRY_MS / 4 : 0);
}

const whyLate = (record: RequestRecord): Text =>
  record.waiting === null
    ? "it could not be started in time"
    : t`it could not be started in time: ${record.waiting.words}`;
