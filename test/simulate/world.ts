import { UNMEASURED } from "../../src/model/measures.ts";
import { UNTRACED } from "../../src/model/traces.ts";
import { createLastSeen, createSilence } from "../../src/job-cache/last-seen.ts";
import { clustersOver } from "../../src/flink/clusters.ts";
import type { ClusterConfig } from "../../src/model/cluster-config.ts";
import { createLog } from "../../src/platform/log.ts";
import { operations } from "../../src/operations/index.ts";
import type { Lane } from "../../src/model/flink-reads.ts";
import type { Policy } from "../../src/policy/policy.ts";
import { createAccept } from "../../src/queue/accept.ts";
import { createClick } from "../../src/queue/click.ts";
import { createDenial } from "../../src/queue/denial.ts";
import { createDetails } from "../../src/queue/details.ts";
import { createForeign } from "../../src/queue/foreign.ts";
import { createReviews } from "../../src/queue/reviewing.ts";
import { createSuggestions } from "../../src/queue/suggestion.ts";
import { type Lane as QueueLane, lanesOf } from "../../src/queue/lanes.ts";
import { moveLock } from "../../src/queue/locking.ts";
import { lookUpAsker } from "../../src/requests/steps/asker.ts";
import type { LockMove } from "../../src/model/report.ts";
import type { Queues } from "../../src/queue/queues.ts";
import { sweep } from "../../src/queue/sweep.ts";
import { createWatches } from "../../src/queue/watches.ts";
import { answerRead } from "../../src/queue/read.ts";
import { OpsError, RedisUnavailable } from "../../src/model/errors.ts";
import { isRedisProblem } from "../../src/redis/connect.ts";
import { keysUnder } from "../../src/redis/keys.ts";
import { intakeFromRecord } from "../../src/requests/record/intake-from-record.ts";
import type { Inbox } from "../../src/requests/ports/inbox.ts";
import type { Engine, Next } from "../../src/requests/ports/engine.ts";
import { createLaunchHistory } from "../../src/requests/record/launch-history.ts";
import { Presenter } from "../../src/requests/card/presenter.ts";
import { recalling } from "../../src/requests/record/recall.ts";
import { createRequestsOn } from "../../src/requests/record/requests-on.ts";
import { createRestorableView } from "../../src/requests/record/restorable.ts";
import type { Intake } from "../../src/requests/record/record.ts";
import { createChildren } from "../../src/requests/steps/children.ts";
import { step } from "../../src/requests/steps/step.ts";
import type { Held, Store } from "../../src/requests/record/store.ts";
import { createPeople } from "../../src/slack/people.ts";
import { type Agreement, agreementOf } from "./agreement.ts";
import { CATALOGUE, CLUSTER } from "./catalogue.ts";
import { FlinkModel } from "./flink-model.ts";
import { JobCacheModel } from "./job-cache-model.ts";
import { QueueModel } from "./queue-model.ts";
import type { Random } from "./random.ts";
import { type Process, Scheduler } from "./scheduler.ts";
import {
  APPROVERS,
  CHANNEL,
  conversationOver,
  isBrake,
  OPERATORS,
  sharedLimiter,
  sharedRoster,
  SlackModel,
  TEAM,
} from "./slack-model.ts";
import { REDIS, StoreModel } from "./store-model.ts";
import { TermsOf } from "./terms-of.ts";
import { Wire } from "./wire.ts";

export const ZONE = "default";
const T0 = Date.UTC(2026, 0, 5, 3);
/** State that is older takes two people to start from. */
export const STALE_MS = 3_600_000;
const SWEEP_MS = 60_000;
/** In so many of the histories savepoints and checkpoints take so long, ms. */
const LARGE_SHARE = 0.15;
const LARGE_MS = 6000;

