import { afterEach, beforeEach, describe, expect, it } from "vitest";
import { until } from "../../playground/flink/session.ts";
import { type SimulatedFlink, startSimulated } from "../../playground/flink/simulated/server.ts";
import { type Cluster, type Clusters, createClusters } from "../../src/flink/clusters.ts";
import { given } from "../../src/model/flink-jobs.ts";
import type { Lane } from "../../src/model/flink-reads.ts";
import { diagnose } from "../../src/operations/diagnose/diagnose.ts";
import { status } from "../../src/operations/status.ts";
import { isRefusal } from "../../src/model/report.ts";
import type { FlinkEffect, Lease } from "../../src/model/effect.ts";
import { optional } from "../../src/model/optional.ts";
import { plain } from "../../src/model/text.ts";
import { FakeKnowledge } from "../fakes/knowledge.ts";
import { clusterAt, RETRY_AFTER_MS } from "./local-server.ts";

const ID = "c".repeat(32);
/** As in the product. */
const timeouts = { connectMs: 3000, readMs: 10_000, changeMs: 20_000, startMs: 60_000 };
const lease = (ms = 10_000): Lease => ({ untilMonotonicMs: performance.now() + ms });

let sim: SimulatedFlink;
let clusters: Clusters;
const over = (lane: Lane): Cluster => clusters.get("prod", lane) as Cluster;

beforeEach(async () => {
  sim = await startSimulated({ slots: 400, jars: [{ id: "1_job.jar", name: "job.jar" }] });
  clusters = createClusters([clusterAt(sim.url, { timeouts })], RETRY_AFTER_MS);
});
afterEach(async () => {
  await clusters.close();
  await sim.stop();
});

const times = <T>(n: number, what: (i: number) => T): T[] => Array.from({ length: n }, (_, i) => what(i));
const arrived = async (path: RegExp): Promise<number> =>
  (await sim.control.requests()).filter((r) => path.test(`${r.method} ${r.path}`)).length;
const startOf = (i: number): FlinkEffect => ({
  do: "run",
  jobId: String(i).padStart(32, "0"),
  jar: "1_job.jar",
  entryClass: null,
  args: [],
  parallelism: null,
  from: null,
  allowNonRestoredState: false,
});

describe("a brake", () => {
  it("is sent at once while eight starts, eight questions and the job cache hang", async () => {
    const { jobId } = await sim.control.addJob({ name: "orders" });
    await sim.control.fault({ path: "/jars/", hold: true });
    await sim.control.fault({ path: `/jobs/${jobId}$`, method: "GET", hold: true });
    await sim.control.fault({ path: "/taskmanagers", hold: true });
    const hanging = [
      ...times(8, (i) => over("change").effects.perform(startOf(i), String(i), lease(60_000))),
      ...times(8, () => over("read").reads.job(jobId)),
      ...times(8, () => over("background").reads.taskManagers()),
    ];
    for (const one of hanging) one.catch(() => undefined);
    await until(
      "they hang",
      async () => (await arrived(/run$/u)) === 4 && (await arrived(/^GET \/jobs\/\w+$/u)) === 4,
    );

    const began = performance.now();
    const { effects } = over("brake");
    const cancel: FlinkEffect = { do: "cancel", jobId };
    const anchor = await effects.anchor(cancel);
    expect(await effects.ask(cancel, ID, { anchor, sent: "no" })).toEqual({ is: "not" });
    expect((await effects.perform(cancel, ID, lease())).is).toBe("accepted");
    expect(performance.now() - began).toBeLessThan(1500);
    expect((await sim.control.effects()).map((e) => e.do)).toEqual(["cancel"]);
  });

  it("does not need to be told which JobManager answers", async () => {
    const { jobId } = await sim.control.addJob({ name: "orders" });
    await sim.control.fault({ path: "/jobmanager/config", hold: true });
    const began = performance.now();
    expect(await over("brake").effects.anchor({ do: "cancel", jobId })).toMatchObject({ processes: null });
    expect(performance.now() - began).toBeLessThan(4000);
  });
});

it("other changes do not wait for starts that hang", async () => {
  const { jobId } = await sim.control.addJob({ name: "orders" });
  await sim.control.fault({ path: "/jars/", hold: true });
  const hanging = times(8, (i) => over("change").effects.perform(startOf(i), String(i), lease(60_000)));
  for (const one of hanging) one.catch(() => undefined);
  const savepoint: FlinkEffect = { do: "savepoint", jobId, directory: "file:///sp", format: "CANONICAL" };
  expect((await over("change").effects.perform(savepoint, ID, lease())).is).toBe("accepted");
});

