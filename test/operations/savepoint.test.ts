import { expect, test } from "vitest";
import { FlinkUnreachable } from "../../src/model/errors.ts";
import { plain } from "../../src/model/text.ts";
import { aCheckpoint, aJob, aVertex, checkpointsOf, FakeFlinkReads, T0 } from "../fakes/flink-reads.ts";
import { DIRECTORY, Drive, EFFECT_ID } from "./drive.ts";

const saved = (path: string) =>
  aCheckpoint({ id: 9, isSavepoint: true, type: "SAVEPOINT", path, sizeBytes: 2_000_000, endToEndMs: 50 });
const underWay = aCheckpoint({
  id: 9,
  kind: "in_progress",
  isSavepoint: true,
  type: "SAVEPOINT",
  path: null,
  triggeredAt: T0 + 10,
  endToEndMs: null,
  acknowledged: 1,
  subtasks: 4,
  sizeBytes: 0,
});

test("goes to a directory of its own below the cluster's", async () => {
  const drive = new Drive("savepoint orders", new FakeFlinkReads());
  const intent = await drive.intended();
  expect(plain(intent.headline)).toBe("Savepoint of orders");
  expect(intent.losses).toEqual([]);
  expect(intent.binds).toMatchObject({ alive: true, directory: DIRECTORY });
  expect(await drive.effect()).toEqual({
    do: "savepoint",
    jobId: aJob().jobId,
    directory: DIRECTORY,
    format: "CANONICAL",
  });
});

test.each(["savepoint orders", "savepoint orders file:///sp", "savepoint orders file:/sp/"])(
  "%s: a local directory has Flink's spelling, in which the savepoint is shown later",
  async (typed) => {
    const flink = new FakeFlinkReads();
    flink.theCapabilities = { ...flink.theCapabilities, savepointDirectory: "file:///sp" };
    flink.savepointRoots = ["file:///sp"];
    const drive = new Drive(typed, flink);
    expect((await drive.intended()).details.map(plain).join()).toMatch(/ file:\/sp\/\w/u);
  },
);

test("takes a directory and a format", async () => {
  const drive = new Drive("savepoint orders s3://bucket/savepoints/a/ --format native", new FakeFlinkReads());
  expect(await drive.effect()).toMatchObject({
    directory: DIRECTORY.replace("savepoints/", "savepoints/a/"),
    format: "NATIVE",
  });
});

test.each([
  ["a directory elsewhere", "savepoint orders s3://other/x", "must be below s3://bucket/savepoints"],
  ["a way up", "savepoint orders s3://bucket/savepoints/../x", ".."],
  ["encoded separators", "savepoint orders s3://bucket/savepoints%2f..", "percent"],
  ["a web address", "savepoint orders http://bucket/savepoints", "http"],
  ["too long a one", `savepoint orders s3://bucket/savepoints/${"x".repeat(2_000)}`, "at most 1000"],
])("refuses %s", async (_name, text, said) => {
  expect(await new Drive(text, new FakeFlinkReads()).refusal()).toContain(said);
});

test("refuses where no directory is known, and says how to name one", async () => {
  const flink = new FakeFlinkReads();
  flink.theCapabilities = { ...flink.theCapabilities, savepointDirectory: null };
  const said = await new Drive("savepoint orders", flink).refusal();
  expect(said).toContain("no default directory for savepoints");
  expect(said).toContain("must be below s3://bucket/savepoints");
});

test("refuses a job that is gone, ended or a batch job", async () => {
  const flink = new FakeFlinkReads();
  flink.theJob = aJob({ jobType: "BATCH" });
  expect(await new Drive("savepoint orders", flink).refusal()).toContain("batch job");
  flink.theJob = aJob({ state: "FINISHED" });
  expect(await new Drive("savepoint orders", flink).refusal()).toContain("no longer known");
  flink.theJob = null;
  expect(await new Drive("savepoint orders", flink).refusal()).toContain("no longer known");
});

test("warns while tasks are missing", async () => {
  const flink = new FakeFlinkReads();
  flink.theJob = aJob({ vertices: [aVertex({ tasksTotal: 2 })] });
  const intent = await new Drive("savepoint orders", flink).intended();
  expect(intent.warnings.map(plain)).toEqual([
    "When this was asked, 1 task of 2 did not run; Flink takes a savepoint only if all tasks run.",
  ]);
});

test("shows subtasks acknowledged of all", async () => {
  const flink = new FakeFlinkReads();
  flink.triggers.set(EFFECT_ID, { is: "in_progress" });
  const drive = new Drive("savepoint orders", flink);
  expect(await drive.note()).toBe("Flink is writing the savepoint");
  flink.theCheckpoints = checkpointsOf(underWay);
  expect(await drive.observe()).toMatchObject({ kind: "pending", progress: [1, 4] });
  expect(await drive.note()).toContain("1 of 4 subtasks");
  expect(await drive.note({ late: true, waited: 400_000 })).toContain("longer than usual (6 m)");
});

