import { isBatch, isTerminal } from "../../model/flink-jobs.ts";
import { EXCEPTIONS_KEPT, type Facts } from "./facts.ts";
import { finding, type Rule } from "./finding.ts";
import { help } from "./help.ts";
import { cause, grouped } from "../wording/exception.ts";
import { hasBeen, shown, slotsNeeded } from "../wording/job.ts";
import { b, code, type Text, t } from "../../model/text.ts";
import { count, duration } from "../../model/units.ts";

const RECENT_MS = 10 * 60_000;
/** A start may take this long, ms, without a problem. */
const STARTING_MS = 60_000;

/** "3 of 4 slots are free"; "" if not known. */
function slotWords({ cluster }: Facts): string {
  if (cluster === null) return "";
  const { slotsFree, slotsTotal } = cluster;
  return `${slotsFree} of ${count(slotsTotal, "slot")} ${slotsFree === 1 ? "is" : "are"} free`;
}

/**
 * The latest time at which the job is known to have been starting or running, if Flink does not say since when it has
 * been in its state: its start, its last failure or its last known checkpoint.
 */
function idleSince(f: Facts): { at: number; after: Text } {
  const [last] = f.exceptions;
  const ways = [
    { at: f.job.startedAt, after: "its start" },
    ...(last === undefined ? [] : [{ at: last.at, after: "its last failure" }]),
    ...(f.newest.is === "cached" && !f.newest.state.isSavepoint
      ? [{ at: f.newest.state.at, after: "its last known checkpoint" }]
      : []),
  ];
  return ways.reduce((a, z) => (z.at > a.at ? z : a));
}

/** The slots that it needs to start. Under the adaptive scheduler these may be fewer than it requests. */
const least = ({ job, requirements }: Facts): number =>
  slotsNeeded(
    job.vertices.map((v) => ({ ...v, parallelism: requirements?.[v.id]?.lowerBound ?? v.parallelism })),
  );

/**
 * Even if all slots were free, the job could not start before another TaskManager registers, and this cluster starts
 * none itself.
 */
const hasTooFewSlots = (f: Facts): boolean =>
  f.cluster !== null && !f.cluster.elastic && f.cluster.slotsTotal < least(f);

/** Rules about whether the job runs: failures, missing tasks, slow starts and missing slots. */
export const runningRules: readonly Rule[] = [
  {
    name: "failing",
    looksAt: "failures and restarts",
    find(f) {
      const { state } = f.job;
      const recent = f.exceptions.filter((e) => e.at > f.now - RECENT_MS);
      const atLeast = recent.length >= EXCEPTIONS_KEPT ? "at least " : "";
      const [last] = grouped(f.exceptions);
      const told = f.failure === null ? "" : t`; root cause ${code(shown(f.failure, 300))}`;
      const why = last === undefined ? told : t`; root cause ${cause(last.last)}`;
      if (state === "FAILED")
        return finding(
          3,
          f.job.stateSince === null
            ? t`The job is ${b("FAILED")}${why}.`
            : t`The job has been ${b("FAILED")} since ${{ at: f.job.stateSince }}${why}.`,
          f.canResume ? help.resume : help.exceptions,
        );
      if (state === "RESTARTING" || state === "FAILING")
        return finding(
          3,
          t`The job is ${b(state)}: ${atLeast}${count(recent.length, "failure")} in the last 10 minutes${why}.`,
          help.exceptions,
        );
      if (recent.length === 0 || isTerminal(state)) return [];
      const total = f.restarts === null ? "" : `, ${count(f.restarts, "restart")} in all`;
      return finding(
        recent.length >= 3 ? 3 : 2,
        t`It failed ${b(`${atLeast}${recent.length} ${recent.length === 1 ? "time" : "times"} in the last 10 minutes`)}${total}${why}.`,
        help.exceptions,
      );
    },
  },
  {
    name: "tasks",
    looksAt: "tasks that run",
    find(f) {
      const { total, running, finished } = f.tasks;
      if (f.job.state !== "RUNNING" || isBatch(f.job) || running + finished >= total) return [];
      const done = finished === 0 ? "" : `, ${finished} have finished`;
      const is = f.job.stateSince === null ? t`is ${b("RUNNING")}` : hasBeen(f.job);
      return finding(
        3,
        t`The job ${is}, but only ${b(`${running} of ${total}`)} tasks run${done}.`,
        help.status,
      );
    },
  },
  {
    name: "starting",
    looksAt: "whether it gets started",
    find(f) {
      const { state, stateSince } = f.job;
      if (state !== "CREATED" && state !== "INITIALIZING") return [];
      const idle = idleSince(f);
      const age = f.now - (stateSince ?? idle.at);
      if (age <= STARTING_MS && !(state === "CREATED" && hasTooFewSlots(f))) return [];
      const long: Text =
        stateSince === null
          ? t`It is ${b(state)}, ${duration(age)} after ${idle.after}`
          : t`It has been ${b(state)} for ${duration(age)}`;
      if (state === "INITIALIZING")
        return finding(
          2,
          t`${long}: the JobManager still prepares the job. Check the JobManager's log.`,
          help.status,
        );
      const needed = least(f);
      if (f.cluster === null)
        return finding(2, t`${long}; whether slots are free is not known.`, help.clusters);
      if (f.cluster.slotsFree < needed)
        return finding(
          3,
          t`${long}: it waits for slots. It needs ${needed}; ${slotWords(f)}.`,
          help.clusters,
        );
      return finding(
        2,
        t`${long}, though slots are free (it needs ${needed}; ${slotWords(f)}): Flink builds the execution graph on the JobManager. Check the JobManager's log.`,
        help.status,
      );
    },
  },
  {
    name: "slots",
    looksAt: "slots",
    find(f) {
      if (f.job.state !== "RUNNING" || f.requirements === null || f.cluster === null) return [];
      const asked = Math.max(0, ...Object.values(f.requirements).map((r) => r.upperBound));
      const has = Math.max(0, ...f.job.vertices.map((v) => v.parallelism));
      if (asked <= has || asked - has <= f.cluster.slotsFree) return [];
      return finding(
        2,
        t`Parallelism ${b(`${asked} is asked, it runs at ${has}`)}: ${slotWords(f)}.`,
        help.scale(has),
      );
    },
  },
];
