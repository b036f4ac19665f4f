import { expect, test } from "vitest";
import { FlinkUnexpected, FlinkUnreachable } from "../../src/model/errors.ts";
import { plain } from "../../src/model/text.ts";
import { aCheckpoint, aJob, checkpointsOf, FakeFlinkReads, JOB_ID, T0 } from "../fakes/flink-reads.ts";
import { anEntry } from "../fakes/knowledge.ts";
import { DIRECTORY, Drive, EFFECT_ID } from "./drive.ts";

const LOCATION = `${DIRECTORY}/savepoint-1`;
const verify = { phase: "verify", results: { stop: { location: LOCATION } } };
const badly = {
  phase: "verify",
  results: { stop: { reason: "A savepoint has been created, but the job failed.", usable: LOCATION } },
};
const start = async (text = "stop orders") => {
  const flink = new FakeFlinkReads();
  const drive = new Drive(text, flink);
  const intent = await drive.intended();
  return { flink, drive, intent };
};

test("says what will happen and binds the job as it is", async () => {
  const { drive, intent } = await start();
  expect(plain(intent.headline)).toBe("Stop orders with a savepoint");
  expect(intent.losses).toEqual([]);
  expect(intent.details.map(plain).join("\n")).toContain(
    "Last checkpoint 41 s before this was asked: 18.2 GB, took 350 ms.",
  );
  expect(intent.binds).toEqual({
    jobId: aJob().jobId,
    startTime: T0 - 3_600_000,
    alive: true,
    directory: DIRECTORY,
  });
  expect(await drive.effect()).toMatchObject({ do: "stop", drain: false, directory: DIRECTORY });
});

test("drain says that it must not be resumed from, before and after", async () => {
  const { flink, drive, intent } = await start("stop orders --drain");
  expect(plain(intent.headline)).toBe("Drain orders and end it for good");
  expect(intent.losses.map(plain).join()).toContain("must not be resumed from");
  expect(await drive.effect()).toMatchObject({ drain: true });
  flink.theJob = aJob({ state: "FINISHED" });
  expect(await drive.ending(verify)).toContain("must not be resumed from");
});

test("the location is kept before the job is looked at", async () => {
  const { flink, drive } = await start();
  flink.triggers.set(EFFECT_ID, { is: "completed", location: LOCATION });
  expect(await drive.observe()).toMatchObject({
    kind: "next",
    phase: "verify",
    result: { location: LOCATION },
  });
});

test("the tasks take longer to end than the savepoint to be written, and that is said", async () => {
  const { flink, drive } = await start();
  flink.triggers.set(EFFECT_ID, { is: "in_progress" });
  const effect = await drive.effect();
  expect(await drive.note({ effect })).toBe("Flink is writing the savepoint");
  const ours = aCheckpoint({ isSavepoint: true, type: "SYNC_SAVEPOINT", path: LOCATION, triggeredAt: T0 });
  flink.theCheckpoints = checkpointsOf(ours);
  expect(await drive.note({ effect, waited: 60_000 })).toBe(
    "The savepoint is complete; Flink is stopping the tasks",
  );
});

test("stopped", async () => {
  const { flink, drive } = await start();
  expect(await drive.note(verify)).toBe("The savepoint is complete; the job is still RUNNING");
  flink.theJob = aJob({ state: "FINISHED" });
  expect(await drive.ending(verify)).toBe(`done: orders is stopped\nSavepoint: ${LOCATION}`);
});

test.each([
  ["stop orders", ["Resume", "Status"]],
  ["stop orders --drain", ["Status"]],
])("what was stopped can be resumed with a button, where it may be: %s", async (text, labels) => {
  const { flink, drive } = await start(text);
  drive.known.catalogue = { entries: [anEntry()], anyJarOn: [] };
  flink.theJob = aJob({ state: "FINISHED" });
  const seen = await drive.observe(verify);
  expect(seen.kind === "end" && seen.report.offers?.map((o) => o.label)).toEqual(labels);
});

test("savepoint failed, job still running", async () => {
  const { flink, drive } = await start();
  flink.triggers.set(EFFECT_ID, { is: "failed", reason: "Checkpoint was declined.", usable: null });
  const next = await drive.observe();
  if (next.kind !== "next") throw new Error("not next");
  expect(await drive.ending({ phase: "verify", results: { stop: next.result } })).toBe(
    "failed: orders was not stopped\nCheckpoint was declined.\nThe job is RUNNING.",
  );
});

