import { parse } from "yaml";
import { policySchema } from "../../src/config/policy-schema.ts";
import { rulebookOf } from "../../src/config/policy-file.ts";
import type { Refusal, Report } from "../../src/model/report.ts";
import { operations } from "../../src/operations/index.ts";
import { askable } from "../../src/policy/askable.ts";
import { fullMember, type People } from "../../src/policy/person.ts";
import { hashed } from "../../src/policy/hash.ts";
import { allGroups } from "../../src/policy/membership.ts";
import type { Policy } from "../../src/policy/policy.ts";
import { createAccept } from "../../src/queue/accept.ts";
import { createClick } from "../../src/queue/click.ts";
import { createDenial } from "../../src/queue/denial.ts";
import { createDetails } from "../../src/queue/details.ts";
import { lanesOf } from "../../src/queue/lanes.ts";
import { createForeign } from "../../src/queue/foreign.ts";
import { createLocalAnswers } from "../../src/queue/local.ts";
import { createReviews } from "../../src/queue/reviewing.ts";
import type { Queues } from "../../src/queue/queues.ts";
import { answerRead } from "../../src/queue/read.ts";
import { createSuggestions } from "../../src/queue/suggestion.ts";
import { keysUnder } from "../../src/redis/keys.ts";
import type { Inbox } from "../../src/requests/ports/inbox.ts";
import { intakeFromRecord } from "../../src/requests/record/intake-from-record.ts";
import type { Intake, RequestRecord } from "../../src/requests/record/record.ts";
import { createRequestSummaries } from "../../src/requests/record/summaries.ts";
import { step } from "../../src/requests/steps/step.ts";
import { createPeople } from "../../src/slack/people.ts";
import { systemClock } from "../../src/platform/clock.ts";
import { createLog } from "../../src/platform/log.ts";
import { FLINK_OPS, OPERATORS } from "../../playground/slack/workspace-seed.ts";
import type { FakeAnswers } from "../fakes/answers.ts";
import { aJob, FakeFlinkReads, T0 } from "../fakes/flink-reads.ts";
import { anEntry, aState, directoryOf, JAR } from "../fakes/knowledge.ts";
import { anEngine, type TestEngine } from "../requests/an-engine.ts";
import type { Door } from "./doors.ts";
import { POLICY, type Somebody } from "./people.ts";

export const policy: Policy = readPolicy();

function readPolicy(): Policy {
  const all = { clusters: [{ name: "prod", dev: false }], askable: askable(operations) };
  const { rulebook, problems } = rulebookOf(policySchema.parse(parse(POLICY)), all);
  if (problems.length > 0) throw new Error(problems.join("\n"));
  const { tests: _none, ...rules } = rulebook;
  return hashed({ ...rules, devClusters: [], externalChannels: [] });
}

/** The path of the savepoint that people roll back to or delete; `orders` has a newer one. */
export const OLD_STATE = aState().path;
/** How long a change waits for Slack before it is dropped, ms; an-engine.ts sets it. */
const START_WITHIN_MS = 600_000;
/** More steps than any request of the matrix takes until it waits, ends or has called Flink. */
const MOST_STEPS = 40;

/** One cell's flinkops: the real inbox, engine and people over a Redis and a Flink in memory. */
export class House {
  readonly test: TestEngine;
  readonly inbox: Inbox;
  readonly #told: (Report | Refusal)[] = [];
  readonly #answers: FakeAnswers;
  /** How much of each there was before. */
  #before = { entries: 0, calls: 0, answers: 0, intakes: 0 };
  /** How many calls there were of requests that ended since: what they did is not waited for. */
  #callsOver = 0;
  readonly #intakes = new Map<string, Intake>();
  /** Whom Slack knows; until somebody acts, everybody is who they are said to be. */
  readonly #people: People;