/** All in ms; shorter than in production where only the length of a history depends on it. */
export const TIMINGS = {
  startWithin: 100_000,
  startAfterApproval: 60_000,
  approvalExpires: 300_000,
  lease: 10_000,
  flinkTimeout: 20_000,
  parkSlice: 15_000,
  pollMin: 50,
  pollMax: 5000,
  followUp: 30_000,
};
const SETTINGS = {
  atOnce: 2,
  healthyWithin: 15_000,
  steadyFor: 2000,
  staleState: STALE_MS,
  absentFor: 60_000,
};

const CONFIG: ClusterConfig = {
  name: CLUSTER,
  label: CLUSTER,
  url: "http://flink",
  zone: ZONE,
  changes: true,
  savepointRoots: [],
  defaultFileSystem: null,
  auth: { kind: "none" },
  headers: {},
  ca: null,
  servername: null,
  managedBy: null,
  timeouts: { connectMs: 3000, readMs: 10_000, changeMs: 20_000, startMs: 60_000 },
};

/** One of our processes, as it lives now. */
export interface Running {
  process: Process;
  kind: "bot" | "worker";
  inbox: Inbox | null;
  /** Places or lifts a lock for somebody. */
  lock: ((move: LockMove, by: { user: string; source: string }) => Promise<void>) | null;
}

/** Everything of one history: our processes, Redis, Slack, Flink, and the ways between them. */
export class World {
  readonly scheduler: Scheduler;
  readonly random: Random;
  readonly store: StoreModel;
  readonly queue: QueueModel;
  readonly slack: SlackModel;
  readonly flink: FlinkModel;
  readonly wires: { redis: Wire; slack: Wire; flink: Wire };
  readonly running: Running[] = [];
  /** Errors that nobody expects. */
  readonly surprises: string[] = [];
  /** State that lay there before: its path, and when it was written. */
  readonly oldState = new Map<string, number>();
  readonly #keys = keysUnder("{sim}");
  readonly #limiter: ReturnType<typeof sharedLimiter>;
  readonly #roster: ReturnType<typeof sharedRoster>;
  readonly jobCache: JobCacheModel;
  readonly agreement: Agreement;
  readonly terms: TermsOf;
  #sweptUntil = 0;
  readonly #logger = createLog("silent");

  constructor(random: Random) {
    this.random = random;
    this.scheduler = new Scheduler(random.fork("scheduler"), T0);
    this.agreement = agreementOf(random, T0);
    this.terms = new TermsOf(this.agreement.terms, () => this.scheduler.now);
    const redisNow = (): number => this.scheduler.now;
    this.store = new StoreModel("{sim}", redisNow);
    this.queue = new QueueModel(this.scheduler, redisNow);
    this.slack = new SlackModel(redisNow);
    this.#limiter = sharedLimiter(redisNow);
    this.#roster = sharedRoster(this.slack, redisNow);
    const chance = random.fork("wires");
    this.wires = {
      redis: new Wire("redis", this.scheduler, chance),
      slack: new Wire("slack", this.scheduler, chance),
      flink: new Wire("flink", this.scheduler, chance),
    };
    this.jobCache = new JobCacheModel({
      cluster: CLUSTER,
      wire: this.wires.redis,
      scheduler: this.scheduler,
      store: this.store,
    });
    const skew = random.fork("skew").whole(-5000, 5000);
    // chance of its own; one of seconds is watched between steps, and its request is parked
    const snapshotMs = random.fork("snapshots").happens(LARGE_SHARE) ? LARGE_MS : 400;
    this.flink = new FlinkModel(this.scheduler, this.scheduler.process("flink", skew), {
      slots: 10,
      snapshotMs,
    });
  }

  start(kind: "bot" | "worker", name: string, skewMs: number): Running {
    const process = this.scheduler.process(name, skewMs);
    const running: Running = { process, kind, inbox: null, lock: null };
    this.running.push(running);
    this.#begin(running);
    return running;
  }

  /** It dies at once: none of its work continues. */
  kill(running: Running): void {
    running.process.alive = false;
    for (const senders of this.flink.underWay.values()) senders.delete(running.process.name);
    running.process.life += 1;
    running.inbox = null;
    running.lock = null;
  }

  revive(running: Running): void {
    running.process.alive = true;
    this.#begin(running);
  }