test("savepoint usable, but the job FAILED while stopping", async () => {
  const { flink, drive } = await start();
  flink.theJob = aJob({ state: "FAILING" });
  expect(await drive.note(badly)).toContain("waiting for it to end");
  flink.theJob = aJob({ state: "FAILED" });
  const said = await drive.ending(badly);
  expect(said).toContain("partly: orders failed while it stopped; its savepoint is usable");
  expect(said).toContain(LOCATION);
  expect(said).toContain("The job is FAILED.");
});

test("whatever ended it: a savepoint of this request that is complete comes first", async () => {
  const { flink, drive } = await start();
  const failed = { phase: "verify", results: { stop: { reason: "commit failed", usable: null } } };
  const own = { path: LOCATION, isSavepoint: true, id: 9 };
  flink.theCheckpoints = checkpointsOf(
    aCheckpoint({ path: "s3://bucket/savepoints/other/savepoint-1", isSavepoint: true }),
  );
  flink.theJob = aJob({ state: "FAILED" });
  expect(await drive.ending(failed)).toContain("failed: orders was not stopped");
  flink.theCheckpoints = checkpointsOf(aCheckpoint(own));
  const said = await drive.ending(failed);
  expect(said).toContain(
    "partly: orders failed while it stopped; its savepoint is usable\nSavepoint: " + LOCATION,
  );
});

test("a batch job takes no savepoint, so its end is offered as a cancel", async () => {
  const flink = new FakeFlinkReads();
  flink.theJob = aJob({ jobType: "BATCH" });
  const said = await new Drive("stop orders", flink).open();
  expect(said).toMatchObject({ offers: [{ operation: "cancel", args: { job: `prod/${JOB_ID}` } }] });
});

test("location seen and the JobManager gone", async () => {
  const { flink, drive } = await start();
  flink.down = new FlinkUnreachable("reading job: connect ECONNREFUSED", "no");
  expect(await drive.note(verify)).toContain("waiting for the job to end");
  const said = await drive.ending({ ...verify, late: true });
  expect(said).toContain("done: orders is stopped, and its cluster is gone");
  expect(said).toContain(LOCATION);
  expect(said).toContain("The JobManager has not answered since.");
});

test("location seen and the job not listed any more: that is not its end", async () => {
  const { flink, drive } = await start();
  flink.theJob = null;
  const said = await drive.ending({ ...verify, late: true });
  expect(said).toContain("unknown: It is unknown whether orders is stopped");
  expect(said).toContain("no longer lists the job");
});

test("location seen and the job restarted: it continues", async () => {
  const { flink, drive } = await start();
  flink.theJob = aJob({ startedAt: T0 + 1 });
  expect(await drive.ending(verify)).toContain("partly: orders is still RUNNING, although its savepoint");
});

test("location seen and the job RUNNING for too long", async () => {
  const { drive } = await start();
  expect(await drive.ending({ ...verify, late: true })).toContain("should have ended at once");
});

test("location seen and the job CANCELED", async () => {
  const { flink, drive } = await start();
  flink.theJob = aJob({ state: "CANCELED" });
  expect(await drive.ending(verify)).toContain("partly: orders ended as CANCELED, not as FINISHED");
});

test("unknown says where to look and how the job is", async () => {
  const { flink, drive } = await start();
  flink.theJob = aJob({ state: "FINISHED" });
  const said = await drive.ending({ sent: { is: "unknown", looked: "asked" }, late: true });
  expect(said).toContain("unknown: Stop of orders: the outcome is unknown");
  expect(said).toContain(DIRECTORY);
  expect(said).toContain("The job is FINISHED.");
});

test("refused", async () => {
  const { drive } = await start();
  const sent = { is: "refused", reason: "The Flink job is currently not executing." } as const;
  expect(await drive.ending({ sent })).toContain("failed: orders was not stopped\nThe Flink job");
});

test("what is not Flink is not taken for a cluster that is gone", async () => {
  const { flink, drive } = await start();
  flink.down = new FlinkUnexpected("reading job: HTML");
  await expect(drive.observe({ ...verify, late: true })).rejects.toBe(flink.down);
});
