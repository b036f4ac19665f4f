import { afterEach, beforeEach, describe, expect, it } from "vitest";
import { type SimulatedFlink, startSimulated } from "../../playground/flink/simulated/server.ts";
import { until } from "../../playground/flink/session.ts";
import { FlinkNotYet } from "../../src/model/errors.ts";
import { type Cluster, type Clusters, createClusters } from "../../src/flink/clusters.ts";
import type { FlinkReads } from "../../src/model/flink-reads.ts";
import { given } from "../../src/model/flink-jobs.ts";
import type { Effect, Lease } from "../../src/model/effect.ts";
import { stateNow } from "../fakes/sighted.ts";
import { clusterAt, RETRY_AFTER_MS, serve } from "./local-server.ts";
import { recorded } from "./recorded.ts";

const ID = "c".repeat(32);
const JOB = "a".repeat(32);
const soon = (): Lease => ({ untilMonotonicMs: performance.now() + 10_000 });

describe("what Flink 2.3.0 answered", () => {
  it.each<[string, (reads: FlinkReads) => Promise<unknown>, string]>([
    ["checkpoints-batch", (reads) => reads.checkpoints(JOB), "off"],
    ["checkpoints-config-batch", (reads) => reads.checkpointConfig(JOB), "off"],
    ["checkpoints-initializing", (reads) => reads.checkpoints(JOB), "not yet"],
    ["unknown-job", (reads) => reads.checkpoints(JOB), "absent"],
  ])("%s is a value", async (name, ask, value) => {
    const { status, body } = recorded("2.3.0", name);
    const server = await serve((_req, res) => {
      res.writeHead(status, { "content-type": "application/json" });
      res.end(JSON.stringify(body));
    });
    const clusters = createClusters([clusterAt(server.url)], RETRY_AFTER_MS);
    expect(await ask((clusters.get("prod") as Cluster).reads)).toBe(value);
    await clusters.close();
    await server.close();
  });

  it("as not yet is never taken for none", () => {
    expect(given("off")).toBeNull();
    expect(() => given("not yet")).toThrow(FlinkNotYet);
  });
});

describe("a job that is INITIALIZING", () => {
  let sim: SimulatedFlink;
  let clusters: Clusters;
  let flink: Cluster;
  let jobId: string;
  beforeEach(async () => {
    sim = await startSimulated();
    jobId = (await sim.control.addJob({ name: "slowinit", state: "INITIALIZING" })).jobId;
    clusters = createClusters([clusterAt(sim.url)], RETRY_AFTER_MS);
    flink = clusters.get("prod") as Cluster;
  });
  afterEach(async () => {
    await clusters.close();
    await sim.stop();
  });

  it("is not a cluster that is silent: each answer is its own, and none is asked for twice", async () => {
    expect(await flink.reads.checkpoints(jobId)).toBe("not yet");
    expect(await flink.reads.sighting(jobId)).toEqual({ is: "alive", state: "INITIALIZING" });
    expect(given(await flink.reads.job(jobId))).toMatchObject({ state: "INITIALIZING", vertices: [] });
    expect(await flink.reads.exceptions(jobId, 1)).toEqual([]);
    await expect(flink.reads.requirements(jobId)).rejects.toThrow(FlinkNotYet);
    const asked = (await sim.control.requests()).map((r) => r.path);
    expect(new Set(asked).size).toBe(asked.length);
  });

  it("takes a cancel", async () => {
    const effect: Effect = { do: "cancel", jobId };
    const anchor = await flink.effects.anchor(effect);
    expect(await flink.effects.ask(effect, ID, { anchor, sent: "no" })).toEqual({ is: "not" });
    expect((await flink.effects.perform(effect, ID, soon())).is).toBe("accepted");
    await until("cancelled", async () => (await stateNow(flink.reads, jobId)) === "CANCELED");
  });

  it("refuses a change, and that is no perhaps", async () => {
    const effect: Effect = {
      do: "rescale",
      jobId,
      before: {},
      target: { [JOB]: { lowerBound: 1, upperBound: 2 } },
    };
    expect(await flink.effects.perform(effect, ID, soon())).toEqual({
      is: "refused",
      reason: "Flink is still initializing the job and cannot do this yet.",
    });
  });

  it("takes the request for a savepoint, which then fails for that reason", async () => {
    const effect: Effect = { do: "savepoint", jobId, directory: "file:///sp", format: "CANONICAL" };
    expect((await flink.effects.perform(effect, ID, soon())).is).toBe("accepted");
    expect(await flink.reads.trigger(jobId, ID)).toMatchObject({
      is: "failed",
      reason: expect.stringMatching(/while the JobManager is initializing/u),
    });
  });
});

it("a batch job has no checkpoints at all, in both wordings", async () => {
  const sim = await startSimulated();
  const { jobId } = await sim.control.addJob({ name: "batch", jobType: "BATCH" });
  const clusters = createClusters([clusterAt(sim.url)]);
  const { reads } = clusters.get("prod") as Cluster;
  expect(await reads.checkpoints(jobId)).toBe("off");
  expect(await reads.checkpointConfig(jobId)).toBe("off");
  expect(given(await reads.job(jobId))?.jobType).toBe("BATCH");
  await clusters.close();
  await sim.stop();
});
