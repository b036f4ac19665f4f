import { afterEach, beforeEach, describe, expect, it } from "vitest";
import { until } from "../../playground/flink/session.ts";
import type { Fault } from "../../playground/flink/simulated/faults.ts";
import { type SimulatedFlink, startSimulated } from "../../playground/flink/simulated/server.ts";
import { type Cluster, type Clusters, createClusters } from "../../src/flink/clusters.ts";
import type { Anchor, FlinkEffect, Lease } from "../../src/model/effect.ts";
import { clusterAt } from "./local-server.ts";
import { stateNow } from "../fakes/sighted.ts";

const ID = "b".repeat(32);
const soon = (): Lease => ({ untilMonotonicMs: performance.now() + 10_000 });

let sim: SimulatedFlink;
let clusters: Clusters;
let flink: Cluster;
beforeEach(async () => {
  sim = await startSimulated();
  clusters = createClusters([clusterAt(sim.url)]);
  flink = clusters.get("prod") as Cluster;
});
afterEach(async () => {
  await clusters.close();
  await sim.stop();
});
const perform = async (effect: FlinkEffect) => await flink.effects.perform(effect, ID, soon());
const ask = async (effect: FlinkEffect, anchor: Anchor, sent: "no" | "perhaps" = "perhaps") =>
  await flink.effects.ask(effect, ID, { anchor, sent });
const unknown = (words: string) => ({ is: "unknown", looked: expect.stringContaining(words) });
const effects = async () => (await sim.control.effects()).map((e) => e.do);

describe("a run", () => {
  let run: Extract<FlinkEffect, { do: "run" }>;
  beforeEach(async () => {
    run = {
      do: "run",
      jobId: ID,
      jar: (await sim.control.addJar({ name: "orders.jar" })).id,
      entryClass: null,
      args: [],
      parallelism: null,
      from: null,
      allowNonRestoredState: false,
    };
  });
  const started = { is: "accepted", answer: { jobId: ID } };

  it.each<[string, Fault, boolean]>([
    ["503 before", { path: "/run$", method: "POST", status: 503, times: 1 }, false],
    ["a cut after", { path: "/run$", method: "POST", cut: true, when: "after", times: 1 }, true],
    ["half an answer", { path: "/run$", method: "POST", half: true, when: "after", times: 1 }, true],
    ["a web page", { path: "/run$", method: "POST", status: 200, when: "after", times: 1 }, true],
  ])("is sent once through %s, and asking tells", async (_, fault, happened) => {
    const anchor = await flink.effects.anchor(run);
    await sim.control.fault(fault);
    await expect(perform(run)).rejects.toMatchObject({ code: "flink_unreachable", reached: "maybe" });
    expect(await ask(run, anchor)).toEqual(happened ? started : { is: "not" });
    expect(await effects()).toEqual(happened ? ["run"] : []);
    expect(await perform(run)).toEqual(started);
    expect(await effects()).toEqual(["run"]);
  });

  it("may take longer than other changes: main() runs before it is answered", async () => {
    await sim.control.fault({ path: "/run$", delayMs: 800, times: 1 });
    expect(await perform(run)).toEqual(started);
  });

  it("is accepted where main() throws after it has started its job", async () => {
    const words = "x.RestHandlerException: Could not execute application.\n\tat y";
    await sim.control.fault({ path: "/run$", status: 400, words, when: "after", times: 1 });
    expect(await perform(run)).toEqual(started);
  });

  it("is accepted as a duplicate, also of a job that cannot be seen yet", async () => {
    const words =
      "x.RestHandlerException: Could not execute application.\n\tat y\nCaused by: x.DuplicateJobSubmissionException: Job has already been submitted.";
    await sim.control.fault({ path: "/run$", status: 400, words, times: 1 });
    expect(await perform(run)).toEqual(started);
  });

  it("is refused only by a Flink that says that it has no such job", async () => {
    const nope = { ...run, entryClass: "com.nope.Main" };
    expect(await perform(nope)).toEqual({
      is: "refused",
      reason: "The program's entry point class 'com.nope.Main' was not found in the jar file.",
    });
    for (const fault of [{ cut: true }, { status: 403 }, { status: 404, words: "Not found: /x" }]) {
      await sim.control.fault({ path: "/status$", ...fault });
      await expect(perform(nope)).rejects.toMatchObject({ code: "flink_unreachable", reached: "maybe" });
      await sim.control.clearFaults();
    }
  });

  it("is not there only by the word of the process that was asked before, and not for ever", async () => {
    const anchor = await flink.effects.anchor(run);
    expect(anchor).toMatchObject({
      startTime: null,
      processes: [expect.stringMatching(/^\/tmp\/flink-web-/u)],
    });
    expect(await ask(run, anchor)).toEqual({ is: "not" });
    const old = { ...anchor, flinkNow: Date.now() - 31 * 60_000 };
    expect(await ask(run, old)).toEqual(unknown(`older than Flink's memory of jobs; it has no job ${ID}`));
    await sim.control.failOver();
    expect(await ask(run, anchor)).toEqual(unknown("the JobManager was replaced"));
    expect(await ask(run, await flink.effects.anchor(run))).toEqual({ is: "not" });
    // whoever runs it now: it is there
    await perform(run);
    expect(await ask(run, anchor)).toEqual(started);
  });

  it("that we know we have not sent needs no proof, whichever of several JobManagers answers", async () => {
    const anchor = await flink.effects.anchor(run);
    await sim.control.failOver();
    expect(await ask(run, anchor, "no")).toEqual({ is: "not" });
    expect(await perform(run)).toEqual(started);
    expect(await ask(run, anchor, "no")).toEqual(started);
  });

  it("is a riddle where nobody may read which process answers", async () => {
    await sim.control.fault({ path: "^/jobmanager/config", status: 403 });
    const anchor = await flink.effects.anchor(run);
    expect(anchor.processes).toBeNull();
    expect(await ask(run, anchor)).toEqual(
      unknown("cannot tell whether the JobManager is still the same one"),
    );
    await sim.control.clearFaults();
    expect(await ask(run, anchor)).toEqual(unknown("cannot tell"));
    await perform(run);
    expect(await ask(run, anchor)).toEqual(started);
  });

  it("is a riddle after a fail-over that has taken its job with it", async () => {
    const anchor = await flink.effects.anchor(run);
    await perform(run);
    await flink.effects.perform({ do: "cancel", jobId: ID }, "c".repeat(32), soon());
    await until("cancelled", async () => (await stateNow(flink.reads, ID)) === "CANCELED");
    expect(await ask(run, anchor)).toEqual(started);
    await sim.control.failOver();
    expect(await ask(run, anchor)).toEqual(unknown("may have forgotten the job"));
  });

  it("waits for a JobManager that nobody can ask", async () => {
    const anchor = await flink.effects.anchor(run);
    await sim.control.failOver({ electionMs: 60_000 });
    await expect(ask(run, anchor)).rejects.toMatchObject({ code: "flink_unreachable" });
  });
});

