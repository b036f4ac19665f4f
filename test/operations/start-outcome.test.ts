import { describe, expect, test } from "vitest";
import { FlinkRefused } from "../../src/model/errors.ts";
import type { Checkpoint, JobDetail } from "../../src/model/flink-jobs.ts";
import { plain } from "../../src/model/text.ts";
import { longestStart, startFacts, steadyMs } from "../../src/operations/phases/steady.ts";
import {
  aCheckpoint,
  aJob,
  anException,
  aVertex,
  checkpointsOf,
  FakeFlinkReads,
  JOB_ID,
  T0,
} from "../fakes/flink-reads.ts";
import { anEntry, aState, FakeKnowledge, JAR } from "../fakes/knowledge.ts";
import { DIRECTORY, Drive, EFFECT_ID } from "./drive.ts";

const LOCATION = `${DIRECTORY}/savepoint-1`;
const toRun = { phase: "run", results: { stop: { location: LOCATION }, stopped: { location: LOCATION } } };
/** It was restored from the savepoint: where Flink has an execution graph, it says so. */
const restored = { path: LOCATION, isSavepoint: true, at: T0 };
const MINUTE = 60_000;

/** A restart that has sent its start at T0; the clock is moved by `at`. */
async function restarting() {
  const flink = new FakeFlinkReads();
  flink.theJars = [{ id: JAR, name: "orders-1.0.jar", uploadedAt: T0 - 7_200_000, entryClasses: [] }];
  const drive = new Drive("restart orders", flink);
  drive.known.catalogue = { entries: [anEntry()], anyJarOn: [] };
  await drive.intended();
  flink.theExceptions = [];
  const at = (ms: number, job: Partial<JobDetail>, ...history: readonly Checkpoint[]) => {
    flink.theJob = aJob({ jobId: EFFECT_ID, startedAt: T0, stateSince: T0 + 1_000, now: T0 + ms, ...job });
    flink.theCheckpoints = { ...checkpointsOf(...history), latestRestored: restored };
    return { ...toRun, waited: ms };
  };
  return { flink, drive, at };
}
/** Complete at that moment. */
const done = (ms: number, over: Partial<Checkpoint> = {}) =>
  aCheckpoint({ triggeredAt: T0 + ms - 350, endToEndMs: 350, ...over });
const underWay = (ms: number) =>
  aCheckpoint({ kind: "in_progress", triggeredAt: T0 + ms, endToEndMs: null, path: null });
const notAll = { vertices: [aVertex({ tasksRunning: 0 })] };

