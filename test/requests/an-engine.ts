import { UNMEASURED } from "../../src/model/measures.ts";
import { UNTRACED } from "../../src/model/traces.ts";
import { FlinkUnreachable } from "../../src/model/errors.ts";
import { createLog } from "../../src/platform/log.ts";
import type { Asked, Effect, FlinkCall, FlinkEffects, KeptEffect } from "../../src/model/effect.ts";
import type { Change, Observation, Operation } from "../../src/model/operation.ts";
import type { Cluster, Engine, Next } from "../../src/requests/ports/engine.ts";
import { effectIdOf } from "../../src/requests/record/identity.ts";
import { Presenter } from "../../src/requests/card/presenter.ts";
import type { Intake, RequestRecord, Run } from "../../src/requests/record/record.ts";
import { createChildren } from "../../src/requests/steps/children.ts";
import { step } from "../../src/requests/steps/step.ts";
import { ManualClock } from "../fakes/clock.ts";
import { FakeConversation } from "../fakes/conversation.ts";
import { aJob, FakeFlinkReads } from "../fakes/flink-reads.ts";
import { FakeKnowledge } from "../fakes/knowledge.ts";
import { FakePeople } from "../fakes/people.ts";
import { FakeStore } from "../fakes/store.ts";
import { aRecord, aRun } from "../slack/a-record.ts";
import { aPolicy } from "../fakes/policy.ts";

export const JOB_ID = "3f9c0000111122223333444455556666";

/** What Flink does when it is asked or told, settable while a test runs. */
export class FakeEffects implements FlinkEffects {
  call(effect: KeptEffect, effectId: string): FlinkCall {
    return { method: "POST", path: `/${effect.do}`, body: { triggerId: effectId } };
  }

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
  clock: ManualClock;
  engine: Engine;
  store: FakeStore;
  effects: FakeEffects;
  reads: FakeFlinkReads;
  known: FakeKnowledge;
  people: FakePeople;
  conversation: FakeConversation;
  /** What was posted, in words. */
  posted: string[];
  presenter: Presenter;
  /** Requests that were woken, by another one or because Slack has been shown something of them. */
  woken: string[];
  /** Requests that were started by requests. */
  spawned: Intake[];
}

/** An engine whose outside world is in memory. */
export function anEngine(row: Operation | null, clusters: readonly string[] = ["prod"]): TestEngine {
  const store = new FakeStore();
  const effects = new FakeEffects();
  const reads = new FakeFlinkReads();
  reads.theJob = aJob({ jobId: JOB_ID });
  const people = new FakePeople();
  const conversation = new FakeConversation();
  const clock = new ManualClock();
  const woken: string[] = [];
  const known = new FakeKnowledge();
  known.locks = store.locks.reached();
  const spawned: Intake[] = [];
  const cluster: Cluster = { reads, effects, config: { name: "prod", changes: true, managedBy: "none" } };
  const engine: Engine = {
    store,
    operations: new Map(row === null ? [] : [[row.name, row]]),
    policy: aPolicy({ operate: { groups: [], users: ["U0ANA00001"] } }),
    people,
    conversation,
    present: (held) => presenter.present(held),
    audited: null,
    nameOf: () => null,
    cluster: (name) => (clusters.includes(name) ? cluster : undefined),
    responseUrl: () => Promise.resolve(null),
    link: () => Promise.resolve(null),
    wake: ({ id }) => Promise.resolve(void woken.push(id)),
    known,
    children: createChildren(store, { startWithin: 600_000 }),
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
      followUp: 300_000,
    },
    mostOpen: 20,
    log: createLog("silent"),
    measures: UNMEASURED,
    traces: UNTRACED,
    labelOf: (cluster) => cluster.toUpperCase(),
    worker: "w1",
  };
  const presenter = new Presenter({ engine, clock, wake: ({ id }) => void woken.push(id) });
  const { posted } = conversation;
  return {
    engine,
    presenter,
    clock,
    store,
    effects,
    reads,
    known,
    people,
    conversation,
    posted,
    woken,
    spawned,
  };
}

/**
 * Steps as the worker does, and lets the presenter finish after each, until the request is over or has to wait longer than a
 * moment; a step that something wakes comes back at once.
 */
export async function runSteps(t: TestEngine, intake: Intake): Promise<Next> {
  for (let i = 0; i < 60; i += 1) {
    const before = t.woken.length;
    const next = await step(t.engine, intake);
    await t.presenter.settled();
    if (next.is === "done" || (next.inMs > 250 && !t.woken.slice(before).includes(intake.requestId)))
      return next;
    if (next.inMs <= 250) t.store.clock += next.inMs;
  }
  throw new Error("it goes round in circles");
}

/** That request of Ana's, ready to start unless told otherwise. */
export const aTurn = (change: Partial<RequestRecord>): RequestRecord =>
  aRecord({
    id: ID,
    operation: "turn",
    class: "operate",
    approval: null,
    askedAt: 1_000_000,
    target: { kind: "job", cluster: "prod", jobId: JOB_ID, name: "orders" },
    startBy: 1_600_000,
    intent: { headline: "turn orders", losses: [], warnings: [], details: [], binds: null, facts: {} },
    ...change,
  });

/** Its effect is saved. */
export const aSendingTurn = (change: Partial<Run> = {}): RequestRecord =>
  aTurn({
    state: "running",
    run: aRun({
      phase: "one",
      visit: 0,
      stage: "sending",
      effect: { do: "cancel", jobId: JOB_ID },
      effectId: effectIdOf(ID, "one", 0),
      anchor: { startTime: 1, flinkNow: 1 },
      sent: { is: "none" },
      startedAt: 1_000_000,
      enteredAt: 1_000_000,
      ...change,
    }),
  });
