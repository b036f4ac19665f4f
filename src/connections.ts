import { randomUUID } from "node:crypto";
import { type Clock, systemClock } from "./platform/clock.ts";
import type { Config } from "./config/config.ts";
import { RedisUnavailable } from "./model/errors.ts";
import { type Measures, UNMEASURED } from "./model/measures.ts";
import { type Traces, UNTRACED } from "./model/traces.ts";
import type { QueueTelemetry } from "./queue/traced.ts";
import type { Refusal } from "./model/report.ts";
import type { Log } from "./platform/log.ts";
import { shownName } from "./model/operation.ts";
import { operations } from "./operations/index.ts";
import { createDrawer } from "./pictures/drawer.ts";
import { lanesOf } from "./queue/lanes.ts";
import { createQueues } from "./queue/queues.ts";
import {
  backOptions,
  type ConnectionOptions,
  connectRedis,
  frontOptions,
  listeningOptions,
  type RedisClient,
  waitingOptions,
} from "./redis/connect.ts";
import { keysUnder } from "./redis/keys.ts";
import { createAnswers } from "./redis/answers.ts";
import { createForged } from "./redis/forged.ts";
import { deadlineIn } from "./redis/deadline.ts";
import { tellOnce } from "./redis/told.ts";
import { createRateLimiter } from "./redis/rate-limiter.ts";
import { startPulse } from "./redis/pulse.ts";
import { createReplication } from "./redis/replication.ts";
import { auditSeal } from "./requests/record/audit.ts";
import { notOursLine, notOursWords } from "./requests/record/not-ours.ts";
import { namingPeople } from "./requests/record/names.ts";
import { intakeFromRecord } from "./requests/record/intake-from-record.ts";
import { measuring } from "./requests/record/measured.ts";
import { recalling } from "./requests/record/recall.ts";
import type { RequestRecord } from "./requests/record/record.ts";
import { createStore, type Store } from "./requests/record/store.ts";
import { createSeal, type NotOurs } from "./platform/seal.ts";
import { createLocalLimiter, type RateLimiter, withLocalLimiter } from "./slack/rate-limits.ts";
import { allGroups } from "./policy/membership.ts";
import { createPolicySource } from "./policy/policy-source.ts";
import { createPeople } from "./slack/people.ts";
import { createConversation } from "./slack/conversation.ts";
import { createRoster } from "./slack/roster.ts";

/**
 * Time limit for shared state in Redis, ms. After it a process acts alone: reports of a hanging Redis must not wait.
 */
const SHARED_MS = 150;

/** The part of one process that the bot and a worker share. */
export type Base = ReturnType<typeof createBase>;

/** The process's name, and how it is watched. */
export interface Watched {
  id?: string;
  clock?: Clock;
  measures?: Measures;
  traces?: Traces;
  telemetry?: QueueTelemetry;
}

