import { afterEach, beforeEach, describe, expect, it } from "vitest";
import { until } from "../../../playground/flink/session.ts";
import type { ClusterOptions } from "../../../playground/flink/simulated/cluster.ts";
import type { JarOptions } from "../../../playground/flink/simulated/jar.ts";
import type { SimulatedJob } from "../../../playground/flink/simulated/job.ts";
import { type SimulatedFlink, startSimulated } from "../../../playground/flink/simulated/server.ts";

const ID = "a".repeat(32);
const OTHER = "b".repeat(32);

let flink: SimulatedFlink;
const restart = async (options: ClusterOptions): Promise<void> => {
  await flink.stop();
  flink = await startSimulated(options);
};
beforeEach(async () => {
  flink = await startSimulated();
});
afterEach(async () => await flink.stop());

async function ask(method: string, path: string, body?: unknown): Promise<{ status: number; text: string }> {
  const answer = await fetch(flink.url + path, {
    method,
    ...(body === undefined ? {} : { body: JSON.stringify(body) }),
  });
  return { status: answer.status, text: await answer.text() };
}
const run = async (jar: string, body: object = { jobId: ID }) => await ask("POST", `/jars/${jar}/run`, body);
const upload = async (jar: Partial<JarOptions> = {}): Promise<string> =>
  (await flink.control.addJar({ name: "orders.jar", ...jar })).id;
const job = async (jobId = ID): Promise<SimulatedJob> => await flink.control.job(jobId);
const reaches = async (what: string, test: (j: SimulatedJob) => boolean, jobId = ID): Promise<void> =>
  await until(what, async () => test(await job(jobId)), 5_000);
const runs = async (jobId = ID): Promise<void> =>
  await reaches("its tasks run", (j) => j.tasksRunning, jobId);

async function savepointed(counted: number): Promise<string> {
  const old = await flink.control.addJob({ counted });
  await ask("POST", `/jobs/${old.jobId}/savepoints`, { triggerId: ID, "target-directory": "file:///sp" });
  await until("a savepoint", async () =>
    (await flink.control.snapshots()).some((s) => s.counted > 0 && s.checkpointOf === null),
  );
  return (await flink.control.snapshots()).find((s) => s.checkpointOf === null)?.path ?? "";
}
const startFrom = async (savepointPath: string, jar: Partial<JarOptions> = {}) =>
  await run(await upload(jar), { jobId: OTHER, savepointPath });

/** What the third run under one id is answered, after the end of its job. */
const sentAgain = async (options: ClusterOptions): Promise<number> => {
  await restart(options);
  const jar = await upload();
  await run(jar);
  expect((await run(jar)).status).toBe(400);
  await ask("PATCH", `/jobs/${ID}?mode=cancel`, {});
  await reaches("cancelled", (j) => j.state === "CANCELED");
  return (await run(jar)).status;
};
const folder = async () =>
  /\/tmp\/flink-web-[0-9a-f-]{36}/u.exec((await ask("GET", "/jobmanager/config")).text)?.[0];