test("shows no progress that may be another savepoint's", async () => {
  const flink = new FakeFlinkReads();
  flink.triggers.set(EFFECT_ID, { is: "in_progress" });
  const drive = new Drive("savepoint orders", flink);
  flink.theCheckpoints = checkpointsOf(underWay, { ...underWay, id: 10 });
  expect(await drive.note()).toBe("Flink is writing the savepoint");
  flink.theCheckpoints = checkpointsOf({ ...underWay, triggeredAt: T0 - 60_000 });
  expect(await drive.note()).toBe("Flink is writing the savepoint");
});

test("ends with the location, size and duration", async () => {
  const flink = new FakeFlinkReads();
  const drive = new Drive("savepoint orders", flink);
  await drive.intended();
  const location = `${DIRECTORY}/savepoint-1`;
  flink.triggers.set(EFFECT_ID, { is: "completed", location });
  expect(await drive.ending()).toBe(`done: Savepoint of orders is complete\n${location}`);
  flink.theCheckpoints = checkpointsOf(saved(location));
  expect(await drive.ending()).toContain("2 MB, took 50 ms");
  expect((await drive.report()).facts).toEqual({ location, format: "canonical", drained: false });
});

test("a failure carries Flink's reason and the job's state", async () => {
  const flink = new FakeFlinkReads();
  flink.triggers.set(EFFECT_ID, {
    is: "failed",
    reason: "Checkpoint was declined (task is closing).",
    usable: null,
  });
  const drive = new Drive("savepoint orders", flink);
  expect(await drive.ending()).toBe(
    "failed: No savepoint of orders\nCheckpoint was declined (task is closing).\nThe job is RUNNING.",
  );
});

test("where the canonical format is not supported the native one is offered", async () => {
  const flink = new FakeFlinkReads();
  flink.triggers.set(EFFECT_ID, { is: "failed", reason: "Not supported yet.", usable: null });
  const text = "savepoint orders s3://bucket/savepoints/a";
  const report = await new Drive(text, flink).report();
  expect(report.offers?.[0]).toMatchObject({
    operation: "savepoint",
    args: { job: `prod/${aJob().jobId}`, directory: "s3://bucket/savepoints/a", format: "native" },
  });
  const native = await new Drive(`${text} --format native`, flink).report();
  expect(native.offers?.map((o) => o.label)).toEqual(["Status"]);
});

test("a refusal by Flink is a failure in its words", async () => {
  const drive = new Drive("savepoint orders", new FakeFlinkReads());
  const sent = { is: "refused", reason: "Config key is not set." } as const;
  expect(await drive.ending({ sent })).toContain(
    "failed: Flink did not begin a savepoint of orders\nConfig key",
  );
});

test.each([
  ["forgot the trigger", { is: "accepted", answer: null }],
  ["cannot tell", { is: "unknown", looked: "asked twice" }],
] as const)("finds it by its directory when Flink %s", async (_name, sent) => {
  const flink = new FakeFlinkReads();
  const drive = new Drive("savepoint orders", flink);
  await drive.intended();
  flink.theCheckpoints = checkpointsOf(saved(`${DIRECTORY}/savepoint-2`));
  expect(await drive.ending({ sent })).toContain("done: Savepoint of orders is complete");
});

test("waits where Flink cannot tell, then says where to look", async () => {
  const flink = new FakeFlinkReads();
  const drive = new Drive("savepoint orders", flink);
  const sent = { is: "unknown", looked: "asked twice" } as const;
  expect(await drive.note({ sent })).toContain("does not say");
  const said = await drive.ending({ sent, late: true });
  expect(said).toContain("unknown: Savepoint of orders: the outcome is unknown");
  expect(said).toContain(DIRECTORY);
  expect(said).toContain("asked twice");
});

test("after a fail-over it does not wait for what Flink has forgotten", async () => {
  const flink = new FakeFlinkReads();
  const drive = new Drive("savepoint orders", flink);
  await drive.intended();
  flink.theJob = aJob({ startedAt: T0 + 5 });
  flink.theCheckpoints = checkpointsOf();
  expect(await drive.ending()).toContain("restarted the job meanwhile");
});

test("an unreachable Flink is the engine's to wait for", async () => {
  const flink = new FakeFlinkReads();
  const drive = new Drive("savepoint orders", flink);
  await drive.intended();
  flink.down = new FlinkUnreachable("reading savepoint: connect ECONNREFUSED", "no");
  await expect(drive.observe()).rejects.toBe(flink.down);
});
