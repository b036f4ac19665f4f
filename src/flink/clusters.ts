import { type Clock, systemClock } from "../clock.ts";
import type { FlinkEffects } from "../operations/effect.ts";
import { createSettings } from "./access.ts";
import { createReads } from "./client.ts";
import type { ClusterConfig } from "./connection.ts";
import { createEffects } from "./effects/index.ts";
import { createHttp } from "./http.ts";
import type { FlinkReads } from "./reads.ts";

/** One cluster: both sides share its connections. */
export interface Cluster {
  config: ClusterConfig;
  reads: FlinkReads;
  effects: FlinkEffects;
}

export interface Clusters {
  /** In the order of the configuration. */
  readonly names: readonly string[];
  /** Null: no such cluster (any more). */
  get(name: string): Cluster | null;
  /** Cuts what is under way. */
  close(): Promise<void>;
}

/** Joins names to connections; opens none before the first call. `retryAfterMs` for tests. */
export function createClusters(
  configs: readonly ClusterConfig[],
  retryAfterMs?: readonly number[],
  clock: Clock = systemClock,
): Clusters {
  const open = configs.map((config) => {
    const http = createHttp(config, retryAfterMs, clock);
    const { settings, processes } = createSettings(http, config.name, clock);
    const reads = createReads(config, http, settings, { clock, processes });
    const effects = createEffects({ config, http, clock, reads, settings, processes });
    return { http, cluster: { config, reads, effects } };
  });
  const byName = new Map(open.map(({ cluster }) => [cluster.config.name, cluster]));
  return {
    names: configs.map((c) => c.name),
    get: (name) => byName.get(name) ?? null,
    async close() {
      await Promise.all(open.map(({ http }) => http.close()));
    },
  };
}
