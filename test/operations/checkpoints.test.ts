import { expect, test } from "vitest";
import { FlinkRefused } from "../../src/model/errors.ts";
import { aCheckpoint, checkpointsOf, FakeFlinkReads, T0 } from "../fakes/flink-reads.ts";
import { told } from "./ask.ts";

test("counts, rhythm, retention, and each with what became of it", async () => {
  const flink = new FakeFlinkReads();
  flink.theCheckpoints = checkpointsOf(
    aCheckpoint({ id: 10, kind: "in_progress", endToEndMs: null, triggeredAt: T0 - 2_000, acknowledged: 1 }),
    aCheckpoint({ id: 9, kind: "failed", failure: "Checkpoint expired.", triggeredAt: T0 - 9_000 }),
    aCheckpoint({
      id: 8,
      isSavepoint: true,
      type: "SAVEPOINT",
      format: "NATIVE",
      path: "s3://b/sp",
      triggeredAt: T0 - 20_000,
    }),
    aCheckpoint(),
  );
  expect(await told("checkpoints orders", flink)).toBe(
    [
      "Checkpoints of orders: 2 completed, 1 failed, 1 in progress",
      "One every 1 m, each may take 10 m.",
      "The last one is kept when the job is cancelled or fails.",
      "#10 | checkpoint | 2 s ago | in progress, 1 of 2 subtasks",
      "#9 | checkpoint | 9 s ago | took 350 ms | failed: Checkpoint expired.",
      "#8 | native savepoint | 20 s ago | took 350 ms | 18.2 GB | s3://b/sp",
      "#7 | checkpoint | 41 s ago | took 350 ms | 18.2 GB",
    ].join("\n"),
  );
  flink.config = { intervalMs: null, timeoutMs: 1, retainedOnCancel: false, retainedOnFailure: false };
  expect(await told("checkpoints orders", flink)).toContain(
    "Periodic checkpoints are off.\nFlink deletes the last one with the job, however it ends.",
  );
});

test("a job without any, and one that takes none", async () => {
  const flink = new FakeFlinkReads();
  flink.theCheckpoints = checkpointsOf();
  expect((await told("checkpoints orders", flink)).split("\n")[0]).toBe(
    "Checkpoints of orders: 0 completed, 0 failed",
  );
  flink.theCheckpoints = null;
  expect(await told("checkpoints orders", flink)).toBe(
    [
      "orders takes no checkpoints",
      "Without checkpoints its state is lost when it ends, and it cannot be rescaled in place.",
    ].join("\n"),
  );
});

const refused = () => Promise.reject(new FlinkRefused("no", 500));

test("what Flink refuses to tell is left out, and the checkpoints are shown without it", async () => {
  const flink = new FakeFlinkReads();
  Object.assign(flink, { checkpointConfig: refused, job: refused });
  expect(await told("checkpoints orders", flink)).toBe(
    [
      "Checkpoints of orders: 1 completed, 0 failed",
      "#7 | checkpoint | at 2027-01-15 07:59 UTC | took 350 ms | 18.2 GB",
    ].join("\n"),
  );
});
