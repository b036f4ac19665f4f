import { setTimeout as sleep } from "node:timers/promises";
import { afterEach, beforeEach, expect, it } from "vitest";
import { type SimulatedFlink, startSimulated } from "../../../playground/flink/simulated/server.ts";
import { parseArgs } from "../../../src/command/validate.ts";
import { type Clusters, createClusters } from "../../../src/flink/clusters.ts";
import { isRehearsalName } from "../../../src/model/rehearsal.ts";
import type { Offer, Report } from "../../../src/model/report.ts";
import { plain } from "../../../src/model/text.ts";
import { operations } from "../../../src/operations/index.ts";
import { keysUnder } from "../../../src/redis/keys.ts";
import { createRequestsOn } from "../../../src/requests/record/requests-on.ts";
import type { Intake } from "../../../src/requests/record/record.ts";
import { step } from "../../../src/requests/steps/step.ts";
import { anEntry } from "../../fakes/knowledge.ts";
import { hashed } from "../../../src/policy/hash.ts";
import { ANA, anEngine, anIntake, type TestEngine } from "../../requests/an-engine.ts";
import { clusterAt } from "./bench.ts";

const ASKED = { rehearse: `r${"1".repeat(31)}`, cancel: `r${"2".repeat(31)}` };
/** Longer than the phase in which a rehearsal is cancelled waits for its end, ms. */
const LONG = 300_000;

const noLink = () => Promise.resolve(null);

let flink: SimulatedFlink;
let clusters: Clusters;
let t: TestEngine;
beforeEach(async () => {
  flink = await startSimulated();
  clusters = createClusters([clusterAt(flink.url, { name: "prod" })], []);
  t = anEngine(null);
  t.engine.operations = new Map(operations.map((one) => [one.name, one]));
  t.engine.policy = hashed({
    form: "rules",
    people: {},
    same: [],
    rules: [{ name: "all", match: {}, when: null, ask: null, verdict: { is: "allow" } }],
    freezes: [],
    breakGlass: [],
    devClusters: ["prod"],
    externalChannels: [],
  });
  t.engine.cluster = (name, lane) => clusters.get(name, lane) ?? undefined;
  const rehearsal = { args: ["--name", "{name}"], digests: ["of it"] as const, parallelism: 1 };
  const args = ["--name", "orders"];
  const how = { ...rehearsal, healthyWithin: 60_000 };
  t.known.catalogue = { entries: [anEntry({ args, entryClass: null, rehearsal: how })], anyJarOn: [] };
  Object.assign(t.known, createRequestsOn({ store: t.store, keys: keysUnder("{test}"), link: noLink }));
});
afterEach(async () => {
  await clusters.close();
  await flink.stop();
});

/** Steps until that is so. The clock of flinkops jumps over what it waits for; Flink's goes on as it does. */
async function stepping(intake: Intake, isSo: () => boolean | Promise<boolean>): Promise<void> {
  for (let i = 0; i < 300; i += 1) {
    if (await isSo()) return;
    const next = await step(t.engine, intake);
    await t.presenter.settled();
    t.store.clock += next.is === "again" ? next.inMs : 0;
    await sleep(10);
  }
  throw new Error(`it does not come to that: ${JSON.stringify(t.store.get(intake.requestId).run)}`);
}
const asked = (over: Partial<Intake>): Intake =>
  anIntake({ actor: ANA, reason: "test", askedAt: t.store.clock, ...over });
const phaseOf = (id: string): string => {
  const { run } = t.store.get(id);
  return `${run?.phase} ${run?.stage}`;
};
const endOf = (id: string): Report | undefined => t.store.get(id).end?.report;

/** Presses a button of a report, as the bot reads it. */
async function press({ operation, args }: Offer): Promise<Report> {
  const found = operations.find((one) => one.name === operation);
  const parsed = found === undefined ? null : parseArgs(found, args);
  if (parsed?.is !== "parsed") throw new Error(JSON.stringify(parsed));
  const [cluster = "", job = ""] = (typeof args["job"] === "string" ? args["job"] : "").split("/");
  const intake = asked({ requestId: ASKED.cancel, operation, args: parsed.args, cluster, job });
  await step(t.engine, intake);
  await stepping(intake, () => endOf(ASKED.cancel) !== undefined);
  const report = endOf(ASKED.cancel);
  if (report === undefined) throw new Error("no report");
  return report;
}

it.each<[string, Report["outcome"], () => Promise<void>]>([
  ["Flink cannot be reached", "unknown", async () => await flink.control.fault({ path: ".", cut: true })],
  ["a task of it does not stop", "partly", () => Promise.resolve()],
])(
  "a rehearsal that outlives its request because %s is ended by the button of the report, and nothing else is",
  async (_, outcome, trouble) => {
    const orders = await flink.control.addJob({ name: "orders" });
    const other = await flink.control.addJob({ name: "orders rehearsal r7654321" });
    await flink.control.addJar({ name: "orders-2.jar", jobs: { tasksAfterMs: 60_000 } });
    await flink.control.timings({ cancelMs: 60_000 });
    const intake = asked({ requestId: ASKED.rehearse, operation: "rehearse", args: rehearseArgs() });
    await step(t.engine, intake);
    await stepping(intake, () => phaseOf(ASKED.rehearse) === "rehearsal-cancel sent");
    await trouble();
    t.store.clock += LONG;
    await stepping(intake, () => endOf(ASKED.rehearse) !== undefined);
    const left = endOf(ASKED.rehearse);
    const [launched] = t.store.get(ASKED.rehearse).launched;
    expect(left?.outcome).toBe(outcome);
    expect(left?.lines.map(plain).join("\n")).toContain(launched?.jobId);

    await flink.control.clearFaults();
    await flink.control.timings({ cancelMs: 20 });
    const rehearsal = (await flink.control.jobs()).find((j) => j.jobId === launched?.jobId);
    expect(isRehearsalName(rehearsal?.name ?? "")).toBe(true);
    await flink.control.changeJob(launched?.jobId ?? "", { state: "RUNNING" });
    await flink.control.clearLog();
    const button = left?.offers?.find((o) => o.label === "Cancel the rehearsal");
    if (button === undefined) throw new Error("no button");
    const over = await press(button);
    expect(`${over.outcome}: ${plain(over.headline)}`).toBe(`done: ${rehearsal?.name} is cancelled`);
    const effects = (await flink.control.effects()).map((e) => [e.do, e.jobId]);
    expect(effects).toEqual([["cancel", launched?.jobId]]);
    const states = new Map((await flink.control.jobs()).map((j) => [j.jobId, j.state]));
    expect([states.get(orders.jobId), states.get(other.jobId)]).toEqual(["RUNNING", "RUNNING"]);
  },
  30_000,
);

function rehearseArgs(): Intake["args"] {
  const found = operations.find((one) => one.name === "rehearse");
  const parsed = found === undefined ? null : parseArgs(found, { job: "prod/orders" });
  if (parsed?.is !== "parsed") throw new Error(JSON.stringify(parsed));
  return parsed.args;
}