describe("healthy", () => {
  test("is every task, a checkpoint, and then some seconds without a failure", async () => {
    const { drive, at } = await restarting();
    expect(await drive.note(at(2_000, notAll))).toBe("Flink is starting the tasks (RUNNING): 0 of 1 running");
    expect(await drive.note(at(4_000, {}))).toBe("Every task runs; waiting for its first checkpoint");
    expect(await drive.note(at(20_000, {}, done(6_000)))).toBe(
      "Every task runs and a checkpoint is complete; checking that it stays healthy for 15 s",
    );
    expect(await drive.ending(at(21_001, {}, done(6_000)))).toContain(
      "done: orders runs again\nEvery task was running after 21 s, and a checkpoint is complete.",
    );
  });

  test("is not one checkpoint between two failures", async () => {
    const { flink, drive, at } = await restarting();
    // it ran, took a checkpoint, failed, and runs again
    flink.theExceptions = [anException({ at: T0 + 8_000 })];
    const again = at(30_000, { stateSince: T0 + 9_000 }, done(6_000));
    expect(await drive.note(again)).toBe(
      "Every task runs; waiting for its first checkpoint. It failed: IllegalStateException: boom",
    );
    const twice = at(30_000, { stateSince: T0 + 9_000 }, done(29_000), done(6_000));
    expect(await drive.note(twice)).toContain("checking that it stays healthy");
    const ended = await drive.ending(at(44_001, { stateSince: T0 + 9_000 }, done(29_000), done(6_000)));
    expect(ended).toMatch(/^done:/u);
    expect(ended).toContain("Before that it failed: IllegalStateException: boom");
  });

  test("counts from the first checkpoint since, whichever are listed", async () => {
    const { flink, drive, at } = await restarting();
    flink.config = { intervalMs: 500, timeoutMs: 600_000, retainedOnCancel: true, retainedOnFailure: true };
    // every half a second, the last ten of thirty
    const ten = Array.from({ length: 10 }, (_, i) => done(19_500 - 500 * i));
    const moment = at(20_000, {}, ...ten);
    flink.theCheckpoints = { ...checkpointsOf(...ten), completed: 30, latestRestored: restored };
    expect(await drive.ending(moment)).toMatch(/^done:/u);
  });

  test("is a vertex that is through with its input, too", async () => {
    const { drive, at } = await restarting();
    const vertices = [
      aVertex({ tasksRunning: 0, tasksFinished: 1, state: "FINISHED" }),
      aVertex({ id: "b" }),
    ];
    expect(await drive.note(at(4_000, { vertices }))).toBe(
      "Every task runs; waiting for its first checkpoint",
    );
    const starting = [vertices[0] ?? aVertex(), aVertex({ id: "b", tasksRunning: 0 })];
    const seen = await drive.observe(at(4_000, { vertices: starting }));
    expect(seen).toMatchObject({ kind: "pending", progress: [1, 2] });
    expect(seen.kind === "pending" && plain(seen.note)).toBe(
      "Flink is starting the tasks (RUNNING): 0 of 2 running, 1 finished",
    );
  });

  test("is not what cannot be read", async () => {
    const { flink, drive, at } = await restarting();
    const moment = at(60_000, {}, done(6_000));
    flink.exceptions = () => Promise.reject(new FlinkRefused("no", 500));
    expect((await drive.observe(moment)).kind).toBe("pending");
  });

  test("where no checkpoint is waited for, it has to run some seconds as well", async () => {
    const flink = new FakeFlinkReads();
    flink.theJob = aJob({ state: "FAILED", endedAt: T0 });
    flink.theJars = [{ id: JAR, name: "orders-1.0.jar", uploadedAt: T0 - 1, entryClasses: [] }];
    const drive = new Drive("run orders", flink);
    drive.known.catalogue = { entries: [anEntry()], anyJarOn: [] };
    drive.known.states = [aState()];
    await drive.intended();
    flink.theCheckpoints = checkpointsOf();
    const job = { jobId: EFFECT_ID, startedAt: T0, stateSince: T0 + 1_000 };
    flink.theJob = aJob({ ...job, now: T0 + 5_000 });
    expect(await drive.note({ waited: 5_000 })).toBe(
      "Every task runs; checking that it stays healthy for 5 s",
    );
    flink.theJob = aJob({ ...job, now: T0 + 6_000 });
    expect(await drive.ending({ waited: 6_000 })).toMatch(/^done: orders runs/u);
  });

  test.each([
    [0, 5_000],
    [2_000, 5_000],
    [8_000, 8_000],
    [600_000, 15_000],
  ])("with a checkpoint every %i ms it has to stay so for %i ms", (interval, steady) => {
    expect(steadyMs(5_000, interval)).toBe(steady);
  });
});