const ask = async (jobId: string, name: string, row = status): Promise<string> => {
  const answer = await row.read({
    args: { job: name },
    target: { kind: "job", cluster: "prod", jobId, name },
    actor: "U1",
    requestId: "r1",
    now: Date.now(),
    flink: over("read").reads,
    known: new FakeKnowledge(),
  });
  if (isRefusal(answer)) return plain(answer.refuse);
  return [answer.headline, ...answer.lines].map(plain).join("\n");
};

describe("a job of 180 vertices behind a slow proxy", () => {
  it("is shown without its load, and a small one does not wait behind it", async () => {
    const vertices = times(180, (i) => ({ name: `Map ${i}` }));
    const wide = await sim.control.addJob({ name: "wide", vertices });
    const small = await sim.control.addJob({ name: "small" });
    await sim.control.failJob(wide.jobId, { message: "the broker went away" });
    await until("it runs again", async () => (await sim.control.job(wide.jobId)).tasksRunning);
    await sim.control.fault({ path: ".", method: "GET", delayMs: 450 });

    const began = performance.now();
    const ofWide = ask(wide.jobId, "wide").then((said) => ({ said, ms: performance.now() - began }));
    const ofSmall = ask(small.jobId, "small").then((said) => ({ said, ms: performance.now() - began }));
    expect((await ofSmall).said).toMatch(/^🟢 small has been RUNNING/u);
    expect((await ofSmall).ms).toBeLessThan(8000);
    const { said, ms } = await ofWide;
    expect(ms).toBeLessThan(8000);
    expect(said).toMatch(/^🟠 wide failed .* and runs again\nwide (?:has been|is) RUNNING/u);
    expect(said).toContain("Last checkpoint");
    expect(said).toContain("the broker went away");
    expect(said).toContain("The load of the vertices was not read in time.");
    // and leaves no queue behind: the next one has its load
    await sim.control.clearFaults();
    const asked = (await sim.control.requests()).filter((r) => r.path.includes("/subtasks/metrics")).length;
    expect(asked).toBeLessThan(20);
    expect(await ask(small.jobId, "small")).not.toContain("not read in time");
  });

  it("is diagnosed by the rest of what is known of it", async () => {
    const vertices = times(180, (i) => ({ name: `Map ${i}` }));
    const wide = await sim.control.addJob({ name: "wide", vertices });
    await sim.control.failJob(wide.jobId, { message: "the broker went away" });
    await until("it runs again", async () => (await sim.control.job(wide.jobId)).tasksRunning);
    await sim.control.fault({ path: ".", method: "GET", delayMs: 450 });
    const said = await ask(wide.jobId, "wide", diagnose);
    expect(said).toMatch(/^\S+ wide is RUNNING: \d problems?\n/u);
    expect(said).toContain("root cause IllegalStateException: the broker went away");
    expect(said).toContain("The load of the vertices was not read in time.");
  });
});

describe("decoration", () => {
  it("is asked once, over other connections, and given up after two seconds", async () => {
    const { jobId } = await sim.control.addJob({ name: "orders" });
    await sim.control.fault({ path: "/exceptions", hold: true });
    const began = performance.now();
    const { reads } = over("read");
    expect(await optional(reads.decoration.exceptions(jobId, 1))).toBeNull();
    expect(performance.now() - began).toBeLessThan(3000);
    expect(await arrived(/exceptions/u)).toBe(1);
    // two others hang there, which nobody notices who reads in earnest
    for (const one of times(4, () => reads.decoration.exceptions(jobId, 1))) one.catch(() => undefined);
    expect(given(await reads.job(jobId))?.name).toBe("orders");
  });

  it("tells what Flink refuses and what it has like any other read", async () => {
    const { jobId } = await sim.control.addJob({ name: "orders" });
    const { decoration } = over("read").reads;
    expect(decoration.cluster).toBe("prod");
    expect(decoration.uiUrl(jobId)).toContain(jobId);
    expect(await optional(decoration.checkpointConfig(jobId))).toMatchObject({ timeoutMs: 600_000 });
    expect(await optional(decoration.exceptions("0".repeat(32), 1))).toBeNull();
    await expect(optional(decoration.job("../config"))).rejects.toBeInstanceOf(RangeError);
  });
});

it("what is known of a cluster is known over all lanes", async () => {
  const { jobId } = await sim.control.addJob({ name: "orders" });
  await sim.control.removeJob(jobId);
  expect(await over("read").reads.sighting(jobId)).toMatchObject({ is: "absent", answers: 1 });
  expect(await over("brake").reads.sighting(jobId)).toMatchObject({ is: "absent", answers: 2 });
  await over("read").reads.capabilities();
  await over("brake").reads.capabilities();
  // once for its features, and once for the settings other than those that tell which process answers
  expect(await arrived(/ \/config$/u)).toBe(1);
  expect(await arrived(/ \/jobmanager\/config$/u)).toBe(3);
});
