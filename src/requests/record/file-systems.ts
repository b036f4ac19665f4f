import type { ClusterConfig } from "../../model/cluster-config.ts";
import type { ClusterSnapshot, RestorableState } from "../../model/knowledge.ts";
import { type FileSystem, hasDefault, learnedDefault, locationOf } from "../../model/state-path.ts";

/** What is configured of a cluster's savepoints. */
export type Savepoints = Pick<ClusterConfig, "name" | "savepointRoots" | "defaultFileSystem">;

type SeenState = Pick<RestorableState, "isSavepoint" | "path">;

/**
 * What is known of a cluster's file systems: from our configuration, else from Flink's, else from the paths of
 * savepoints that Flink answered. Two Redis reads at most.
 */
export function createFileSystems(options: {
  clusters: readonly Savepoints[];
  jobCache: {
    read(clusters: readonly string[]): Promise<ReadonlyMap<string, Pick<ClusterSnapshot, "facts">>>;
  };
  states: { read(cluster: string): Promise<readonly { states: readonly SeenState[] }[]> };
}): (cluster: string) => Promise<FileSystem> {
  return async (cluster) => {
    const config = options.clusters.find((c) => c.name === cluster);
    const facts = (await options.jobCache.read([cluster])).get(cluster)?.facts ?? null;
    const entropyKey = facts?.entropyKey ?? null;
    const named = config?.defaultFileSystem ?? facts?.defaultFileSystem ?? null;
    const directory = facts?.savepointDirectory ?? null;
    const directories = [...(config?.savepointRoots ?? []), ...(directory === null ? [] : [directory])];
    if (named !== null || !directories.some(needsDefault)) return { default: named, entropyKey };
    const kept = await options.states.read(cluster);
    const answered = kept.flatMap((job) => job.states.filter((s) => s.isSavepoint).map((s) => s.path));
    return { default: learnedDefault(directories, answered), entropyKey };
  };
}

function needsDefault(directory: string): boolean {
  const at = locationOf(directory);
  return at !== null && at.authority === "" && hasDefault(at.scheme);
}
