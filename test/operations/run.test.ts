import { expect, test } from "vitest";
import { keptArgs } from "../../src/model/catalog.ts";
import { plain } from "../../src/model/text.ts";
import { aCheckpoint, aJob, anException, checkpointsOf, FakeFlinkReads, T0 } from "../fakes/flink-reads.ts";
import { anEntry, aState, JAR } from "../fakes/knowledge.ts";
import { Drive, EFFECT_ID, words } from "./drive.ts";
import { isRefusal } from "../../src/model/report.ts";

const NEWER_JAR = "2222-orders-1.1.jar";
const jars = [
  { id: NEWER_JAR, name: "orders-1.1.jar", uploadedAt: T0 - 60_000, entryClasses: [] },
  { id: JAR, name: "orders-1.0.jar", uploadedAt: T0 - 3_600_000, entryClasses: [] },
  { id: "3333-other.jar", name: "other.jar", uploadedAt: T0, entryClasses: [] },
];

/** The job has ended, one state of it is known, and two versions of its jar are there. */
const start = (text: string) => {
  const flink = new FakeFlinkReads();
  flink.theJob = aJob({ state: "FAILED", endedAt: T0 });
  flink.theJars = jars;
  const drive = new Drive(text, flink);
  drive.known.catalogue = { entries: [anEntry()], anyJarOn: [] };
  drive.known.states = [aState()];
  return { flink, drive, known: drive.known };
};
const running = (over = {}) => aJob({ jobId: EFFECT_ID, ...over });

test("run: from the newest state, with the catalog's newest jar, under an id of our own", async () => {
  const { drive } = start("run orders");
  const intent = await drive.intended();
  expect(intent.class).toBeUndefined();
  expect(plain(intent.headline)).toBe("Start orders again");
  expect(intent.details.map(plain).join("\n")).toContain(
    "from its savepoint, written 40 s before this was asked",
  );
  expect(await drive.effect()).toEqual({
    do: "run",
    jobId: EFFECT_ID,
    jar: NEWER_JAR,
    from: aState().path,
    entryClass: "com.example.Orders",
    args: keptArgs(anEntry()),
    parallelism: null,
    allowNonRestoredState: false,
  });
  expect(await drive.holds()).toEqual([{ name: "orders" }]);
});

test("the newest state: a checkpoint may be newer than a savepoint, a drained savepoint never counts", async () => {
  const { drive, known } = start("run orders");
  known.states = [
    aState({ path: "s3://b/drained", drained: true, at: T0 - 1000 }),
    aState({ path: "file:/c/chk-7", isSavepoint: false, kept: "retained", at: T0 - 40_000 }),
    aState({ path: "s3://b/sp", at: T0 - 90_000 }),
  ];
  expect(await drive.effect()).toMatchObject({ from: "file:/c/chk-7" });
  known.states = [aState({ path: "s3://b/drained", drained: true })];
  expect(await drive.refusal()).toContain("Only drained savepoints are known");
  known.states = [];
  expect(await drive.refusal()).toContain("flinkops knows no state to start orders from");
});

test("a drained savepoint is taken where it is named, and said so", async () => {
  const { drive, known } = start("run orders --from s3://b/drained");
  known.states = [aState({ path: "s3://b/drained", drained: true })];
  const intent = await drive.intended();
  expect(intent.warnings.map(plain).join()).toContain("drained");
  expect(await drive.effect()).toMatchObject({ from: "s3://b/drained" });
});

test.each<[string, string, string]>([
  ["from nothing", "run orders --from none", "empty state"],
  ["from a path that nobody knows", "run orders --from s3://bucket/savepoints/x", "does not know that state"],
])("needs another person: %s", async (_name, text, why) => {
  const intent = await start(text).drive.intended();
  expect(intent.class).toBe("destructive");
  expect([...intent.losses, ...intent.warnings].map(plain).join()).toContain(why);
});

test("needs another person: old state", async () => {
  const { drive, known } = start("run orders");
  known.states = [aState({ at: T0 - 2 * 86_400_000 })];
  const intent = await drive.intended();
  expect(intent.class).toBe("destructive");
  expect(intent.warnings.map(plain).join()).toContain("the state is old: written 2 d before this was asked");
});

test("a checkpoint next to a known one may be named, and its age is unknown nevertheless", async () => {
  const { drive, known } = start("run orders --from file:/c/j/chk-1");
  known.states = [aState({ path: "file:/c/j/chk-7", isSavepoint: false, kept: "retained" })];
  const intent = await drive.intended();
  expect(intent.class).toBe("destructive");
  expect(intent.warnings.map(plain).join()).toContain("does not know that state or its age");
  const { drive: other } = start("run orders --from file:/c/other/chk-9");
  expect(await other.refusal()).toContain("must be below");
});