  constructor({ roster, answers }: Pick<Door, "roster" | "answers">) {
    this.#answers = answers;
    this.#people = createPeople({ roster, organization: "workspace", groups: () => allGroups(policy) });
    this.test = anEngine(null);
    const { conversation, engine, known, reads, store } = this.test;
    const answer = conversation.answer.bind(conversation);
    conversation.answer = async (to, what) => {
      this.#told.push(what);
      await answer(to, what);
    };
    engine.operations = new Map(operations.map((operation) => [operation.name, operation]));
    engine.policy = policy;
    engine.people = this.#people;
    known.catalogue = { entries: [anEntry()], anyJarOn: [] };
    known.states = [aState(), aState({ path: "s3://bucket/savepoints/r2/savepoint-2", at: T0 - 1000 })];
    reads.theJars = [{ id: JAR, name: "orders-1.0.jar", uploadedAt: T0 - 7_200_000, entryClasses: [] }];
    store.clock = T0;
    answers.now = T0;
    this.inbox = this.#bot();
  }

  /** Time passes, for Redis and for Slack's answers that are kept there. */
  pass(ms: number): void {
    this.test.store.clock += ms;
    this.#answers.now = this.test.store.clock;
  }

  /** Reads everything about a person, as an earlier request would have. */
  async readBefore({ actor }: Somebody): Promise<void> {
    await this.#people.lookup(actor);
  }

  /** Somebody has asked to stop `payments`, and it waits for approval. */
  async waiting(owner: Somebody): Promise<RequestRecord> {
    this.test.reads.theJob = aJob(PAYMENTS);
    await this.#didBefore(owner, "stop payments");
    const record = (await this.asked()).at(-1);
    if (record?.state !== "awaiting") throw new Error(`stop payments does not wait: ${record?.state}`);
    return record;
  }

  /** Somebody has cancelled `payments` with break-glass, and nobody has reviewed it. */
  async used(owner: Somebody): Promise<RequestRecord> {
    const { reads, store } = this.test;
    const { theJob } = reads;
    reads.theJob = aJob(PAYMENTS);
    await this.#didBefore(owner, "cancel payments --break-glass pager");
    const record = (await this.asked()).at(-1);
    if (record === undefined || this.calls === 0) throw new Error("cancel payments has not called Flink");
    reads.theJob = aJob({ ...PAYMENTS, state: "CANCELED", endedAt: T0 });
    this.#callsOver = this.#calls;
    await this.work();
    reads.theJob = theJob;
    const over = store.get(record.id);
    if (over.end?.ending !== "ran") throw new Error(`cancel payments is not over: ${over.state}`);
    return over;
  }

  /** Somebody has locked `orders`. */
  async locked(owner: Somebody): Promise<void> {
    await this.#didBefore(owner, "lock prod/orders maintenance");
    if (this.test.store.locks.all().length !== 1) throw new Error("orders is not locked");
  }

