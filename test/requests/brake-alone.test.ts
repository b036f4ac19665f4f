import { afterEach, beforeEach, expect, it } from "vitest";
import type { Fault } from "../../playground/flink/simulated/faults.ts";
import { type SimulatedFlink, startSimulated } from "../../playground/flink/simulated/server.ts";
import { until } from "../../playground/processes.ts";
import { type Clusters, createClusters } from "../../src/flink/clusters.ts";
import { operations } from "../../src/operations/index.ts";
import { plain } from "../../src/model/text.ts";
import type { Engine } from "../../src/requests/ports/engine.ts";
import { clusterAt, RETRY_AFTER_MS } from "../flink/local-server.ts";
import { aChange, anEngine, anIntake, ID, JOB_ID, runSteps } from "./an-engine.ts";

/** A cancel needs the list of jobs and the job's state. Whatever else Flink does not give is left out of its card. */

let sim: SimulatedFlink;
let clusters: Clusters;
beforeEach(async () => {
  sim = await startSimulated();
  clusters = createClusters([clusterAt(sim.url)], RETRY_AFTER_MS);
});
afterEach(async () => {
  await clusters.close();
  await sim.stop();
});

/** Every question but these two. */
const OTHERS = String.raw`^/(?!jobs/overview$|jobs/[0-9a-f]{32}/status$)`;

it.each<[string, Partial<Fault>]>([
  ["is refused with 500", { status: 500, words: "Internal server error." }],
  ["is a web page", { status: 200 }],
  ["is not known", { status: 404, words: "Not found" }],
  ["is cut off", { cut: true }],
  ["hangs", { hold: true }],
])("where everything else %s, a cancel is shown, sent and ends", async (_name, fault) => {
  await sim.control.addJob({ jobId: JOB_ID, name: "orders" });
  await sim.control.fault({ path: OTHERS, method: "GET", ...fault });
  // as if it had been approved: this is about Flink
  const cancel = operations.find((r) => r.name === "cancel");
  if (cancel?.kind !== "change") throw new Error("no cancel");
  const t = anEngine({ ...cancel, class: "operate" });
  const engine: Engine = { ...t.engine, cluster: (name, lane) => clusters.get(name, lane) ?? undefined };
  const intake = anIntake({
    operation: "cancel",
    args: { job: "orders", withSavepoint: false, format: "canonical" },
  });
  // the JobManager takes its time to cancel, and on a slow machine more of it
  await until("it has ended", async () => {
    const next = await runSteps({ ...t, engine }, intake);
    if (next.is === "again") t.store.clock += next.inMs;
    return t.store.audit.some((line) => line.includes('"ended"')) ? true : null;
  });
  const record = t.store.get(ID);
  expect(record.intent.losses.map(plain).join()).toMatch(/^Possibly all of its state\./u);
  expect(plain(record.end?.report.headline ?? "")).toBe("orders is cancelled");
  expect((await sim.control.effects()).map((e) => e.do)).toEqual(["cancel"]);
});

it("what is no brake is refused where nobody answers whether the Kubernetes operator manages the cluster", async () => {
  await sim.control.addJob({ jobId: JOB_ID, name: "orders" });
  await sim.control.fault({ path: "^/jobmanager/config$", cut: true });
  const t = anEngine(aChange());
  const engine: Engine = { ...t.engine, cluster: (name, lane) => clusters.get(name, lane) ?? undefined };
  await runSteps({ ...t, engine }, anIntake());
  expect(t.store.get(ID).end?.ending).toBe("refused");
  expect(await sim.control.effects()).toEqual([]);
});
