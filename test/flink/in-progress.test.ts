import { afterEach, beforeEach, expect, it } from "vitest";
import { until } from "../../playground/flink/session.ts";
import { type SimulatedFlink, startSimulated } from "../../playground/flink/simulated/server.ts";
import { type Cluster, type Clusters, createClusters } from "../../src/flink/clusters.ts";
import type { Effect, FlinkEffect } from "../../src/model/effect.ts";
import type { AsyncOperation } from "../../src/model/flink-reads.ts";
import { clusterAt } from "./local-server.ts";

const ID = "b".repeat(32);

let sim: SimulatedFlink;
let clusters: Clusters;
let flink: Cluster;
let jobId: string;
beforeEach(async () => {
  sim = await startSimulated();
  clusters = createClusters([clusterAt(sim.url)], []);
  flink = clusters.get("prod", "watch") as Cluster;
  jobId = (await sim.control.addJob({ name: "orders" })).jobId;
});
afterEach(async () => {
  await clusters.close();
  await sim.stop();
});

const perform = async (effect: FlinkEffect) =>
  await flink.effects.perform(effect, ID, { untilMonotonicMs: performance.now() + 10_000 });
const savepoint: Pick<Extract<Effect, { do: "savepoint" }>, "do" | "directory" | "format"> = {
  do: "savepoint",
  directory: "file:///sp",
  format: "CANONICAL",
};

it("is told of savepoints, with and without stop, until Flink says how they ended", async () => {
  const operation: AsyncOperation = { kind: "savepoint", jobId, triggerId: ID };
  expect(await flink.reads.isInProgress(operation)).toBe(false);
  await sim.control.timings({ snapshotMs: 300 });
  await perform({ ...savepoint, jobId });
  expect(await flink.reads.isInProgress(operation)).toBe(true);
  await until("it is over", async () => !(await flink.reads.isInProgress(operation)));
  expect((await flink.reads.trigger(jobId, ID)).is).toBe("completed");
});

it("is told of checkpoints", async () => {
  const operation: AsyncOperation = { kind: "checkpoint", jobId, triggerId: ID };
  await sim.control.timings({ snapshotMs: 300 });
  await perform({ do: "checkpoint", jobId, full: false });
  expect(await flink.reads.isInProgress(operation)).toBe(true);
  await until("it is over", async () => !(await flink.reads.isInProgress(operation)));
  expect((await flink.reads.checkpointTrigger(jobId, ID)).is).toBe("completed");
});

it("is told of disposals", async () => {
  await perform({ ...savepoint, jobId });
  await until("a savepoint", async () => (await flink.reads.trigger(jobId, ID)).is === "completed");
  const found = (await sim.control.snapshots()).find((s) => s.checkpointOf === null);
  await sim.control.timings({ disposeMs: 300 });
  const sent = await perform({ do: "dispose", path: found?.path ?? "" });
  const { disposal } = (sent.is === "accepted" ? sent.answer : {}) as { disposal: string };
  const operation: AsyncOperation = { kind: "disposal", triggerId: disposal };
  expect(await flink.reads.isInProgress(operation)).toBe(true);
  await until("it is over", async () => !(await flink.reads.isInProgress(operation)));
  expect((await flink.reads.disposal(disposal)).is).toBe("done");
});

it("is not known where Flink does not answer, or something else does", async () => {
  const operation: AsyncOperation = { kind: "savepoint", jobId, triggerId: ID };
  await sim.control.fault({ path: "/savepoints/", cut: true });
  await expect(flink.reads.isInProgress(operation)).rejects.toMatchObject({ code: "flink_unreachable" });
  await sim.control.clearFaults();
  await sim.control.fault({ path: "/savepoints/", status: 200, html: true });
  await expect(flink.reads.isInProgress(operation)).rejects.toMatchObject({ code: "flink_unexpected" });
});
