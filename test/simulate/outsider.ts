import { sealedIntake } from "../../src/queue/intake.ts";
import { intakeFromRecord } from "../../src/requests/record/intake-from-record.ts";
import type { Intake, RequestRecord } from "../../src/requests/record/record.ts";
import { createSeal } from "../../src/platform/seal.ts";
import type { QueueJob } from "./queue-model.ts";
import type { Random } from "./random.ts";
import { CHANNEL, TEAM } from "./slack-model.ts";
import type { World } from "./world.ts";

/** The mark of everything that the outsider has invented. */
export const FORGED = "made up by an outsider";
/** Of the same length and looks as ours. */
const THEIRS = createSeal(["of an outsider"], () => undefined);

/** Somebody who reads and writes Redis and has no key of ours. */
export class Outsider {
  /** Requests of which something in Redis is not ours: nothing is promised of those but that nothing is done on them. */
  readonly touched = new Set<string>();
  /** Requests whose records were older than they are, at some time: a claim may be left, or be gone, that such a record does not know of. */
  readonly everOlder = new Set<string>();
  /** Requests whose queue jobs were altered, whatever became of them. */
  readonly #altered = new Set<string>();
  readonly counts = new Map<string, number>();
  readonly #world: World;
  readonly #random: Random;
  readonly #tell: (words: string) => void;
  /** A quarter of the histories has one. */
  readonly isThere: boolean;
  #made = 0;

  constructor(world: World, random: Random, tell: (words: string) => void) {
    this.#world = world;
    this.#tell = tell;
    this.#random = random.fork("outsider");
    this.isThere = this.#random.happens(0.25);
    // whoever had the record in hand writes over what was forged
    world.store.onCommit.push((record) => {
      this.touched.delete(record.id);
    });
  }

  start(untilMs: number): void {
    if (!this.isThere) return;
    const { scheduler } = this.#world;
    const end = scheduler.now + untilMs;
    const next = (): void => {
      const at = scheduler.now + this.#random.whole(200, 25_000);
      if (at > end) return;
      scheduler.plan(at, null, () => {
        this.#act();
        next();
      });
    };
    next();
  }

