import { describe, expect, it, test } from "vitest";
import { plain } from "../../src/model/text.ts";
import { FlinkRefused } from "../../src/model/errors.ts";
import {
  aCheckpoint,
  aJob,
  anException,
  checkpointsOf,
  FakeFlinkReads,
  JOB_ID,
  T0,
} from "../fakes/flink-reads.ts";
import { anEntry, aState, JAR } from "../fakes/knowledge.ts";
import { DIRECTORY, Drive, EFFECT_ID } from "./drive.ts";

const LOCATION = `${DIRECTORY}/savepoint-1`;
const NEW_JAR = "2222-orders-1.1.jar";
const STARTED = T0 - 3_600_000;
const jars = [
  { id: NEW_JAR, name: "orders-1.1.jar", uploadedAt: T0 - 60_000, entryClasses: [] },
  { id: JAR, name: "orders-1.0.jar", uploadedAt: STARTED - 60_000, entryClasses: [] },
];
const stopped = { phase: "stopped", results: { stop: { location: LOCATION } } };
const toRun = { phase: "run", results: { stop: { location: LOCATION }, stopped: { location: LOCATION } } };
const NEW_ID = "0000000000000000000000000000beef";
const after = (phase: string, why: readonly string[] = []) => ({
  phase,
  results: { ...toRun.results, run: { jobId: NEW_ID, why } },
});

const start = (text: string) => {
  const flink = new FakeFlinkReads();
  flink.theJars = jars;
  const drive = new Drive(text, flink);
  drive.known.catalogue = { entries: [anEntry()], anyJarOn: [] };
  return { flink, drive, known: drive.known };
};
const opened = async (text = "restart orders --parallelism 2") => {
  const world = start(text);
  return { ...world, intent: await world.drive.intended() };
};
const warned = (intent: { warnings: readonly Parameters<typeof plain>[0][] }): string =>
  intent.warnings.map(plain).join("\n");

test("says what it is started with and from, how wide, and what the way back is", async () => {
  const { drive, intent } = await opened();
  expect(plain(intent.headline)).toBe("Restart orders with orders-1.0.jar at parallelism 2");
  const said = intent.details.map(plain).join("\n");
  expect(said).toContain(
    `stopped with a savepoint to ${DIRECTORY} and started from there, parallelism 1 → 2`,
  );
  expect(said).toContain(
    "If the new job is not healthy within 5 m and has completed no checkpoint, it is cancelled, and orders-1.0.jar at parallelism 1 runs from the same savepoint again.",
  );
  expect(intent.binds).toMatchObject({ startTime: STARTED, parallelism: 1, there: { parallelism: 2 } });
  expect(await drive.holds()).toEqual([{ job: JOB_ID }, { name: "orders" }]);
  expect(await drive.effect()).toMatchObject({ do: "stop", drain: false, directory: DIRECTORY });
});

test("the jar: as of the job's start, and said so; the newest where it is asked for; as flinkops started it", async () => {
  const same = await opened("restart orders");
  expect(await same.drive.effect(toRun)).toMatchObject({
    do: "run",
    jar: JAR,
    from: LOCATION,
    parallelism: 1,
  });
  expect(warned(same.intent)).toContain(
    "Assuming jar orders-1.0.jar (the newest matching upload when the job started). Flink does not record",
  );
  const newest = await opened("restart orders --jar newest");
  expect(await newest.drive.effect(toRun)).toMatchObject({ jar: NEW_JAR });
  expect(await newest.drive.effect(after("back"))).toMatchObject({ do: "run", jar: JAR, from: LOCATION });
  expect(warned(newest.intent)).toContain("Assuming jar orders-1.0.jar");
  const known = start("restart orders --jar newest");
  known.known.launches = [
    {
      jobId: JOB_ID,
      from: null,
      jar: NEW_JAR,
      entryClass: null,
      args: [],
      parallelism: 1,
      allowNonRestoredState: false,
    },
  ];
  expect(warned(await known.drive.intended())).toBe("");
  expect(await known.drive.effect(after("back"))).toMatchObject({ jar: NEW_JAR });
});

test.each<[string, (w: ReturnType<typeof start>) => void, string]>([
  ["no way back", ({ flink }) => (flink.theJars = jars.slice(0, 1)), "every matching upload is newer"],
  [
    "not in the catalog",
    ({ known }) => (known.catalogue = { entries: [], anyJarOn: [] }),
    "not in the catalog",
  ],
  [
    "an application cluster",
    ({ flink }) => (flink.theCapabilities = { ...flink.theCapabilities, application: true }),
    "it ends with its job",
  ],
  [
    "wider than the cluster",
    ({ flink }) => (flink.theCapabilities = { ...flink.theCapabilities, slotsTotal: 1, slotsFree: 0 }),
    "It needs 2 slots; 1 of 1 is free for it.",
  ],
])("refuses: %s", async (_name, change, why) => {
  const world = start("restart orders --parallelism 2");
  change(world);
  expect(await world.drive.refusal()).toContain(why);
});

