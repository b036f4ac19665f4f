import type { Child } from "../../src/model/knowledge.ts";
import type { JobSummary } from "../../src/model/flink-jobs.ts";
import { aSummary, FakeFlinkReads } from "../fakes/flink-reads.ts";
import { Drive } from "./drive.ts";

/** `orders-1`, which runs. */
export const job = (n: number, over: Partial<JobSummary> = {}): JobSummary =>
  aSummary({ jobId: String(n).repeat(32), name: `orders-${n}`, ...over });

/** A cluster with three of them. */
export class ManyJobs extends FakeFlinkReads {
  jobs: readonly JobSummary[] = [job(1), job(2), job(3)];
  override overview(): Promise<readonly JobSummary[]> {
    return Promise.resolve(this.jobs);
  }
}

/** The request for one of them, as the request for all of them sees it: queued. */
export const child = (n: number, over: Partial<Child> = {}): Child => ({
  jobId: String(n).repeat(32),
  jobName: `orders-${n}`,
  outcome: null,
  says: "queued",
  lines: [],
  facts: {},
  ...over,
});

/** The same with its savepoint. */
export const done = (n: number): Child =>
  child(n, { outcome: "done", says: "complete", facts: { location: `s3://b/sp-${n}` } });

/** A request for all of them, before it is planned. */
export const startAll = (text: string) => {
  const flink = new ManyJobs();
  return { flink, drive: new Drive(text, flink) };
};