  /** Whether nothing more can come of what is open: it is all set aside. */
  isAllThatIsOpen(): boolean {
    return [...this.#world.store.open].every((id) => this.touched.has(id));
  }

  /** Whether anything of a request is, or was once, older than it should be, or not ours. */
  hasChanged(id: string): boolean {
    return this.touched.has(id) || this.everOlder.has(id);
  }

  /** Whether a queue job is not ours. Its request may be brought to its end all the same, by whoever had it in hand. */
  isSetAside({ id, state }: Pick<QueueJob, "id" | "state">): boolean {
    return this.touched.has(id) || (state === "failed" && this.#altered.has(id));
  }

  #act(): void {
    const [kind, act] = this.#random.pick(Object.entries(this.#acts));
    if (!act()) return;
    this.#tell(`an outsider ${kind}`);
    this.counts.set(kind, (this.counts.get(kind) ?? 0) + 1);
  }

  readonly #acts = {
    "alters a record": (): boolean => {
      const { store } = this.#world;
      const id = this.#anOpen();
      const kept = id === null ? undefined : store.records.get(id);
      const record = id === null ? null : store.record(id);
      if (id === null || kept === undefined || record === null) return false;
      // agreed to and about to run, or running already: whatever would do most
      const json = JSON.stringify(this.#random.happens(0.5) ? approved(record) : running(record));
      const rev = this.#random.happens(0.5) ? kept.rev : kept.rev + this.#random.whole(1, 5);
      const seal = this.#random.happens(0.5) ? kept.seal : THEIRS.of({ kind: "record", id, rev }, json);
      store.records.set(id, { json, rev, seal });
      this.touched.add(id);
      return true;
    },
    "makes up a request": (): boolean => {
      const { store, flink } = this.#world;
      const [job] = flink.alive();
      const like = [...store.records.keys()].map((one) => store.record(one)).find((r) => r !== null);
      if (job === undefined || like == null || like === undefined) return false;
      const id = this.#newId();
      const target = { kind: "job" as const, cluster: "prod", jobId: job.jobId, name: job.name };
      const record = approved({ ...like, id, operation: "cancel", args: { job: job.name }, target });
      const json = JSON.stringify(record);
      store.records.set(id, { json, rev: 3, seal: THEIRS.of({ kind: "record", id, rev: 3 }, json) });
      store.open.add(id);
      this.#put(intakeFromRecord(record));
      this.touched.add(id);
      return true;
    },
    "makes up an intake": (): boolean => {
      const id = this.#newId();
      this.#put(intakeOf(id));
      this.touched.add(id);
      return true;
    },
    "alters a queue job": (): boolean => {
      const { queue, store } = this.#world;
      const jobs = [...queue.jobs.values()].filter((j) => j.state === "wait" || j.state === "delayed");
      if (jobs.length === 0) return false;
      const job = this.#random.pick(jobs);
      const json = JSON.stringify({ ...intakeOf(job.id), requestId: job.id });
      job.data = { json, seal: job.data.seal };
      this.#altered.add(job.id);
      // of what is a record the sweeper has the intake again
      if (!store.open.has(job.id)) this.touched.add(job.id);
      return true;
    },
    "brings an older record back": (): boolean => {
      const { store } = this.#world;
      const id = this.#anOpen();
      const older = id === null ? undefined : store.before.get(id);
      if (id === null || older === undefined || this.touched.has(id)) return false;
      store.records.set(id, older);
      // that may be what was forged, where one of ours had written over it
      if (!store.isOurs(id, older)) this.touched.add(id);
      this.everOlder.add(id);
      return true;
    },
    "moves a record to another request": (): boolean => {
      const { store } = this.#world;
      const [id, other] = [this.#anOpen(), this.#anOpen()];
      const kept = other === null ? undefined : store.records.get(other);
      if (id === null || kept === undefined || id === other) return false;
      store.records.set(id, kept);
      this.touched.add(id);
      // what was moved away once may come home, older than what is there by now
      if (store.isOurs(id, kept)) this.everOlder.add(id);
      return true;
    },
    "brings a request that is over back": (): boolean => {
      const { queue } = this.#world;
      const over = [...queue.jobs.values()].filter((j) => j.state === "completed");
      if (over.length === 0) return false;
      queue.again(this.#random.pick(over));
      return true;
    },
  };

  #anOpen(): string | null {
    const ids = [...this.#world.store.open].filter((id) => this.#world.store.records.has(id));
    return ids.length === 0 ? null : this.#random.pick(ids);
  }

  #newId(): string {
    this.#made += 1;
    return `rf${String(this.#made).padStart(30, "0")}`;
  }

  #put(intake: Intake): void {
    this.#world.queue.putRaw("changes", intake.requestId, sealedIntake(THEIRS, intake));
  }
}

const approved = (record: RequestRecord): RequestRecord => ({
  ...record,
  reason: FORGED,
  state: "ready",
  startBy: Number.MAX_SAFE_INTEGER,
  approval: null,
  end: null,
});

const running = (record: RequestRecord): RequestRecord => ({
  ...record,
  reason: FORGED,
  state: "running",
  end: null,
  run: record.run === null ? null : { ...record.run, stage: "sending", lease: null },
});

const intakeOf = (requestId: string): Intake => ({
  v: 1,
  requestId,
  operation: "savepoint",
  args: { job: "orders" },
  cluster: "prod",
  find: "job",
  job: "orders",
  bound: null,
  actor: { user: "U0ANA00001", team: TEAM },
  place: { channel: CHANNEL, thread: null, door: "command" },
  reason: FORGED,
  askedAt: Number.MAX_SAFE_INTEGER,
  parent: null,
});
