import { mkdtemp, readdir, rm, stat } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { setTimeout as pause } from "node:timers/promises";
import { type RealFlink, startFlink } from "../flink/launcher.ts";
import { freePort } from "../processes.ts";
import { startHdfs } from "../storage/hdfs.ts";
import type { DemoFlink } from "./flink.ts";
import { DEMO_JOBS, DEMO_SLOTS, type Difference, jarOf } from "./jobs.ts";
import type { Screen } from "./screen.ts";

export const VERSION = "2.3.0";
export const CHECKPOINT_EVERY_MS = 15_000;

/** Arguments that a version carries inside; see PlaygroundJob.java. */
const OWN: Readonly<Record<Difference, Readonly<Record<string, string>>>> = {
  "one more vertex": { pass: "true" },
  "another uid": { "uid-suffix": "2" },
  "another type of state": { "count-type": "string" },
  // between two of its restarts a checkpoint could complete, and then flinkops would ask before it rolls back
  "fails on every record": { "fail-record-every": "1", "fail-snapshot": "true" },
};

const CONFIG = {
  "execution.checkpointing.interval": `${CHECKPOINT_EVERY_MS / 1000}s`,
  // or the snapshots of the slow one would take minutes
  "taskmanager.network.memory.buffer-debloat.enabled": "true",
};

const session = (flink: RealFlink): Pick<DemoFlink, "url" | "real" | "jobs" | "submit" | "upload"> => ({
  url: flink.url,
  real: true,
  jobs: DEMO_JOBS,
  submit: async (job) => void (await flink.submit(job.runs, { jar: await flink.upload(jarOf(job)) })),
  upload: async (_, { jar, is }) => void (await flink.upload(jar, OWN[is])),
});

export async function startSession(): Promise<DemoFlink> {
  const flink = await startFlink({ version: VERSION, slots: DEMO_SLOTS, config: CONFIG });
  return {
    ...session(flink),
    words: `Flink ${VERSION}, session cluster`,
    savepoints: flink.savepointsDir,
    stop: async () => await flink.stop(),
  };
}

/** The same with its state on a real HDFS. */
export async function startOnHdfs(): Promise<DemoFlink> {
  const hdfs = await startHdfs();
  try {
    const config = { ...CONFIG, ...hdfs.flink };
    const [flink] = await Promise.all([
      startFlink({ version: VERSION, slots: DEMO_SLOTS, config, ...hdfs.jvms }),
      hdfs.ready(),
    ]);
    return {
      ...session(flink),
      words: `Flink ${VERSION}, session cluster with its state on HDFS (${hdfs.url})`,
      savepoints: "hdfs:///user/flink/savepoints",
      async stop() {
        await flink.stop();
        await hdfs.stop();
      },
    };
  } catch (error) {
    await hdfs.stop();
    throw error;
  }
}

/** How long after its end an application cluster is deployed again, ms: time to read what the bot says of it. */
const AGAIN_AFTER_MS = 60_000;

/** An application cluster with one job. It ends with it, and is deployed again from its newest state, as a person would. */
export async function startApplication(screen: Screen): Promise<DemoFlink> {
  const dir = await mkdtemp(join(tmpdir(), "flinkops-application-"));
  const restPort = await freePort();
  const [job] = DEMO_JOBS;
  const deploy = async (savepointPath?: string): Promise<RealFlink> =>
    await startFlink({
      version: VERSION,
      slots: 2,
      config: CONFIG,
      dir,
      restPort,
      application: { ...job?.runs, ...(savepointPath === undefined ? {} : { savepointPath }) },
    });
  let flink = await deploy();
  const over = new AbortController();
  const again = async (): Promise<void> => {
    while (!over.signal.aborted) {
      await flink.ended();
      if (over.signal.aborted) return;
      screen.progress(
        `the application cluster has ended with its job; it is deployed again in ${AGAIN_AFTER_MS / 1000} s`,
      );
      await pause(AGAIN_AFTER_MS, undefined, { signal: over.signal });
      await flink.stop();
      const from = await newestState(dir);
      flink = await deploy(from);
      screen.progress(`deployed again${from === undefined ? "" : ` with --fromSavepoint ${from}`}`);
    }
  };
  void again().catch((error: unknown) => {
    if (!over.signal.aborted) screen.problem("deploying the application again", error);
  });
  return {
    url: flink.url,
    real: true,
    words: `Flink ${VERSION}, application cluster of the job orders`,
    savepoints: flink.savepointsDir,
    jobs: [],
    submit: async () => await Promise.resolve(),
    upload: async () => await Promise.resolve(),
    async stop() {
      over.abort();
      await flink.stop();
      await rm(dir, { recursive: true, force: true, maxRetries: 3 });
    },
  };
}

/** The directory of the savepoint or checkpoint that was completed last. */
async function newestState(dir: string): Promise<string | undefined> {
  const files = (await readdir(dir, { recursive: true })).filter((path) => path.endsWith("/_metadata"));
  const dated = await Promise.all(
    files.map(async (path) => ({ path, at: (await stat(join(dir, path))).mtimeMs })),
  );
  const [newest] = dated.toSorted((a, z) => z.at - a.at);
  return newest === undefined ? undefined : `file:${join(dir, newest.path.replace(/\/_metadata$/u, ""))}`;
}
