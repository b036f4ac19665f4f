import { describe, expect, test } from "vitest";
import { FlinkRefused } from "../../src/model/errors.ts";
import { jobDetail } from "../../src/flink/wire/jobs.ts";
import { plain } from "../../src/model/text.ts";
import { aCheckpoint, aJob, anException, checkpointsOf, FakeFlinkReads, T0 } from "../fakes/flink-reads.ts";
import { aState, FakeKnowledge } from "../fakes/knowledge.ts";
import { told } from "./ask.ts";
import { Drive } from "./drive.ts";

const CHK_3 = "file:/checkpoints/3f9c/chk-3";
const SAVEPOINT = "s3://bucket/savepoints/r1/savepoint-3f9c00-1";
const kept = (over = {}) =>
  aState({ isSavepoint: false, path: CHK_3, at: T0 - 120_000, kept: "retained", ...over });

/** Its TaskManager is lost: the adaptive scheduler waits for slots, and Flink shows next to nothing. */
function waiting(): { flink: FakeFlinkReads; known: FakeKnowledge } {
  const flink = new FakeFlinkReads();
  flink.theJob = aJob({ state: "CREATED", stateSince: null });
  flink.theCheckpoints = checkpointsOf();
  flink.theExceptions = [anException({ at: T0 - 90_000 })];
  flink.theCapabilities = { ...flink.theCapabilities, slotsFree: 0, slotsTotal: 0 };
  const known = new FakeKnowledge();
  known.states = [kept()];
  return { flink, known };
}

async function cancelling(flink: FakeFlinkReads, known: Partial<FakeKnowledge>) {
  const drive = new Drive("cancel orders", flink);
  Object.assign(drive.known, { states: known.states ?? [] });
  const intent = await drive.intended();
  return {
    losses: intent.losses.map(plain).join("\n"),
    details: intent.details.map(plain).join("\n"),
    facts: intent.facts,
  };
}

const no = () => Promise.reject(new FlinkRefused("not available while initializing", 500));

test("Flink gives no time for the state of a job that waits for slots", () => {
  const body = {
    jid: "0".repeat(32),
    name: "orders",
    state: "CREATED",
    "start-time": 1_795_714_662_824,
    "end-time": -1,
    now: 1_795_714_697_329,
    timestamps: { INITIALIZING: 1_795_714_662_824, CREATED: 0, RUNNING: 0 },
    vertices: [],
  };
  expect(jobDetail.parse(body)).toMatchObject({ state: "CREATED", stateSince: null });
  const initializing = jobDetail.parse({ ...body, state: "INITIALIZING" });
  expect(initializing.stateSince).toBe(1_795_714_662_824);
});

describe("a job that Flink shows nothing of, and whose checkpoint the job cache knows", () => {
  test("status: no time, and the last known checkpoint with its age", async () => {
    const { flink, known } = waiting();
    const said = await told("status orders", flink, known);
    expect(said).toMatch(/^🟡 orders is CREATED \(Flink does not say since when\)\n/u);
    expect(said).toContain(
      `Last known checkpoint 2 m ago: ${CHK_3}. Flink lists none at the moment; there may be a newer one.`,
    );
    expect(said).not.toContain("none completed");
  });

  test("checkpoints", async () => {
    const { flink, known } = waiting();
    const said = await told("checkpoints orders", flink, known);
    expect(said).toMatch(/^Checkpoints of orders: Flink lists none while the job is CREATED\n/u);
    expect(said).toContain(`Last known checkpoint 2 m ago: ${CHK_3}`);
  });

  test("diagnose: how long it has not run, by its last failure", async () => {
    const { flink, known } = waiting();
    const said = await told("diagnose orders", flink, known);
    expect(said).toContain("It is CREATED, 1 m 30 s after its last failure: it waits for slots. It needs 1;");
    expect(said).not.toContain("Periodic checkpoints are off");
  });

  test("cancel names it, and does not say that all state is lost", async () => {
    const { flink, known } = waiting();
    const { losses, details, facts } = await cancelling(flink, known);
    expect(losses).toBe(
      `Work since its last checkpoint (last known: 2 m before this was asked; there may be a newer one) is repeated when the job is resumed from ${CHK_3}.`,
    );
    expect(details).toContain(`Last known checkpoint 2 m before this was asked: ${CHK_3}`);
    expect(facts["retained"]).toBe(CHK_3);
  });

  test("also where it runs again after a fail-over and has taken none since", async () => {
    const { flink, known } = waiting();
    flink.theJob = aJob({ startedAt: T0 - 5_000, stateSince: T0 - 4_000 });
    expect((await cancelling(flink, known)).losses).toContain(CHK_3);
    expect(await told("status orders", flink, known)).toContain(CHK_3);
  });

  test("one that goes with the job is said to", async () => {
    const { flink } = waiting();
    const states = [kept({ kept: "unless cancelled" })];
    expect((await cancelling(flink, { states })).losses).toBe(
      "All of its state: Flink deletes its checkpoints (last known: 2 m before this was asked) with the job.",
    );
    const saved = [...states, aState()];
    expect((await cancelling(flink, { states: saved })).losses).toContain(`resumed from ${SAVEPOINT}`);
  });

  test("another job's is not taken for it", async () => {
    const { flink } = waiting();
    const states = [kept({ jobId: "f".repeat(32) })];
    expect((await cancelling(flink, { states })).losses).not.toContain(CHK_3);
  });
});

