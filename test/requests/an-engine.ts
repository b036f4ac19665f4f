import { FlinkUnreachable } from "../../src/errors.ts";
import { createLog } from "../../src/log.ts";
import type { Asked, Effect, FlinkEffects } from "../../src/operations/effect.ts";
import type { Change, Observation, Row } from "../../src/operations/operation.ts";
import type { Cluster, Engine } from "../../src/requests/engine.ts";
import type { Intake } from "../../src/requests/record.ts";
import { aJob, FakeFlinkReads } from "../fakes/flink-reads.ts";
import { FakeKnowledge } from "../fakes/knowledge.ts";
import { FakeStore } from "../fakes/store.ts";

export const JOB_ID = "3f9c0000111122223333444455556666";

/** What Flink does when it is asked or told, settable while a test runs. */
export class FakeEffects implements FlinkEffects {
  readonly performed: { effect: Effect; effectId: string }[] = [];
  /** What asking answers, in turn; then `not`. */
  asked: (Asked | "unreachable")[] = [];
  /** What performing throws, in turn; then it succeeds. */
  throws: Error[] = [];

  anchor(): Promise<{ startTime: number; flinkNow: number }> {
    return Promise.resolve({ startTime: 1, flinkNow: 1 });
  }

  mayTakeMs(): number {
    return 20_000;
  }

  ask(): Promise<Asked> {
    const next = this.asked.shift();
    if (next === "unreachable") return Promise.reject(new FlinkUnreachable("connect ECONNREFUSED", "no"));
    return Promise.resolve(next ?? { is: "not" });
  }

  perform(effect: Effect, effectId: string): ReturnType<FlinkEffects["perform"]> {
    const error = this.throws.shift();
    if (error !== undefined) return Promise.reject(error);
    this.performed.push({ effect, effectId });
    return Promise.resolve({ is: "accepted", answer: null });
  }
}

const effect = (): Promise<Effect> => Promise.resolve({ do: "cancel", jobId: JOB_ID });

export const ID = "r1";
export const ANA = { user: "U0ANA00001", team: "T0HOME0001" };

/** Ana asks to turn orders. */
export const anIntake = (change: Partial<Intake> = {}): Intake => ({
  v: 1,
  requestId: ID,
  operation: "turn",
  args: {},
  cluster: "prod",
  find: "job",
  job: "orders",
  bound: null,
  actor: ANA,
  place: { channel: "C1", thread: null, door: "command" },
  reason: null,
  askedAt: 1_000_000,
  parent: null,
  ...change,
});

/** A change of two phases; `observations` are what observing answers, in turn, then "end". */
export function aChange(observations: (Observation<string> | Error)[] = []): Change<unknown> {
  const observe = (): Promise<Observation<string>> => {
    const next = observations.shift();
    if (next instanceof Error) return Promise.reject(next);
    return Promise.resolve(
      next ?? { kind: "end", report: { outcome: "done", headline: "all done", lines: [] } },
    );
  };
  return {
    kind: "change",
    name: "turn",
    summary: "Turn the job",
    examples: [],
    args: { shape: {} } as never,
    positionals: [],
    class: "operate",
    find: () => ({ find: "job", job: "orders" }),
    allowedIn: "any",
    open: () =>
      Promise.resolve({
        headline: "turn orders",
        losses: [],
        warnings: [],
        details: [],
        binds: null,
        facts: {},
      }),
    first: "one",
    phases: { one: { deadlineMs: 60_000, effect, observe }, two: { deadlineMs: 60_000, effect, observe } },
  };
}

export interface TestEngine {
  engine: Engine;
  store: FakeStore;
  effects: FakeEffects;
  reads: FakeFlinkReads;
  known: FakeKnowledge;
  /** What was posted, in words. */
  posted: string[];
  /** Requests that were started by requests. */
  spawned: Intake[];
  /** Requests that were woken by requests. */
  woken: string[];
}

/** An engine whose outside world is in memory. */
export function anEngine(row: Row | null, clusters: readonly string[] = ["prod"]): TestEngine {
  const store = new FakeStore();
  const effects = new FakeEffects();
  const reads = new FakeFlinkReads();
  reads.theJob = aJob({ jobId: JOB_ID });
  const posted: string[] = [];
  const known = new FakeKnowledge();
  const spawned: Intake[] = [];
  const woken: string[] = [];
  const cluster: Cluster = { reads, effects, config: { name: "prod", changes: true, managedBy: "none" } };
  const engine: Engine = {
    store,
    rows: new Map(row === null ? [] : [[row.name, row]]),
    policy: {
      view: null,
      operate: { groups: [], users: ["U0ANA00001"] },
      approve: null,
      approvalAlso: [],
      externalChannels: [],
    },
    people: {
      lookup: ({ user, team }) =>
        Promise.resolve({
          user,
          team,
          displayName: user,
          member: true,
          deactivated: false,
          bot: false,
          guest: false,
          outsider: false,
          groups: new Set<string>(),
        }),
    },
    conversation: {
      postCard: () => Promise.resolve({ channel: "C1", ts: `${posted.push("card")}.0` }),
      editCard: () => Promise.resolve(void posted.push("edit")),
      reply: () => Promise.resolve(void posted.push("reply")),
      answer: () => Promise.resolve(void posted.push("answer")),
      link: (card) => Promise.resolve(`https://slack.example/${card.ts}`),
      channel: () => Promise.resolve({ member: true, externallyShared: false }),
    },
    cluster: (name) => (clusters.includes(name) ? cluster : undefined),
    unreachableSince: () => Promise.resolve(null),
    responseUrl: () => Promise.resolve(null),
    link: () => Promise.resolve(null),
    wake: ({ id }) => Promise.resolve(void woken.push(id)),
    known,
    spawn: (_cluster, intakes) => Promise.resolve(void spawned.push(...intakes)),
    spawned: (_cluster, ids) =>
      Promise.resolve(ids.every((id) => spawned.some((intake) => intake.requestId === id))),
    timings: {
      startWithin: 600_000,
      startAfterApproval: 60_000,
      approvalExpires: 900_000,
      lease: 10_000,
      flinkTimeout: 20_000,
      parkSlice: 15_000,
      pollMin: 50,
      pollMax: 5000,
      secondLook: 300_000,
    },
    log: createLog("silent"),
    worker: "w1",
  };
  return { engine, store, effects, reads, known, posted, spawned, woken };
}
