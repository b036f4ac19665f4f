import { FlinkNotYet, FlinkRefused, FlinkUnexpected, FlinkUnreachable } from "../../model/errors.ts";
import type { Hold } from "../../model/target.ts";
import { isRefusal } from "../../model/report.ts";
import { code, plain, type Text, t } from "../../model/text.ts";
import { auditLine } from "../record/audit.ts";
import { giveUp, type On, recheck } from "./recheck.ts";
import { type AnyChange, contextOf, laneOf } from "./phase-context.ts";
import { deliver } from "./deliver.ts";
import { again, type Cluster, type Engine, type Next } from "../ports/engine.ts";
import { enter, freshRun } from "./enter-phase.ts";
import { moveOne, runOf } from "../record/transitions.ts";
import { isLive, type RequestRecord } from "../record/record.ts";
import { isShown } from "./close.ts";
import { claimOn, type Held, jobIndex } from "../record/store.ts";
import { successorOf } from "./target.ts";
import { takeClaim } from "./take-claim.ts";

const RETRY_MS = 1000;
/** A request in line is woken when its turn comes, by whoever releases the claim or else by the sweeper. */
const IN_LINE_MS = 600_000;

/** A ready request: every check once more, then one commit that takes the claim and saves the first effect. */
export async function start(engine: Engine, held: Held, operation: AnyChange): Promise<Next> {
  const { record, now } = held;
  const cluster = engine.cluster(record.target.cluster, laneOf(operation, record));
  if (cluster === undefined) return await giveUp(engine, held, "its cluster is not configured any more");
  if (!(await isShown(engine, held))) return again(engine.timings.parkSlice);
  if (record.startBy !== null && now > record.startBy) return await giveUp(engine, held, whyLate(record));
  if (await stillBusy(engine, record, operation)) return parkInLine(engine, held);
  try {
    const moved = await followed(engine, held, { operation, cluster });
    if (moved !== null) return moved;
    const checked = await recheck(engine, held, { operation, cluster });
    if (checked.is === "wait") return await waitFor(engine, held, checked.words);
    if (checked.is === "no") return await giveUp(engine, held, checked.why);
    return await save(engine, held, operation, cluster);
  } catch (error) {
    if (error instanceof FlinkUnreachable || error instanceof FlinkNotYet)
      return await waitFor(
        engine,
        held,
        t`Cluster ${code(record.target.cluster)} ${error.did}; still trying.`,
      );
    if (error instanceof FlinkUnexpected)
      return await giveUp(engine, held, `its cluster ${error.did}: ${error.message}`);
    if (error instanceof FlinkRefused) return await giveUp(engine, held, error.message);
    throw error;
  }
}

/**
 * One job of many, waiting for its turn, that a request of ours has replaced meanwhile: it goes on with what stands in its
 * place. Null: it acts on what it was about.
 */
async function followed(engine: Engine, held: Held, on: On): Promise<Next | null> {
  const { record, now } = held;
  const { target } = record;
  if (record.parent === null || target.kind !== "job") return null;
  const seen = await on.cluster.reads.sighting(target.jobId);
  if (seen.is === "alive" || seen.is === "unanswered") return null;
  const found = await successorOf(engine, target, on, target);
  if ("wait" in found) return await waitFor(engine, held, found.wait);
  if (!("kind" in found) || found.kind !== "job" || found.jobId === target.jobId) return null;
  const next = { ...record, target: found, waiting: null };
  const intent = await on.operation.open(contextOf(engine, next, on.cluster, now));
  if (isRefusal(intent)) return await giveUp(engine, held, intent.refuse);
  const index = [jobIndex(found.cluster, found.jobId)];
  await moveOne(engine.store, held, { ...next, intent }, { index });
  return again(0);
}

