import { randomUUID } from "node:crypto";
import type { Base } from "./base.ts";
import { type Config, isServed, type Roles } from "./config/config.ts";
import { createDirectory } from "./directory/directory.ts";
import { createLastSeen } from "./directory/last-seen.ts";
import { startReader } from "./directory/reader.ts";
import { createStates } from "./directory/states.ts";
import { createClusters } from "./flink/clusters.ts";
import type { Log } from "./log.ts";
import { operations } from "./operations/index.ts";
import { answerRead } from "./queue/read.ts";
import { startSweeper } from "./queue/sweep.ts";
import { startWorker } from "./queue/worker.ts";
import type { Engine } from "./requests/engine.ts";
import { createLaunches } from "./requests/launches.ts";
import { createRequestsOn } from "./requests/requests-on.ts";
import { createRestorableView } from "./requests/restorable.ts";
import { step } from "./requests/step.ts";
import { createStore } from "./requests/store.ts";

const CHANGES_AT_ONCE = 50;
const READS_AT_ONCE = 20;

/** The back: everything that touches Flink and every card, for the clusters of its zone. */
export function createWorker(config: Config, log: Log, roles: Roles, base: Base) {
  const { clock, keys, queues, people } = base;
  const { timings } = config;
  const redis = base.back();
  const served = config.clusters.filter((c) => isServed(c.zone, roles));
  const clusters = createClusters(served, undefined, clock);
  const directory = createDirectory(redis, keys, config.clusters, clock);
  const store = createStore(redis, keys, config.redis.waitReplicas, clock);
  const id = randomUUID();
  const restorable = createRestorableView({
    clusters: config.clusters.map((c) => c.name),
    directory,
    states: createStates(redis, keys),
    store,
    keys,
    linkOf: () => null,
  });
  const conversation = base.conversation(redis);
  const link = async (requestId: string): Promise<string | null> => {
    const first = (await store.cards(requestId)).messages[0];
    return first === undefined ? null : await conversation.link(first.card);
  };
  const zoneOf = (cluster: string): string => base.zoneOf(cluster) ?? "";
  const engine: Engine = {
    store,
    rows: new Map(operations.map((row) => [row.name, row])),
    policy: config.policy,
    people,
    conversation,
    link,
    cluster: (name, lane) => clusters.get(name, lane) ?? undefined,
    unreachableSince: async (cluster) =>
      (await directory.peek([cluster])).get(cluster)?.unreachableSince ?? null,
    responseUrl: async (requestId) => await redis.get(keys.responseUrl(requestId)),
    known: {
      catalogue: config.catalogue,
      restorable,
      launched: createLaunches(store, keys),
      lastSeen: createLastSeen(directory),
      ...createRequestsOn({ store, keys, link }),
      settings: { ...timings, atOnce: config.atOnce },
    },
    wake: async (cluster, requestId) => await queues.wake(zoneOf(cluster), requestId),
    spawn: async (cluster, intakes) => await queues.addAll(zoneOf(cluster), intakes),
    spawned: async (cluster, ids) => await queues.has(zoneOf(cluster), ids),
    timings: { ...timings, flinkTimeout: timings.flinkChangeTimeout },
    log,
    worker: id,
  };
  const zones = [...new Set(served.map((c) => c.zone))];
  const options = {
    url: config.redis.url,
    prefix: config.redis.prefix,
    lock: timings.lock,
    stalled: timings.stalled,
    log,
    clock,
  };
  let running: { close(): Promise<void> }[] = [];
  let workers: ReturnType<typeof startWorker>[] = [];
  return {
    start() {
      workers = zones.flatMap((zone) => [
        startWorker({
          ...options,
          zone,
          kind: "changes",
          concurrency: CHANGES_AT_ONCE,
          step: async (i) => await step(engine, i),
        }),
        startWorker({
          ...options,
          zone,
          kind: "reads",
          concurrency: READS_AT_ONCE,
          step: async (i) => await answerRead(engine, i),
        }),
      ]);
      const reads = served.flatMap((c) => clusters.get(c.name, "background")?.reads ?? []);
      running = [
        startReader({
          redis,
          keys,
          directory,
          clusters: reads,
          worker: id,
          idle: timings.directoryIdle,
          watched: timings.directoryWatched,
          states: createStates(redis, keys),
          everyState: timings.directoryStates,
          log,
          clock,
        }),
        startSweeper({
          redis,
          keys,
          store,
          queues,
          zoneOf: (c) => (zones.includes(base.zoneOf(c) ?? "") ? base.zoneOf(c) : null),
          worker: id,
          every: timings.sweep,
          log,
          clock,
        }),
      ];
    },
    async stop() {
      await Promise.allSettled(workers.map(async (w) => await w.close()));
      await Promise.allSettled(running.map(async (r) => await r.close()));
      await clusters.close();
    },
    probes: [{ name: "worker", ok: () => workers.length > 0 && workers.every((w) => w.running()) }],
  };
}
