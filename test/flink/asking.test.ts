import { afterEach, beforeEach, describe, expect, it } from "vitest";
import { type SimulatedFlink, startSimulated } from "../../playground/flink/simulated/server.ts";
import { until } from "../../playground/flink/session.ts";
import { FlinkNotYet } from "../../src/model/errors.ts";
import type { Moment } from "../../src/flink/facts/settings.ts";
import { type Cluster, type Clusters, createClusters } from "../../src/flink/clusters.ts";
import { provesAbsence } from "../../src/flink/effects/triggered.ts";
import type { FlinkEffect, Lease } from "../../src/model/effect.ts";
import { clusterAt, RETRY_AFTER_MS } from "./local-server.ts";
import { stateNow } from "../fakes/sighted.ts";

const soon = (): Lease => ({ untilMonotonicMs: performance.now() + 10_000 });
const MEMORY = 300_000;
const anchor = { startTime: 1_000, flinkNow: 50_000 };
const alive = (now: number | null, startTime = 1_000): Moment => ({ startTime, now, state: "RUNNING" });

describe('Flink\'s "I do not know this id"', () => {
  it.each<[string, Moment | null, typeof anchor | { startTime: null; flinkNow: number }, boolean]>([
    ["at once", alive(50_000), anchor, true],
    ["a minute later", alive(110_000), anchor, true],
    ["just before it forgets", alive(50_000 + MEMORY - 31_000), anchor, true],
    ["when it may have forgotten", alive(50_000 + MEMORY - 29_000), anchor, false],
    ["from a new JobManager", alive(51_000, 40_000), anchor, false],
    ["about a job that is gone", null, anchor, false],
    ["about a job that was never there", null, { startTime: null, flinkNow: 0 }, true],
    ["about a job that goes away just then", alive(null), anchor, false],
    ["when its clock ran back", alive(1_000), anchor, false],
  ])("%s", (_, moment, at, believed) => {
    expect(provesAbsence(moment, at, MEMORY).is).toBe(believed ? "may" : "may not");
  });
  it("counts in small memories too", () => {
    expect(provesAbsence(alive(50_700), anchor, 1_000).is).toBe("may");
    expect(provesAbsence(alive(50_800), anchor, 1_000).is).toBe("may not");
  });
});

