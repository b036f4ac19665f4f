import { type Clock, systemClock } from "../platform/clock.ts";
import { joined } from "../platform/joined.ts";
import type { FlinkEffects } from "../model/effect.ts";
import { type Access, createSettings, nothingKnown, readJobs, type Side } from "./facts/settings.ts";
import { createFacts, createReads } from "./client.ts";
import type { ClusterConfig } from "../model/cluster-config.ts";
import { createEffects } from "./effects/index.ts";
import { type Connections, createConnections, type Http } from "./rest/http.ts";
import { hurried } from "./rest/hurried.ts";
import { measuredConnections } from "./rest/measured.ts";
import { type Measures, UNMEASURED } from "../model/measures.ts";
import { type Traces, UNTRACED } from "../model/traces.ts";
import { type FlinkReads, LANES, type Lane } from "../model/flink-reads.ts";

/** Time limit for reads whose result is optional, ms. */
const DECORATION_MS = 2000;
/** How long a read of all jobs waits for other callers, so that one call serves them all, ms. */
const SHARED_MS = 50;

/** One cluster over the connections of one lane. All lanes share what is known about the cluster. */
export interface Cluster {
  config: ClusterConfig;
  reads: FlinkReads;
  effects: FlinkEffects;
}

export interface Clusters {
  /** In the order of the configuration. */
  readonly names: readonly string[];
  /** Null: no such cluster, or no longer. */
  get(name: string, lane?: Lane): Cluster | null;
  /** Aborts calls in progress. */
  close(): Promise<void>;
}

/** Creates the clusters; opens no connection before the first call. `retryAfterMs` is for tests. */
export const createClusters = (
  configs: readonly ClusterConfig[],
  retryAfterMs?: readonly number[],
  {
    clock = systemClock,
    measures = UNMEASURED,
    traces = UNTRACED,
  }: { clock?: Clock; measures?: Measures; traces?: Traces } = {},
): Clusters =>
  clustersOver(configs, {
    clock,
    connect: (config) =>
      measuredConnections(createConnections(config, retryAfterMs, clock), {
        cluster: config.name,
        measures,
        traces,
        clock,
      }),
  });

/** The same with other connections. */
export function clustersOver(
  configs: readonly ClusterConfig[],
  { clock, connect }: { clock: Clock; connect: (config: ClusterConfig) => Connections },
): Clusters {
  const open = configs.map((config) => {
    const connections = connect(config);
    const known = nothingKnown();
    const shared = { config, clock, known, starts: connections.lane("start") };
    const side = (http: Http, lane: Lane): Side => {
      const jobs = async () => await readJobs({ config, http });
      return {
        ...shared,
        http,
        ...createSettings({ ...shared, http }),
        // a bulk request reads many jobs at once; urgent operations do not wait for others
        jobs: lane === "change" ? joined(jobs, async () => await clock.sleep(SHARED_MS)) : jobs,
      };
    };
    const background = side(connections.hurried("background", DECORATION_MS), "background");
    const decoration = hurried(createFacts(background), DECORATION_MS, clock);

    const over = (lane: Lane): Cluster => {
      const own = side(connections.lane(lane), lane);
      const reads = createReads(own, decoration);
      const access: Access = {
        ...own,
        reads,
        hurried: side(connections.hurried(lane, DECORATION_MS), lane).processes,
      };
      return { config, reads, effects: createEffects(access) };
    };
    return { connections, name: config.name, lanes: new Map(LANES.map((lane) => [lane, over(lane)])) };
  });
  const byName = new Map(open.map(({ name, lanes }) => [name, lanes]));
  return {
    names: configs.map((c) => c.name),
    get: (name, lane = "read") => byName.get(name)?.get(lane) ?? null,
    async close() {
      await Promise.all(open.map(({ connections }) => connections.close()));
    },
  };
}
