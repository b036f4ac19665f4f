import { afterEach, beforeEach, describe, expect, it } from "vitest";
import type { Fault } from "../../playground/flink/simulated/faults.ts";
import { type SimulatedFlink, startSimulated } from "../../playground/flink/simulated/server.ts";
import { until } from "../../playground/flink/session.ts";
import { type Clusters, createClusters } from "../../src/flink/clusters.ts";
import { savepoint } from "../../src/operations/savepoint.ts";
import { status } from "../../src/operations/status.ts";
import { plain } from "../../src/model/text.ts";
import { answerRead } from "../../src/queue/read.ts";
import type { Engine } from "../../src/requests/ports/engine.ts";
import { step } from "../../src/requests/steps/step.ts";
import { startAltered } from "../flink/altered.ts";
import { clusterAt, RETRY_AFTER_MS } from "../flink/local-server.ts";
import { aChange, anEngine, anIntake, ID, JOB_ID } from "./an-engine.ts";

/** What is said where something before Flink asks for a login: never that Flink does not answer. */

let sim: SimulatedFlink;
let clusters: Clusters;
beforeEach(async () => {
  sim = await startSimulated();
  await sim.control.addJob({ jobId: JOB_ID, name: "orders" });
  clusters = createClusters([clusterAt(sim.url, { managedBy: "none" })], RETRY_AFTER_MS);
});
afterEach(async () => {
  await clusters.close();
  await sim.stop();
});

const PAGE: Fault = { path: ".", status: 200 };
const REDIRECT: Fault = { path: ".", status: 302, location: "https://sso.example/login" };
const overHttp = (engine: Engine): Engine => ({
  ...engine,
  cluster: (name) => clusters.get(name) ?? undefined,
});

describe.each<[string, Fault, string]>([
  [
    "a web page",
    PAGE,
    "answered with a web page, not Flink's API (does a proxy before Flink ask for a login?)",
  ],
  [
    "a redirect",
    REDIRECT,
    "answered with a redirect to sso.example, not Flink's API (does a proxy before Flink ask for a login?)",
  ],
])("%s", (_name, fault, did) => {
  it("in answer to a question", async () => {
    await sim.control.fault(fault);
    const t = anEngine(status);
    const asked = anIntake({ operation: "status", args: { job: "orders" } });
    await answerRead(overHttp(t.engine), asked);
    expect(t.conversation.said.map((one) => one.words)).toEqual([`Cluster prod ${did}.`]);
  });

  it("in answer to the first look of a change", async () => {
    await sim.control.fault(fault);
    const t = anEngine(aChange());
    await step(overHttp(t.engine), anIntake());
    expect(plain(t.store.get(ID).end?.report.headline ?? "")).toBe(
      `Cluster prod ${did}. Nothing was changed.`,
    );
  });
});

it("a web page in answer to the change itself is named on the card, and it is tried again", async () => {
  await sim.control.fault({ ...PAGE, method: "PATCH", times: 1 });
  const t = anEngine(aChange());
  const engine = overHttp(t.engine);
  const notes: string[] = [];
  for (let i = 0; i < 30 && t.store.audit.every((line) => !line.includes('"ended"')); i += 1) {
    const next = await step(engine, anIntake());
    notes.push(plain(t.store.get(ID).run?.note ?? ""));
    if (next.is === "again") t.store.clock += Math.max(next.inMs, 1);
  }
  expect(notes.join("\n")).toContain("Cluster prod answered with a web page, not Flink's API");
  expect(notes.join("\n")).not.toContain("does not answer");
  expect((await sim.control.effects()).map((e) => e.do)).toEqual(["cancel"]);
});

it("a redirect in answer to the change itself is its end: it never got to Flink", async () => {
  await sim.control.fault({ ...REDIRECT, method: "PATCH" });
  const sent = await clusters
    .get("prod")
    ?.effects.perform({ do: "cancel", jobId: JOB_ID }, ID, { untilMonotonicMs: performance.now() + 10_000 });
  expect(sent).toEqual({
    is: "refused",
    reason: expect.stringMatching(/^the cluster answered with a redirect to sso\.example, not Flink's API/u),
  });
});

it("a proxy that serves Flink under a path, with a web page for what is posted: it is named, and tried again", async () => {
  const proxy = await startAltered(sim.url, "/flink/prod");
  const behind = createClusters([clusterAt(proxy.url, { managedBy: "none" })], RETRY_AFTER_MS);
  const reach = (engine: Engine): Engine => ({ ...engine, cluster: (name) => behind.get(name) ?? undefined });
  try {
    const looking = anEngine(status);
    await answerRead(reach(looking.engine), anIntake({ operation: "status", args: { job: "orders" } }));
    expect(looking.conversation.said[0]?.words).toMatch(/^🟢 orders has been RUNNING/u);

    proxy.answer(/^POST .*savepoints$/u, { status: 200, body: "<!doctype html><title>Sign in</title>" });
    const t = anEngine(savepoint);
    const asked = anIntake({ operation: "savepoint", args: { job: "orders", format: "canonical" } });
    const turn = async (): Promise<string> => {
      const next = await step(reach(t.engine), asked);
      if (next.is === "again") t.store.clock += Math.max(next.inMs, 1);
      return plain(t.store.get(ID).run?.note ?? "");
    };
    const notes: string[] = [];
    for (let i = 0; i < 10; i += 1) notes.push(await turn());
    expect(notes.join("\n")).toContain("Cluster prod answered with a web page, not Flink's API");
    expect(notes.join("\n")).not.toContain("does not answer");
    expect(await sim.control.effects()).toEqual([]);
    proxy.clear();
    await until("it was sent", async () => {
      await turn();
      return t.store.get(ID).end !== null;
    });
    expect(plain(t.store.get(ID).end?.report.headline ?? "")).toBe("Savepoint of orders is complete");
    expect((await sim.control.effects()).map((e) => e.do)).toEqual(["savepoint"]);
  } finally {
    await behind.close();
    await proxy.close();
  }
});