  /** Somebody did this when they were a full member and an operator, whoever they are now. */
  async #didBefore({ actor }: Somebody, text: string): Promise<void> {
    const { engine } = this.test;
    engine.people = {
      lookup: async () => await Promise.resolve({ ...fullMember(actor), groups: new Set([OPERATORS]) }),
    };
    const place = { channel: FLINK_OPS, thread: null, door: "command" } as const;
    const source = `before: ${text}`;
    const said = await this.inbox.say({ text, actor, place, source, responseUrl: null, at: T0 });
    if (said.is === "later") await said.answer();
    await this.work();
    engine.people = this.#people;
  }

  /** Worker and presenter go on with everything until it waits, ends or has called Flink. */
  async work(): Promise<void> {
    const { engine, presenter, store } = this.test;
    const laneOf = lanesOf(operations);
    for (const intake of this.#intakes.values()) {
      for (let n = 0; ; n += 1) {
        const isRead = laneOf(intake) === "reads";
        const next = await (isRead ? answerRead(engine, intake) : step(engine, intake));
        await presenter.settled();
        const { record } = await store.load(intake.requestId);
        if (next.is === "done" || this.#rests(record)) break;
        if (n > MOST_STEPS) throw new Error(`${intake.operation} goes round in circles`);
        // nobody can be looked up: it waits until it is too late
        this.pass(record === null ? START_WITHIN_MS / 4 : Math.min(next.inMs, 250));
      }
    }
  }

  /** Whether nothing more happens by itself, or all that the matrix asks has. */
  #rests(record: RequestRecord | null): boolean {
    if (this.#calls > this.#callsOver) return true;
    if (record === null) return false;
    const isWatching = record.class === "view" && record.state === "running";
    return record.state === "awaiting" || record.end !== null || isWatching;
  }

  /** What happened until now is not asked for. */
  forget(): void {
    const { store } = this.test;
    const counts = { answers: this.#told.length, intakes: this.#intakes.size };
    this.#before = { ...counts, entries: store.audit.length, calls: this.#calls };
  }

  /** The entries of the audit log. */
  get entries(): readonly string[] {
    return this.test.store.audit.slice(this.#before.entries);
  }

  /** How often Flink was told to change something, or a request was started for one of its jobs. */
  get calls(): number {
    return this.#calls - this.#before.calls;
  }

  /** What the worker answered, in turn. */
  get answers(): readonly (Report | Refusal)[] {
    return this.#told.slice(this.#before.answers);
  }

  /** There were requests before, and no new ones. */
  get isAgain(): boolean {
    return this.#before.intakes > 0 && this.#intakes.size === this.#before.intakes;
  }

  /** The records of the requests, in their order. */
  async asked(): Promise<readonly RequestRecord[]> {
    const ids = [...this.#intakes.keys()].slice(this.#before.intakes);
    return (await this.test.store.loadMany(ids)).map(({ record }) => record);
  }

  get #calls(): number {
    const { effects, spawned } = this.test;
    return effects.performed.length + spawned.length;
  }

  #bot(): Inbox {
    const { engine, known, store, conversation } = this.test;
    const log = createLog("silent");
    const keys = keysUnder("{matrix}");
    const queues: Pick<Queues, "add"> = {
      add: async (_zone, intake) => {
        // as BullMQ, which keeps the first job of an id
        if (!this.#intakes.has(intake.requestId)) this.#intakes.set(intake.requestId, intake);
        return await Promise.resolve();
      },
    };
    // a click wakes the request, and the worker runs once it has its answer
    const wake = async (record: RequestRecord): Promise<void> => {
      if (!this.#intakes.has(record.id)) this.#intakes.set(record.id, intakeFromRecord(record));
      return await Promise.resolve();
    };
    const people: People = { lookup: async (actor, how) => await engine.people.lookup(actor, how) };
    const clicks = { store, policy, people, startAfterApproval: 60_000, nameOf: () => null, wake, log };
    const click = createClick({ ...clicks, isBrake: () => false });
    const local = createLocalAnswers({
      operations,
      commandIn,
      policy,
      people,
      conversation,
      clusters: CLUSTERS,
      channels: {},
      locks: store.locks.reached(),
      nameOf: clicks.nameOf,
      wake,
      log,
      now: async () => await store.now(),
      catalogue: known.catalogue,
      jobCache: directoryOf([]),
      requests: createRequestSummaries({
        keys,
        store,
        unbegun: async () => await Promise.resolve([]),
        linkOf: () => null,
      }),
      history: { past: async () => await Promise.resolve({ requests: [], isAll: true, isWhole: true }) },
      restorable: known.restorable,
      store,
      click,
    });
    const { say, press } = createAccept({
      operations,
      commandIn,
      clusters: CLUSTERS,
      channels: {},
      catalogue: known.catalogue,
      reach: async () => await Promise.resolve(),
      glance: async () => await Promise.resolve({ now: store.clock, seen: null, workers: 1 }),
      queues,
      keepResponseUrl: async () => await Promise.resolve(),
      local,
      startWithin: START_WITHIN_MS,
      log,
      clock: systemClock,
    });
    return {
      say,
      press,
      click,
      denial: createDenial(clicks),
      suggesting: createSuggestions({ ...clicks, operations }),
      reviewing: createReviews(clicks),
      foreign: createForeign({ store, log }),
      details: createDetails({
        ...clicks,
        clusters: [{ name: "prod" }],
        catalogue: known.catalogue,
        conversation,
      }),
    };
  }
}

const commandIn = (): string => "/flink";
const CLUSTERS = [{ name: "prod", zone: "default", changes: true, managedBy: "none" }] as const;
const PAYMENTS = { jobId: "9a7c0000000000000000000000000002", name: "payments" };

/** `orders` has failed, so that it may be started. */
export function failed(reads: FakeFlinkReads): void {
  reads.theJob = aJob({ state: "FAILED", endedAt: T0 });
}
