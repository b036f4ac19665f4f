import { z } from "zod";
import { isTerminal, type JobSummary } from "../model/flink-jobs.ts";
import { usedBy } from "./facts/used-by.ts";
import { shown } from "./wording/job.ts";
import { type Context, defineChangeOf, type Observation, type PhaseContext } from "../model/operation.ts";
import { MOST_DISPOSALS, readDisposal } from "./phases/disposal.ts";
import type { Intent } from "../model/intent.ts";
import type { PathTarget } from "../model/target.ts";
import type { Refusal } from "../model/report.ts";
import { b, code, type Span, type Text, t } from "../model/text.ts";
import { beforeAsked, bytes } from "../model/units.ts";
import type { RestorableState } from "../model/knowledge.ts";

const args = z.strictObject({
  savepoint: z.string().trim().min(1).max(3_000).describe("its path, as `savepoints` shows it"),
  evenLast: z.boolean().default(false).describe("even if it is the newest state of a job that does not run"),
});
type Args = z.infer<typeof args>;
type Phases = "dispose" | "again";
type Phase = PhaseContext<Args, PathTarget>;

export const dispose = defineChangeOf<PathTarget>()<Args, Phases>({
  kind: "change",
  name: "dispose",
  summary: "Delete a savepoint through Flink",
  examples: [
    "dispose s3://bucket/savepoints/savepoint-1",
    "dispose s3://bucket/savepoints/savepoint-1 --even-last",
  ],
  args,
  positionals: ["savepoint"],
  class: "destructive",
  neverBreakGlass: true,
  find: (a) => ({ find: "path", path: a.savepoint }),
  allowedIn: "any",
  holds: (c) => [{ path: c.target.path }],
  open,

  first: "dispose",
  phases: {
    dispose: {
      deadlineMs: 120_000,
      effect: async (c) => ({ do: "dispose", path: savepointIn(c.intent).path }),
      observe,
    },
    /**
     * Sends it again: Flink's answer did not arrive, or Flink forgot the outcome. If the savepoint is already gone,
     * Flink answers that it is missing.
     */
    again: {
      deadlineMs: 120_000,
      effect: async (c) => ({ do: "dispose", path: savepointIn(c.intent).path }),
      finishes: () => true,
      observe,
    },
  },
});

async function open(c: Context<Args, PathTarget>): Promise<Intent | Refusal> {
  const { cluster, path } = c.target;
  const jobs = await c.flink.overview();
  const found = await c.known.restorable.at(cluster, path);
  if (found === null)
    return {
      refuse: t`${code(shown(path, 300))} is not a known savepoint of ${code(cluster)}.`,
      instead: [t`${code("savepoints <job>")} lists the known ones; flinkops deletes no others.`],
    };
  if (!found.isSavepoint)
    return {
      refuse: "That is a checkpoint. Flink deletes its checkpoints itself.",
      instead: [t`It belongs to job ${code(found.jobId.slice(0, 8))} ${shown(found.jobName)}.`],
    };
  const user = await usedBy(c, jobs, found.path);
  if (user !== null)
    return {
      refuse: t`${b(shown(user.name))} (${code(user.jobId.slice(0, 8))}) was started from it and is running: a fail-over before its next checkpoint would need it.`,
      instead: ["Wait until the job has been started from something newer, or has ended."],
    };
  const isLast = await isLastOf(c, jobs, found);
  if (isLast && !c.args.evenLast)
    return {
      refuse: t`It is the newest state of ${b(shown(found.jobName))}, which does not run: without it the job cannot be resumed.`,
      instead: [t`${code("--even-last")} deletes it nevertheless.`],
    };
  return intent(c, found, { isLast });
}

function intent(c: Context<Args, PathTarget>, s: RestorableState, { isLast }: { isLast: boolean }): Intent {
  const size = s.sizeBytes === null ? "" : `, ${bytes(s.sizeBytes)}`;
  const last: readonly Text[] = isLast
    ? [
        t`${b(shown(s.jobName))} can no longer be resumed: this is its newest state, and it did not run when this was asked.`,
      ]
    : [];
  return {
    headline: t`Delete a savepoint of ${b(shown(s.jobName))}`,
    losses: [t`The savepoint, written ${beforeAsked(s.at, c.now)}${size}: ${code(s.path)}`, ...last],
    warnings: [],
    details: [],
    binds: { path: s.path, isLast },
    facts: { path: s.path, jobName: s.jobName },
    change: { jobs: [s.jobName] },
  };
}

/** The savepoint to delete, and the name of its job. */
interface Savepoint {
  path: string;
  job: Span;
}

function savepointIn({ facts: { path, jobName } }: Intent): Savepoint {
  const name = typeof jobName === "string" ? jobName : "";
  return { path: typeof path === "string" ? path : "", job: b(shown(name)) };
}

async function isLastOf(
  c: Context<Args, PathTarget>,
  jobs: readonly JobSummary[],
  s: RestorableState,
): Promise<boolean> {
  if (jobs.some((j) => j.name === s.jobName && !isTerminal(j.state))) return false;
  const all = await c.known.restorable.of(`${c.target.cluster}/${s.jobName}`);
  const [newest] = all.filter((one) => one.drained !== true).toSorted((a, z) => z.at - a.at);
  return newest?.path === s.path;
}

async function observe(c: Phase): Promise<Observation<Phases>> {
  const savepoint = savepointIn(c.intent);
  const times = 1 + Number(c.results["again"] ?? c.results["dispose"] ?? 0);
  const seen = await readDisposal(c);
  switch (seen.is) {
    case "pending":
      return { kind: "pending", note: "Flink is deleting it", until: seen.until };
    case "lost":
      return sendAgain(savepoint, times);
    case "gone":
      return gone(savepoint, seen.wasMissing ? "no longer exists" : "is deleted");
    case "failed":
      return failed(savepoint, seen.reason);
  }
}

/** `times`: how often it has been sent so far. */
function sendAgain({ path, job }: Savepoint, times: number): Observation<Phases> {
  if (times < MOST_DISPOSALS)
    return {
      kind: "next",
      phase: "again",
      result: times,
      milestone: "Flink did not say whether it was deleted; the request is sent again.",
    };
  return {
    kind: "end",
    report: {
      outcome: "unknown",
      headline: t`It is unknown whether the savepoint of ${job} is deleted`,
      lines: [t`Check whether it still exists: ${code(path)}`],
    },
  };
}

const gone = ({ path, job }: Savepoint, is: string): Observation<never> => ({
  kind: "end",
  report: {
    outcome: "done",
    headline: t`The savepoint of ${job} ${is}`,
    lines: [t`Savepoint: ${code(path)}`],
    facts: { disposed: path },
  },
});

const failed = ({ path, job }: Savepoint, reason: string): Observation<never> => ({
  kind: "end",
  report: {
    outcome: "failed",
    headline: t`The savepoint of ${job} was not deleted`,
    lines: [reason, t`Savepoint: ${code(path)}`],
  },
});
