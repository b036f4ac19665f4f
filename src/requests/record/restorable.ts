import type { JobCache } from "../../job-cache/job-cache.ts";
import { isCalled } from "../../job-cache/find.ts";
import type { KeptJob, States } from "../../job-cache/states.ts";
import type { Json } from "../../model/json.ts";
import { type FileSystem, samePath } from "../../model/state-path.ts";
import type { RestorableState, RestorableView } from "../../model/knowledge.ts";
import type { Keys } from "../../redis/keys.ts";
import type { CardRef } from "../ports/conversation.ts";
import { createFileSystems, type Savepoints } from "./file-systems.ts";
import { jobIdOf, nameOf, type RequestRecord } from "./record.ts";
import { disposalIndex, nameIndex, type Store } from "./store.ts";

/** How many requests per index are read. */
const MOST = 200;
/** The limit of the index of deletions, so that all of them are read. */
const MOST_DISPOSALS = 10_000;
/** A request id as a path segment: savepoints of flinkops are below a directory of that name, or for a rehearsal. */
const OWN_DIRECTORY = /^(r[0-9a-f]{31})(?:-rehearsal)?$/u;

export interface RestorableOptions {
  clusters: readonly Savepoints[];
  jobCache: Pick<JobCache, "read">;
  states: States;
  store: Pick<Store, "ids" | "loadMany" | "cards">;
  keys: Keys;
  linkOf(card: CardRef): string | null;
}

/**
 * The states that a job could be started from: from our own records, and from what each cluster was last seen to
 * have.
 */
export function createRestorableView(options: RestorableOptions): RestorableView {
  const disposed = createDisposed(options);
  const fileSystem = createFileSystems(options);
  const names = options.clusters.map((c) => c.name);
  const view: RestorableView = {
    async at(cluster, path) {
      const on = await fileSystem(cluster);
      const name = await nameAt(options, { cluster, path, on });
      const all = name === null ? [] : await view.of(`${cluster}/${name}`);
      return all.find((s) => samePath(s.path, path, on)) ?? null;
    },
    fileSystem,
    vertices: async (cluster, jobId) => await options.states.vertices(cluster, jobId),
    async of(typed) {
      const { cluster, job } = meant(typed.trim(), names);
      const wanted = cluster === null ? names : [cluster];
      const isMeant = isCalled(job);
      const seen = await options.jobCache.read(wanted);
      const found = await Promise.all(
        wanted.map(async (name) => {
          const listed = (seen.get(name)?.jobs ?? []).filter(isMeant);
          // The job list is read more often than the states are recorded, so its job states are newer.
          const states = new Map(listed.map((j) => [j.jobId, j.state]));
          const kept = (await options.states.read(name))
            .filter(isMeant)
            .map((k) => ({ ...k, state: states.get(k.jobId) ?? k.state }));
          const ids = [...new Set([...kept, ...listed].map((j) => j.jobId))];
          const recorded = await records(options, name, { name: job, jobIds: ids });
          const own = await Promise.all(recorded.map(async (r) => await ownState(options, r)));
          const all = join(name, kept, own);
          const gone = await disposed(
            name,
            all.map((s) => s.path),
          );
          return all.filter((s) => !gone.has(s.path));
        }),
      );
      return found.flat().toSorted((a, z) => z.at - a.at);
    },
  };
  return view;
}

/**
 * The name of the job whose state is at this path: from the states seen on the cluster, or from the request id in the
 * path. Null: unknown.
 */
async function nameAt(
  options: RestorableOptions,
  { cluster, path, on }: { cluster: string; path: string; on: FileSystem },
): Promise<string | null> {
  const kept = await options.states.read(cluster);
  const seen = kept.find((j) => j.states.some((s) => samePath(s.path, path, on)));
  if (seen !== undefined) return seen.name;
  const [id] = path.split("/").flatMap((part) => OWN_DIRECTORY.exec(part)?.[1] ?? []);
  const own = id === undefined ? undefined : (await options.store.loadMany([id]))[0]?.record;
  return own?.target.cluster === cluster ? nameOf(own.target) || null : null;
}

function meant(typed: string, clusters: readonly string[]): { cluster: string | null; job: string } {
  const slash = typed.indexOf("/");
  const before = typed.slice(0, Math.max(0, slash));
  return clusters.includes(before)
    ? { cluster: before, job: typed.slice(slash + 1) }
    : { cluster: null, job: typed };
}