describe("a job of a jar", () => {
  it("is named and as wide as asked, at RUNNING after CREATED, with a checkpoint", async () => {
    expect(
      (await run(await upload(), { jobId: ID, programArgsList: ["--name", "o"], parallelism: 2 })).text,
    ).toBe(JSON.stringify({ jobid: ID, applicationId: ID }));
    await runs();
    const { name, vertices, timestamps, checkpointCount, counted, restored } = await job();
    expect([name, vertices.map((v) => v.parallelism), counted, restored]).toEqual(["o", [2, 2], 0, null]);
    expect(Object.keys(timestamps)).toEqual(["INITIALIZING", "CREATED", "RUNNING"]);
    expect(checkpointCount.completed).toBe(1);
    expect(await flink.control.effects()).toEqual([
      expect.objectContaining({ do: "run", jobId: ID, from: null, parallelism: 2, path: null }),
    ]);
  });

  const NAMED = { "pipeline.name": "of the configuration" };
  it.each([
    ["as its arguments say", {}, ["--name", "said"], "said"],
    ["as the configuration says where its program names none", {}, [], "of the configuration"],
    ["as its program says before all", { jobName: "own" }, ["--name", "said"], "own"],
  ])("is named %s, in a plan as well", async (_, jar, programArgsList, name) => {
    const id = await upload(jar);
    const body = { jobId: ID, programArgsList, flinkConfiguration: NAMED };
    expect((await ask("POST", `/jars/${id}/plan`, body)).text).toContain(`"name":"${name}"`);
    await run(id, body);
    expect((await job()).name).toBe(name);
  });

  it("has the vertices of its program under every name", async () => {
    const jar = await upload();
    await run(jar, { jobId: ID, programArgsList: ["--name", "a"] });
    await run(jar, { jobId: OTHER, programArgsList: ["--name", "z"] });
    const ids = (await job()).vertices.map((v) => v.id);
    expect((await job(OTHER)).vertices.map((v) => v.id)).toEqual(ids);
    expect(new Set(ids).size).toBe(2);
  });

  it("takes its checkpoints with it where it was started so", async () => {
    const key = "execution.checkpointing.externalized-checkpoint-retention";
    await run(await upload(), { jobId: ID, flinkConfiguration: { [key]: "NO_EXTERNALIZED_CHECKPOINTS" } });
    await runs();
    expect((await flink.control.snapshots()).map((s) => s.checkpointOf)).toEqual([ID]);
    await ask("PATCH", `/jobs/${ID}?mode=cancel`, {});
    await reaches("cancelled", (j) => j.state === "CANCELED");
    expect(await flink.control.snapshots()).toEqual([]);
  });

  it("makes do with the slots that are free, and waits where there is none", async () => {
    await restart({ slots: 2, timings: { stabilizationMs: 60 } });
    const jar = await upload();
    await run(jar, { jobId: ID, parallelism: 5 });
    await runs();
    expect((await job()).vertices.map((v) => v.parallelism)).toEqual([2, 2]);
    await run(jar, { jobId: OTHER });
    await reaches("it waits", (j) => j.state === "CREATED", OTHER);
    await ask("PATCH", `/jobs/${ID}?mode=cancel`, {});
    await runs(OTHER);
  });

  it("takes its tasks up slowly", async () => {
    await run(await upload({ jobs: { tasksAfterMs: 60_000 } }));
    await reaches("it is called RUNNING", (j) => j.state === "RUNNING");
    expect((await job()).tasksRunning).toBe(false);
  });

  it("fails on every record, with no checkpoint, until it is well again", async () => {
    await run(await upload({ jobs: { fails: "on every record" } }));
    await reaches("it has failed often", (j) => j.restarts > 2 && j.exceptions.length > 2);
    expect((await job()).checkpointCount.completed).toBe(0);
    await flink.control.changeJob(ID, { fails: null });
    await reaches("it has a checkpoint", (j) => j.checkpointCount.completed > 0);
  });

  it("fails after one checkpoint, again and again, back from that", async () => {
    await run(await upload({ jobs: { fails: "after one checkpoint" } }));
    await reaches("it has failed often", (j) => j.restarts > 2);
    const { checkpointCount, restored } = await job();
    expect(checkpointCount.completed).toBe(1);
    expect(restored).toMatchObject({ isSavepoint: false, path: expect.stringContaining(`${ID}/chk-`) });
  });

  it("stays cancelled where it was cancelled before it ran", async () => {
    const jar = await upload();
    await run(jar);
    await ask("PATCH", `/jobs/${ID}?mode=cancel`, {});
    // at that time the first would be up as well
    await run(jar, { jobId: OTHER });
    await runs(OTHER);
    expect(await job()).toMatchObject({ state: "CANCELED", tasksRunning: false, deployed: false });
  });
});