describe("a disposal", () => {
  let dispose: FlinkEffect;
  beforeEach(async () => {
    const { jobId } = await sim.control.addJob({ name: "orders" });
    const at = { directory: "file:///sp", format: "CANONICAL" } as const;
    await perform({ do: "savepoint", jobId, ...at });
    await until("a savepoint", async () => (await flink.reads.trigger(jobId, ID)).is === "completed");
    const found = (await sim.control.snapshots()).find((s) => s.checkpointOf === null);
    dispose = { do: "dispose", path: found?.path ?? "" };
    await sim.control.clearLog();
  });

  it("is named by Flink's answer, and done once", async () => {
    await sim.control.timings({ disposeMs: 300 });
    const sent = await perform(dispose);
    expect(sent).toEqual({ is: "accepted", answer: { disposal: expect.stringMatching(/^[0-9a-f]{32}$/u) } });
    const { disposal } = (sent.is === "accepted" ? sent.answer : {}) as { disposal: string };
    expect(await flink.reads.disposal(disposal)).toEqual({ is: "in_progress" });
    await until("over", async () => (await flink.reads.disposal(disposal)).is === "done");
    expect(await effects()).toEqual(["dispose"]);
    await sim.control.failOver();
    expect(await flink.reads.disposal(disposal)).toEqual({ is: "forgotten" });
  });

  it("that nobody can have sent was not sent; of any other nobody knows", async () => {
    const anchor = await flink.effects.anchor(dispose);
    expect(await ask(dispose, anchor, "no")).toEqual({ is: "not" });
    await sim.control.fault({ path: "disposal", cut: true, when: "after", times: 1 });
    await expect(perform(dispose)).rejects.toMatchObject({ code: "flink_unreachable", reached: "maybe" });
    expect(await ask(dispose, anchor)).toEqual({
      is: "unknown",
      looked: "Flink names a disposal only in its answer, and the answer was lost",
    });
    await until("done", async () => (await effects()).length === 1);
  });
});
