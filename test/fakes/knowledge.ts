import type { Lock, LocksView } from "../../src/model/lock.ts";
import { type CatalogueEntry, digested } from "../../src/model/catalog.ts";
import { type FileSystem, samePath, UNKNOWN_FILE_SYSTEM } from "../../src/model/state-path.ts";
import type {
  ClusterSnapshot,
  JobCacheView,
  Knowledge,
  Launched,
  RequestOnName,
  RestorableState,
  RestorableView,
  SeenJob,
  Silence,
} from "../../src/model/knowledge.ts";
import type { SeenVertices } from "../../src/model/planned-job.ts";
import { digestUnder } from "../../src/platform/seal.ts";
import { JOB_ID, T0 } from "./flink-reads.ts";

export const JAR = "1111-orders-1.0.jar";

/** `orders` on `prod`, from the newest of its jars. */
export const anEntry = (over: Partial<CatalogueEntry> = {}): CatalogueEntry => {
  const entry = {
    name: "orders",
    cluster: "prod",
    jar: { newest: "orders-*.jar" },
    entryClass: "com.example.Orders",
    args: ["--topic", "orders"],
    parallelism: null,
    savepointDirectory: null,
    allowNonRestoredState: false,
    ...over,
  };
  return { digests: [digestUnder("of tests", digested(entry))], ...entry };
};

export const aState = (over: Partial<RestorableState> = {}): RestorableState => ({
  isSavepoint: true,
  path: "s3://bucket/savepoints/r1/savepoint-3f9c00-1",
  at: T0 - 40_000,
  sizeBytes: 18_200_000,
  format: "canonical",
  cluster: "prod",
  jobId: JOB_ID,
  jobName: "orders",
  jobState: null,
  by: null,
  link: null,
  drained: false,
  kept: "yours",
  ...over,
});

/** These states, whatever is asked for. */
export const restorableOf = (
  states: readonly RestorableState[],
  on: FileSystem = UNKNOWN_FILE_SYSTEM,
  vertices: SeenVertices | null = null,
): RestorableView => ({
  of: () => Promise.resolve(states),
  at: (_cluster, path) => Promise.resolve(states.find((s) => samePath(s.path, path, on)) ?? null),
  fileSystem: () => Promise.resolve(on),
  vertices: () => Promise.resolve(vertices),
});

/** Ben stopped `orders` a minute ago. */
export const aStop = (over: Partial<RequestOnName> = {}): RequestOnName => ({
  id: "r1234567",
  headline: "Stop orders",
  actor: "U0BEN00001",
  state: "over",
  jobId: JOB_ID,
  jobName: "orders",
  askedAt: T0 - 90_000,
  launched: [],
  savepoint: "s3://bucket/savepoints/r1/savepoint-3f9c00-1",
  ended: { jobId: JOB_ID, by: "stop", drained: false, at: T0 - 60_000 },
  link: null,
  ...over,
});

/** What flinkops knows, as plain fields: a test sets them. */
export class FakeKnowledge implements Knowledge {
  catalogue: { entries: readonly CatalogueEntry[]; anyJarOn: readonly string[] } = {
    entries: [],
    anyJarOn: [],
  };
  states: readonly RestorableState[] = [];
  /** Of any job, as the job cache last saw them. */
  vertices: SeenVertices | null = null;
  fileSystem: FileSystem = UNKNOWN_FILE_SYSTEM;
  launches: readonly Launched[] = [];
  settings = {
    atOnce: 2,
    healthyWithin: 300_000,
    steadyFor: 5_000,
    staleState: 86_400_000,
    absentFor: 60_000,
  };
  /** Those that stand; a test adds to them. */
  readonly standing: Lock[] = [];
  locks: LocksView = { all: () => Promise.resolve([...this.standing]) };

  get restorable(): RestorableView {
    return restorableOf(this.states, this.fileSystem, this.vertices);
  }

  silent: Silence | null = null;

  silence(): Promise<Silence | null> {
    return Promise.resolve(this.silent);
  }

  seen: readonly SeenJob[] = [];

  lastSeen(): Promise<readonly SeenJob[]> {
    return Promise.resolve(this.seen);
  }

  /** Newest first. */
  requests: readonly RequestOnName[] = [];

  requestsOn(_cluster: string, name: string): Promise<readonly RequestOnName[]> {
    return Promise.resolve(this.requests.filter((r) => r.jobName === name));
  }

  underWayOn(): Promise<readonly RequestOnName[]> {
    return Promise.resolve(this.requests.filter((r) => r.state === "running"));
  }

  launched(_cluster: string, jobId: string): Promise<Launched | null> {
    return Promise.resolve(this.launches.find((l) => l.jobId === jobId) ?? null);
  }
}

/** What was last seen of these clusters. */
export const directoryOf = (clusters: readonly ClusterSnapshot[]): JobCacheView => ({
  clusters: async () => await Promise.resolve(clusters),
  async *inTurn() {
    yield* await Promise.resolve(clusters);
  },
});
