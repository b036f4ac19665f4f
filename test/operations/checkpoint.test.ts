import { expect, test } from "vitest";
import { aCheckpoint, aJob, checkpointsOf, FakeFlinkReads, JOB_ID } from "../fakes/flink-reads.ts";
import { Drive, EFFECT_ID } from "./drive.ts";

test("triggers one, tells its progress, and ends with what it is", async () => {
  const flink = new FakeFlinkReads();
  const drive = new Drive("checkpoint orders --full", flink);
  await drive.intended();
  expect(await drive.effect()).toEqual({ do: "checkpoint", jobId: JOB_ID, full: true });
  flink.checkpointTriggers.set(EFFECT_ID, { is: "in_progress" });
  expect(await drive.note()).toBe("Flink is taking the checkpoint");
  flink.theCheckpoints = checkpointsOf(aCheckpoint({ kind: "in_progress", acknowledged: 1 }));
  expect(await drive.note()).toBe("Flink is taking the checkpoint: 1 of 2 subtasks");
  flink.checkpointTriggers.set(EFFECT_ID, { is: "completed", checkpointId: 7 });
  flink.theCheckpoints = checkpointsOf(aCheckpoint());
  expect(await drive.ending()).toBe(
    "done: Checkpoint 7 of orders is complete\n18.2 GB, took 350 ms\nfile:/checkpoints/chk-7",
  );
});

test("each failure in its own words", async () => {
  const flink = new FakeFlinkReads();
  const drive = new Drive("checkpoint orders", flink);
  await drive.intended();
  flink.checkpointTriggers.set(EFFECT_ID, { is: "failed", reason: "Checkpoint expired." });
  expect(await drive.ending()).toBe(
    "failed: No checkpoint of orders\nCheckpoint expired.\nThe job is RUNNING.",
  );
  expect(await drive.ending({ sent: { is: "refused", reason: "no" } })).toContain(
    "failed: No checkpoint of orders\nno",
  );
  expect(await drive.ending({ sent: { is: "unknown", looked: "looked" } })).toContain(
    "the outcome is unknown\nlooked.",
  );
});

test("what Flink has forgotten is unknown, at once after a fail-over, else when it is late", async () => {
  const flink = new FakeFlinkReads();
  const drive = new Drive("checkpoint orders", flink);
  await drive.intended();
  expect(await drive.note()).toBe("Flink does not say how the checkpoint ended");
  expect(await drive.ending({ late: true })).toContain(
    "Flink does not know this request, or no longer does.",
  );
  flink.theJob = aJob({ startedAt: 5 });
  expect(await drive.ending()).toContain("restarted the job meanwhile");
});

test("a job without checkpointing is refused", async () => {
  const flink = new FakeFlinkReads();
  flink.config = null;
  expect(await new Drive("checkpoint orders", flink).refusal()).toContain(
    "orders has checkpointing disabled",
  );
});