describe("how long it is waited for", () => {
  const slow = {
    intervalMs: 10 * MINUTE,
    timeoutMs: 30 * MINUTE,
    retainedOnCancel: true,
    retainedOnFailure: true,
  };

  test("a job is not ill while its first checkpoint is under way, within its own time", async () => {
    const { flink, drive, at } = await restarting();
    flink.config = { ...slow, intervalMs: MINUTE };
    expect(await drive.note(at(20 * MINUTE, {}, underWay(MINUTE)))).toContain(
      "waiting for its first checkpoint",
    );
    expect((await drive.observe(at(31.1 * MINUTE, {}, underWay(MINUTE)))).kind).toBe("next");
  });

  test("nor before one is due, by its own interval and what they took before", async () => {
    const { flink, drive, at } = await restarting();
    flink.config = slow;
    expect(await drive.note(at(9 * MINUTE, {}))).toContain("waiting for its first checkpoint");
    expect((await drive.observe(at(10.1 * MINUTE, {}))).kind).toBe("next");
    const before = checkpointsOf(aCheckpoint({ endToEndMs: 4 * MINUTE }));
    const now = { ...checkpointsOf(), latestRestored: restored };
    flink.checkpoints = (jobId = "") => Promise.resolve(jobId === JOB_ID ? before : now);
    expect(await drive.note(at(21 * MINUTE, {}))).toContain("waiting for its first checkpoint");
    expect((await drive.observe(at(22.1 * MINUTE, {}))).kind).toBe("next");
  });

  test("but where it has failed, or a checkpoint has, no longer than is configured", async () => {
    const { flink, drive, at } = await restarting();
    flink.config = slow;
    const bad = done(MINUTE, { kind: "failed", failure: "Checkpoint expired.", path: null });
    expect((await drive.observe(at(5.1 * MINUTE, {}, underWay(2 * MINUTE), bad))).kind).toBe("next");
    flink.theExceptions = [anException({ at: T0 + MINUTE })];
    const failed = at(5.1 * MINUTE, { stateSince: T0 + MINUTE }, underWay(2 * MINUTE));
    expect((await drive.observe(failed)).kind).toBe("next");
  });

  test("a phase's limit is above all of that, whether or not anything can be read", async () => {
    const flink = new FakeFlinkReads();
    flink.config = slow;
    const drive = new Drive("watch orders", flink);
    const intent = await drive.intended();
    const c = { intent, known: drive.known };
    expect(longestStart(c)).toBe(45 * MINUTE + 15_000);
    expect(longestStart({ ...c, intent: { ...intent, facts: {} } })).toBe(15 * MINUTE);
    const context = {
      flink,
      known: new FakeKnowledge(),
      target: { kind: "cluster", cluster: "prod" },
    } as const;
    flink.checkpointConfig = () => Promise.reject(new FlinkRefused("no", 500));
    const facts = await startFacts({ ...context, args: {}, actor: "U1", requestId: "r", now: T0 }, JOB_ID);
    expect(facts.longestStart).toBe(15 * MINUTE + 15_000);
  });
});

const openedWith = async (text: string, config: FakeFlinkReads["config"]) => {
  const flink = new FakeFlinkReads();
  flink.config = config;
  flink.theJars = [{ id: JAR, name: "orders-1.0.jar", uploadedAt: T0 - 7_200_000, entryClasses: [] }];
  if (text.startsWith("run")) flink.theJob = aJob({ state: "FAILED", endedAt: T0 });
  const drive = new Drive(text, flink);
  drive.known.catalogue = { entries: [anEntry()], anyJarOn: [] };
  drive.known.states = [aState()];
  await drive.intended();
  return drive;
};
const times = (intervalMs: number, timeoutMs: number) => ({
  intervalMs,
  timeoutMs,
  retainedOnCancel: true,
  retainedOnFailure: true,
});

describe("how long a phase that has started a job stays pending", () => {
  const rows = [
    ["restart orders", "run"],
    ["restart orders", "back"],
    [`rollback orders --from ${LOCATION}`, "run"],
    ["run orders", "run"],
    ["run orders", "newer"],
  ] as const;

  test.each(rows)("%s, %s: as long as the job's own checkpoints may take", async (text, phase) => {
    const drive = await openedWith(text, times(30 * MINUTE, 60 * MINUTE));
    const limit = await drive.limit({ phase, waited: 100 * MINUTE });
    expect(limit?.ms).toBeGreaterThanOrEqual(90 * MINUTE);
    expect(limit?.decides).toMatch(/^unknown: It is unknown whether orders was started/u);
    expect(limit?.lines).toContain("Flink has not reported its state for 1 h 40 m.");
  });

  test("above whatever is still waited for: tasks that were up late, then an interval, then a checkpoint", async () => {
    const { flink, drive, at } = await restarting();
    flink.config = times(10 * MINUTE, 30 * MINUTE);
    await drive.intended();
    const up = { stateSince: T0 + 4.9 * MINUTE };
    const seen = await drive.observe(at(44.8 * MINUTE, up, underWay(14.9 * MINUTE)));
    expect(seen.kind).toBe("pending");
    expect((await drive.limit(toRun))?.ms).toBeGreaterThan(44.9 * MINUTE);
  });

  test.each(rows)("%s, %s: never less than ten minutes", async (text, phase) => {
    const drive = await openedWith(text, times(1_000, 10_000));
    drive.known.settings.healthyWithin = MINUTE;
    await drive.intended();
    expect((await drive.limit({ phase }))?.ms).toBe(10 * MINUTE);
  });
});

