import { savepointPath } from "../../playground/flink/simulated/cluster.ts";
import type { Effect } from "../../src/model/effect.ts";
import { isRehearsalName } from "../../src/model/rehearsal.ts";
import { plain } from "../../src/model/text.ts";
import { nameOf, type RequestRecord } from "../../src/requests/record/record.ts";
import type { Outsider } from "./outsider.ts";
import type { Saved } from "./verdict.ts";
import type { World } from "./world.ts";

/** A job that a request has started beside another. */
interface Rehearsal {
  requestId: string;
  as: string;
  jar: string;
}

const OPERATIONS: readonly string[] = ["rehearse", "rehearsed-restart"];
/** Words about the savepoint of a rehearsal that is still there, or may be. */
const STAYS = /\bsavepoint (?:is kept|was not deleted|may not be deleted)/u;

/**
 * (h) Looks at what rehearsals do: a job of another name beside the job, which is not changed; none outlives its request,
 * and what is deleted is what the request has made.
 */
export class Rehearsals {
  /** By the id of the job. */
  readonly #started = new Map<string, Rehearsal>();
  /** Rehearsals that were cancelled by their own requests. */
  readonly #cancelled = new Set<string>();
  readonly #world: World;
  readonly #outsider: Outsider;
  readonly #saved: ReadonlyMap<string, Saved>;
  readonly #wrong: (words: string) => void;

  /** `saved`: each effect by its id. */
  constructor(
    world: World,
    { saved, outsider }: { saved: ReadonlyMap<string, Saved>; outsider: Outsider },
    wrong: (words: string) => void,
  ) {
    this.#world = world;
    this.#saved = saved;
    this.#outsider = outsider;
    this.#wrong = wrong;
  }

  /** Whether a request may dispose of this: a savepoint that it has taken for its rehearsal. */
  isOwn({ id }: RequestRecord, path: string): boolean {
    return this.#savepointsOf(id).includes(path);
  }

  /** A change reaches Flink. */
  arrived({ record, effect }: Saved): void {
    const { operation, id } = record;
    if (effect.do === "run" && effect.as !== undefined)
      this.#started.set(effect.jobId, { requestId: id, as: effect.as, jar: effect.jar });
    const why = OPERATIONS.includes(operation) ? this.#tooMuch(record, effect) : this.#mistaken(effect);
    if (why !== null) this.#wrong(`${operation} ${id} ${why}`);
  }

