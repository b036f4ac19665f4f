import { z } from "zod";
import {
  type Absent,
  type Checkpoints,
  given,
  isBatch,
  isTerminal,
  type JobDetail,
  type JobException,
  type Off,
  stateOf,
  type Vertex,
} from "../model/flink-jobs.ts";
import type { Capabilities } from "../model/flink-cluster.ts";
import { type AfterEnd, afterEnd } from "./facts/after-end.ts";
import { jobArgument } from "./wording/arguments.ts";
import { cause } from "./wording/exception.ts";
import { batchProgress, hasBeen, jobRef, named, shown, tasksOf, whereToLook } from "./wording/job.ts";
import { cachedWords, doneAt, type Newest, newestCheckpoint } from "./facts/last-checkpoint.ts";
import { type Context, defineRead } from "../model/operation.ts";
import type { Offer, Report } from "../model/report.ts";
import { isAbout } from "../model/lock.ts";
import { lockLine } from "./wording/lock.ts";
import { percent } from "./wording/metric.ts";
import { vertexNames } from "./wording/names.ts";
import { optional } from "../model/optional.ts";
import { jobGraph } from "./facts/picture-data.ts";
import { b, code, type Text, t } from "../model/text.ts";
import { ago, bytes, duration } from "../model/units.ts";
import { vertexTable } from "./facts/vertex-table.ts";
import {
  bottleneck,
  LOAD_NOT_READ,
  isPressedHard,
  type VertexLoad,
  vertexLoads,
} from "./facts/vertex-load.ts";

/** A job with more vertices shows only this many, those with trouble or the most load. */
const MOST_SHOWN = 40;
/** For more vertices than this, load is read only for the first ones. */
const MOST_ASKED = 200;
const LONGEST_LINE = 300;
/** A failure within this time, ms, is worth the headline. */
const RECENT_MS = 10 * 60_000;

/** What the headline is made of. */
interface Seen {
  /** With its current state. */
  job: JobDetail;
  /** As it was read, up to 3 s earlier. */
  read: JobDetail;
  /** The vertex that slows the job down much; null: none. */
  slow: VertexLoad | null;
  names: ReadonlyMap<string, string>;
  checkpoints: Checkpoints | Off | Absent | null;
  /** The latest exception, if there is one. */
  last: JobException | undefined;
  /** Null: the job has not ended. */
  end: AfterEnd | null;
}

export const status = defineRead({
  kind: "read",
  name: "status",
  summary: "Show one job: state, load of each vertex, restarts, last checkpoint and last exception",
  examples: ["status orders", "status prod/orders"],
  args: z.strictObject({ job: jobArgument }),
  positionals: ["job"],
  class: "view",
  find: (args) => ({ find: "job", job: args.job }),
  forBareName: true,

  async read(c) {
    const { jobId } = c.target;
    const job = await c.flink.job(jobId);
    if (job === "absent")
      return {
        refuse: t`${named(c.target)} is no longer known to ${c.target.cluster}.`,
        instead: ["Flink keeps ended jobs for an hour."],
      };
    const [seen, checkpoints, exceptions, metrics, loads, edges, cluster, locks] = await Promise.all([
      c.flink.sighting(jobId),
      // these reads are optional, so a failed one must not fail the answer
      optional(c.flink.checkpoints(jobId)),
      optional(c.flink.exceptions(jobId, 1)),
      optional(c.flink.jobMetrics(jobId, ["numRestarts"])),
      vertexLoads(c.flink, jobId, { vertices: job.vertices, most: MOST_ASKED }),
      optional(c.flink.edges(jobId)),
      optional(c.flink.capabilities()),
      c.known.locks.all(),
    ]);
    // The details may be up to 3 s old; the state is current.
    const fresh: JobDetail = { ...job, state: stateOf(seen) ?? job.state };
    const restarts = metrics?.["numRestarts"];
    const isSlow = loads.some(isPressedHard);
    const slow = edges === null || !isSlow ? null : bottleneck(loads, edges);
    const picture = edges === null ? null : jobGraph(fresh, { loads, edges }, c.now);
    const names = vertexNames(job.vertices);
    const last = exceptions?.[0];
    const end = isTerminal(fresh.state) ? await afterEnd(c, fresh) : null;
    const { headline, more } = verdict(c, { job: fresh, read: job, slow, names, checkpoints, last, end });
    return {
      outcome: "done",
      headline,
      lines: [
        ...more,
        ...locks.filter((lock) => isAbout(lock, { cluster: c.target.cluster, job: job.name })).map(lockLine),
        ...(restarts === undefined ? [] : [t`Restarts: ${restarts}`]),
        ...(isBatch(fresh) ? [] : await checkpointLines(c, fresh, checkpoints)),
        ...(await lastFailure(c, fresh, last)),
        ...unread({ ...(isPreparing(fresh) ? {} : { checkpoints }), exceptions, slots: cluster }),
        ...(loads.length === 0 && job.vertices.length > 0 ? [LOAD_NOT_READ] : []),
        ...(job.vertices.length > MOST_SHOWN
          ? [`${MOST_SHOWN} of ${job.vertices.length} vertices, those with trouble or the most load:`]
          : []),
        whereToLook(c),
      ],
      ...(job.vertices.length === 0
        ? {}
        : { table: vertexTable({ vertices: worst(job.vertices, loads), loads, edges, names }) }),
      facts: { state: fresh.state, jobId },
      offers: end === null ? offers(c, fresh, cluster) : endedOffers(c, fresh, end),
      ...(picture === null ? {} : { picture }),
    } satisfies Report;
  },
});