test.each([
  "hdfs:///sp/r1/savepoint-1",
  "hdfs:/sp/r1/savepoint-1",
  "hdfs://namenode:8020/sp/r1/savepoint-1/",
])("a known savepoint is found by %s, and started from as Flink answered it", async (typed) => {
  const { drive, known } = start(`run orders --from ${typed}`);
  const path = "hdfs://namenode:8020/sp/r1/savepoint-1";
  known.states = [aState({ path }), aState({ path: "hdfs://backup:8020/sp/r1/savepoint-1" })];
  known.fileSystem = { default: "hdfs://namenode:8020", entropyKey: null };
  expect((await drive.intended()).class).toBeUndefined();
  expect(await drive.effect()).toMatchObject({ from: path });
});

test("dropping state needs someone else, unless the catalog says it of that job", async () => {
  const { drive } = start("run orders --allow-non-restored-state");
  const typed = await drive.intended();
  expect(typed.class).toBe("destructive");
  expect(typed.losses.map(plain).join()).toContain("does not use is dropped permanently");
  const { drive: other, known } = start("run orders");
  known.catalogue = { entries: [anEntry({ allowNonRestoredState: true })], anyJarOn: [] };
  const configured = await other.intended();
  expect(configured.class).toBeUndefined();
  expect(configured.losses.map(plain).join()).toContain("dropped permanently");
});

test("never a second one of that name", async () => {
  const { flink, drive } = start("run orders");
  flink.theJob = aJob();
  expect(await drive.refusal()).toMatch(/orders is already running on prod.*\n• 3f9c0000.* RUNNING/u);
});

test.each<[string, string, string]>([
  ["a job that is not in the catalog", "run invoices", "invoices is not in the catalog of prod"],
  ["a jar that is not there", "run orders --jar orders-9.jar", "There is no jar orders-9.jar on prod"],
  ["a word that is nearly one", "run orders --jar nwest", "Did you mean --jar newest?"],
  ["the same of the state", "run orders --from lst", "Did you mean --from last?"],
  [
    "a jar that is not the catalog's",
    "run orders --jar other.jar",
    "only jobs of the catalog may be started",
  ],
  ["other arguments", "run orders --arg x", "only jobs of the catalog may be started"],
  ["more than is free", "run orders --parallelism 4", "It needs 4 slots; 3 of 4 are free for it"],
])("refuses %s", async (_name, text, why) => {
  expect(await start(text).drive.refusal()).toContain(why);
});

test("refuses where no upload fits, where the cluster takes no jars, and on an application cluster", async () => {
  const { flink, drive } = start("run orders");
  flink.theJars = [];
  expect(await drive.refusal()).toContain("No jar on prod matches the catalog's orders-*.jar");
  flink.theJars = null;
  expect(await drive.refusal()).toContain("prod does not accept jars");
  flink.theCapabilities = { ...flink.theCapabilities, application: true };
  expect(await drive.refusal()).toContain("it ends with its job");
});

test("somebody's code, where the cluster allows it: another person, who sees all of it", async () => {
  const { drive, known } = start("run orders --jar other.jar --entry-class x.Main --arg=--fast --arg 1");
  known.catalogue = { entries: [anEntry()], anyJarOn: ["prod"] };
  const intent = await drive.intended();
  expect(intent.class).toBe("destructive");
  const said = intent.warnings.map(plain).join();
  for (const word of ["lets this code run", "3333-other.jar", "x.Main", "--fast 1"])
    expect(said).toContain(word);
  expect(intent.binds).toMatchObject({ launch: { jar: "3333-other.jar", args: ["--fast", "1"] } });
});

test("running: every task, no checkpoint waited for", async () => {
  const { flink, drive } = start("run orders");
  await drive.intended();
  flink.theJob = running({ vertices: [{ ...aJob().vertices[0], tasksRunning: 0 }] });
  expect(await drive.note()).toBe("Flink is starting the tasks (RUNNING): 0 of 1 running");
  flink.theJob = running();
  flink.theCheckpoints = checkpointsOf();
  const report = await drive.report({ waited: 2000 });
  expect(plain(report.headline)).toBe("orders runs");
  expect(report.facts).toMatchObject({ jobId: EFFECT_ID });
});

test("Flink calls it by another name than the catalog", async () => {
  const { flink, drive } = start("run orders");
  await drive.intended();
  flink.theJob = running({ name: "Orders v2" });
  expect(await drive.ending()).toContain("Flink calls it Orders v2");
});

test("state that does not fit: the operator, and what may be done and was not", async () => {
  const { flink, drive } = start("run orders");
  await drive.intended();
  flink.theJob = running({ state: "FAILED" });
  flink.theFailure =
    "Failed to rollback to checkpoint/savepoint s3://x. Cannot map checkpoint/savepoint state for operator b717 to the new program";
  const said = await drive.ending();
  expect(said).toMatch(/^failed: orders did not start/u);
  expect(said).toContain("operator b717");
  expect(said).toContain(
    "--allow-non-restored-state would leave out the state that does not fit; it was not used",
  );
  expect(said).toContain("The state that it started from is unchanged");
});