/** Requests about this name or these job ids that wrote a savepoint. */
async function records(
  { store, keys }: RestorableOptions,
  cluster: string,
  { name, jobIds }: { name: string; jobIds: readonly string[] },
): Promise<readonly RequestRecord[]> {
  const indexes = [
    `${keys.prefix}:${nameIndex(cluster, name)}`,
    ...jobIds.map((id) => keys.ofJob(cluster, id)),
  ];
  const ids = await Promise.all(indexes.map(async (index) => await store.ids(index, MOST)));
  const held = await store.loadMany([...new Set(ids.flat())]);
  return held.map((h) => h.record).filter((r) => typeof factsOf(r)["location"] === "string");
}

/**
 * Returns which paths flinkops has deleted, because Flink continues to list them. Earlier versions recorded deletions
 * only in the records of their requests; those are copied once per cluster, before the first answer.
 */
function createDisposed({ store, states, keys }: RestorableOptions) {
  const noted = new Map<string, Promise<void>>();
  const note = async (cluster: string): Promise<void> => {
    const ids = await store.ids(`${keys.prefix}:${disposalIndex(cluster)}`, MOST_DISPOSALS);
    const held = ids.length === 0 ? [] : await store.loadMany(ids);
    const gone = held.flatMap(({ record }) => {
      const path = factsOf(record)["disposed"];
      return typeof path === "string" ? [{ path, at: record.end?.at ?? record.askedAt }] : [];
    });
    if (gone.length > 0) await states.noteDisposed(cluster, gone);
  };
  return async (cluster: string, paths: readonly string[]): Promise<ReadonlySet<string>> => {
    const known = noted.get(cluster) ?? note(cluster);
    noted.set(cluster, known);
    await known.catch((error: unknown) => {
      noted.delete(cluster);
      throw error;
    });
    return await states.disposed(cluster, paths);
  };
}

const factsOf = (r: RequestRecord): { readonly [key: string]: Json } => r.end?.report.facts ?? {};

async function ownState(options: RestorableOptions, r: RequestRecord): Promise<RestorableState> {
  const { location, drained, format, savedAt } = factsOf(r);
  const card = (await options.store.cards(r.id)).messages[0]?.card;
  return {
    isSavepoint: true,
    path: typeof location === "string" ? location : "",
    at: typeof savedAt === "number" ? savedAt : (r.end?.at ?? r.askedAt),
    sizeBytes: null,
    format: typeof format === "string" ? format : null,
    cluster: r.target.cluster,
    jobId: jobIdOf(r.target),
    jobName: nameOf(r.target),
    jobState: null,
    by: r.actor.user,
    link: card === undefined ? null : options.linkOf(card),
    drained: typeof drained === "boolean" ? drained : null,
    kept: "yours",
  };
}

/** Joins states by path: Flink knows the size, our record knows who requested it. */
function join(
  cluster: string,
  kept: readonly KeptJob[],
  own: readonly RestorableState[],
): readonly RestorableState[] {
  const byPath = new Map(own.map((s) => [s.path, s]));
  for (const job of kept)
    for (const s of job.states) {
      if (!s.isSavepoint && isDeleted(job)) continue;
      const known = byPath.get(s.path);
      byPath.set(s.path, {
        ...s,
        cluster,
        jobId: job.jobId,
        jobName: job.name,
        jobState: job.state,
        format: s.format?.toLowerCase() ?? known?.format ?? null,
        by: known?.by ?? null,
        link: known?.link ?? null,
        drained: known?.drained ?? null,
        kept: s.isSavepoint ? "yours" : whenKept(job),
      });
    }
  return [...byPath.values()];
}

/** Flink deletes the checkpoints of a FINISHED job, and those of other jobs according to their retention setting. */
const isDeleted = (job: KeptJob): boolean =>
  job.state === "FINISHED" ||
  (job.state === "CANCELED" && !job.retainedOnCancel) ||
  (job.state === "FAILED" && !job.retainedOnFailure);

const whenKept = (job: KeptJob): RestorableState["kept"] =>
  job.retainedOnCancel ? "retained" : job.retainedOnFailure ? "unless cancelled" : "while it runs";