/** Opens the connections to Redis and Slack's Web API; `close` ends them all. */
export function createBase(
  config: Config,
  log: Log,
  {
    clock = systemClock,
    id = randomUUID(),
    measures = UNMEASURED,
    traces = UNTRACED,
    telemetry,
  }: Watched = {},
) {
  const keys = keysUnder(config.redis.prefix);
  const clients: RedisClient[] = [];
  const open = (options: ConnectionOptions): RedisClient => {
    const client = connectRedis(options, (error) => pulse.failed(error));
    clients.push(client);
    return client;
  };
  const front = open(frontOptions(config.redis));
  const pulse = startPulse(front, { clock, log });
  const forged = createForged<NotOurs>({
    redis: front,
    keys,
    log,
    entry(found, at) {
      const line = notOursLine(found, at);
      return line === null ? null : { line, seal: auditSeal(seal, line) };
    },
    async tell(found) {
      const { channel } = config.seal;
      if (channel !== null) await conversation(front).notice(channel, notOursWords(found));
    },
  });
  const seal = createSeal(config.seal.keys, (found) => {
    measures.count("flinkops.forged");
    forged.note(found);
  });
  const zones = [...new Set(config.clusters.map((c) => c.zone))];
  const replicas = config.redis.waitReplicas;
  const replication =
    replicas === 0 ? null : createReplication(open(waitingOptions(config.redis)), keys.written, replicas);
  const queues = createQueues({
    client: front,
    prefix: config.redis.prefix,
    zones,
    seal,
    laneOf: lanesOf(operations),
    onError: pulse.failed,
    replication,
    telemetry,
    clock,
  });
  const zoneOf = (cluster: string): string | null =>
    config.clusters.find((c) => c.name === cluster)?.zone ?? null;
  /** Makes the next step of a request due now. Never throws. */
  const wake = async (record: RequestRecord): Promise<void> => {
    const zone = zoneOf(record.target.cluster);
    if (zone !== null) await queues.wake(zone, intakeFromRecord(record));
  };
  const slack = { botToken: config.slack.botToken, apiUrl: config.slack.apiUrl, log, measures, traces };
  const labels = new Map(config.clusters.map((c) => [c.name, c.label]));
  const shown = new Map(operations.map((o) => [o.name, shownName(o)]));
  const installation = {
    deployment: config.deployment.id,
    command: config.slack.command,
    labelOf: (cluster: string) => labels.get(cluster) ?? cluster,
    shownAs: (name: string) => shown.get(name) ?? name,
  };
  const policies = createPolicySource(config.policy);
  const stopping = new AbortController();
  const local = createLocalLimiter(clock);
  const soon = async <T>(work: Promise<T>): Promise<T> =>
    await deadlineIn(SHARED_MS, clock).of(
      work,
      () => new RedisUnavailable("redis did not answer soon", { maybeTaken: true }),
    );
  const limiterOver = (redis: RedisClient): RateLimiter => {
    const shared = createRateLimiter(redis, keys);
    return withLocalLimiter({ take: async (key, turn) => await soon(shared.take(key, turn)) }, local);
  };
  const limiter = limiterOver(front);
  const shared = createAnswers(front, keys);
  const answers = {
    ...shared,
    seal,
    look: async (...asked: Parameters<typeof shared.look>) => await soon(shared.look(...asked)),
  };
  const pictures = createDrawer({ clock });
  const roster = createRoster({ ...slack, answers, limiter, clock });
  const conversation = (redis: RedisClient, patienceMs?: number) =>
    createConversation({
      ...slack,
      roster,
      limiter: limiterOver(redis),
      ...(patienceMs === undefined ? {} : { patienceMs }),
      view: installation,
      signal: stopping.signal,
      draw: async (picture) => await pictures.draw(picture),
      clock,
    });
  return {
    /** Names this process in leases, seats and the audit log. */
    id,
    clock,
    measures,
    traces,
    telemetry,
    keys,
    seal,
    forged,
    front,
    queues,
    installation,
    slack,
    /** Slack's rate limits, shared with all processes while Redis answers. */
    limiter,
    /** People, and their names as last read. */
    ...namingPeople(
      createPeople({
        roster,
        groups: () => allGroups(policies.current()),
        organization: config.slack.organization,
      }),
    ),
    policies,
    /** `patienceMs`: how long an answer to a person may wait for its turn. */
    conversation,
    /**
     * Posts to the approvers' channel what every process would say, once. Throws what Redis and Slack throw.
     */
    async notice(words: Refusal, { once }: { once: string }): Promise<void> {
      const { channel } = config.seal;
      if (channel === null) return;
      await tellOnce(front, keys.told(once), async () => await conversation(front).notice(channel, words));
    },
    back: () => open(backOptions(config.redis)),
    listening: () => open(listeningOptions(config.redis)),
    wake,
    /** A store whose commits also wake the requests that they recall. */
    store(redis: RedisClient): Store {
      const store = createStore({ redis, keys, seal, replication, clock });
      return { ...store, commit: measuring(recalling(store, { wake, log }), measures) };
    },
    zoneOf,
    zones,
    pulse,
    async close() {
      stopping.abort();
      pulse.close();
      await pictures.close();
      await queues.close();
      for (const client of clients) client.disconnect();
    },
  };
}