test("scale --via-savepoint is a restart of the whole job", async () => {
  expect(start("scale orders 3 --via-savepoint").drive.operation).toBe("restart");
  expect(() => start("scale orders 3 --via-savepoint --vertex x")).toThrow("leave --vertex out");
});

test("stopped: it continues only if the job has ended and its savepoint is good", async () => {
  const { flink, drive } = await opened();
  flink.triggers.set(EFFECT_ID, { is: "completed", location: LOCATION });
  expect(await drive.observe()).toMatchObject({ kind: "next", phase: "stopped" });
  expect(await drive.note(stopped)).toBe("The savepoint is complete; the job is still RUNNING");
  flink.theJob = aJob({ state: "FINISHED" });
  expect(await drive.observe(stopped)).toMatchObject({
    kind: "next",
    phase: "run",
    result: { location: LOCATION },
  });
  flink.theJob = aJob({ startedAt: T0 });
  expect(await drive.ending(stopped)).toMatch(/^partly: orders is still RUNNING.*Nothing was started\./su);
  flink.theJob = aJob();
  const failed = { phase: "stopped", results: { stop: { reason: "Checkpoint expired.", usable: null } } };
  expect(await drive.ending(failed)).toBe(
    "failed: orders was not restarted\nCheckpoint expired.\nThe job is RUNNING.",
  );
});

test("it failed while it stopped, with a usable savepoint: started from that", async () => {
  const { flink, drive } = await opened();
  flink.theJob = aJob({ state: "FAILED" });
  const badly = { phase: "stopped", results: { stop: { reason: "x", usable: LOCATION } } };
  expect(await drive.observe(badly)).toMatchObject({
    kind: "next",
    phase: "run",
    result: { location: LOCATION },
  });
});

test("healthy: every task runs and a checkpoint is complete", async () => {
  const { flink, drive } = await opened();
  flink.theJob = aJob({ jobId: EFFECT_ID });
  flink.theCheckpoints = checkpointsOf();
  expect(await drive.note(toRun)).toBe("Every task runs; waiting for its first checkpoint");
  flink.theCheckpoints = checkpointsOf(aCheckpoint());
  const report = await drive.report(toRun);
  expect(report.outcome).toBe("done");
  expect(report.facts).toMatchObject({ jobId: EFFECT_ID, location: LOCATION, drained: false });
  expect(await drive.followUp(report)).toMatchObject({ worse: false });
});

const refuses = () => Promise.reject(new FlinkRefused("no", 500));
const late = { waited: 400_000 };

test("not healthy, and nothing committed: cancelled, and back to what ran before", async () => {
  const { flink, drive } = await opened("restart orders --jar newest");
  flink.theJob = aJob({ jobId: EFFECT_ID, state: "RESTARTING" });
  flink.theCheckpoints = checkpointsOf();
  expect(await drive.observe({ ...toRun, ...late })).toMatchObject({
    kind: "next",
    phase: "cancel",
    result: { jobId: EFFECT_ID },
  });
  flink.theJob = aJob({ jobId: NEW_ID, state: "RUNNING" });
  expect(await drive.effect(after("cancel"))).toEqual({ do: "cancel", jobId: NEW_ID });
  expect(await drive.note(after("cancel"))).toBe("The new job is being cancelled (RUNNING)");
  flink.theJob = aJob({ jobId: NEW_ID, state: "CANCELED" });
  expect(await drive.observe(after("cancel"))).toMatchObject({ kind: "next", phase: "back" });
  flink.theJob = aJob({ jobId: EFFECT_ID });
  const said = await drive.ending(after("back", ["It is RESTARTING."]));
  expect(said).toMatch(/^failed: orders was rolled back: the old version runs again/u);
  expect(said).toContain("The new version: It is RESTARTING.");
});

test("ended at once, or not even taken: nothing to cancel", async () => {
  const { flink, drive } = await opened();
  flink.theJob = aJob({ jobId: EFFECT_ID, state: "FAILED" });
  flink.theCheckpoints = checkpointsOf();
  flink.theFailure = "out of order";
  expect(await drive.observe(toRun)).toMatchObject({ kind: "next", phase: "back" });
  expect(
    await drive.observe({ ...toRun, sent: { is: "refused", reason: "Jar file x does not exist" } }),
  ).toMatchObject({ kind: "next", phase: "back", result: { jobId: "" } });
});

