import { isRedisProblem } from "../../src/redis/connect.ts";
import { intakeIn, readIntake, type SealedIntake, sealedIntake } from "../../src/queue/intake.ts";
import { type Lane, LANES, lanesToSearch } from "../../src/queue/lanes.ts";
import type { Queues, Waiting } from "../../src/queue/queues.ts";
import type { Watches } from "../../src/queue/watches.ts";
import type { Next } from "../../src/requests/ports/engine.ts";
import type { Intake } from "../../src/requests/record/record.ts";
import type { Held } from "../../src/requests/record/store.ts";
import type { Process, Scheduler } from "./scheduler.ts";
import { REDIS, SEAL, written } from "./store-model.ts";
import type { Wire } from "./wire.ts";

/** A job as BullMQ keeps it. Redelivered when the lock of whoever holds it has run out. */
export interface QueueJob {
  id: string;
  lane: Lane;
  data: SealedIntake;
  state: "wait" | "active" | "delayed" | "completed" | "failed";
  dueAt: number;
  token: string | null;
  lockedUntil: number;
  started: number;
}

export const LOCK_MS = 30_000;
const STALLED_MS = 5000;
const IN_PLACE_MS = 250;
const YOUNG_MS = 1000;
const BACKOFF_MS = 1000;

type Step = (lane: Lane, intake: Intake, last?: Held) => Promise<Next>;

const isLive = (job: QueueJob): boolean => job.state !== "completed" && job.state !== "failed";

const mend = (job: QueueJob, intake: Intake): void => {
  if (intakeIn(SEAL, job.id, job.data) === null) job.data = sealedIntake(SEAL, intake);
};

/** One zone's queues, with what BullMQ promises and no more: at least once, and two may hold one. */
export class QueueModel {
  readonly jobs = new Map<string, QueueJob>();
  readonly #scheduler: Scheduler;
  readonly #now: () => number;
  #idle: { process: Process; life: number; resolve: () => void }[] = [];
  #changes = 0;
  #tokens = 0;

  /** `now`: Redis's clock. */
  constructor(scheduler: Scheduler, now: () => number) {
    this.#scheduler = scheduler;
    this.#now = now;
  }