/**
 * The one thing to know, with a sign for those who see colours; the words say the same. `more`: the state, where the
 * headline does not say it.
 */
function verdict(c: Context<unknown>, of: Seen): { headline: Text; more: readonly Text[] } {
  const { job } = of;
  const state = stateLine(c, of);
  const ended = of.end?.words ?? null;
  if (ended !== null) return { headline: t`⚪ ${ended}`, more: [state] };
  if (isTerminal(job.state) && job.state !== "FAILED") return { headline: t`⚪ ${state}`, more: [] };
  if (job.state === "FAILED" || job.state === "RESTARTING" || job.state === "FAILING")
    return { headline: t`🔴 ${state}`, more: [] };
  if (job.state !== "RUNNING") return { headline: t`🟡 ${state}`, more: [] };
  const problem = problemOf(c, of);
  return problem === null ? { headline: t`🟢 ${state}`, more: [] } : { headline: problem, more: [state] };
}

/** The worst problem of a running job; null: none is seen. */
function problemOf(c: Context<unknown>, { job, slow, names, checkpoints, last }: Seen): Text | null {
  const name = named(c.target);
  const { running, finished, total } = tasksOf(job.vertices);
  if (!isBatch(job) && running + finished < total)
    return t`🔴 ${name}: only ${running + finished} of ${total} tasks run`;
  if (last !== undefined && last.at > job.now - RECENT_MS)
    return t`🟠 ${name} failed ${ago(last.at, job.now)} and runs again`;
  if (slow !== null) {
    const busy = slow.busy === null ? "" : `, busy ${percent(slow.busy)}`;
    return t`🟠 ${name} is behind: ${code(names.get(slow.id) ?? shown(slow.name))} is the bottleneck${busy}`;
  }
  return hasFailed(checkpoints) ? t`🟠 ${name}: the latest checkpoint failed` : null;
}

/** The state and since when. `stateSince` belongs to the state that was read with it. */
function stateLine(c: Context<unknown>, { job, read }: Seen): Text {
  if (job.state !== read.state) return t`${named(c.target)} is ${b(job.state)}`;
  const at: Text = read.stateSince === null ? "" : t`, since ${{ at: read.stateSince }}`;
  const progress: Text =
    isBatch(job) && job.state === "RUNNING"
      ? t`: ${batchProgress(tasksOf(read.vertices), read.pendingOperators)}`
      : "";
  return t`${named(c.target)} ${hasBeen(read)}${at}${progress}`;
}

/** Flink has the job but does not know its checkpoints yet. That does not count as a missing answer. */
const isPreparing = (job: JobDetail): boolean => job.state === "INITIALIZING";

/** One line that names the reads that Flink did not answer. */
function unread(parts: Readonly<Record<string, unknown>>): readonly Text[] {
  const missing = Object.entries(parts).flatMap(([name, read]) => (read === null ? [name] : []));
  return missing.length === 0 ? [] : [`Flink did not answer: ${missing.join(", ")}.`];
}

async function lastFailure(
  c: Context<unknown>,
  job: JobDetail,
  last: JobException | undefined,
): Promise<readonly Text[]> {
  if (last !== undefined) {
    const where = last.task === null ? "" : t` in ${shown(last.task)}`;
    return [t`Last exception, ${ago(last.at, job.now)}${where}: ${cause(last)}`];
  }
  if (job.state !== "FAILED") return [];
  // a job that failed before it had tasks has no exception history
  const why = await optional(c.flink.failure(job.jobId));
  return why === null ? [] : [t`Why it failed: ${code(shown(why, LONGEST_LINE))}`];
}