test("not healthy after a checkpoint: nothing is undone unattended, the thread asks, waiting longer first", async () => {
  const { flink, drive } = await opened("restart orders --jar newest");
  flink.theJob = aJob({ jobId: EFFECT_ID, state: "RESTARTING" });
  flink.theCheckpoints = checkpointsOf(aCheckpoint());
  const report = await drive.report({ ...toRun, ...late });
  expect(report.outcome).toBe("partly");
  expect(plain(report.headline)).toBe("orders runs again but is not healthy: wait or roll back?");
  expect(report.lines.map(plain).join("\n")).toContain(
    "It has completed 1 checkpoint, so its sinks have committed work since",
  );
  expect(report.offers?.map((o) => o.label)).toEqual(["Wait longer", "Diagnose", "Roll back"]);
  expect(report.offers?.at(-1)).toMatchObject({
    operation: "rollback",
    args: { job: `prod/${EFFECT_ID}`, from: LOCATION, jar: JAR, parallelism: 1 },
  });
});

test("a checkpoint completed in the moment in which it was cancelled is not undone either", async () => {
  const { flink, drive } = await opened();
  flink.theJob = aJob({ jobId: NEW_ID, state: "CANCELED" });
  flink.theCheckpoints = checkpointsOf(aCheckpoint());
  const report = await drive.report(after("cancel"));
  expect(report.lines.map(plain).join("\n")).toContain("completed a checkpoint just as it was cancelled");
  expect(report.offers?.map((o) => o.label)).toEqual(["Resume", "Roll back"]);
});

test("neither way works: says so, and where the state is", async () => {
  const { flink, drive } = await opened();
  expect(await drive.ending({ ...after("back"), sent: { is: "refused", reason: "no" } })).toContain(
    "failed: orders does not run: neither the new version nor the old one started",
  );
  flink.theJob = aJob({ jobId: EFFECT_ID, state: "FAILED" });
  expect(await drive.ending(after("back"))).toContain("was rolled back but is not healthy either");
  flink.theJob = null;
  expect(await drive.ending({ ...toRun, waited: 90_000 })).toContain(
    "unknown: It is unknown whether orders was started",
  );
});

describe("during a fail-over, when Flink does not list the job at the moment", () => {
  it("a cancel of the new job that it lost is sent once more", async () => {
    const { flink, drive } = await opened();
    flink.theJob = aJob({ jobId: NEW_ID });
    const cancel = { ...after("cancel"), effect: { do: "cancel", jobId: NEW_ID }, waited: 31_000 } as const;
    expect(await drive.observe(cancel)).toMatchObject({ kind: "next", phase: "cancel" });
  });

  it("the way back is not taken before the new one is known to have ended", async () => {
    const { flink, drive } = await opened();
    flink.theJob = null;
    const cancel = { ...after("cancel"), effect: { do: "cancel", jobId: NEW_ID } } as const;
    expect(await drive.note({ ...cancel, waited: 59_000 })).toContain("nothing is started until it does");
    flink.group = ["jm-2"];
    const said = await drive.ending({ ...cancel, waited: 200_000, late: true });
    expect(said).toContain("unknown: It is unknown whether orders still runs");
    expect(said).toContain(LOCATION);
  });

  it("nor where nobody can say whether the new one has committed anything", async () => {
    const { flink, drive } = await opened();
    flink.theJob = aJob({ jobId: NEW_ID, state: "CANCELED" });
    flink.checkpoints = () => Promise.resolve("absent");
    const report = await drive.report(after("cancel"));
    expect(report.outcome).toBe("partly");
    expect(report.lines.map(plain).join("\n")).toContain("does not say whether it completed a checkpoint");
    expect(report.lines.map(plain).join("\n")).toContain(
      "its sinks may have committed work since the savepoint",
    );
  });

  it.each<[string, (flink: FakeFlinkReads) => void]>([
    ["it failed before, and Flink lists nothing", (f) => (f.theExceptions = [anException()])],
    ["Flink lists nothing, and does not show its failures", (f) => (f.exceptions = refuses)],
    ["Flink says that it takes none", (f) => (f.theCheckpoints = null)],
  ])("not known is not none: %s", async (_name, change) => {
    const { flink, drive } = await opened();
    flink.theJob = aJob({ jobId: NEW_ID, state: "CANCELED" });
    flink.theCheckpoints = checkpointsOf();
    expect(await drive.observe(after("cancel"))).toMatchObject({ kind: "next", phase: "back" });
    change(flink);
    const said = await drive.ending(after("cancel"));
    expect(said).toMatch(/^partly: orders was restarted and has ended: resume or roll back\?/u);
    expect(said).toContain("It is unknown whether it completed a checkpoint, so nothing was undone");
  });

  it("what the job cache has seen of it counts where Flink lists nothing", async () => {
    const { flink, drive, known } = await opened();
    flink.theJob = aJob({ jobId: NEW_ID, state: "CANCELED" });
    flink.theCheckpoints = checkpointsOf();
    known.states = [aState({ isSavepoint: false, jobId: NEW_ID, path: "file:/c/chk-2" })];
    expect(await drive.ending(after("cancel"))).toContain("It has completed 1 checkpoint");
  });
});