  /** What another request does to a rehearsal; null: nothing that it may not do. */
  #mistaken(effect: Effect): string | null {
    const about = "jobId" in effect ? this.#started.get(effect.jobId) : undefined;
    if (about === undefined) return null;
    if (effect.do !== "cancel") return `takes the rehearsal ${about.as} for a job: ${effect.do}`;
    return this.#isGivenUp(about) ? null : `cancels the rehearsal ${about.as}, which ends by itself`;
  }

  /** What a request with a rehearsal does to others; null: nothing. */
  #tooMuch(record: RequestRecord, effect: Effect): string | null {
    const { target, launched, operation } = record;
    const isOnJob = "jobId" in effect && target.kind === "job" && effect.jobId === target.jobId;
    if (effect.do === "savepoint") return isOnJob ? null : `takes a savepoint of ${effect.jobId}`;
    if (effect.do === "run" && effect.as !== undefined) return null;
    if (effect.do === "dispose" && !this.isOwn(record, effect.path))
      return `disposes of ${effect.path}, which it has not made`;
    if (effect.do === "cancel" && !launched.some((l) => l.jobId === effect.jobId))
      return `cancels ${effect.jobId}, which it has not started`;
    if (effect.do === "cancel") this.#cancelled.add(effect.jobId);
    if (effect.do === "dispose" || effect.do === "cancel") return null;
    if (operation === "rehearse") return `changes the job: ${effect.do}`;
    return this.#unproved(record, effect.do);
  }

  /** Flink has answered it: a rehearsal is called so, and by no name that a job has. */
  answered({ record, effect }: Saved): void {
    if (effect.do !== "run" || effect.as === undefined) return;
    const job = this.#world.flink.cluster.jobs.get(effect.jobId);
    if (job === undefined) return;
    const isBeside =
      job.name === effect.as && isRehearsalName(job.name) && job.name !== nameOf(record.target);
    if (!isBeside) this.#wrong(`the rehearsal of ${record.operation} ${record.id} is called ${job.name}`);
  }

  committed(record: RequestRecord, before: RequestRecord | null): void {
    if (record.end === null || before?.end !== null || this.#outsider.hasChanged(record.id)) return;
    if (OPERATIONS.includes(record.operation)) {
      this.#proved(record);
      this.#told(record);
    }
    for (const [jobId, { requestId, as }] of this.#started) {
      if (!this.#isAlive(jobId) || this.#outsider.hasChanged(requestId)) continue;
      const by = this.#world.store.record(requestId)?.supersededBy?.requestId;
      const isOver = requestId === record.id ? record.supersededBy === null : by === record.id;
      if (isOver && !isSaid(record, jobId))
        this.#wrong(`${record.operation} ${record.id} has ended, and ${as} (${jobId}) runs`);
    }
  }

  /** Once nothing moves any more. */
  rest(): void {
    for (const [jobId, { requestId, as }] of this.#started) {
      const record = this.#world.store.record(requestId);
      if (record === null || this.#outsider.hasChanged(requestId) || !this.#isAlive(jobId)) continue;
      // a brake whose record was altered is set aside, and says nothing any more
      const brake = record.supersededBy?.requestId ?? "";
      const by = this.#world.store.record(brake);
      const isUndone = this.#outsider.hasChanged(brake) || (by !== null && isSaid(by, jobId));
      if (!isSaid(record, jobId) && !isUndone)
        this.#wrong(`${as} (${jobId}) has outlived ${record.operation} ${requestId}`);
    }
  }

  /** A job is stopped for a version only once that has run, and its rehearsal has ended; null: so it is. */
  #unproved({ id }: RequestRecord, what: string): string | null {
    for (const [jobId, { requestId, as, jar }] of this.#started) {
      if (requestId !== id) continue;
      if (this.#isAlive(jobId)) return `continues with ${what} while ${as} runs`;
      if (!this.#isGood(jar)) return `continues with ${what}, and ${as} never ran`;
    }
    return null;
  }

  /** What it says of the version is true: others that cancel a rehearsal prove nothing of it. */
  #proved({ operation, id, end }: RequestRecord): void {
    const proof = JSON.stringify(end?.report.facts?.["rehearsed"] ?? null);
    for (const [jobId, { requestId, as, jar }] of this.#started) {
      if (requestId !== id) continue;
      const isGood = this.#isGood(jar);
      if (!isGood && proof.includes('"healthy"'))
        this.#wrong(`${operation} ${id} calls ${as} healthy, which never ran`);
      const state = this.#world.flink.cluster.jobs.get(jobId)?.state ?? "";
      const isByOthers = state.startsWith("CANCEL") && !this.#cancelled.has(jobId);
      if (isGood && isByOthers && proof.includes('"failed"'))
        this.#wrong(`${operation} ${id} calls ${as} a failure, which others have cancelled`);
    }
  }

  /** What it says of the savepoint is true. */
  #told({ operation, id, end, run, milestones }: RequestRecord): void {
    const facts = end?.report.facts ?? {};
    const report = [end?.report.headline ?? "", ...(end?.report.lines ?? [])].map(plain).join("\n");
    const words = [...(end?.report.lines ?? []), ...milestones.map((m) => m.text)].map(plain).join("\n");
    const isDone = end?.ending === "ran" && end.report.outcome !== "unknown";
    for (const path of this.#savepointsOf(id)) {
      const isThere = this.#world.flink.cluster.snapshots.find(path) !== null;
      if (facts["disposed"] === path && isThere) this.#wrong(`${id} says that ${path} is deleted`);
      if (!isThere && /\bsavepoint (?:is kept|was not deleted)/u.test(words))
        this.#wrong(`${id} says that ${path} is kept, and it is gone`);
      const isKnown = JSON.stringify(run?.results ?? {}).includes(path);
      const isTold = report.includes(path) || STAYS.test(words) || end?.report.outcome === "unknown";
      if (isKnown && isThere && !isTold)
        this.#wrong(`${operation} ${id} leaves ${path} behind and does not say so`);
      if (operation === "rehearse" && isDone && !isThere && !STAYS.test(words) && facts["disposed"] !== path)
        this.#wrong(`${id} has deleted ${path} and does not say so`);
    }
  }

  /** Where a request has taken a savepoint for its rehearsal, whether or not it is still there. */
  #savepointsOf(id: string): readonly string[] {
    const { cluster } = this.#world.flink;
    return cluster.effects.flatMap((e) => {
      if (e.do !== "savepoint" || e.directory === null || e.jobId === null || e.triggerId === null) return [];
      const saved = this.#saved.get(e.triggerId);
      if (saved?.record.id !== id || saved.record.run?.phase !== "rehearsal-savepoint") return [];
      const path = savepointPath(e.directory, e.jobId, e.triggerId);
      const wasWritten =
        cluster.snapshots.find(path) !== null || cluster.effects.some((d) => d.path === path);
      return wasWritten ? [path] : [];
    });
  }

  /** A brake has taken over, or may just now. */
  #isGivenUp({ requestId }: Rehearsal): boolean {
    const record = this.#world.store.record(requestId);
    return record === null || record.supersededBy !== null || this.#outsider.hasChanged(requestId);
  }

  #isAlive(jobId: string): boolean {
    return this.#world.flink.alive().some((j) => j.jobId === jobId);
  }

  #isGood(jar: string): boolean {
    const found = this.#world.flink.cluster.jars?.get(jar);
    return found === undefined || (found.jobs.fails == null && found.readsState);
  }
}

/** Whether people are told of a request that this job may still run. */
function isSaid({ end }: RequestRecord, jobId: string): boolean {
  if (end === null) return false;
  const { outcome, headline, lines } = end.report;
  const words = [headline, ...lines].map(plain).join("\n");
  return outcome !== "done" && (words.includes(jobId) || words.includes(jobId.slice(0, 8)));
}