/** The vertices that need attention most, in the order of the graph. */
function worst(vertices: readonly Vertex[], loads: readonly VertexLoad[]): readonly Vertex[] {
  if (vertices.length <= MOST_SHOWN) return vertices;
  const loadOf = new Map(loads.map((l) => [l.id, l]));
  const trouble = (v: Vertex): number => {
    const load = loadOf.get(v.id);
    const missing = v.tasksTotal - v.tasksRunning - v.tasksFinished;
    return missing > 0 ? 10_000 + missing : Math.max(load?.busy ?? 0, load?.backPressured ?? 0);
  };
  const chosen = new Set(vertices.toSorted((a, z) => trouble(z) - trouble(a)).slice(0, MOST_SHOWN));
  return vertices.filter((v) => chosen.has(v));
}

async function checkpointLines(
  c: Context<unknown>,
  job: JobDetail,
  read: Checkpoints | Off | Absent | null,
): Promise<readonly Text[]> {
  const { state, now } = job;
  const newest = await newestCheckpoint(c, read, state);
  const listed = read === null ? null : given(read);
  const bad = listed?.latestFailed ?? null;
  const saved = listed?.latestSavepoint ?? null;
  const isLatest = bad !== null && hasFailed(read);
  return [
    ...(read === null && newest.is === "unknown" && !isPreparing(job)
      ? []
      : [newestLine(newest, job, c.now)]),
    ...(isLatest
      ? [
          t`${b("The latest checkpoint failed")}, ${ago(bad.triggeredAt, now)}: ${shown(bad.failure ?? "no reason given", LONGEST_LINE)}`,
        ]
      : []),
    ...(saved === null || saved.path === null
      ? []
      : [t`Last savepoint ${ago(saved.triggeredAt, now)}: ${code(saved.path)}`]),
  ];
}

/** Whether the latest checkpoint failed. */
function hasFailed(read: Checkpoints | Off | Absent | null): boolean {
  const listed = read === null ? null : given(read);
  const failed = listed?.latestFailed ?? null;
  return failed !== null && failed.triggeredAt > (listed?.latestCompleted?.triggeredAt ?? 0);
}

/** `ourNow` by Redis's clock, like the times of known states. */
function newestLine(newest: Newest, { state, now }: JobDetail, ourNow: number): Text {
  switch (newest.is) {
    case "off":
      return "Checkpoints: off";
    case "none":
      return "Checkpoints: none completed yet";
    case "unknown":
      return t`Checkpoints: not known while the job is ${state}`;
    case "cached":
      return cachedWords(newest.state, ourNow);
    case "listed": {
      const { checkpoint } = newest;
      const took = checkpoint.endToEndMs === null ? "" : `, took ${duration(checkpoint.endToEndMs)}`;
      return t`Last checkpoint ${ago(doneAt(checkpoint), now)}: ${bytes(checkpoint.sizeBytes)}${took}`;
    }
  }
}

function offers(c: Context<unknown>, job: JobDetail, cluster: Capabilities | null): readonly Offer[] {
  const args = { job: jobRef(c.target) };
  const refresh: Offer = { label: "Refresh", operation: "status", args };
  const look: Offer = { label: "Diagnose", operation: "diagnose", args };
  if (job.state !== "RUNNING" || isBatch(job))
    return [refresh, look, { label: "Cancel", operation: "cancel", args, danger: true }];
  return [
    refresh,
    look,
    { label: "Savepoint", operation: "savepoint", args },
    ...scaleOffer(c, job, cluster),
    { label: "Stop", operation: "stop", args, danger: true },
  ];
}

function endedOffers(c: Context<unknown>, job: JobDetail, end: AfterEnd): readonly Offer[] {
  const args = { job: jobRef(c.target) };
  const why: readonly Offer[] =
    job.state === "FAILED" ? [{ label: "Diagnose", operation: "diagnose", args }] : [];
  return [{ label: "Refresh", operation: "status", args }, ...why, ...end.offers];
}

/** Offers twice the parallelism, or as much as slots and maximum allow; nothing if the cluster cannot rescale. */
function scaleOffer(c: Context<unknown>, job: JobDetail, cluster: Capabilities | null): readonly Offer[] {
  if (cluster === null) return [];
  const now = Math.max(0, ...job.vertices.map((v) => v.parallelism));
  const most = Math.min(2 * now, now + cluster.slotsFree, ...job.vertices.map((v) => v.maxParallelism));
  if (!cluster.rescale || most <= now) return [];
  const args = { job: jobRef(c.target), parallelism: most };
  return [{ label: `Scale to ${most}`, operation: "scale", args }];
}
