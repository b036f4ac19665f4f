import { expect, test } from "vitest";
import type { Aggregate } from "../../src/model/flink-jobs.ts";
import { aCheckpoint, checkpointsOf, FakeFlinkReads, T0 } from "../fakes/flink-reads.ts";
import { plain } from "../../src/model/text.ts";
import { asked, told } from "./ask.ts";

const even = (n: number): Aggregate => ({ min: n, max: n, avg: n, sum: n });

test("checkpoints: counts, rhythm, retention, and each with what became of it", async () => {
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
  flink.theCheckpoints = null;
  expect(await told("checkpoints orders", flink)).toContain("orders takes no checkpoints");
});

test("jars: newest first, and a cluster without any", async () => {
  const flink = new FakeFlinkReads();
  flink.theJars = [
    { id: "1_a.jar", name: "a.jar", uploadedAt: T0, entryClasses: ["com.x.Main"] },
    { id: "2_b.jar", name: "b.jar", uploadedAt: T0 - 1, entryClasses: [] },
  ];
  expect(await told("jars", flink)).toBe(
    [
      "2 jars on prod",
      "a.jar | uploaded 2027-01-15 08:00 UTC | entry com.x.Main | id 1_a.jar",
      "b.jar | uploaded 2027-01-15 07:59 UTC | no entry class in its manifest | id 2_b.jar",
    ].join("\n"),
  );
  flink.theJars = null;
  expect(await told("jars prod", flink)).toContain("prod does not accept jars.");
});

test("status names the vertex that holds the job back, with every load", async () => {
  const flink = new FakeFlinkReads();
  flink.theLinks = [{ label: "Grafana", url: "https://grafana.example/orders" }];
  flink.vertexLoads = {
    aaaa0000000000000000000000000001: {
      busyTimeMsPerSecond: even(100),
      backPressuredTimeMsPerSecond: even(800),
      idleTimeMsPerSecond: even(100),
      numRecordsOutPerSecond: even(20),
    },
    bbbb0000000000000000000000000002: {
      busyTimeMsPerSecond: even(1000),
      backPressuredTimeMsPerSecond: even(0),
      numRecordsInPerSecond: even(20),
    },
  };
  const said = await told("status orders", flink);
  expect(said).toContain("🟠 orders is behind: Window is the bottleneck, busy 100%");
  expect(said).toContain(", Flink, Grafana");
  expect(said).toContain("Source | 1 | 1 of 1 running | 10% | 80% |  | 20/s");
  expect(said).toContain("Window | 1 | 1 of 1 running | 100% | 0% | 20/s | ");
  const answer = await asked("status orders", flink);
  expect("table" in answer && answer.table?.lines?.map(plain)).toEqual([
    "Source · parallelism 1 · 1 of 1 running · 10% busy, 80% back-pressured, 20/s out",
    "Window · parallelism 1 · 1 of 1 running · 100% busy, 0% back-pressured, 20/s in",
  ]);
  expect("offers" in answer && answer.offers?.map((o) => o.label)).toEqual([
    "Refresh",
    "Diagnose",
    "Savepoint",
    "Scale to 2",
    "Stop",
  ]);
});
