import { flinkAvailable } from "../flink/launcher.ts";
import type { JarOptions } from "../flink/simulated/jar.ts";
import type { JobOptions } from "../flink/simulated/job.ts";
import { startSimulated } from "../flink/simulated/server.ts";
import { DEMO_JOBS, DEMO_SLOTS, type DemoJob, type DemoVersion, type Difference, jarOf } from "./jobs.ts";
import { CHECKPOINT_EVERY_MS, startApplication, startOnHdfs, startSession, VERSION } from "./real.ts";
import { DemoProblem } from "./redis.ts";
import type { Screen } from "./screen.ts";

/** What the jobs of the demo run on. */
export const DEMO_CLUSTERS = ["session", "simulated", "application", "hdfs"] as const;
export type DemoCluster = (typeof DEMO_CLUSTERS)[number];

/** A cluster with nothing on it yet. */
export interface DemoFlink {
  url: string;
  real: boolean;
  /** What it is, for a person. */
  words: string;
  /** Those that are submitted, and may be started again. */
  jobs: readonly DemoJob[];
  /** Directories that people name must be below this. */
  savepoints: string;
  /** Resolves once it runs. */
  submit(job: DemoJob): Promise<void>;
  /** Another version of its program, ready to be started. */
  upload(job: DemoJob, version: DemoVersion): Promise<void>;
  stop(): Promise<void>;
}

/**
 * The cluster that was asked for. Where there can be no real one, the simulated JobManager takes the session cluster's place
 * (said in one line); of the others, throws with what is missing.
 */
export async function startDemoFlink(screen: Screen, cluster: DemoCluster): Promise<DemoFlink> {
  if (cluster === "simulated") return await startStandIn();
  const missing = await flinkAvailable();
  if (missing !== null && cluster !== "session") throw new DemoProblem(missing);
  if (missing !== null) {
    screen.progress(`${missing}; continuing with the simulated JobManager`);
    return await startStandIn();
  }
  const size = cluster === "hdfs" ? 240 : 90;
  screen.progress(`Flink ${VERSION} is starting (the first start fetches ${size} MB from Maven Central)`);
  if (cluster === "application") return await startApplication(screen);
  if (cluster === "hdfs") return await startOnHdfs();
  try {
    return await startSession();
  } catch (error) {
    screen.problem(`Flink ${VERSION} did not start, continuing with the simulated JobManager`, error);
    return await startStandIn();
  }
}

/** The simulated JobManager, for these jobs. */
export async function startStandIn(jobs: readonly DemoJob[] = DEMO_JOBS): Promise<DemoFlink> {
  const timings = { snapshotMs: 800, stopMs: 300, cancelMs: 500, rescaleMs: 2000, restartMs: 500 };
  const flink = await startSimulated({ version: VERSION, slots: DEMO_SLOTS, timings });
  const timers: NodeJS.Timeout[] = [];
  /** To each job that runs then: those that are started later count too. */
  const every = (ms: number, what: (jobId: string, name: string) => Promise<void>): void => {
    const look = async (): Promise<void> => {
      for (const { jobId, name, state, tasksRunning } of await flink.control.jobs())
        if (state === "RUNNING" && tasksRunning) await what(jobId, name);
    };
    timers.push(setInterval(() => void look().catch(() => undefined), ms));
  };
  every(CHECKPOINT_EVERY_MS, async (jobId) => await flink.control.checkpoint(jobId));
  return {
    url: flink.url,
    real: false,
    words: "simulated JobManager",
    jobs,
    savepoints: "file:///savepoints",
    async submit(job) {
      const { name, parallelism, snapshotMs, failRecordEvery } = job.runs;
      const starts = { vertices: vertices(job), ...(snapshotMs === undefined ? {} : { snapshotMs }) };
      await flink.control.addJar({ name: jarOf(job), jobs: starts });
      const running = starts.vertices.map((vertex) => ({ ...vertex, parallelism }));
      await flink.control.addJob({ name, ...starts, vertices: running });
      if (job.failsEvery === undefined) return;
      const message = `java.lang.IllegalStateException: record ${failRecordEvery} cannot be counted`;
      every(job.failsEvery, async (jobId, failing) => {
        if (failing === name) await flink.control.failJob(jobId, { message });
      });
    },
    upload: async (job, { jar, is }) =>
      void (await flink.control.addJar({ name: jar, ...DIFFERENT[is](vertices(job)) })),
    async stop() {
      for (const timer of timers) clearInterval(timer);
      await flink.stop();
    },
  };
}

type Vertices = NonNullable<JobOptions["vertices"]>;

/** What the simulated JobManager knows of a version, from the vertices of the first one. */
const DIFFERENT: Readonly<Record<Difference, (first: Vertices) => Omit<JarOptions, "name">>> = {
  "one more vertex": (first) => ({ jobs: { vertices: first.toSpliced(-1, 0, { name: "pass" }) } }),
  "another uid": (first) => ({ fits: false, jobs: { vertices: first } }),
  "another type of state": (first) => ({ readsState: false, jobs: { vertices: first } }),
  "fails on every record": (first) => ({ jobs: { fails: "on every record", vertices: first } }),
};

/** The three of our own job; in the slow one, the second holds back the first. */
const vertices = ({
  slow = false,
  runs: { rate = 0 },
}: Pick<DemoJob, "slow"> & { runs: { rate?: number } }) => [
  {
    name: "Source: events",
    stateBytes: 265,
    load: { recordsOut: rate, ...(slow ? { busy: 20, backPressured: 930 } : {}) },
  },
  {
    name: "count",
    stateBytes: 6_852,
    load: { recordsIn: rate, recordsOut: rate, ...(slow ? { busy: 990 } : {}) },
  },
  { name: "sink: Writer", load: { recordsIn: rate } },
];

/** All of them, each from a jar of its own, with their other versions. */
export async function submitAll(flink: DemoFlink, done: (job: DemoJob) => void): Promise<void> {
  const submit = async (job: DemoJob): Promise<void> => {
    const { byName = [], newest } = job.versions ?? {};
    for (const version of byName) await flink.upload(job, version);
    await flink.submit(job);
    if (newest !== undefined) await flink.upload(job, newest);
    done(job);
  };
  await Promise.all(flink.jobs.map(submit));
}
