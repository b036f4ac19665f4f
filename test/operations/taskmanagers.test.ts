import { expect, test } from "vitest";
import type { TaskManager } from "../../src/model/flink-cluster.ts";
import { aJob, FakeFlinkReads, T0 } from "../fakes/flink-reads.ts";
import { told } from "./ask.ts";

const manager = (n: number, more: Partial<TaskManager> = {}): TaskManager => ({
  id: `10.0.0.${n}:6122-ab`,
  host: `10.0.0.${n}`,
  slots: 4,
  freeSlots: 1,
  heartbeatAt: T0 - 2000,
  cpuCores: 2,
  ...more,
});

/** Flink's clock tells what time it is: the job has run for an hour at that time. */
function cluster(all: readonly TaskManager[]): FakeFlinkReads {
  const flink = new FakeFlinkReads();
  flink.theTaskManagers = all;
  flink.theJob = aJob({ startedAt: T0 - 3_600_000, now: T0 });
  return flink;
}

test("says slots, memory and heartbeat of each, by Flink's own clock", async () => {
  const flink = cluster([manager(1)]);
  flink.theTaskManagerMetrics = {
    "10.0.0.1:6122-ab": {
      "Status.JVM.Memory.Heap.Used": "400000000",
      "Status.JVM.Memory.Heap.Max": "1000000000",
      "Status.JVM.GarbageCollector.All.TimeMsPerSecond": "20",
    },
  };
  expect(await told("taskmanagers", flink)).toBe(
    [
      "1 task manager on prod, 1 of 4 slots free",
      "10.0.0.1 | 1 of 4 | 40% of 1 GB | 2% | 2 s ago | 10.0.0.1:6122-ab",
    ].join("\n"),
  );
});

test("the worst comes first, and why is said above", async () => {
  const flink = cluster([manager(1), manager(2, { heartbeatAt: T0 - 45_000 })]);
  const said = await told("taskmanagers prod", flink);
  expect(said.split("\n")[1]).toBe(
    "10.0.0.2 has not sent a heartbeat for 45 s; by default Flink drops it after 50 s.",
  );
  expect(said.indexOf("10.0.0.2 |")).toBeLessThan(said.indexOf("10.0.0.1 |"));
});

test("a full heap and much garbage collection are said", async () => {
  const flink = cluster([manager(1)]);
  flink.theTaskManagerMetrics = {
    "10.0.0.1:6122-ab": {
      "Status.JVM.Memory.Heap.Used": "970",
      "Status.JVM.Memory.Heap.Max": "1000",
      "Status.JVM.GarbageCollector.All.TimeMsPerSecond": "410",
    },
  };
  const said = await told("taskmanagers", flink);
  expect(said).toContain("10.0.0.1 spends 41% of its time on garbage collection.");
  expect(said).toContain("10.0.0.1 has 97% of its heap in use.");
});

test("what Flink does not say is not known; none is said", async () => {
  const flink = cluster([manager(1, { host: "", heartbeatAt: null })]);
  flink.theTaskManagerMetrics = {};
  expect(await told("taskmanagers", flink)).toContain(
    "10.0.0.1:6122-ab | 1 of 4 | not known | not known | not known",
  );
  expect(await told("taskmanagers", cluster([]))).toContain("prod has no task managers");
});

test("counts all of many, shows the worst, and says whose memory it has not read", async () => {
  const all = Array.from({ length: 60 }, (_, n) => manager(n));
  const said = await told("taskmanagers", cluster(all));
  expect(said).toContain("60 task managers on prod, 60 of 240 slots free");
  expect(said).toContain("Heap and garbage collection are read for the first 50 only.\nThe worst 40.");
  expect(said.split("\n").filter((line) => line.includes(" | "))).toHaveLength(40);
});
