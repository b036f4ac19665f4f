import { describe, expect, test } from "vitest";
import { plain } from "../../src/model/text.ts";
import { aCheckpoint, aJob, anException, checkpointsOf, FakeFlinkReads, T0 } from "../fakes/flink-reads.ts";
import { aState, FakeKnowledge } from "../fakes/knowledge.ts";
import { told } from "./ask.ts";
import { Drive, EFFECT_ID } from "./drive.ts";

/** A Flink whose clock shows another time than ours: everything that it tells is shifted. */
function shifted(by: number): FakeFlinkReads {
  const flink = new FakeFlinkReads();
  const now = T0 + by;
  flink.theJob = aJob({ now, startedAt: now - 3_600_000, stateSince: now - 3_600_000 });
  flink.theCheckpoints = checkpointsOf(aCheckpoint({ triggeredAt: now - 41_000 }));
  flink.theExceptions = [anException({ at: now - 5_000, task: null, host: null })];
  return flink;
}

describe.each([
  ["15 minutes behind", -900_000],
  ["15 minutes ahead", 900_000],
])("Flink's clock is %s of ours", (_name, by) => {
  test("status", async () => {
    const said = await told("status orders", shifted(by));
    expect(said).toContain("orders has been RUNNING for 1 h");
    expect(said).toContain("Last exception, 5 s ago");
    expect(said).toContain("Last checkpoint 41 s ago");
  });

  test("diagnose: a failure of now is one of now, and no checkpoint is overdue", async () => {
    const said = await told("diagnose orders", shifted(by));
    expect(said).toContain("It failed 1 time in the last 10 minutes");
    expect(said).toContain("1 problem");
  });

  test("exceptions and checkpoints", async () => {
    expect(await told("exceptions orders", shifted(by))).toContain("1 failure, the last 5 s ago");
    expect(await told("checkpoints orders", shifted(by))).toContain("#7 | checkpoint | 41 s ago");
  });

  test("a checkpoint that the job cache knows is dated by our clock, and its age is told by that", async () => {
    const flink = shifted(by);
    flink.theJob = aJob({ state: "CREATED", stateSince: null, now: T0 + by, startedAt: T0 + by - 3_600_000 });
    flink.theCheckpoints = checkpointsOf();
    flink.theExceptions = [];
    flink.theCapabilities = { ...flink.theCapabilities, slotsFree: 0 };
    const states = [aState({ isSavepoint: false, path: "file:/c/chk-3", at: T0 - 120_000 })];
    const known = Object.assign(new FakeKnowledge(), { states });
    for (const command of ["status orders", "checkpoints orders"])
      expect(await told(command, flink, known)).toContain("Last known checkpoint 2 m ago: file:/c/chk-3");
    expect(await told("diagnose orders", flink, known)).toContain(
      "It is CREATED, 2 m after its last known checkpoint: it waits for slots.",
    );
    const drive = new Drive("cancel orders", flink);
    drive.known.states = states;
    expect((await drive.intended()).losses.map(plain).join()).toContain(
      "last known: 2 m before this was asked",
    );
  });

  test("what a cancel loses, and how long a job to be stopped had been RUNNING", async () => {
    const cancel = await new Drive("cancel orders", shifted(by)).intended();
    expect(cancel.losses.map(plain).join()).toContain(
      "since the last checkpoint (41 s before this was asked)",
    );
    const stop = await new Drive("stop orders", shifted(by)).intended();
    expect(stop.details.map(plain)[0]).toBe("It had been RUNNING for 1 h when this was asked.");
  });

  test("the last exception behind a savepoint that failed, and when the last checkpoint was complete", async () => {
    const flink = shifted(by);
    const drive = new Drive("savepoint orders", flink);
    await drive.intended();
    const reason = "Checkpoint Coordinator is suspending.";
    flink.triggers.set(EFFECT_ID, { is: "failed", reason, usable: null });
    expect(await drive.ending()).toContain("Its last exception, 5 s ago: IllegalStateException: boom");
    flink.metrics = { lastCheckpointCompletedTimestamp: String(T0 + by - 41_000) };
    expect(await told("metrics orders", flink)).toContain("lastCheckpointCompletedTimestamp | 41 s ago");
  });

  test("a failure after the start is one, whatever our clock says", async () => {
    const flink = shifted(by);
    flink.theJob = aJob({ now: T0 + by + 60_000, state: "RESTARTING" });
    const drive = new Drive("watch orders", flink);
    await drive.intended();
    flink.theExceptions = [anException({ at: T0 + by + 50_000 })];
    expect(await drive.note({ waited: 60_000 })).toContain("IllegalStateException: boom");
    flink.theExceptions = [anException({ at: T0 + by - 1_000 })];
    expect(await drive.note({ waited: 60_000 })).not.toContain("boom");
  });
});

test("where Flink's clock is not known, times are told and no ages", async () => {
  const flink = shifted(0);
  flink.job = () => Promise.resolve("absent");
  flink.metrics = { lastCheckpointCompletedTimestamp: String(T0) };
  expect(await told("metrics orders", flink)).toContain("Timestamp | 2027-01-15 08:00:00 UTC");
  expect(await told("exceptions orders", flink)).toContain("the last at 2027-01-15 07:59 UTC");
  expect(await told("checkpoints orders", flink)).toContain("#7 | checkpoint | at 2027-01-15 07:59 UTC");
});
