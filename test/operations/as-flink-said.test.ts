import { afterEach, beforeEach, describe, expect, test } from "vitest";
import { type SimulatedFlink, startSimulated } from "../../playground/flink/simulated/server.ts";
import { type Cluster, type Clusters, createClusters } from "../../src/flink/clusters.ts";
import type { FlinkReads } from "../../src/model/flink-reads.ts";
import { plain } from "../../src/model/text.ts";
import { JOB_ID, T0 } from "../fakes/flink-reads.ts";
import { aState, anEntry, FakeKnowledge } from "../fakes/knowledge.ts";
import { type Altered, startAltered } from "../flink/altered.ts";
import { clusterAt, RETRY_AFTER_MS } from "../flink/local-server.ts";
import { recorded } from "../flink/recorded.ts";
import { told } from "./ask.ts";
import { Drive, EFFECT_ID, REQUEST_ID } from "./drive.ts";

/** Whole commands, on bodies that Flink 2.3.0 answered to people who reported what was made of them. */

let sim: SimulatedFlink;
let proxy: Altered;
let clusters: Clusters;
let flink: FlinkReads;
beforeEach(async () => {
  sim = await startSimulated();
  proxy = await startAltered(sim.url);
  const timeouts = { connectMs: 2000, readMs: 10_000, changeMs: 2000, startMs: 2000 };
  clusters = createClusters([clusterAt(proxy.url, { managedBy: "none", timeouts })], RETRY_AFTER_MS);
  flink = (clusters.get("prod") as Cluster).reads;
});
afterEach(async () => {
  await clusters.close();
  await proxy.close();
  await sim.stop();
});

/** What became of a savepoint that was triggered. */
const triggered = (operation: unknown): void =>
  proxy.answer(new RegExp(`/savepoints/${EFFECT_ID}$`, "u"), {
    status: 200,
    body: { status: { id: "COMPLETED" }, operation },
  });

describe("a job that is INITIALIZING, of which Flink refuses nearly everything with 500", () => {
  beforeEach(async () => {
    await sim.control.addJob({ jobId: JOB_ID, name: "orders", state: "INITIALIZING" });
    proxy.answer(/\/checkpoints$/u, recorded("2.3.0", "checkpoints-initializing"));
  });

  test("status, diagnose and checkpoints tell its state, and that the rest is not known yet", async () => {
    const status = await told("status orders", flink);
    expect(status).toMatch(/^🟡 orders has been INITIALIZING for .*, since /u);
    expect(status).toContain("Checkpoints: not known while the job is INITIALIZING");
    expect(await told("diagnose orders", flink)).toMatch(/orders is INITIALIZING/u);
    expect(await told("checkpoints orders", flink)).toMatch(
      /^Checkpoints of orders: Flink lists none while the job is INITIALIZING\n/u,
    );
  });

  test("watch waits for it, and says for what", async () => {
    expect(await new Drive("watch orders", flink).note()).toBe(
      "The JobManager is preparing the job (INITIALIZING)",
    );
  });

  test("cancel opens its card", async () => {
    const drive = new Drive("cancel orders", flink);
    const intent = await drive.intended();
    expect(intent.losses.map(plain).join()).toMatch(/^Possibly all of its state\./u);
    expect(await drive.effect()).toEqual({ do: "cancel", jobId: JOB_ID });
  });
});

describe("a job whose only TaskManager is gone: CREATED, no times, no checkpoints", () => {
  const CHK_3 = "file:/checkpoints/3f9c/chk-3";
  const known = Object.assign(new FakeKnowledge(), {
    states: [aState({ isSavepoint: false, path: CHK_3, at: T0 - 120_000, kept: "retained" })],
  });
  beforeEach(async () => {
    await sim.control.slots(0);
    await sim.control.addJob({ jobId: JOB_ID, name: "orders", state: "CREATED" });
    proxy.answer(new RegExp(`/jobs/${JOB_ID}$`, "u"), recorded("2.3.0", "job-waits-for-slots"));
    proxy.answer(/\/checkpoints$/u, recorded("2.3.0", "checkpoints-waits-for-slots"));
  });

  test("status, checkpoints and diagnose name what is known, and no time that Flink does not tell", async () => {
    const last = `Last known checkpoint 2 m ago: ${CHK_3}. Flink lists none at the moment; there may be a newer one.`;
    const status = await told("status orders", flink, known);
    expect(status).toMatch(/^🟡 orders is CREATED \(Flink does not say since when\)\n/u);
    expect(status).toContain(last);
    expect(await told("checkpoints orders", flink, known)).toContain(last);
    const found = await told("diagnose orders", flink, known);
    expect(found).toContain(
      "It is CREATED, 35 s after its start: it waits for slots. It needs 1; 0 of 0 slots",
    );
    expect(found).not.toMatch(/Periodic checkpoints are off|No checkpoint/u);
  });

  test("cancel names the checkpoint before it is approved, and at its end", async () => {
    const drive = new Drive("cancel orders", flink);
    drive.known.states = known.states;
    const intent = await drive.intended();
    expect(intent.losses.map(plain).join()).toContain(`is repeated when the job is resumed from ${CHK_3}.`);
    await sim.control.changeJob(JOB_ID, { state: "CANCELED" });
    expect(await drive.ending({ effect: { do: "cancel", jobId: JOB_ID } })).toBe(
      `done: orders is cancelled\nRetained checkpoint when this was asked (there may be a newer one): ${CHK_3}`,
    );
  });
});

