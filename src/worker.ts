import type { Base } from "./connections.ts";
import { type Config, isServed, type Roles } from "./config/config.ts";
import { createJobCache } from "./job-cache/job-cache.ts";
import { createLastSeen, createSilence } from "./job-cache/last-seen.ts";
import { startReader } from "./job-cache/reader.ts";
import { createStates } from "./job-cache/states.ts";
import { createAudit } from "./audit-worker.ts";
import { createClusters } from "./flink/clusters.ts";
import type { Log } from "./platform/log.ts";
import { operations } from "./operations/index.ts";
import { startBeats } from "./queue/beats.ts";
import { type Lane, LANES } from "./queue/lanes.ts";
import { answerRead } from "./queue/read.ts";
import { startSweeper } from "./queue/sweep.ts";
import { traceSpawned, tracedStep } from "./queue/traced.ts";
import { createWatches } from "./queue/watches.ts";
import { startWorker } from "./queue/worker.ts";
import { inZone } from "./queue/zones.ts";
import { listen } from "./redis/listen.ts";
import { timedBy } from "./redis/pulse.ts";
import type { Engine } from "./requests/ports/engine.ts";
import { createLaunchHistory } from "./requests/record/launch-history.ts";
import { createLocks } from "./requests/record/locks.ts";
import { measuredCards } from "./requests/card/measured.ts";
import { Presenter } from "./requests/card/presenter.ts";
import type { Intake } from "./requests/record/record.ts";
import type { Held } from "./requests/record/store.ts";
import { createRequestsOn } from "./requests/record/requests-on.ts";
import { createRestorableView } from "./requests/record/restorable.ts";
import { createChildren } from "./requests/steps/children.ts";
import { step } from "./requests/steps/step.ts";

/** How many requests of each lane are processed at the same time in each zone. */
const AT_ONCE: Readonly<Record<Lane, number>> = {
  "break-glass": 10,
  brakes: 20,
  changes: 50,
  reads: 20,
};

/** The worker: makes all calls to Flink and shows all cards, for the clusters of its zone. */
export function createWorker(config: Config, base: Base, { log, roles }: { log: Log; roles: Roles }) {
  const { id, clock, measures, traces, telemetry, keys, seal, queues, people, policies, wake } = base;
  const { timings } = config;
  const redis = base.back();
  const served = config.clusters.filter((c) => isServed(c.zone, roles));
  // the process that asks Flink about an effect may not be the one that sent it
  const clusters = createClusters(served, undefined, { clock: timedBy(clock, base.pulse), measures, traces });
  const jobCache = createJobCache({ redis, keys, seal, configured: config.clusters, clock });
  const store = base.store(redis);
  const restorable = createRestorableView({
    clusters: config.clusters,
    jobCache,
    states: createStates(redis, keys, seal),
    store,
    keys,
    linkOf: () => null,
  });
  const conversation = measuredCards(base.conversation(redis), { measures, now: () => base.pulse.now() });
  const link = async (requestId: string): Promise<string | null> => {
    const first = (await store.cards(requestId)).messages[0];
    return first === undefined ? null : await conversation.link(first.card);
  };
  const requestsOn = createRequestsOn({ store, keys, link });
  const zoneOf = (cluster: string): string => base.zoneOf(cluster) ?? "";
  const shown = {
    store,
    operations: new Map(operations.map((operation) => [operation.name, operation])),
    conversation,
    get policy() {
      return policies.current();
    },
    responseUrl: async (requestId: string) => await redis.get(keys.responseUrl(requestId)),
    log,
    measures,
    traces,
    labelOf: base.installation.labelOf,
    worker: id,
  };
  const audit = createAudit(config, base, { redis, conversation, worker: id, log });
  const presenter = new Presenter({ engine: shown, clock, wake: (record) => void wake(record) });
  const engine: Engine = {
    ...shown,
    present: (held) => presenter.present(held),
    get policy() {
      return policies.current();
    },
    people,
    link,
    cluster: (name, lane) => clusters.get(name, lane) ?? undefined,
    known: {
      catalogue: config.catalogue,
      restorable,
      locks: createLocks({ redis, keys, seal }),
      launched: createLaunchHistory(store, keys),
      silence: createSilence(jobCache, requestsOn.requestsOn),
      lastSeen: createLastSeen(jobCache),
      ...requestsOn,
      settings: { ...timings, atOnce: config.atOnce },
    },
    audited: audit.gate,
    nameOf: base.nameOf,
    children: createChildren(store, timings),
    wake,
    spawn: async (cluster, intakes) => {
      await queues.addAll(zoneOf(cluster), intakes);
      await traceSpawned(intakes, traces);
    },
    spawned: async (cluster, ids) => await queues.has(zoneOf(cluster), ids),
    timings: { ...timings, flinkTimeout: timings.flinkChangeTimeout },
    mostOpen: config.mostOpen,
  };
  const watches = createWatches({
    isInProgress: async (cluster, operation) =>
      (await clusters.get(cluster, "watch")?.reads.isInProgress(operation)) ?? false,
    wake: async (intake) => await queues.wake(zoneOf(intake.cluster), intake),
    timings,
    clock,
  });
  const zones = [...new Set(served.map((c) => c.zone))];
  const options = {
    at: config.redis,
    prefix: config.redis.prefix,
    seal,
    lock: timings.lock,
    stalled: timings.stalled,
    telemetry,
    log,
    clock,
    onError: base.pulse.failed,
    watches,
  };
  // a copy, so that one policy decides a step from its beginning to its end
  const stepOf = (lane: Lane) =>
    lane === "reads"
      ? async (intake: Intake) => await answerRead({ ...engine }, intake)
      : async (intake: Intake, last?: Held) => await step({ ...engine }, intake, last);
  const isRunning = (): boolean => workers.length > 0 && workers.every((w) => w.running());
  let running: { close(): Promise<void> }[] = [];
  let workers: ReturnType<typeof startWorker>[] = [];
  return {
    start() {
      workers = zones.flatMap((zone) => {
        const own = inZone(zone, { zoneOf: base.zoneOf, queues, log, clock });
        return LANES.map((lane) =>
          startWorker({
            ...options,
            zone,
            lane,
            concurrency: AT_ONCE[lane],
            step: own(tracedStep(stepOf(lane), traces)),
          }),
        );
      });
      const reads = served.flatMap((c) => clusters.get(c.name, "background")?.reads ?? []);
      running = [
        startReader({
          redis,
          keys,
          jobCache,
          clusters: reads,
          worker: id,
          idle: timings.directoryIdle,
          watched: timings.directoryWatched,
          states: createStates(redis, keys, seal),
          everyState: timings.directoryStates,
          onWaited: (hint) =>
            listen(base.listening(), keys.waited, {
              heard: hint,
              refused: (error) =>
                log.warn({ reason: error.message }, "redis refused the subscription to hints"),
            }),
          log,
          clock,
        }),
        startSweeper({
          redis,
          keys,
          store,
          queues,
          zones,
          zoneOf: base.zoneOf,
          worker: id,
          every: timings.sweep,
          log,
          clock,
        }),
        audit.start(),
        startBeats({ redis, keys, zones, worker: id, alive: isRunning, clock }),
      ];
    },
    async stop() {
      // close everything at once, so that the next worker need not wait for leases to expire
      const closed = [...running, ...workers].map(async (one) => await one.close());
      await Promise.allSettled([...closed, watches.close()]);
      await presenter.stop();
      await clusters.close();
    },
    probes: [{ name: "worker", ok: isRunning }],
  };
}
