import type { JobCache, Seen } from "../../src/job-cache/job-cache.ts";
import { look } from "../../src/job-cache/reader.ts";
import { createStateReader } from "../../src/job-cache/state-reader.ts";
import type { KeptJob, KeptVertices, States } from "../../src/job-cache/states.ts";
import type { Process, Scheduler } from "./scheduler.ts";
import { REDIS, type StoreModel } from "./store-model.ts";
import type { Wire } from "./wire.ts";

const READ_EVERY_MS = 5000;
const STATES_EVERY_MS = 10_000;

interface JobCacheOptions {
  cluster: string;
  wire: Wire;
  scheduler: Scheduler;
  store: StoreModel;
}

/** What Redis holds of Flink's jobs, and the readers that keep it fresh. */
export class JobCacheModel {
  /** By cluster. */
  readonly seen = new Map<string, Seen>();
  /** When a job was in it for the first time. */
  readonly knownSince = new Map<string, number>();
  readonly #states = new Map<string, Map<string, KeptJob>>();
  /** By cluster and job. */
  readonly #vertices = new Map<string, KeptVertices>();
  /** Who reads the cluster, and until when. */
  #reader: { worker: string; token: string; until: number } | null = null;
  #readers = 0;
  readonly #cluster: string;
  readonly #wire: Wire;
  readonly #scheduler: Scheduler;
  readonly #store: StoreModel;

  constructor({ cluster, wire, scheduler, store }: JobCacheOptions) {
    this.#cluster = cluster;
    this.#wire = wire;
    this.#scheduler = scheduler;
    this.#store = store;
  }

  /** One reader at a time, and whoever has it reads. */
  async read(
    process: Process,
    on: {
      reads: Parameters<typeof look>[0];
      jobCache: Pick<JobCache, "peek" | "read">;
      states: States;
    },
  ): Promise<void> {
    const { reads, states } = on;
    const stateReader = createStateReader({ reads, states, every: STATES_EVERY_MS, clock: process.clock });
    for (;;) {
      await process.clock.sleep(READ_EVERY_MS);
      try {
        const mine = await this.#wire.call(process, () => this.#takeSeat(process.name), REDIS);
        if (mine === null) continue;
        const before = (await on.jobCache.peek([this.#cluster])).get(this.#cluster);
        const now = this.#scheduler.now;
        const seen = await look(reads, before, now);
        const kept = await this.#wire.call(
          process,
          () => this.#takeSeat(process.name) === mine && this.seen.set(this.#cluster, seen) !== undefined,
          REDIS,
        );
        if (kept) this.#noteKnown(seen);
        if (!kept || seen.unreachableSince !== null) continue;
        await stateReader.keep({ jobs: seen.jobs, now, token: mine, isPressing: false });
      } catch {
        // the next reading makes up for it
      }
    }
  }

  #noteKnown({ jobs }: Seen): void {
    for (const { jobId } of jobs)
      if (!this.knownSince.has(jobId)) this.knownSince.set(jobId, this.#scheduler.now);
  }

  /** The token of the reader; null: another worker reads the cluster. */
  #takeSeat(worker: string): string | null {
    const { now } = this.#scheduler;
    const last = this.#reader !== null && this.#reader.until > now ? this.#reader : null;
    if (last !== null && last.worker !== worker) return null;
    if (last === null) this.#readers += 1;
    const token = last?.token ?? `${this.#readers} ${worker}`;
    this.#reader = { worker, token, until: now + 10_000 };
    return token;
  }

  over(process: Process): Pick<JobCache, "peek" | "read"> {
    const peek = async (): Promise<ReadonlyMap<string, Seen>> =>
      await this.#wire.call(process, () => new Map(this.seen), REDIS);
    return { peek, read: peek };
  }

  statesOver(process: Process): States {
    const go = async <T>(perform: () => T): Promise<T> => await this.#wire.call(process, perform, REDIS);
    const of = (cluster: string): Map<string, KeptJob> => {
      const known = this.#states.get(cluster) ?? new Map<string, KeptJob>();
      this.#states.set(cluster, known);
      return known;
    };
    return {
      read: async (cluster) => await go(() => [...of(cluster).values()]),
      write: async (cluster, seen) =>
        await go(() => {
          if (this.#reader?.token !== seen.token) return;
          for (const job of seen.jobs) of(cluster).set(job.jobId, job);
          for (const kept of seen.vertices) this.#vertices.set(`${cluster}/${kept.jobId}`, kept);
          for (const id of seen.forget) of(cluster).delete(id);
        }),
      vertices: async (cluster, jobId) => await go(() => this.#vertices.get(`${cluster}/${jobId}`) ?? null),
      disposed: async (cluster, paths) =>
        await go(() => new Set(paths.filter((p) => this.#store.disposedOn(cluster).has(p)))),
      noteDisposed: async (cluster, gone) =>
        await go(() => {
          for (const { path, at } of gone) this.#store.disposedOn(cluster).set(path, at);
        }),
    };
  }
}