describe("state", () => {
  it.each([
    ["as Flink writes it", (path: string) => path],
    ["as people write it", (path: string) => path.replace("file:/", "file:///")],
    ["by its metadata", (path: string) => `${path}/_metadata`],
  ])("continues in a job that starts from its savepoint, %s", async (_, written) => {
    const path = await savepointed(41);
    await startFrom(written(path));
    await runs(OTHER);
    expect(await job(OTHER)).toMatchObject({ counted: 41, restored: { path, isSavepoint: true, times: 1 } });
  });

  it("is not lost where the JobManager is replaced before the job runs", async () => {
    const path = await savepointed(41);
    await startFrom(path);
    await run(await upload(), { jobId: ID, savepointPath: "file:/nope" });
    await flink.control.failOver();
    await runs(OTHER);
    expect((await job(OTHER)).counted).toBe(41);
    await reaches("failed", (j) => j.state === "FAILED");
  });

  it("that does not fit fails the job, or is left behind", async () => {
    const path = await savepointed(41);
    await startFrom(path, { fits: false });
    await reaches("failed", (j) => j.state === "FAILED", OTHER);
    expect((await job(OTHER)).failure).toContain(`${path}. Cannot map`);
    await run(await upload({ fits: false }), { jobId: ID, savepointPath: path, allowNonRestoredState: true });
    await runs();
    expect((await job()).counted).toBe(0);
  });

  it("that is of another type fails its tasks before they run, again and again", async () => {
    const path = await savepointed(41);
    await startFrom(path, { readsState: false });
    await reaches("it has failed twice", (j) => j.exceptions.length > 1, OTHER);
    const failed = await job(OTHER);
    expect(failed).toMatchObject({ tasksRunning: false, failure: null, checkpoints: [], restored: { path } });
    expect(failed.exceptions[0]).toMatchObject({
      message: expect.stringMatching(/^For heap backends, .*must not be incompatible/u),
      task: expect.stringMatching(/^Count per key/u),
    });
    await run(await upload({ readsState: false }));
    await runs();
  });

  it("is gone once somebody has deleted it, and the job FAILED has no task", async () => {
    const path = await savepointed(41);
    await flink.control.removeSnapshot(path);
    await startFrom(path);
    await reaches("failed", (j) => j.state === "FAILED", OTHER);
    const { exceptions, timestamps } = await job(OTHER);
    expect(exceptions).toEqual([]);
    expect(Object.keys(timestamps)).toEqual(["INITIALIZING", "FAILED"]);
  });

  it("of a last checkpoint outlives a cancel, not a finish, and no older one", async () => {
    const stays = await flink.control.addJob();
    const goes = await flink.control.addJob();
    await flink.control.checkpoint(stays.jobId);
    await ask("PATCH", `/jobs/${stays.jobId}?mode=cancel`, {});
    await ask("POST", `/jobs/${goes.jobId}/stop`, { triggerId: ID });
    await reaches("finished", (j) => j.state === "FINISHED", goes.jobId);
    await reaches("cancelled", (j) => j.state === "CANCELED", stays.jobId);
    const left = await flink.control.snapshots();
    expect(left.map((s) => s.checkpointOf)).toEqual([stays.jobId, null]);
    expect((await job(stays.jobId)).checkpoints.map((c) => c.discarded)).toEqual([false, true]);
    expect((await job(goes.jobId)).checkpoints.map((c) => c.discarded)).toEqual([false, true]);
  });

  it("is disposed once, and that is the one effect", async () => {
    const path = await savepointed(41);
    await flink.control.clearLog();
    await ask("POST", "/savepoint-disposal", { "savepoint-path": path });
    await ask("POST", "/savepoint-disposal", { "savepoint-path": path });
    await until("gone", async () => (await flink.control.effects()).length > 0);
    await flink.control.failOver();
    expect(await flink.control.effects()).toEqual([
      expect.objectContaining({ do: "dispose", path, jobId: null, jar: null }),
    ]);
  });
});

