import { systemClock } from "./clock.ts";
import type { Config } from "./config/config.ts";
import { createSeenProbe } from "./health.ts";
import type { Log } from "./log.ts";
import { draw } from "./pictures/draw.ts";
import { createQueues } from "./queue/queues.ts";
import {
  backOptions,
  connectRedis,
  frontOptions,
  type RedisClient,
  replicatedTo,
  untilReady,
} from "./redis/connect.ts";
import { keysUnder } from "./redis/keys.ts";
import { createPace } from "./redis/pace.ts";
import { createPeople } from "./slack/people.ts";
import { createConversation } from "./slack/post.ts";

/** What the bot and a worker share in one process. */
export type Base = ReturnType<typeof createBase>;

/** Opens the connections to Redis and Slack's Web API; `close` ends them all. */
export function createBase(config: Config, log: Log, clock = systemClock) {
  const keys = keysUnder(config.redis.prefix);
  let lastError = Number.NEGATIVE_INFINITY;
  const onError = (error: Error): void => {
    if (clock.monotonic() - lastError < 1000) return;
    lastError = clock.monotonic();
    log.warn({ err: error }, "redis is not available");
  };
  const clients: RedisClient[] = [];
  const open = (client: RedisClient): RedisClient => {
    clients.push(client);
    return client;
  };
  const front = open(connectRedis(frontOptions(config.redis.url), onError));
  const zones = [...new Set(config.clusters.map((c) => c.zone))];
  const replicas = config.redis.waitReplicas;
  const replicated = replicas === 0 ? null : async () => await replicatedTo(front, keys.written, replicas);
  const queues = createQueues(config.redis.url, config.redis.prefix, zones, onError, { replicated, clock });
  const slack = { botToken: config.slack.botToken, apiUrl: config.slack.apiUrl, log };
  const installation = {
    deployment: config.deployment.id,
    command: config.slack.command,
  };
  const labels = new Map(config.clusters.map((c) => [c.name, c.label]));
  const { view, operate, approve } = config.policy;
  const groups = [...new Set([view, operate, approve].flatMap((set) => set?.groups ?? []))];
  const stopping = new AbortController();
  const probe = createSeenProbe("redis", 10_000, clock);
  const unwatch = clock.every(2000, () => {
    void front.ping().then(
      () => probe.seen(),
      () => undefined,
    );
  });
  void untilReady(front, 5000, clock).then((ready) => ready && probe.seen());
  return {
    clock,
    keys,
    front,
    queues,
    installation,
    slack,
    people: createPeople({ ...slack, groups, clock }),
    conversation: (redis: RedisClient) =>
      createConversation({
        ...slack,
        pace: createPace(redis, keys),
        view: { ...installation, labelOf: (cluster) => labels.get(cluster) ?? cluster },
        signal: stopping.signal,
        draw,
        clock,
      }),
    back: () => open(connectRedis(backOptions(config.redis.url), onError)),
    zoneOf: (cluster: string) => config.clusters.find((c) => c.name === cluster)?.zone ?? null,
    redisProbe: probe,
    async close() {
      stopping.abort();
      unwatch();
      await queues.close();
      for (const client of clients) client.disconnect();
    },
  };
}