  over(wire: Wire, process: Process, laneOf: (intake: Pick<Intake, "operation" | "args">) => Lane): Queues {
    const go = async <T>(perform: () => T): Promise<T> => await wire.call(process, perform, REDIS);
    const put = (intake: Intake): void => {
      const lane = laneOf(intake);
      const key = `${lane}/${intake.requestId}`;
      if (this.jobs.has(key)) return;
      this.putRaw(lane, intake.requestId, sealedIntake(SEAL, intake));
    };
    const find = (lane: Lane, id: string): QueueJob[] =>
      lanesToSearch(lane).flatMap((l) => this.jobs.get(`${l}/${id}`) ?? []);
    return {
      add: async (_zone, intake) => await written(go(() => put(intake))),
      addAll: async (_zone, intakes) => {
        // a pipeline, no transaction: it may be cut off half way
        for (const intake of intakes) await written(go(() => put(intake)));
      },
      has: async (_zone, ids) => await go(() => ids.every((id) => find("changes", id).length > 0)),
      wake: async (_zone, intake) => {
        try {
          const [job] = await go(() => find(laneOf(intake), intake.requestId));
          if (job === undefined) {
            await go(() => put(intake));
            return;
          }
          await go(() => mend(job, intake));
          for (const ms of [0, 20, 50, 100, 200, 400, 800, 1600]) {
            await process.clock.sleep(ms);
            if (await go(() => this.#promote(job))) return;
          }
        } catch (error) {
          if (!isRedisProblem(error)) throw error;
        }
      },
      ensure: async (_zone, intake) =>
        await go(() => {
          const [job, ...others] = find(laneOf(intake), intake.requestId);
          for (const one of find(laneOf(intake), intake.requestId)) mend(one, intake);
          if ([job, ...others].some((j) => j !== undefined && isLive(j))) return "live";
          if (job === undefined) put(intake);
          else job.state = "wait";
          this.#tell(this.#now());
          return "revived";
        }),
      waiting: async (known) =>
        await go(() =>
          [...this.jobs.values()]
            .filter((j) => j.state !== "completed" && j.state !== "failed" && !known.has(j.id))
            .flatMap((j): Waiting[] => {
              const intake = intakeIn(SEAL, j.id, j.data);
              return intake === null ? [] : [{ zone: "z", lane: j.lane, intake, taken: j.started > 0 }];
            }),
        ),
      close: async () => await Promise.resolve(),
    };
  }

  /** As anybody can who writes to Redis. */
  putRaw(lane: Lane, id: string, data: SealedIntake): void {
    const fields = { dueAt: 0, token: null, lockedUntil: 0, started: 0 };
    this.jobs.set(`${lane}/${id}`, { id, lane, data, state: "wait", ...fields });
    this.#tell(this.#now());
  }

  again(job: QueueJob): void {
    job.state = "wait";
    this.#tell(this.#now());
  }

  /** A worker's loops: takes what is due, steps it, puts it back. Ends with the process. */
  work(wire: Wire, process: Process, { step, watches }: { step: Step; watches: Watches }): void {
    const token = (): string => `${process.name}-${process.life}-${(this.#tokens += 1)}`;
    const go = async <T>(perform: () => T): Promise<T> => await wire.call(process, perform, REDIS);
    const loop = async (lane: Lane): Promise<void> => {
      for (;;) {
        const mine = token();
        const seen = this.#changes;
        const taken = await go(() => this.#take(lane, mine)).catch(() => "away" as const);
        if (taken === "away") await process.clock.sleep(BACKOFF_MS);
        else if (taken === null) await this.#due(process, seen);
        else void this.#run({ job: taken, token: mine, go, process, watches }, step);
      }
    };
    for (const lane of LANES) void loop(lane);
    process.clock.every(STALLED_MS, () => void go(() => this.#stalled()).catch(() => undefined));
  }

  async #run(
    on: {
      job: QueueJob;
      token: string;
      go: <T>(perform: () => T) => Promise<T>;
      process: Process;
      watches: Watches;
    },
    step: Step,
  ): Promise<void> {
    const { job, token, go, process, watches } = on;
    const endRenewal = process.clock.every(LOCK_MS / 2, () => {
      void go(() => {
        if (job.token === token) job.lockedUntil = this.#now() + LOCK_MS;
      }).catch(() => undefined);
    });
    /** Only whoever holds the lock may move it; BullMQ says so to others, and they let it go. */
    const move = async (change: Partial<QueueJob>): Promise<void> =>
      await go(() => {
        if (job.token !== token || job.state !== "active") return;
        Object.assign(job, { token: null, ...change });
        if (change.state === "delayed") this.#tell(job.dueAt);
      });
    try {
      const intake = readIntake(SEAL, job.id, job.data);
      // as BullMQ does with what is thrown as unrecoverable
      if (typeof intake === "string") {
        await move({ state: "failed" });
        return;
      }
      watches.forget(job.id);
      let last: Held | undefined;
      for (;;) {
        const next = await step(job.lane, intake, last);
        if (next.is === "done") {
          await move({ state: "completed" });
          break;
        }
        const { watched } = next;
        const inMs = watches.stepMs(next);
        const isYoung = watched !== undefined && watched.ageMs < YOUNG_MS;
        if (inMs > (isYoung ? YOUNG_MS : IN_PLACE_MS)) {
          await move({ state: "delayed", dueAt: this.#now() + inMs });
          if (watched !== undefined) watches.park(intake, watched, inMs);
          break;
        }
        if (inMs > 0)
          await (watched === undefined ? process.clock.sleep(inMs) : watches.wait(job.id, watched, inMs));
        // what is watched is young, and so is the record
        last = next.inMs > 0 && watched === undefined ? undefined : next.held;
      }
    } catch {
      // as BullMQ does with what a processor throws: tried again after its back-off
      await move({ state: "delayed", dueAt: this.#now() + BACKOFF_MS }).catch(() => undefined);
    } finally {
      endRenewal();
    }
  }

  /** Until something may be due: whoever waits is told when something is put there, or its time comes. */
  #due(process: Process, seen: number): Promise<void> {
    if (this.#changes !== seen) return process.clock.sleep(1);
    const { life } = process;
    return new Promise((resolve) => {
      this.#idle.push({ process, life, resolve });
    });
  }

  /** At that time of Redis's clock something is due. */
  #tell(at: number): void {
    this.#scheduler.plan(at, null, () => {
      this.#changes += 1;
      for (const { process, life, resolve } of this.#idle.splice(0))
        if (process.life === life) this.#scheduler.plan(this.#scheduler.now, process, resolve);
    });
  }

  #take(lane: Lane, token: string): QueueJob | null {
    for (const job of this.jobs.values()) {
      const isDue = job.state === "wait" || (job.state === "delayed" && job.dueAt <= this.#now());
      if (job.lane !== lane || !isDue) continue;
      Object.assign(job, {
        state: "active",
        token,
        lockedUntil: this.#now() + LOCK_MS,
        started: job.started + 1,
      });
      return job;
    }
    return null;
  }

  #promote(job: QueueJob): boolean {
    if (job.state !== "delayed") return false;
    job.state = "wait";
    this.#tell(this.#now());
    return true;
  }

  #stalled(): void {
    for (const job of this.jobs.values())
      if (job.state === "active" && job.lockedUntil < this.#now()) {
        Object.assign(job, { state: "wait", token: null });
        this.#tell(this.#now());
      }
  }
}
