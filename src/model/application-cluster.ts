import { isTerminal, type JobSummary } from "./flink-jobs.ts";
import type { RestorableState } from "./knowledge.ts";
import { code, type Text, t } from "./text.ts";
import { ago } from "./units.ts";

/**
 * How long connections have to be refused, ms, before the end of an application cluster is believed whose job Flink has
 * agreed to end. Flink closes its REST API 0.1 to 1.5 s after the job has ended; a JobManager that is started again
 * listens after some seconds.
 */
export const REFUSED_MS = 10_000;

/** What the job cache holds of a cluster, as far as this is about its end. */
interface Remembered {
  facts: { application: boolean } | null;
  jobs: readonly Pick<JobSummary, "state">[];
  /** Jobs that Flink stopped listing before they were seen to end. */
  missing: readonly unknown[];
}

/** Whether no job was left that an application cluster could still run when it was last read. */
export const isSpent = ({ facts, jobs, missing }: Remembered): boolean =>
  facts?.application === true &&
  missing.length === 0 &&
  jobs.length > 0 &&
  jobs.every((j) => isTerminal(j.state));

/** How to continue from a state, where flinkops cannot start the job. */
export const redeployed = (path: string): Text =>
  t`To continue from it, deploy the application again with ${code(`--fromSavepoint ${path}`)}.`;

/** What there is to say of a cluster that is over, by the name that people know it by; `at`: since when, ms. */
export const overWords = (name: Text, at: number): Text =>
  t`${name} is an application cluster; it ended with its last job ${{ at }}.`;

/** The newest of these states (newest first), and how to continue from it; nothing where none is meant for it. */
export function waysBack(states: readonly RestorableState[], now: number): readonly Text[] {
  const newest = states.find((s) => s.drained !== true);
  if (newest === undefined) return [];
  const kind = newest.isSavepoint ? "savepoint" : "checkpoint";
  return [t`Its newest known state is the ${kind} of ${ago(newest.at, now)}.`, redeployed(newest.path)];
}