describe("an id that is taken", () => {
  // with high availability Flink 1 drops a job's result as soon as it is through with it
  it.each([
    ["2.3.0", true, 400],
    ["2.3.0", false, 400],
    ["1.20.5", false, 400],
    ["1.20.5", true, 200],
  ])("stays so after its job has ended in %s (high availability: %s): %s", async (version, ha, status) => {
    expect(await sentAgain({ version, ha })).toBe(status);
  });

  it("is no effect when it is sent again, and free after a fail-over", async () => {
    const jar = await upload();
    await run(jar);
    expect((await run(jar)).text).toMatch(
      /Caused by: \S+DuplicateApplicationSubmissionException: Application/u,
    );
    await ask("PATCH", `/jobs/${ID}?mode=cancel`, {});
    await reaches("cancelled", (j) => j.state === "CANCELED");
    expect((await flink.control.effects()).map((e) => e.do)).toEqual(["run", "cancel"]);
    await flink.control.failOver();
    expect((await run(jar)).status).toBe(200);
  });
});

describe("jars", () => {
  it("are listed from the newest, of one millisecond from the last", async () => {
    for (const [name, uploaded] of [
      ["a", 5],
      ["b", 9],
      ["c", 9],
    ] as const)
      await upload({ name, uploaded });
    const { files } = JSON.parse((await ask("GET", "/jars")).text) as { files: { name: string }[] };
    expect(files.map((f) => f.name)).toEqual(["c", "b", "a"]);
  });

  it("come, change and go while it runs", async () => {
    const jar = await upload({ entry: [{ name: "com.x.Main" }] });
    expect((await ask("GET", "/jars")).text).toContain("com.x.Main");
    await flink.control.changeJar(jar, { jobs: { fails: "on every record" } });
    await run(jar);
    await reaches("it fails", (j) => j.restarts > 0 && j.vertices.length === 2);
    await flink.control.changeJar(jar, { mainThrows: "no brokers" });
    expect((await run(jar, { jobId: OTHER })).text).toContain("IllegalStateException: no brokers");
    await flink.control.removeJar(jar);
    const gone = await run(jar, { jobId: OTHER });
    expect([gone.status, gone.text]).toEqual([500, expect.stringContaining(`${jar} does not exist`)]);
  });

  it.each([
    [{ jobId: "xyz" }, 400, "Request did not match expected format JarRunRequestBody."],
    [{ claimMode: "MINE" }, 400, "Request did not match expected format JarRunRequestBody."],
    [{ flinkConfiguration: ["a"] }, 400, "Request did not match expected format JarRunRequestBody."],
    [{ nonsense: 1, entryClass: "PlaygroundJob" }, 200, "jobid"],
    [{ entryClass: "com.nope.Main" }, 500, "entry point class 'com.nope.Main' was not found"],
    [{ parallelism: 0 }, 400, "Parallelism must be at least one"],
  ])("are run with %j: %s", async (body, status, words) => {
    expect(await run(await upload(), body)).toEqual({ status, text: expect.stringContaining(words) });
  });

  it("need a class to start with", async () => {
    expect(await run(await upload({ entry: [] }))).toEqual({
      status: 500,
      text: expect.stringContaining("Neither a 'Main-Class', nor a 'program-class' entry"),
    });
  });

  it("are not served in application mode", async () => {
    await restart({ jars: null });
    expect((await ask("GET", "/jars")).text).toContain("Unable to load requested file /jars.");
    expect(await run("x.jar")).toEqual({
      status: 404,
      text: expect.stringContaining("Not found: /jars/x.jar/run"),
    });
    expect((await ask("GET", "/config")).text).toContain('"web-submit":false');
    await expect(flink.control.addJar({ name: "x.jar" })).rejects.toThrow(/serves no jars/u);
  });
});

it("gives its folder a new name with every process", async () => {
  const before = await folder();
  expect(before).toBeDefined();
  await flink.control.failOver();
  expect(await folder()).not.toBe(before);
});