describe("a savepoint directory with a space in it", () => {
  const DIRECTORY = "file:/tmp/with space";
  const LOCATION = `${DIRECTORY}/${REQUEST_ID}/savepoint-ec1012-1`;
  /** In one piece with the advice behind it. */
  const FAILED = `org.apache.flink.runtime.scheduler.stopwithsavepoint.StopWithSavepointStoppingException: A savepoint has been created at: ${LOCATION}, but the corresponding job ${JOB_ID} failed during stopping. The savepoint is consistent, but might have uncommitted transactions. If you want to commit the transaction please restart a job from this savepoint.`;

  test("a stop whose job failed while it stopped: partly done, the savepoint whole, and Resume", async () => {
    await sim.control.addJob({ jobId: JOB_ID, name: "orders" });
    const drive = new Drive("stop orders", flink);
    drive.known.catalogue = { entries: [anEntry()], anyJarOn: [] };
    await drive.intended();
    triggered({
      "failure-cause": { class: "java.util.concurrent.CompletionException", "stack-trace": FAILED },
    });
    const next = await drive.observe();
    if (next.kind !== "next") throw new Error("not next");
    await sim.control.changeJob(JOB_ID, { state: "FAILED" });
    const report = await drive.report({ phase: "verify", results: { stop: next.result } });
    expect(report.outcome).toBe("partly");
    expect([report.headline, ...report.lines].map(plain)).toEqual([
      "orders failed while it stopped; its savepoint is usable",
      `Savepoint: ${LOCATION}`,
      "The job is FAILED.",
      "The savepoint is consistent. Side effects of the last moments may not be committed; resuming from it commits them.",
    ]);
    expect(report.facts).toMatchObject({ location: LOCATION });
    expect(report.offers?.map((o) => o.label)).toEqual(["Resume", "Status"]);
  });

  test("a savepoint tells its whole path and its size", async () => {
    await sim.control.addJob({ jobId: JOB_ID, name: "orders" });
    const drive = new Drive("savepoint orders", flink);
    await drive.intended();
    triggered({ location: LOCATION });
    const { status, body } = recorded("2.3.0", "checkpoints");
    const text = JSON.stringify(body).replaceAll(/file:\/[^"]*savepoint-[^"]*/gu, LOCATION);
    proxy.answer(/\/checkpoints$/u, { status, body: JSON.parse(text) });
    expect(await drive.ending()).toMatch(
      /^done: Savepoint of orders is complete\nfile:\/tmp\/with space\/\w+\/savepoint-ec1012-1\n[\d.]+ k?B, took \d+ ms$/u,
    );
  });
});

describe("a cause whose message has several lines", () => {
  const PYTHON = [
    "java.lang.RuntimeException: Error received from SDK harness for instruction 17: Traceback (most recent call last):",
    '  File "/opt/app/enrich.py", line 42, in eval',
    "    return prices[sku]",
    "KeyError: 'sku-4711 has no price'",
    "",
    "\tat H3Job$Op.map(H3Job.java:75)",
    "",
  ].join("\n");
  const SQL = [
    "java.lang.IllegalArgumentException: ",
    "Unable to create a sink for writing table 'orders'.",
    "",
    "Table options are:",
    "",
    "'connector'='kafka'",
    "\tat H3Job$Op.map(H3Job.java:76)",
    "",
  ].join("\n");

  test.each([
    ["PyFlink's traceback", PYTHON, "KeyError: 'sku-4711 has no price'"],
    [
      "a table's, which begins with a new line",
      SQL,
      "IllegalArgumentException: Unable to create a sink for writing table 'orders'.",
    ],
  ])("%s, in exceptions, status and diagnose", async (_name, stack, said) => {
    await sim.control.addJob({ jobId: JOB_ID, name: "orders" });
    await sim.control.failJob(JOB_ID, { stack });
    for (const command of ["exceptions orders", "status orders", "diagnose orders"]) {
      const answer = await told(command, flink);
      expect(answer).toContain(said);
      expect(answer).not.toMatch(/Traceback|: \.|instruction/u);
    }
  });

  test("the same of another instruction is counted with it, another one with the same first line is not", async () => {
    await sim.control.addJob({ jobId: JOB_ID, name: "orders" });
    for (const stack of [
      PYTHON,
      PYTHON.replace("17", "4711"),
      PYTHON.replace("KeyError: 'sku-4711 has", "ValueError: 'sku-1 has"),
    ])
      await sim.control.failJob(JOB_ID, { stack });
    const said = await told("exceptions orders", flink);
    expect(said).toMatch(/^orders: 3 failures/u);
    expect(said.match(/^• .*/gmu)).toEqual([
      expect.stringMatching(/^• ValueError: 'sku-1 has no price'(?!.*times)/u),
      expect.stringMatching(/^• KeyError: 'sku-4711 has no price'.*, 2 times since/u),
    ]);
  });
});

describe("a job whose page is longer than 8 MB", () => {
  test.each([
    ["because of its plan", 9_000_000],
    ["and cannot be read at all", 0],
  ])("%s: cancel needs its state only", async (_name, planLength) => {
    await sim.control.addJob({ jobId: JOB_ID, name: "orders", planLength });
    if (planLength === 0) {
      const page = JSON.stringify({ jid: JOB_ID, name: "x".repeat(9_000_000) });
      proxy.answer(new RegExp(`/jobs/${JOB_ID}$`, "u"), { status: 200, body: JSON.parse(page) });
    } else expect(await told("status orders", flink)).toMatch(/^🟢 orders has been RUNNING/u);
    const drive = new Drive("cancel orders", flink);
    const intent = await drive.intended();
    expect(plain(intent.headline)).toBe("Cancel orders without a savepoint");
    expect(intent.details.map(plain)).toContain("It was RUNNING when this was asked.");
    expect(await drive.effect()).toEqual({ do: "cancel", jobId: JOB_ID });
  });
});
