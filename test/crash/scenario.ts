import type { SimulatedFlink } from "../../playground/flink/simulated/server.ts";
import { until } from "../../playground/processes.ts";

/** What a scenario finds before anybody types: by default one running job. */
export interface Setting {
  flink: SimulatedFlink;
  /** Its name; unique to the run. */
  job: string;
  /** What of jobs could be restored, as flinkops keeps it between looks. */
  note(kept: {
    jobId: string;
    state: string;
    path: string;
    isSavepoint: boolean;
    /** How long ago it was complete, ms. */
    ageMs: number;
  }): Promise<void>;
}

/** One operation as people use it, and what it does to Flink when nothing goes wrong. */
export interface Scenario {
  name: string;
  /** `{job}` is the name of a job made for this run, `{savepoint}` what `setUp` returns. */
  command: string;
  approved: boolean;
  /** What Flink has done afterwards, in order. */
  effects: readonly ("rescale" | "savepoint" | "checkpoint" | "stop" | "cancel" | "run" | "dispose")[];
  /** On the card at the end. */
  outcome: RegExp;
  setUp?(setting: Setting): Promise<string | null>;
  /** Jobs of this run that have not ended afterwards. */
  alive: number;
  /** Requests in all, those included that others have started. */
  requests?: number;
  /** Where Flink cannot be asked, it is told once more; the second time there is nothing left to do. */
  mayBeRepeated?: true;
}

const JAR = (job: string, version: string): string => `${job}-${version}.jar`;

/** A job that runs, and the jar that it was started from. */
async function startable({ flink, job }: Setting): Promise<string> {
  await flink.control.addJar({ name: JAR(job, "1"), uploaded: Date.now() - 60_000 });
  return (await flink.control.addJob({ name: job })).jobId;
}

/** A newer version, which fails on every record. */
async function withBrokenVersion(setting: Setting): Promise<null> {
  await startable(setting);
  const { flink, job } = setting;
  await flink.control.addJar({
    name: JAR(job, "2"),
    uploaded: Date.now() + 60_000,
    jobs: { fails: "on every record" },
  });
  return null;
}

/** A newer version, which takes the state of the job. */
async function withNewVersion(setting: Setting): Promise<null> {
  await startable(setting);
  const { flink, job } = setting;
  await flink.control.addJar({ name: JAR(job, "2"), uploaded: Date.now() + 60_000 });
  return null;
}

/** A job that failed, and its last checkpoint. */
async function failed(setting: Setting): Promise<null> {
  const jobId = await startable(setting);
  const { control } = setting.flink;
  await control.failJob(jobId, { forGood: true });
  const checkpoint = (await control.snapshots()).find((s) => s.checkpointOf === jobId);
  const path = checkpoint?.path ?? "";
  await setting.note({ jobId, state: "FAILED", path, isSavepoint: false, ageMs: 1000 });
  return null;
}

/** The same, but Flink has replaced the checkpoint that was seen last. */
async function failedLater(setting: Setting): Promise<null> {
  const jobId = await startable(setting);
  const { control } = setting.flink;
  const last = async (): Promise<string> =>
    (await control.snapshots()).find((s) => s.checkpointOf === jobId)?.path ?? "";
  const path = await last();
  await control.checkpoint(jobId);
  await control.failJob(jobId, { forGood: true });
  await setting.note({ jobId, state: "FAILED", path, isSavepoint: false, ageMs: 1000 });
  return null;
}

/** A savepoint that nobody needs: its job runs on. */
async function withSavepoint(setting: Setting): Promise<string> {
  const jobId = await startable(setting);
  const path = await savepointOf(setting.flink.url, jobId);
  await setting.note({ jobId, state: "RUNNING", path, isSavepoint: true, ageMs: 60_000 });
  return path;
}

/** Taken as anybody would. */
async function savepointOf(url: string, jobId: string): Promise<string> {
  const answer = await fetch(`${url}/jobs/${jobId}/savepoints`, { method: "POST", body: "{}" });
  const { "request-id": id } = (await answer.json()) as { "request-id": string };
  return await until("the savepoint is complete", async () => {
    const status = await fetch(`${url}/jobs/${jobId}/savepoints/${id}`);
    const { operation } = (await status.json()) as { operation: { location?: string } | null };
    return operation?.location ?? null;
  });
}