describe("asking a JobManager", () => {
  const ID = "b".repeat(32);
  let sim: SimulatedFlink;
  let clusters: Clusters;
  let flink: Cluster;
  let jobId: string;
  beforeEach(async () => {
    sim = await startSimulated({ timings: { snapshotMs: 10, stopMs: 10 } });
    jobId = (await sim.control.addJob({ name: "orders" })).jobId;
    clusters = createClusters([clusterAt(sim.url)], RETRY_AFTER_MS);
    flink = clusters.get("prod") as Cluster;
  });
  afterEach(async () => {
    await clusters.close();
    await sim.stop();
  });
  const stop = (directory = "file:///sp/r2"): FlinkEffect => ({
    do: "stop",
    jobId,
    directory,
    drain: false,
    format: "CANONICAL",
  });

  it.each([
    "file:///sp/r2",
    // as Flink's own configuration may have it; Flink answers with a scheme
    "/sp/r2",
  ])("finds a stop that Flink has forgotten under our own directory %s", async (directory) => {
    await sim.control.timings({ storeMs: 200 });
    const effect = stop(directory);
    const at = await flink.effects.anchor(effect);
    await flink.effects.perform(effect, ID, soon());
    await until("forgotten", async () => {
      const ended = (await stateNow(flink.reads, jobId)) === "FINISHED";
      return ended && (await flink.reads.trigger(jobId, ID)).is === "forgotten";
    });
    expect(await flink.effects.ask(effect, ID, { anchor: at, sent: "perhaps" })).toEqual({
      is: "accepted",
      answer: { triggerId: ID, location: expect.stringMatching(/^file:\/sp\/r2\/savepoint-/u) },
    });
    // with the JobManager gone, nobody knows; the words say where to look
    await sim.control.removeJob(jobId);
    expect(await flink.effects.ask(effect, ID, { anchor: at, sent: "perhaps" })).toEqual({
      is: "unknown",
      looked: expect.stringMatching(/no longer knows the job.*\/sp\/r2.*UTC$/u),
    });
  });

  it("believes it about a job that has ended by itself meanwhile", async () => {
    const at = await flink.effects.anchor(stop());
    await flink.effects.perform({ do: "cancel", jobId }, "d".repeat(32), soon());
    await until("ended", async () => (await stateNow(flink.reads, jobId)) === "CANCELED");
    expect(await flink.effects.ask(stop(), ID, { anchor: at, sent: "perhaps" })).toEqual({ is: "not" });
  });

  it("says that a cancel was lost in a fail-over, so that it is sent again", async () => {
    await sim.control.timings({ cancelMs: 60_000 });
    const cancel: FlinkEffect = { do: "cancel", jobId };
    const at = await flink.effects.anchor(cancel);
    await flink.effects.perform(cancel, ID, soon());
    expect(await flink.effects.ask(cancel, ID, { anchor: at, sent: "perhaps" })).toEqual({
      is: "accepted",
      answer: { state: "CANCELLING" },
    });
    await sim.control.failOver();
    expect(await flink.effects.ask(cancel, ID, { anchor: at, sent: "perhaps" })).toEqual({ is: "not" });
    await sim.control.removeJob(jobId);
    expect((await flink.effects.ask(cancel, ID, { anchor: at, sent: "perhaps" })).is).toBe("unknown");
  });

  it.each<[string, () => FlinkEffect]>([
    ["a stop", () => stop()],
    ["a savepoint", () => ({ do: "savepoint", jobId, directory: "file:///sp/r2", format: "CANONICAL" })],
    ["a checkpoint", () => ({ do: "checkpoint", jobId, full: false })],
  ])("needs no proof of what we know we have not sent: %s", async (_, effect) => {
    const before = await flink.effects.anchor(effect());
    await sim.control.failOver();
    const saved = { anchor: before, sent: "no" as const };
    await until("it answers", async () => (await stateNow(flink.reads, jobId)) === "RUNNING");
    expect(await flink.effects.ask(effect(), ID, saved)).toEqual({ is: "not" });
    expect(await flink.effects.ask(effect(), ID, { ...saved, sent: "perhaps" })).toMatchObject({
      is: "unknown",
    });
  });

  it("tells a job that cannot be rescaled in Flink's words", async () => {
    const fixed = await sim.control.addJob({ name: "fixed", scheduler: "Default" });
    expect(await flink.reads.requirements(fixed.jobId)).toEqual({
      is: "unsupported",
      reason: expect.stringMatching(/^The DefaultScheduler does not support/u),
    });
    const rescale: FlinkEffect = { do: "rescale", jobId: fixed.jobId, before: {}, target: {} };
    expect(
      await flink.effects.ask(rescale, ID, { anchor: await flink.effects.anchor(rescale), sent: "perhaps" }),
    ).toEqual({
      is: "not",
    });
  });

  it("waits for a job that is being brought back before it says what became of a rescale", async () => {
    const got = await flink.reads.requirements(jobId);
    const before = got.is === "ok" ? got.vertices : {};
    const wish = { lowerBound: 1, upperBound: 2 };
    const target = Object.fromEntries(Object.keys(before).map((id) => [id, wish]));
    const rescale: FlinkEffect = { do: "rescale", jobId, before, target };
    const at = await flink.effects.anchor(rescale);
    await flink.effects.perform(rescale, ID, soon());
    await sim.control.timings({ restartMs: 60_000 });
    await sim.control.failOver();
    await expect(flink.effects.ask(rescale, ID, { anchor: at, sent: "perhaps" })).rejects.toBeInstanceOf(
      FlinkNotYet,
    );
    await sim.control.changeJob(jobId, { state: "CREATED" });
    expect((await flink.effects.ask(rescale, ID, { anchor: at, sent: "perhaps" })).is).toBe("accepted");
    // for an ended job Flink keeps no requested parallelism: it may have been rescaled before
    await sim.control.changeJob(jobId, { state: "FINISHED" });
    expect((await flink.effects.ask(rescale, ID, { anchor: at, sent: "perhaps" })).is).toBe("unknown");
  });

  it("tells a savepoint that is good although the job failed while stopping", async () => {
    await sim.control.changeJob(jobId, { failStopping: "the sink is gone" });
    await flink.effects.perform(stop(), ID, soon());
    await until("over", async () => (await flink.reads.trigger(jobId, ID)).is === "failed");
    expect(await flink.reads.trigger(jobId, ID)).toEqual({
      is: "failed",
      reason: "the sink is gone",
      usable: expect.stringMatching(/^file:\/sp\/r2\/savepoint-/u),
    });
    expect(await stateNow(flink.reads, jobId)).toBe("FAILED");
  });
});