describe("a broken version", () => {
  const loop = { state: "RESTARTING", stateSince: T0 + 20_000, vertices: notAll.vertices } as const;

  test("shows its cause at once", async () => {
    const { flink, drive, at } = await restarting();
    flink.theExceptions = [
      anException({ at: T0 + 20_000, cause: "NullPointerException", message: "x is null" }),
    ];
    expect(await drive.note(at(21_000, loop))).toBe(
      "Flink is starting the tasks (RESTARTING): NullPointerException: x is null",
    );
  });

  test("names it first if it is rolled back, with how often", async () => {
    const { flink, drive, at } = await restarting();
    flink.theExceptions = [T0 + 20_000, T0 + 10_000].map((when) => anException({ at: when }));
    const next = await drive.observe(at(301_000, loop));
    expect(next).toMatchObject({ kind: "next", phase: "cancel" });
    expect(next.kind === "next" && plain(next.milestone ?? "")).toBe(
      "It is not healthy: IllegalStateException: boom (2 failures)",
    );
  });

  test("one that completes a checkpoint between its failures is not rolled back automatically", async () => {
    const { flink, drive, at } = await restarting();
    flink.theExceptions = [anException({ at: T0 + 20_000 })];
    const said = await drive.ending(at(301_000, loop, done(6_000)));
    expect(said).toMatch(
      /^partly: orders runs again but is not healthy: wait or roll back\?\nIllegalStateException: boom\n/u,
    );
    expect(said).toContain("It has completed 1 checkpoint");
  });

  test("nor while it is not known whether it has: Flink shows nothing of a job that it brings up again", async () => {
    const { flink, drive, at } = await restarting();
    const created = { state: "CREATED", stateSince: null, vertices: notAll.vertices } as const;
    flink.theExceptions = [anException({ at: T0 + 20_000 })];
    const dark = (ms: number) => {
      const moment = at(ms, created);
      flink.theCheckpoints = checkpointsOf();
      return moment;
    };
    // it will be seen between two failures
    expect((await drive.observe(dark(301_000))).kind).toBe("pending");
    expect(await drive.ending(dark(361_000))).toContain(
      "It is unknown whether it completed a checkpoint, so nothing was undone",
    );
    drive.known.states = [aState({ isSavepoint: false, jobId: EFFECT_ID, path: "file:/c/chk-2" })];
    expect(await drive.ending(dark(301_000))).toContain("It has completed 1 checkpoint");
  });

  test("one that has never got its slots has committed nothing", async () => {
    const { flink, drive, at } = await restarting();
    const moment = at(301_000, { state: "CREATED", stateSince: null, vertices: notAll.vertices });
    flink.theCheckpoints = checkpointsOf();
    flink.theCapabilities = { ...flink.theCapabilities, slotsFree: 0 };
    const next = await drive.observe(moment);
    expect(next).toMatchObject({ kind: "next", phase: "cancel" });
    expect(JSON.stringify(next)).toContain("It needs 1 slot; 0 of 4 are free.");
  });
});

const no = () => Promise.reject(new FlinkRefused("not available while initializing", 500));

test("a job that is INITIALIZING, of which Flink refuses nearly everything", async () => {
  const { flink, drive, at } = await restarting();
  const moment = at(3_000, { state: "INITIALIZING", stateSince: T0, vertices: [] });
  Object.assign(flink, { checkpoints: no, checkpointConfig: no, exceptions: no });
  expect(await drive.note(moment)).toBe("The JobManager is preparing the job (INITIALIZING)");
});