  #begin(running: Running): void {
    this.terms.take(running.process.name, this.terms.newest);
    if (running.kind === "bot") Object.assign(running, this.#bot(running.process));
    else this.#worker(running.process);
  }

  /** The same, and the policy that the process has each time it is asked for. */
  #deciding<T extends object>(process: Process, more: T): T & { readonly policy: Policy } {
    const { current } = this.terms;
    return {
      ...more,
      get policy() {
        return current(process.name).policy;
      },
    };
  }

  #shared(process: Process) {
    const { redis, slack } = this.wires;
    const queues = this.queue.over(redis, process, lanesOf(operations));
    const wake: Engine["wake"] = async (record) => await queues.wake(ZONE, intakeFromRecord(record));
    const records = this.store.over(redis, process);
    const store: Store = { ...records, commit: recalling(records, { wake, log: this.#logger }) };
    const people = createPeople({
      roster: this.#roster.over(redis, slack, process),
      organization: "workspace",
      groups: () => [OPERATORS, APPROVERS],
    });
    const conversation = conversationOver({
      slack: this.slack,
      wire: slack,
      process,
      limiter: this.#limiter.over(redis, process),
      log: this.#logger,
    });
    return { store, people, queues, conversation, wake };
  }

  #bot(process: Process): Pick<Running, "inbox" | "lock"> {
    const { store, people, queues, conversation, wake } = this.#shared(process);
    const { say, press } = createAccept({
      operations: operations,
      commandIn: ({ thread }) => (thread === null ? "/flink" : "@flink"),
      clusters: [{ name: CLUSTER, zone: ZONE }],
      channels: {},
      catalogue: CATALOGUE,
      reach: async () => await Promise.resolve(),
      glance: async () =>
        await this.wires.redis.call(
          process,
          () => ({ now: this.scheduler.now, seen: this.jobCache.seen.get(CLUSTER) ?? null, workers: 1 }),
          REDIS,
        ),
      queues,
      keepResponseUrl: async () => await Promise.resolve(),
      local: { answer: async () => await Promise.resolve(null) },
      startWithin: TIMINGS.startWithin,
      log: this.#logger,
      clock: process.clock,
    });
    const clicks = {
      store,
      people,
      startAfterApproval: TIMINGS.startAfterApproval,
      nameOf: () => null,
      wake,
      log: this.#logger,
    };
    const deciding = <T extends object>(more: T) => this.#deciding(process, { ...clicks, ...more });
    const click = createClick(deciding({ isBrake }));
    const denial = createDenial(deciding({}));
    const details = createDetails(deciding({ clusters: [CONFIG], catalogue: CATALOGUE, conversation }));
    const suggesting = createSuggestions(deciding({ operations }));
    const foreign = createForeign({ store, log: this.#logger });
    const reviewing = createReviews(deciding({}));
    const options = deciding({
      clusters: [CONFIG],
      catalogue: CATALOGUE,
      locks: this.store.locksOver(this.wires.redis, process),
      conversation,
    });
    return {
      inbox: { say, press, click, denial, details, foreign, suggesting, reviewing },
      lock: async (move, { user, source }) => {
        try {
          const operation = operations.find((o) => o.name === (move.move === "place" ? "lock" : "unlock"));
          if (operation?.kind !== "local") throw new TypeError(`no operation to ${move.move} a lock`);
          const actor = { user, team: TEAM };
          const place = { channel: CHANNEL, thread: null, door: "command" as const };
          const asked = await lookUpAsker({ people, conversation }, { actor, place });
          const said = { actor, place, source, responseUrl: null, at: this.scheduler.now };
          await moveLock(options, move, { ...asked, said, now: await store.now(), operation, args: {} });
        } catch (error) {
          // the person is told to try again
          if (!isRedisProblem(error) && !(error instanceof OpsError)) this.#surprised(error);
        }
      },
    };
  }

  #worker(process: Process): void {
    const { store, people, queues, conversation, wake } = this.#shared(process);
    const { clock } = process;
    const clusters = clustersOver([CONFIG], {
      clock,
      connect: () => this.flink.connections(this.wires.flink, process),
    });
    const jobCache = this.jobCache.over(process);
    const states = this.jobCache.statesOver(process);
    const restorable = createRestorableView({
      clusters: [CONFIG],
      jobCache,
      states,
      store,
      keys: this.#keys,
      linkOf: () => null,
    });
    const link = async (requestId: string): Promise<string | null> => {
      const first = (await store.cards(requestId)).messages[0];
      return first === undefined ? null : await conversation.link(first.card);
    };
    const requestsOn = createRequestsOn({ store, keys: this.#keys, link });
    const shown = this.#deciding(process, {
      store,
      operations: new Map(operations.map((row) => [row.name, row])),
      conversation,
      responseUrl: async () => await Promise.resolve(null),
      log: this.#logger,
      labelOf: (cluster: string) => cluster,
      worker: `${process.name}-${process.life}`,
      measures: UNMEASURED,
      traces: UNTRACED,
    });
    const presenter = new Presenter({ engine: shown, clock, wake: (record) => void wake(record) });
    const engine: Engine = this.#deciding(process, {
      ...shown,
      present: (held: Held) => presenter.present(held),
      people,
      link,
      wake,
      audited: null,
      nameOf: () => null,
      cluster: (name: string, lane: Lane) => clusters.get(name, lane) ?? undefined,
      known: {
        catalogue: CATALOGUE,
        restorable,
        locks: this.store.locksOver(this.wires.redis, process),
        launched: createLaunchHistory(store, this.#keys),
        silence: createSilence(jobCache, requestsOn.requestsOn),
        lastSeen: createLastSeen(jobCache),
        ...requestsOn,
        settings: SETTINGS,
      },
      children: createChildren(store, TIMINGS),
      spawn: async (_cluster: string, intakes: readonly Intake[]) => await queues.addAll(ZONE, intakes),
      spawned: async (_cluster: string, ids: readonly string[]) => await queues.has(ZONE, ids),
      timings: TIMINGS,
      mostOpen: 1000,
    });
    const watches = createWatches({
      isInProgress: async (cluster, operation) =>
        (await clusters.get(cluster, "watch")?.reads.isInProgress(operation)) ?? false,
      wake: async (intake) => await queues.wake(ZONE, intake),
      timings: TIMINGS,
      clock,
    });
    const stepped = async (lane: QueueLane, intake: Intake, last?: Held): Promise<Next> => {
      const ends = this.terms.begin(process.name, intake.requestId);
      try {
        const one = { ...engine }; // as in src/worker.ts: one policy decides a step from its beginning to its end
        return lane === "reads" ? await answerRead(one, intake) : await step(one, intake, last);
      } catch (error) {
        if (!isRedisProblem(error) && !(error instanceof RedisUnavailable)) this.#surprised(error);
        throw error;
      } finally {
        ends();
      }
    };
    this.queue.work(this.wires.redis, process, { step: stepped, watches });
    const reads = clusters.get(CLUSTER, "background")?.reads;
    if (reads !== undefined) void this.jobCache.read(process, { reads, jobCache, states });
    clock.every(SWEEP_MS, () => void this.#sweep(process, { store, queues }));
  }

  #surprised(error: unknown): void {
    this.surprises.push(error instanceof Error ? `${error.message}\n${error.stack ?? ""}` : String(error));
  }

  async #sweep(process: Process, { store, queues }: { store: Store; queues: Queues }): Promise<void> {
    try {
      const mine = await this.wires.redis.call(
        process,
        () => {
          if (this.scheduler.now < this.#sweptUntil) return false;
          this.#sweptUntil = this.scheduler.now + SWEEP_MS / 2;
          return true;
        },
        REDIS,
      );
      if (!mine) return;
      await sweep({ store, queues, zoneOf: () => ZONE, log: this.#logger }, ZONE);
    } catch {
      // the next sweep makes up for it
    }
  }
}
