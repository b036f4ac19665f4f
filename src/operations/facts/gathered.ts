import { isBatch, isTerminal, type JobSummary } from "../../model/flink-jobs.ts";
import { skeleton } from "../../model/confusable-names.ts";
import type { ClusterSnapshot } from "../../model/knowledge.ts";

export interface Listed {
  cluster: ClusterSnapshot;
  job: JobSummary;
}

const tasksMissing = (job: JobSummary): boolean =>
  !isBatch(job) && (job.tasks.running + job.tasks.finished < job.tasks.total || job.tasks.total === 0);

/** 0: needs attention most. */
export function badness(job: JobSummary): number {
  if (job.state === "FAILED") return 0;
  if (job.state === "RESTARTING" || job.state === "FAILING") return 1;
  if (isTerminal(job.state)) return 5;
  if (job.state !== "RUNNING") return 2;
  return tasksMissing(job) ? 3 : 4;
}

const worstFirst = (a: Listed, z: Listed): number =>
  badness(a.job) - badness(z.job) ||
  (badness(a.job) === 4
    ? a.job.name.localeCompare(z.job.name)
    : z.job.lastModifiedAt - a.job.lastModifiedAt) ||
  (a.job.jobId < z.job.jobId ? -1 : 1);

/**
 * Jobs of many clusters, gathered one cluster at a time, so that other work can be done in between. Jobs that are not
 * shown are counted but not kept.
 */
export class Gathered {
  count = 0;
  /** How many jobs need attention. */
  trouble = 0;
  #worst: readonly Listed[] = [];
  readonly #most: number;
  /** How many live jobs each name has. */
  readonly #alive = new Map<string, number>();
  /** By skeleton: the only live name with it; true: several different names share it. */
  readonly #alike = new Map<string, string | true>();

  /** `most`: how many jobs are shown, the worst first. */
  constructor(most: number) {
    this.#most = most;
  }

  add(cluster: ClusterSnapshot, jobs: readonly JobSummary[]): void {
    this.count += jobs.length;
    for (const job of jobs) {
      if (badness(job) < 4) this.trouble += 1;
      if (!isTerminal(job.state)) this.#named(job.name);
    }
    const own = jobs.map((job): Listed => ({ cluster, job })).toSorted(worstFirst);
    this.#worst = merged(this.#worst, own, this.#most);
  }

  worst(): readonly Listed[] {
    return this.#worst;
  }

  /** How many live jobs have this name. */
  alive(name: string): number {
    return this.#alive.get(name) ?? 0;
  }

  /** Whether another live job has a different name that looks like this one. */
  isAlike(name: string): boolean {
    return this.#alike.get(skeleton(name)) === true;
  }

  #named(name: string): void {
    const before = this.alive(name);
    this.#alive.set(name, before + 1);
    if (before > 0) return;
    const key = skeleton(name);
    this.#alike.set(key, this.#alike.has(key) ? true : name);
  }
}

/** Merges two sorted lists and returns the first `most` jobs. */
function merged(a: readonly Listed[], z: readonly Listed[], most: number): readonly Listed[] {
  const all: Listed[] = [];
  let [i, k] = [0, 0];
  while (all.length < most) {
    const [one, other] = [a[i], z[k]];
    if (one === undefined && other === undefined) break;
    const isOne = other === undefined || (one !== undefined && worstFirst(one, other) < 0);
    const next = isOne ? one : other;
    if (next !== undefined) all.push(next);
    if (isOne) i += 1;
    else k += 1;
  }
  return all;
}