async function three({ flink, job }: Setting): Promise<null> {
  for (const one of ["a", "b", "c"]) await flink.control.addJob({ name: `${job}-${one}` });
  return null;
}

const nothing = (): Promise<null> => Promise.resolve(null);

export const scenarios: readonly Scenario[] = [
  {
    name: "scale",
    command: "/flink scale {job} 2",
    approved: false,
    effects: ["rescale"],
    outcome: /^✅ /u,
    alive: 1,
  },
  {
    name: "savepoint",
    command: "/flink savepoint {job}",
    approved: false,
    effects: ["savepoint"],
    outcome: /^✅ /u,
    alive: 1,
  },
  {
    name: "checkpoint",
    command: "/flink checkpoint {job} --full",
    approved: false,
    effects: ["checkpoint"],
    outcome: /^✅ /u,
    alive: 1,
  },
  {
    name: "stop",
    command: "/flink stop {job}",
    approved: true,
    effects: ["stop"],
    outcome: /^✅ /u,
    alive: 0,
  },
  {
    name: "cancel",
    command: "/flink cancel {job}",
    approved: true,
    effects: ["cancel"],
    outcome: /^✅ /u,
    alive: 0,
  },
  {
    name: "cancel --with-savepoint",
    command: "/flink cancel {job} --with-savepoint",
    approved: true,
    effects: ["savepoint", "cancel"],
    outcome: /^✅ /u,
    alive: 0,
  },
  {
    name: "run",
    command: "/flink run {job} --from none",
    approved: true,
    effects: ["run"],
    outcome: /^✅ /u,
    async setUp({ flink, job }) {
      await flink.control.addJar({ name: JAR(job, "1") });
      return null;
    },
    alive: 1,
  },
  {
    name: "resume",
    command: "/flink resume {job}",
    approved: false,
    effects: ["run"],
    outcome: /^✅ /u,
    setUp: failed,
    alive: 1,
  },
  {
    name: "restart",
    command: "/flink restart {job} --parallelism 2",
    approved: true,
    effects: ["stop", "run"],
    outcome: /^✅ /u,
    setUp: async (setting) => await startable(setting).then(nothing),
    alive: 1,
  },
  {
    name: "restart and its way back",
    command: "/flink restart {job} --jar newest",
    approved: true,
    effects: ["stop", "run", "cancel", "run"],
    outcome: /the old version runs again/,
    setUp: withBrokenVersion,
    alive: 1,
  },
  {
    name: "resume from a newer checkpoint",
    command: "/flink resume {job}",
    approved: false,
    effects: ["run", "run"],
    outcome: /Started from: \S+\/chk-/u,
    setUp: failedLater,
    alive: 1,
  },
  {
    name: "rollback",
    command: "/flink rollback {job} --from {savepoint}",
    approved: true,
    effects: ["cancel", "run"],
    outcome: /^✅ /u,
    setUp: withSavepoint,
    alive: 1,
  },
  {
    name: "dispose",
    command: "/flink dispose {savepoint}",
    approved: true,
    effects: ["dispose"],
    outcome: /^✅ /u,
    setUp: withSavepoint,
    alive: 1,
    mayBeRepeated: true,
  },
  {
    name: "rehearse",
    command: "/flink rehearse {job}",
    approved: false,
    effects: ["savepoint", "run", "cancel", "dispose"],
    outcome: /^✅ The rehearsal of \S+ was healthy/u,
    setUp: withNewVersion,
    alive: 1,
    mayBeRepeated: true,
  },
  {
    name: "restart --rehearse",
    command: "/flink restart {job} --jar newest --rehearse",
    approved: true,
    effects: ["savepoint", "run", "cancel", "dispose", "stop", "run"],
    outcome: /^✅ /u,
    setUp: withNewVersion,
    alive: 1,
    mayBeRepeated: true,
  },
  {
    name: "savepoint --all",
    command: "/flink savepoint --all --match {job}-*",
    approved: false,
    effects: ["savepoint", "savepoint", "savepoint"],
    outcome: /3 of 3 savepoints complete/,
    setUp: three,
    alive: 3,
    requests: 4,
  },
  {
    name: "stop --all",
    command: "/flink stop --all --match {job}-*",
    approved: true,
    effects: ["stop", "stop", "stop"],
    outcome: /3 of 3 jobs stopped/,
    setUp: three,
    alive: 0,
    requests: 4,
  },
];
