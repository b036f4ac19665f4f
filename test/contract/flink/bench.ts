import { flinkAvailable, startFlink } from "../../../playground/flink/launcher.ts";
import { startSimulated } from "../../../playground/flink/simulated/server.ts";
import type { JarOptions } from "../../../playground/flink/simulated/jar.ts";
import type { ClusterConfig } from "../../../src/model/cluster-config.ts";

/**
 * The job's own program; one that knows nothing of its state; one that reads its state as another type; one that fails on
 * every record; one whose main() throws.
 */
export type JarVersion = "own" | "other state" | "other type" | "failing" | "throwing";

/** A Flink to try things on: simulated or real. */
export interface Bench {
  url: string;
  /** A root for savepoints, `file:///...`. */
  savepoints: string;
  /** Resolves once every task runs. */
  job(how: {
    name: string;
    snapshotMs?: number;
    failSnapshot?: boolean;
    noCheckpoints?: boolean;
  }): Promise<string>;
  /** The id of that version as a jar, uploaded when it is first asked for. */
  jar(version: JarVersion): Promise<string>;
  /** Lets a job that runs count events; those that a real one counts come by themselves. */
  count(jobId: string, events: number): Promise<void>;
  /** Whether Flink takes the id of a job that has ended once more. */
  endedIdsAreFree: boolean;
  /** A new JobManager process takes over; resolves once it answers. */
  failOver(): Promise<void>;
  stop(): Promise<void>;
}

export interface BenchMaker {
  /** Null: it can be started; else what to install. */
  missing(): Promise<string | null>;
  start(): Promise<Bench>;
}

/** Of PlaygroundJob.java, with as much state as a hundred keys make. */
const VERTICES = [
  { name: "Source: events", stateBytes: 265 },
  { name: "count", stateBytes: 6_852 },
  { name: "sink: Writer" },
];

const SIMULATED_JARS: Readonly<Record<JarVersion, Partial<JarOptions>>> = {
  own: {},
  "other state": { fits: false },
  "other type": { readsState: false },
  failing: { jobs: { fails: "on every record" } },
  throwing: { mainThrows: 'For input string: "x"' },
};

/** Arguments that a version carries inside; see PlaygroundJob.java. */
const REAL_JARS: Readonly<Record<JarVersion, Readonly<Record<string, string>> | undefined>> = {
  own: undefined,
  "other state": { "uid-suffix": "2" },
  "other type": { "count-type": "string" },
  failing: { "fail-record-every": "1" },
  throwing: { rate: "x" },
};

const simulatedJar = (version: JarVersion): JarOptions => {
  const { jobs, ...jar } = SIMULATED_JARS[version];
  return { name: `${version}.jar`, ...jar, jobs: { vertices: VERTICES, ...jobs } };
};

/** Uploads each version once. */
function jarsOf(upload: (version: JarVersion) => Promise<string>): Bench["jar"] {
  const ids = new Map<JarVersion, Promise<string>>();
  return async (version) => {
    const id = ids.get(version) ?? upload(version);
    ids.set(version, id);
    return await id;
  };
}

export const simulated: BenchMaker = {
  missing: () => Promise.resolve(null),
  async start() {
    const flink = await startSimulated({ slots: 16 });
    return {
      url: flink.url,
      savepoints: "file:///savepoints",
      async job({ failSnapshot, noCheckpoints, ...how }) {
        const words = failSnapshot === true ? "the disk of this job is full" : null;
        return (
          await flink.control.addJob({ ...how, failSnapshot: words, checkpointing: noCheckpoints !== true })
        ).jobId;
      },
      jar: jarsOf(async (version) => (await flink.control.addJar(simulatedJar(version))).id),
      async count(jobId, events) {
        const { counted } = await flink.control.job(jobId);
        await flink.control.changeJob(jobId, { counted: counted + events });
      },
      endedIdsAreFree: false,
      failOver: () => flink.control.failOver({ electionMs: 100 }),
      stop: () => flink.stop(),
    };
  },
};

/** `lib`: folders of more jars for all JVMs. */
export const real = (
  version: "2.3.0" | "1.20.5",
  lib: () => Promise<readonly string[]> = () => Promise.resolve([]),
): BenchMaker => ({
  missing: flinkAvailable,
  async start() {
    const flink = await startFlink({ version, ha: true, slots: 16, lib: await lib() });
    return {
      url: flink.url,
      savepoints: flink.savepointsDir,
      job: (how) => flink.submit(how),
      jar: jarsOf(async (version) => await flink.upload(`${version}.jar`, REAL_JARS[version])),
      count: () => Promise.resolve(),
      // with high availability Flink 1 keeps the result of a job only until it is through with it
      endedIdsAreFree: version === "1.20.5",
      async failOver() {
        await flink.killJobManager();
        await flink.startJobManager();
      },
      stop: () => flink.stop(),
    };
  },
});

/** A cluster as the configuration would describe it. */
export const clusterAt = (url: string, change: Partial<ClusterConfig> = {}): ClusterConfig => ({
  name: "bench",
  label: "Bench",
  url,
  zone: "test",
  changes: true,
  savepointRoots: [],
  defaultFileSystem: null,
  auth: { kind: "none" },
  headers: {},
  ca: null,
  servername: null,
  managedBy: null,
  timeouts: { connectMs: 3_000, readMs: 10_000, changeMs: 20_000, startMs: 60_000 },
  ...change,
});