describe("a job of whose checkpoints nothing is known", () => {
  test.each(["CREATED", "INITIALIZING"] as const)("while it is %s it may have some", async (state) => {
    const { flink } = waiting();
    flink.theJob = aJob({ state, stateSince: null });
    // of one that is initialized Flink says that checkpointing is not enabled
    if (state === "INITIALIZING") flink.theCheckpoints = null;
    const { losses } = await cancelling(flink, {});
    expect(losses).toBe(
      `Possibly all of its state. Its checkpoints were unknown when this was asked: Flink listed none while the job was ${state}.`,
    );
    expect(await told("status orders", flink)).toContain(`Checkpoints: not known while the job is ${state}`);
    expect(await told("checkpoints orders", flink)).toContain(`Flink lists none while the job is ${state}`);
  });

  test("what cannot be read is not known either, and is no reason to refuse", async () => {
    const { flink } = waiting();
    Object.assign(flink, { checkpoints: no, checkpointConfig: no, exceptions: no, capabilities: no });
    expect((await cancelling(flink, {})).losses).toMatch(/^Possibly all of its state\./u);
    const said = await told("status orders", flink);
    expect(said).toContain("Flink did not answer: checkpoints, exceptions, slots.");
    expect(await told("diagnose orders", flink)).toContain("orders is CREATED");
  });

  test("where it runs and has taken none, all of its state is lost", async () => {
    const flink = new FakeFlinkReads();
    flink.theCheckpoints = checkpointsOf();
    const { losses, details } = await cancelling(flink, {});
    expect(losses).toBe("All of its state: there is no checkpoint to resume from.");
    expect(details).toContain("It had no completed checkpoint when this was asked.");
  });

  test("but what it was started from, or a savepoint of it, is not", async () => {
    const flink = new FakeFlinkReads();
    const restored = { path: "s3://bucket/savepoints/old", isSavepoint: true, at: T0 - 60_000 };
    flink.theCheckpoints = { ...checkpointsOf(), latestRestored: restored };
    expect((await cancelling(flink, {})).losses).toBe(
      "Work since it was started is repeated when the job is resumed from s3://bucket/savepoints/old.",
    );
    const states = [aState()];
    expect((await cancelling(flink, { states })).losses).toContain(
      `Work since its savepoint of 2027-01-15 07:59 UTC is repeated when the job is resumed from ${SAVEPOINT}.`,
    );
  });
});

test("a streaming job without checkpoints says so everywhere", async () => {
  const flink = new FakeFlinkReads();
  flink.config = null;
  flink.theCheckpoints = null;
  expect(await told("checkpoints orders", flink)).toMatch(/^orders takes no checkpoints/u);
  expect(await told("status orders", flink)).toContain("Checkpoints: off");
  expect((await cancelling(flink, {})).details).toContain("It takes no checkpoints.");
  expect(await new Drive("scale orders 2", flink).refusal()).toContain("all state would be lost");
  const checkpoint = await new Drive("checkpoint orders", flink).refusal();
  expect(checkpoint).toBe(
    "orders has checkpointing disabled, so Flink takes no checkpoints of it.\nsavepoint works without checkpointing.",
  );
  const savepoint = await new Drive("savepoint orders", flink).intended();
  expect([plain(savepoint.headline), ...savepoint.warnings]).toEqual(["Savepoint of orders"]);
  expect(await new Drive("watch orders", flink).ending()).toMatch(/^done: orders is healthy/u);
});

test("a job that could not read its savepoint", async () => {
  const flink = new FakeFlinkReads();
  flink.theJob = aJob({ state: "FAILED", endedAt: T0, vertices: [] });
  flink.theCheckpoints = checkpointsOf();
  flink.theFailure = "Cannot find checkpoint or savepoint file/directory 'file:/x' on file system 'file'.";
  for (const words of ["status orders", "diagnose orders", "exceptions orders"])
    expect(await told(words, flink)).toContain("Cannot find checkpoint or savepoint file/directory");
  expect(await told("checkpoints orders", flink)).toContain("Flink lists none while the job is FAILED");
});

test("a checkpoint that Flink lists is taken before one that the job cache knows", async () => {
  const { flink, known } = waiting();
  flink.theJob = aJob();
  flink.theCheckpoints = checkpointsOf(aCheckpoint());
  const { losses } = await cancelling(flink, known);
  expect(losses).toContain("file:/checkpoints/chk-7");
});
