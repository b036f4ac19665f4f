import { afterEach, beforeEach, describe, expect, test } from "vitest";
import { type SimulatedFlink, startSimulated } from "../../playground/flink/simulated/server.ts";
import { type Cluster, type Clusters, createClusters } from "../../src/flink/clusters.ts";
import type { FlinkReads } from "../../src/model/flink-reads.ts";
import { plain } from "../../src/model/text.ts";
import { JOB_ID } from "../fakes/flink-reads.ts";
import { clusterAt, RETRY_AFTER_MS } from "../flink/local-server.ts";
import { told } from "./ask.ts";
import { Drive } from "./drive.ts";

/** Flink answers both questions about its checkpoints with 404, each in its own words; that must not fail any command. */

let sim: SimulatedFlink;
let clusters: Clusters;
let flink: FlinkReads;
beforeEach(async () => {
  sim = await startSimulated();
  const job = await sim.control.addJob({ jobId: JOB_ID, name: "orders", jobType: "BATCH" });
  const startTime = job.startTime - 3_600_000;
  await sim.control.changeJob(JOB_ID, { startTime, timestamps: { CREATED: startTime, RUNNING: startTime } });
  clusters = createClusters([clusterAt(sim.url, { managedBy: "none" })], RETRY_AFTER_MS);
  flink = (clusters.get("prod") as Cluster).reads;
});
afterEach(async () => {
  await clusters.close();
  await sim.stop();
});

test("cancel opens its card, and ends the job", async () => {
  const drive = new Drive("cancel orders", flink);
  const intent = await drive.intended();
  expect(plain(intent.headline)).toBe("Cancel orders without a savepoint");
  expect(intent.losses.map(plain)).toEqual(["All of its state: there is no checkpoint to resume from."]);
  expect(intent.details.map(plain)).toContain("It takes no checkpoints.");
  expect(await drive.effect()).toEqual({ do: "cancel", jobId: JOB_ID });
});

test("status shows how far it is; diagnose and checkpoints say that it takes none", async () => {
  const status = await told("status orders", flink);
  expect(status).toMatch(/^🟢 orders has been RUNNING.*: 0 of 2 tasks finished\n/u);
  expect(status).not.toContain("Checkpoints");
  expect(await told("checkpoints orders", flink)).toMatch(/^orders takes no checkpoints\n/u);
  const found = await told("diagnose orders", flink);
  expect(found).toMatch(/^🟡 orders is RUNNING: 1 problem\n|^🟢 Nothing found: orders is RUNNING\n/u);
  expect(found).not.toContain("overdue");
});

test("watch waits for no checkpoint of it", async () => {
  expect(await new Drive("watch orders", flink).ending()).toMatch(/^done: orders is healthy\n/u);
});

describe("a change that needs checkpoints is refused with the reason", () => {
  test.each([
    ["checkpoint orders", "orders has checkpointing disabled"],
    ["scale orders 2", "is a batch job; Flink does not scale batch jobs in place."],
    ["savepoint orders", "is a batch job; Flink takes no savepoints of batch jobs."],
    ["stop orders", "is a batch job; Flink takes no savepoints of batch jobs."],
  ])("%s", async (typed, said) => {
    expect(await new Drive(typed, flink).refusal()).toContain(said);
  });
});

describe.each(["savepoint --all --cluster prod", "stop --all --cluster prod"])("%s", (typed) => {
  test("leaves it out before anybody approves, and says so", async () => {
    await sim.control.addJob({ name: "clicks" });
    const intent = await new Drive(typed, flink).intended();
    expect(intent.details.map(plain).join()).toMatch(/^clicks [0-9a-f]{8}\.$/u);
    expect(intent.warnings.map(plain)).toEqual(["Left out: orders (a batch job)."]);
  });
});
