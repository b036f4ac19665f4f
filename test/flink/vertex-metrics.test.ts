import { afterEach, beforeEach, expect, it } from "vitest";
import { type SimulatedFlink, startSimulated } from "../../playground/flink/simulated/server.ts";
import { type Clusters, createClusters } from "../../src/flink/clusters.ts";
import type { FlinkReads } from "../../src/model/flink-reads.ts";
import { clusterAt } from "./local-server.ts";

let sim: SimulatedFlink;
let clusters: Clusters;
let reads: FlinkReads;
beforeEach(async () => {
  sim = await startSimulated();
  clusters = createClusters([
    clusterAt(sim.url, { timeouts: { connectMs: 2000, readMs: 5000, changeMs: 500, startMs: 1000 } }),
  ]);
  const cluster = clusters.get("prod");
  if (cluster === null) throw new Error("no cluster");
  ({ reads } = cluster);
});
afterEach(async () => {
  await clusters.close();
  await sim.stop();
});

it("one metric that is no number does not hide the others", async () => {
  const job = await sim.control.addJob({ vertices: [{ name: "Map", gauges: ["phase"] }] });
  const id = job.vertices[0]?.id ?? "";
  expect(await reads.vertexMetricNames(job.jobId, id)).toContain("phase");
  const got = await reads.vertexMetrics(job.jobId, id, ["phase", "numRecordsIn", "nothing"]);
  expect(Object.keys(got)).toEqual(["numRecordsIn"]);
  expect(await reads.vertexMetrics(job.jobId, id, ["phase"])).toEqual({});
});

it("those of many vertices come by id, and are not asked for any more once one is refused", async () => {
  const job = await sim.control.addJob({
    vertices: Array.from({ length: 9 }, (_, i) => ({ name: `Map ${i}` })),
  });
  const ids = job.vertices.map((v) => v.id);
  const all = await reads.vertexMetricsOf(job.jobId, ids, ["numRecordsIn"]);
  expect([...all.keys()].toSorted()).toEqual(ids.toSorted());
  expect(all.get(ids[3] ?? "")).toHaveProperty("numRecordsIn");
  await sim.control.clearLog();
  await sim.control.fault({ path: "/subtasks/metrics", status: 400, words: "No." });
  await expect(reads.vertexMetricsOf(job.jobId, ids, ["numRecordsIn"])).rejects.toThrow("No.");
  expect((await sim.control.requests()).length).toBeLessThan(5);
});
