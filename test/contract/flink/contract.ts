import { afterAll, beforeAll, describe, expect, it } from "vitest";
import { until } from "../../../playground/flink/session.ts";
import { FlinkRefused, LeaseExpired } from "../../../src/model/errors.ts";
import { type Cluster, type Clusters, createClusters } from "../../../src/flink/clusters.ts";
import { liesUnder } from "../../../src/model/state-path.ts";
import type { Effect, Lease } from "../../../src/model/effect.ts";
import { type Requirements, given } from "../../../src/model/flink-jobs.ts";
import { type Bench, type BenchMaker, clusterAt } from "./bench.ts";
import { failOverContract } from "./fail-over.ts";
import { accepted, createKit, type Kit, newId, NOBODY, soon } from "./kit.ts";
import { looksContract } from "./looks.ts";
import { planContract } from "./plans.ts";
import { runContract } from "./runs.ts";
import { stateNow } from "../../fakes/sighted.ts";

/**
 * What we rely on Flink for, said once and tried on each Flink. A missing one is an error where `CI` is set. `onlyHere`:
 * more that only this Flink can show.
 */
export async function flinkContract(
  name: string,
  maker: BenchMaker,
  onlyHere: (on: () => { bench: Bench; flink: Cluster; kit: Kit }) => void = () => undefined,
): Promise<void> {
  const missing = await maker.missing();
  if (missing !== null && process.env["CI"] !== undefined) throw new Error(`${name}: ${missing}`);
  if (missing !== null) console.log(`${name} is left out: ${missing}`);

  describe.skipIf(missing !== null)(`${name} keeps the contract`, () => {
    let bench: Bench;
    let clusters: Clusters;
    let flink: Cluster;
    let kit: Kit;
    beforeAll(async () => {
      bench = await maker.start();
      clusters = createClusters([clusterAt(bench.url)]);
      const got = clusters.get("bench");
      if (got === null) throw new Error("no bench");
      flink = got;
      kit = createKit(flink, bench);
    });
    afterAll(async () => {
      await clusters?.close();
      await bench?.stop();
    });

    it("tells what runs and how", async () => {
      const jobId = await bench.job({ name: "shapes" });
      const row = (await flink.reads.overview()).find((j) => j.jobId === jobId);
      expect(row).toMatchObject({ name: "shapes", state: "RUNNING", endedAt: null });
      expect(row?.tasks.running).toBe(row?.tasks.total);
      const job = given(await flink.reads.job(jobId));
      expect(job).toMatchObject({ jobId, name: "shapes", state: "RUNNING", startedAt: row?.startedAt });
      expect(job?.vertices.length).toBeGreaterThan(1);
      expect(job?.vertices[0]).toMatchObject({
        parallelism: 1,
        maxParallelism: 128,
        tasksRunning: 1,
        tasksTotal: 1,
      });
      expect(await stateNow(flink.reads, jobId)).toBe("RUNNING");
      expect(await flink.reads.checkpointConfig(jobId)).toMatchObject({ retainedOnCancel: true });
      expect(await flink.reads.exceptions(jobId, 5)).toEqual([]);
      await until("a checkpoint is completed", async () => {
        const latest = given(await flink.reads.checkpoints(jobId))?.latestCompleted;
        return latest !== null && latest !== undefined && !latest.isSavepoint && latest.path !== null;
      });
      await until("metrics are fetched", async () => {
        const got = await flink.reads.jobMetrics(jobId, ["numRestarts", "noSuchMetric"]);
        return got["numRestarts"] === "0" && got["noSuchMetric"] === undefined;
      });
      await kit.cancelJob(jobId);
    });

    it("tells that a job takes no checkpoints", async () => {
      const jobId = await bench.job({ name: "plain", noCheckpoints: true });
      expect(await flink.reads.checkpointConfig(jobId)).toMatchObject({ intervalMs: null });
      expect(await flink.reads.checkpoints(jobId)).toMatchObject({ completed: 0, latestCompleted: null });
      await kit.cancelJob(jobId);
    });

    it("tells what the cluster can do", async () => {
      const can = await flink.reads.capabilities();
      expect(can).toMatchObject({
        rescale: true,
        cancel: true,
        operatorManaged: null,
        taskManagers: 1,
        slotsTotal: 16,
      });
      expect(can.triggerMemoryMs).toBe(300_000);
      expect(can.savepointDirectory).toMatch(/^file:/u);
    });

    looksContract(() => ({ bench, flink }));

    it("writes one savepoint for one trigger id, and finds it again", async () => {
      const jobId = await bench.job({ name: "savepoint" });
      const effect = kit.savepointOf(jobId);
      const id = newId();
      const anchor = await flink.effects.anchor(effect);
      expect(await flink.effects.ask(effect, id, { anchor, sent: "perhaps" })).toEqual({ is: "not" });
      expect(await flink.effects.perform(effect, id, soon())).toEqual({
        is: "accepted",
        answer: { triggerId: id },
      });
      expect(await flink.effects.ask(effect, id, { anchor, sent: "perhaps" })).toEqual(accepted);
      expect(await flink.effects.perform(effect, id, soon())).toEqual({
        is: "accepted",
        answer: { triggerId: id },
      });
      const status = await kit.outcome(jobId, id);
      expect(status.is === "completed" && liesUnder(status.location, effect.directory ?? "")).toBe(true);
      expect(await flink.effects.perform(effect, id, soon())).toEqual(accepted);
      await until(
        "it is listed",
        async () => (await kit.savepointsUnder(jobId, effect.directory)).length === 1,
      );
      expect(given(await flink.reads.job(jobId))?.state).toBe("RUNNING");
      // once Flink has forgotten the id, the directory tells
      const forgotten = { ...anchor, startTime: 1 };
      expect(await flink.effects.ask(effect, newId(), { anchor: forgotten, sent: "perhaps" })).toEqual(
        accepted,
      );
      const elsewhere = { ...effect, directory: `${bench.savepoints}/${newId()}` };
      expect(await flink.effects.ask(elsewhere, newId(), { anchor: forgotten, sent: "perhaps" })).toEqual({
        is: "unknown",
        looked: expect.stringContaining(elsewhere.directory),
      });
      await kit.cancelJob(jobId);
    });

    it.each([false, true])(
      "stops with a savepoint (drain: %s): FINISHED, and the location is known",
      async (drain) => {
        const jobId = await bench.job({ name: "stop" });
        const effect = kit.stopOf(jobId, drain);
        const id = newId();
        const anchor = await flink.effects.anchor(effect);
        expect(await flink.effects.ask(effect, id, { anchor, sent: "perhaps" })).toEqual({ is: "not" });
        expect(await flink.effects.perform(effect, id, soon())).toEqual(accepted);
        const status = await kit.outcome(jobId, id);
        expect(status.is === "completed" && liesUnder(status.location, effect.directory ?? "")).toBe(true);
        await until("finished", async () => (await stateNow(flink.reads, jobId)) === "FINISHED");
        expect(await flink.effects.ask(effect, id, { anchor, sent: "perhaps" })).toEqual(accepted);
        // read through a cache
        await until(
          "its end is known",
          async () => typeof given(await flink.reads.job(jobId))?.endedAt === "number",
        );
        expect(await flink.effects.perform({ do: "cancel", jobId }, newId(), soon())).toEqual({
          is: "refused",
          reason: expect.stringMatching(/^Job cancellation failed because the job has already reached/u),
        });
      },
    );

    it("cancels, and again without harm", async () => {
      const jobId = await bench.job({ name: "cancel" });
      const effect: Effect = { do: "cancel", jobId };
      const anchor = await flink.effects.anchor(effect);
      expect(await flink.effects.ask(effect, newId(), { anchor, sent: "perhaps" })).toEqual({ is: "not" });
      expect(await flink.effects.perform(effect, newId(), soon())).toEqual(accepted);
      expect(await flink.effects.ask(effect, newId(), { anchor, sent: "perhaps" })).toEqual(accepted);
      expect(await flink.effects.perform(effect, newId(), soon())).toEqual(accepted);
      await until("cancelled", async () => (await stateNow(flink.reads, jobId)) === "CANCELED");
      expect(await flink.effects.perform(effect, newId(), soon())).toEqual(accepted);
    });

    it("rescales every vertex in place", async () => {
      const jobId = await bench.job({ name: "rescale" });
      const before = await kit.requirementsOf(jobId);
      const wish = { lowerBound: 1, upperBound: 2 };
      const target = Object.fromEntries(Object.keys(before).map((id) => [id, wish]));
      const effect: Effect = { do: "rescale", jobId, before, target };
      const anchor = await flink.effects.anchor(effect);
      expect(await flink.effects.ask(effect, newId(), { anchor, sent: "perhaps" })).toEqual({ is: "not" });
      expect(await flink.effects.perform(effect, newId(), soon())).toEqual(accepted);
      expect(await flink.effects.ask(effect, newId(), { anchor, sent: "perhaps" })).toEqual(accepted);
      await until("all run with 2", async () => (await kit.parallelisms(jobId)).every((p) => p === 2));
      const third = Object.fromEntries(
        Object.keys(before).map((id) => [id, { lowerBound: 1, upperBound: 3 }]),
      );
      expect(
        await flink.effects.ask({ ...effect, target: third }, newId(), { anchor, sent: "perhaps" }),
      ).toMatchObject({
        is: "unknown",
        looked: expect.stringContaining("someone else"),
      });
      await kit.cancelJob(jobId);
    });

    it("refuses a parallelism that cannot be, in Flink's own words", async () => {
      const jobId = await bench.job({ name: "bounds" });
      const before = await kit.requirementsOf(jobId);
      const ids = Object.keys(before);
      const reason = async (target: Requirements): Promise<string> => {
        const sent = await flink.effects.perform({ do: "rescale", jobId, before, target }, newId(), soon());
        return sent.is === "refused" ? sent.reason : "accepted";
      };
      const all = (lowerBound: number, upperBound: number): Requirements =>
        Object.fromEntries(ids.map((id) => [id, { lowerBound, upperBound }]));
      expect(await reason(all(1, 200))).toMatch(
        /^The newly requested parallelism 200 .* maximum parallelism 128\.$/u,
      );
      expect(await reason(all(0, 0))).toMatch(/must be greater than zero\.$/u);
      expect(await reason(all(3, 2))).toMatch(/^The requested lower bound \[3\]/u);
      expect(await reason({ [ids[0] ?? ""]: { lowerBound: 1, upperBound: 2 } })).toMatch(
        /^The request is incomplete/u,
      );
      expect(await kit.requirementsOf(jobId)).toEqual(before);
      await kit.cancelJob(jobId);
    });

    it("does not know a job that is not there, in five different ways", async () => {
      expect(await flink.reads.job(NOBODY)).toBe("absent");
      expect(await flink.reads.sighting(NOBODY)).toMatchObject({ is: "absent", answers: 1 });
      expect(await flink.reads.checkpoints(NOBODY)).toBe("absent");
      expect(await flink.reads.checkpointConfig(NOBODY)).toBe("absent");
      expect(await flink.reads.trigger(NOBODY, newId())).toEqual({ is: "forgotten" });
      expect(await flink.reads.jobMetrics(NOBODY, ["numRestarts"])).toEqual({});
      await expect(flink.reads.requirements(NOBODY)).rejects.toThrow(FlinkRefused);
      await expect(flink.reads.exceptions(NOBODY, 1)).rejects.toThrow(FlinkRefused);
      const anchor = await flink.effects.anchor({ do: "cancel", jobId: NOBODY });
      expect(anchor.startTime).toBeNull();
      expect(await flink.effects.perform({ do: "cancel", jobId: NOBODY }, newId(), soon())).toEqual({
        is: "refused",
        reason: "Job could not be found.",
      });
      // a savepoint is accepted all the same, and fails afterwards
      const id = newId();
      expect(await flink.effects.perform(kit.savepointOf(NOBODY), id, soon())).toEqual(accepted);
      expect(await kit.outcome(NOBODY, id)).toMatchObject({
        is: "failed",
        reason: expect.stringContaining(NOBODY),
      });
    });

    it("says why a snapshot failed, and the job continues", async () => {
      const jobId = await bench.job({ name: "full disk", failSnapshot: true });
      for (const effect of [kit.savepointOf(jobId), kit.stopOf(jobId, false)]) {
        const id = newId();
        expect(await flink.effects.perform(effect, id, soon())).toEqual(accepted);
        const failed = { is: "failed", reason: "the disk of this job is full", usable: null };
        expect(await kit.outcome(jobId, id)).toEqual(failed);
        // a stop that fails restarts the job: its sources had stopped already
        await until("all its tasks run", async () => (await kit.parallelisms(jobId)).every((p) => p === 1));
      }
      await kit.cancelJob(jobId);
    });

    it("shows how far a slow savepoint is", async () => {
      // longer than Flink caches what it shows
      const jobId = await bench.job({ name: "slow", snapshotMs: 4_000 });
      const id = newId();
      expect(await flink.effects.perform(kit.savepointOf(jobId), id, soon())).toEqual(accepted);
      expect(await flink.reads.trigger(jobId, id)).toEqual({ is: "in_progress" });
      await until("it is seen under way", async () => {
        const all = given(await flink.reads.checkpoints(jobId))?.history ?? [];
        const found = all.find((c) => c.isSavepoint && c.kind === "in_progress");
        return (
          found !== undefined &&
          found.subtasks > 1 &&
          found.endToEndMs === null &&
          found.acknowledged < found.subtasks
        );
      });
      expect(await kit.outcome(jobId, id)).toMatchObject({ is: "completed" });
      await kit.cancelJob(jobId);
    });

    it("sends nothing once the lease is over", async () => {
      const jobId = await bench.job({ name: "lease" });
      const id = newId();
      const over: Lease = { untilMonotonicMs: performance.now() };
      await expect(flink.effects.perform(kit.savepointOf(jobId), id, over)).rejects.toThrow(LeaseExpired);
      expect(await flink.reads.trigger(jobId, id)).toEqual({ is: "forgotten" });
      await kit.cancelJob(jobId);
    });

    runContract(() => ({ bench, flink, kit }));
    planContract(() => ({ bench, flink, kit }));
    onlyHere(() => ({ bench, flink, kit }));
    failOverContract(() => ({ bench, flink, kit }));
  });
}