async function save(engine: Engine, held: Held, operation: AnyChange, cluster: Cluster): Promise<Next> {
  const { record, now } = held;
  const own: RequestRecord = {
    ...record,
    state: "running",
    waiting: null,
    claims: await claims(engine, held, operation, cluster),
  };
  const entered = await enter(engine, own, operation, cluster, freshRun(record, operation.first, now, null));
  const { effect } = entered;
  const lease = { holder: engine.worker, until: now + engine.timings.lease };
  const run = runOf(entered.next);
  const next = { ...entered.next, run: effect === null ? run : { ...run, lease } };
  const { phase, visit, effectId } = run;
  const audit =
    effect === null
      ? []
      : [auditLine(next, "calling", now, null, { phase, visit, effectId, effect: { ...effect } })];
  const before = record.startBy ?? undefined;
  const committed = await takeClaim(
    engine,
    held,
    { next, operation },
    {
      audit,
      index: entered.extras.index ?? [],
      ...(before === undefined ? {} : { before }),
    },
  );
  if (committed.is === "fenced") return again(0);
  if (committed.is === "late") return await giveUp(engine, held, whyLate(record));
  if (committed.is === "busy")
    return await standInLine(engine, held, operation, { holder: committed.holder, claims: next.claims });
  engine.log.info({ requestId: record.id, phase, effectId }, "effect saved");
  const saved: Held = { ...held, record: committed.next, rev: held.rev + 1 };
  return effect === null ? again(0) : await deliver(engine, saved, operation, cluster, true);
}

/** What nobody else may change meanwhile, by the names that claims have. */
async function claims(
  engine: Engine,
  { record, now }: Held,
  operation: AnyChange,
  cluster: Cluster,
): Promise<readonly string[]> {
  const { target } = record;
  const usual: readonly Hold[] = target.kind === "job" ? [{ job: target.jobId }] : [];
  const holds = (await operation.holds?.(contextOf(engine, record, cluster, now))) ?? usual;
  return holds.map((hold) => claimOn(target.cluster, hold));
}

/** Whom it waited for has not ended: nothing to check yet, so that waiting costs neither Slack nor Flink anything. */
async function stillBusy(engine: Engine, record: RequestRecord, operation: AnyChange): Promise<boolean> {
  const { holder = null, claims } = record.waiting ?? {};
  // without claims it stands in no line, and nobody would wake it
  if (holder === null || claims === undefined || operation.preempts?.(record.args) === true) return false;
  const other = await engine.store.load(holder);
  // one that is set aside holds it until somebody looks
  return other.record === null ? other.forged : isLive(other.record);
}

function park(engine: Engine, held: Held): Next {
  engine.present(held);
  return again(RETRY_MS);
}

/** Whoever releases the claim wakes the first in its line; until then it costs nothing. */
function parkInLine(engine: Engine, held: Held): Next {
  const { record, now } = held;
  engine.present(held);
  return again(record.startBy === null ? IN_LINE_MS : Math.min(IN_LINE_MS, record.startBy - now + 1));
}

/** Ready, but another request holds what it needs: the card names which. */
async function standInLine(
  engine: Engine,
  held: Held,
  operation: AnyChange,
  on: { holder: string; claims: readonly string[] },
): Promise<Next> {
  const { record } = held;
  const words =
    record.target.kind === "job"
      ? "Another change of this job is under way; this one waits."
      : "Another change of the same is under way; this one waits.";
  const next = { ...record, waiting: { ...on, words } };
  const committed = await moveOne(engine.store, held, next);
  // released in this very moment, or moved by somebody else
  if (committed.is !== "ok" || committed.recall.includes(record.id)) return again(0);
  const standing: Held = { ...held, record: next, rev: held.rev + 1 };
  // a brake takes over from whoever has it by then, and waits for no turn
  return operation.preempts?.(record.args) === true ? park(engine, standing) : parkInLine(engine, standing);
}

/** Ready, but not yet: the card names why. */
async function waitFor(engine: Engine, held: Held, words: Text): Promise<Next> {
  const { record } = held;
  const { waiting } = record;
  if (waiting !== null && waiting.holder === null && plain(waiting.words) === plain(words))
    return park(engine, held);
  const committed = await moveOne(engine.store, held, { ...record, waiting: { holder: null, words } });
  return again(committed.is === "ok" ? RETRY_MS / 4 : 0);
}

const whyLate = (record: RequestRecord): Text =>
  record.waiting === null
    ? "it could not be started in time"
    : t`it could not be started in time: ${plain(record.waiting.words)}`;
