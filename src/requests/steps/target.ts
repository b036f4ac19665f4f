import { findJob, isAmbiguous, isCalled, isIdPrefix } from "../../job-cache/find.ts";
import { toldApart } from "../../job-cache/namesakes.ts";
import { endedRefusal } from "../../model/ended-job.ts";
import { isTerminal, stateOf } from "../../model/flink-jobs.ts";
import { needsOf, stateRefusal } from "../../model/state-rule.ts";
import { entryOf } from "../../model/catalog.ts";
import { lineageOf, sightAll } from "../../model/lineage.ts";
import type { ChangeTarget, JobTarget, NameTarget, PathTarget } from "../../model/target.ts";
import { isRefusal, type Refusal } from "../../model/report.ts";
import { code, type Text, t } from "../../model/text.ts";
import type { On } from "./phase-context.ts";
import type { Engine } from "../ports/engine.ts";
import type { Intake, RequestRecord } from "../record/record.ts";

/** The target of a request, a refusal, or the reason to wait before the target can be determined. */
export type FoundTarget = ChangeTarget | Refusal | { wait: Text };

/**
 * Resolves the typed or bound target, once; after that nothing is looked up by name again. Throws what FlinkReads
 * throws.
 */
export async function findTarget(
  engine: Engine,
  { intake, target }: { intake: Intake; target: RequestRecord["target"] },
  on: On,
): Promise<FoundTarget> {
  if (target.kind === "name") return await byName(target, on, engine);
  if (target.kind === "path") return await asAnswered(engine, target);
  if (target.kind !== "job") return target;
  const found = (await oneOfMany(intake, on)) ?? (await job(engine, intake, on));
  if (intake.parent === null || intake.bound === null) return found;
  const isThere = !isRefusal(found) && "kind" in found;
  if (isThere) return found;
  const bound = { ...target, jobId: intake.bound.jobId };
  return await successorOf(engine, on, { target: bound, otherwise: found });
}

/**
 * The job of a child request, read by its id: the list of all jobs is long, and every child would read it. Null: the
 * job is not alive, or its state does not allow the change.
 */
async function oneOfMany({ parent, bound, cluster }: Intake, on: On): Promise<JobTarget | null> {
  if (parent === null || bound === null) return null;
  const seen = await on.cluster.reads.sighting(bound.jobId);
  const isAllowed = seen.is === "alive" && stateRefusal(on.operation, seen.state, []).is === "may";
  return isAllowed ? { kind: "job", cluster, ...bound } : null;
}

async function job(engine: Engine, intake: Intake, { operation, cluster }: On): Promise<JobTarget | Refusal> {
  const jobs = await cluster.reads.overview();
  const found = findJob(intake, jobs);
  if (isRefusal(found)) {
    const isBrake = operation.preempts?.(intake.args) === true;
    const starting = isBrake ? await beingStarted(engine, intake) : null;
    return starting ?? (isAmbiguous(found) ? await toldApart(found, cluster.reads) : found);
  }
  const verdict = stateRefusal(operation, found.state, [...engine.operations.values()]);
  if (verdict.is === "may not" && isTerminal(found.state)) {
    const { known } = engine;
    const requests = await known.requestsOn(intake.cluster, found.name);
    return endedRefusal({ ...found, cluster: intake.cluster }, jobs, {
      needs: needsOf(operation),
      requests,
      known,
    });
  }
  if (verdict.is === "may not") return verdict.why;
  return { kind: "job", cluster: intake.cluster, jobId: found.jobId, name: found.name };
}

/**
 * For a brake: the job that a request of ours is just starting, and that Flink does not list yet. Null: there is
 * none.
 */
async function beingStarted(
  engine: Engine,
  { cluster, bound, job: typed }: Intake,
): Promise<JobTarget | null> {
  const name = bound?.name ?? typed.trim();
  const requests = await engine.known.requestsOn(cluster, name);
  const running = requests.find((r) => r.state === "running");
  const started = running?.launched.findLast((l) => l.fate !== "never" && l.isRehearsal !== true);
  const jobId = bound?.jobId ?? (running?.jobId || started?.jobId);
  return running === undefined || jobId === undefined ? null : { kind: "job", cluster, jobId, name };
}

/**
 * For a child request: the job that replaced its target since the list of jobs was frozen. `otherwise`: the result
 * where no job did.
 */
export async function successorOf(
  engine: Engine,
  { operation, cluster }: On,
  { target, otherwise }: { target: JobTarget; otherwise: FoundTarget },
): Promise<FoundTarget> {
  const requests = await engine.known.requestsOn(target.cluster, target.name);
  const line = lineageOf(target, requests);
  const held = requests.find(
    (r) => r.state === "running" && (r.jobId === target.jobId || line.some((j) => j.by?.id === r.id)),
  );
  if (held !== undefined)
    return {
      wait: t`Request ${code(held.id.slice(0, 8))} is replacing ${target.name}; waiting until it ends.`,
    };
  const successors = line.filter((j) => j.isRehearsal !== true);
  const followers = (await sightAll(cluster.reads, successors)).slice(1);
  const alive = followers.find((j) => j.seen.is === "alive");
  const state = alive === undefined ? null : stateOf(alive.seen);
  if (alive === undefined || state === null) return otherwise;
  const verdict = stateRefusal(operation, state, [...engine.operations.values()]);
  return verdict.is === "may not" ? verdict.why : { ...target, jobId: alive.jobId };
}

/** The path of a known state as Flink answered it: two spellings of one path are one target. */
async function asAnswered({ known }: Engine, target: PathTarget): Promise<PathTarget> {
  const state = await known.restorable.at(target.cluster, target.path);
  return state === null ? target : { ...target, path: state.path };
}

/** Resolves a job id to the job's name, also for a job that is gone, unless a catalog entry has the id as its name. */
async function byName(
  target: NameTarget,
  { cluster: { reads } }: On,
  { known }: Engine,
): Promise<NameTarget> {
  const { cluster, name: typed } = target;
  if (!isIdPrefix(typed) || entryOf(known.catalogue, cluster, typed) !== null) return target;
  const listed = (await reads.overview()).filter(isCalled(typed));
  const states = await known.restorable.of(`${cluster}/${typed}`);
  const names = new Set([...listed.map((j) => j.name), ...states.map((s) => s.jobName)]);
  const [only = typed] = names;
  return names.size === 1 ? { ...target, name: only } : target;
}