test("a checkpoint that is gone: its successors are tried, and not for ever", async () => {
  const { flink, drive, known } = start("run orders");
  known.states = [aState({ path: "file:/c/j/chk-7", isSavepoint: false, kept: "retained" })];
  await drive.intended();
  flink.theJob = running({ state: "FAILED" });
  flink.theFailure =
    "Cannot find checkpoint or savepoint file/directory 'file:/c/j/chk-7' on file system 'file'.";
  expect(await drive.observe()).toMatchObject({ kind: "next", phase: "newer", result: "file:/c/j/chk-8" });
  const results = { run: "file:/c/j/chk-8" };
  expect(await drive.effect({ phase: "newer", results })).toMatchObject({ from: "file:/c/j/chk-8" });
  expect(await drive.observe({ phase: "newer", results })).toMatchObject({ result: "file:/c/j/chk-9" });
  flink.theJob = running();
  expect(await drive.ending({ phase: "newer", results })).toContain("Started from: file:/c/j/chk-8");
  flink.theJob = running({ state: "FAILED" });
  const last = { run: "file:/c/j/chk-8", newer: "file:/c/j/chk-19" };
  expect(await drive.ending({ phase: "newer", results: last })).toContain("Cannot find checkpoint");
  const { drive: saved } = start("run orders");
  await saved.intended();
  saved.flink.theJob = running({ state: "FAILED" });
  saved.flink.theFailure = flink.theFailure;
  expect((await saved.observe()).kind).toBe("end");
});

test("a checkpoint that is gone: its successor is not tried next to a job that someone else has started meanwhile", async () => {
  const { flink, drive, known } = start("run orders");
  known.states = [aState({ path: "file:/c/j/chk-7", isSavepoint: false, kept: "retained" })];
  await drive.intended();
  flink.theJob = running({ state: "FAILED" });
  flink.theFailure = "Cannot find checkpoint or savepoint file/directory 'file:/c/j/chk-7'";
  flink.others = [running({ jobId: "7777000000000000000000000000cafe" })];
  const said = await drive.ending();
  expect(said).toContain("another job has its name");
  expect(said).toContain("Nothing was started.");
});

test("refused, unknown, and not healthy in time", async () => {
  const { flink, drive } = start("run orders");
  await drive.intended();
  expect(await drive.ending({ sent: { is: "refused", reason: "Jar file x does not exist" } })).toBe(
    "failed: orders was not started\nJar file x does not exist\nNo job was started.",
  );
  flink.theJob = null;
  const sent = { is: "unknown", looked: "the JobManager was replaced" } as const;
  expect(await drive.note({ sent, waited: 1000 })).toBe("Flink does not list the job at the moment");
  const unknown = await drive.ending({ sent, waited: 90_000 });
  expect(unknown).toContain("It is unknown whether orders was started");
  expect(unknown).toContain("the JobManager was replaced");
  expect(unknown).toContain(EFFECT_ID);
  flink.theJob = running({ state: "RESTARTING" });
  flink.theExceptions = [
    {
      name: "X",
      cause: "IllegalStateException",
      message: "no",
      at: T0,
      task: null,
      host: null,
      taskManager: null,
      stack: "",
    },
  ];
  const ill = await drive.report({ waited: 400_000 });
  expect(ill.outcome).toBe("partly");
  expect(ill.offers?.map((o) => o.label)).toEqual(["Wait longer", "Diagnose"]);
});

test("five minutes later: worse only where it is", async () => {
  const { flink, drive } = start("run orders");
  await drive.intended();
  flink.theJob = running();
  const report = await drive.report({ waited: 2000 });
  expect(await drive.followUp(report)).toEqual({
    line: "every task runs, 0 checkpoints since, 0 failures.",
    worse: false,
  });
  flink.theExceptions = [T0 + 3, T0 + 2, T0 + 1].map((at) => anException({ at }));
  expect(await drive.followUp(report)).toEqual({
    line: "every task runs, 0 checkpoints since, 3 failures (IllegalStateException: boom).",
    worse: true,
  });
  flink.theJob = running({ state: "FAILED" });
  expect(await drive.followUp(report)).toEqual({ line: "the job has ended: FAILED.", worse: true });
});

test("watch: until it is healthy, or says why it is not", async () => {
  const flink = new FakeFlinkReads();
  const drive = new Drive("watch orders", flink);
  expect(await drive.holds()).toEqual([]);
  await drive.intended();
  flink.theCheckpoints = checkpointsOf();
  expect(await drive.note()).toBe("Every task runs; waiting for its first checkpoint");
  flink.theCheckpoints = checkpointsOf(aCheckpoint());
  expect(await drive.ending()).toMatch(/^done: orders is healthy/u);
  flink.theCheckpoints = checkpointsOf();
  expect(await drive.ending({ waited: 400_000 })).toContain("no checkpoint has completed");
  flink.theJob = aJob({ state: "FINISHED" });
  const ended = await new Drive("watch orders", flink).open();
  expect(isRefusal(ended) && words(ended)).toContain("has ended");
});
