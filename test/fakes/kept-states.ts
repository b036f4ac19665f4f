import type { KeptJob, KeptVertices, SeenStates, States } from "../../src/job-cache/states.ts";
import { JOB_ID } from "./flink-reads.ts";

/** What the job cache has stored of one cluster. */
export class KeptStates implements States {
  readonly jobs = new Map<string, KeptJob>();
  /** By job id. */
  readonly ofVertices = new Map<string, KeptVertices>();
  read(): Promise<readonly KeptJob[]> {
    return Promise.resolve([...this.jobs.values()]);
  }
  readonly gone = new Set<string>();
  stillListed: readonly string[] = [];
  vertices(_cluster: string, jobId: string): Promise<KeptVertices | null> {
    return Promise.resolve(this.ofVertices.get(jobId) ?? null);
  }
  write(_cluster: string, { jobs, vertices, forget, stillListed }: SeenStates): Promise<void> {
    for (const job of jobs) this.jobs.set(job.jobId, job);
    for (const kept of vertices) this.ofVertices.set(kept.jobId, kept);
    for (const id of forget) this.jobs.delete(id);
    this.stillListed = [...new Set([...this.stillListed, ...stillListed])];
    return Promise.resolve();
  }
  disposed(_cluster: string, paths: readonly string[]): Promise<ReadonlySet<string>> {
    return Promise.resolve(new Set(paths.filter((path) => this.gone.has(path))));
  }
  noteDisposed(_cluster: string, gone: readonly { path: string }[]): Promise<void> {
    for (const { path } of gone) this.gone.add(path);
    return Promise.resolve();
  }
  paths(): readonly string[] {
    return (this.jobs.get(JOB_ID)?.states ?? []).map(
      (s) => `${s.isSavepoint ? "savepoint" : "checkpoint"} ${s.path}`,
    );
  }
}
