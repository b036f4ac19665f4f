import { expect, test } from "vitest";
import { FlinkUnreachable } from "../../src/model/errors.ts";
import { parse } from "../../src/command/parse.ts";
import { cancel } from "../../src/operations/cancel/cancel.ts";
import { operations } from "../../src/operations/index.ts";
import { plain } from "../../src/model/text.ts";
import type { RequestOnName } from "../../src/model/knowledge.ts";
import { aJob, checkpointsOf, FakeFlinkReads, JOB_ID } from "../fakes/flink-reads.ts";
import { DIRECTORY, Drive, EFFECT_ID, words } from "./drive.ts";

const LOCATION = `${DIRECTORY}/savepoint-1`;
const after = { phase: "cancel", results: { begin: LOCATION } };
/** The cancel of this job was sent. */
const SENT = { effect: { do: "cancel", jobId: JOB_ID } } as const;
const start = async (text = "cancel orders") => {
  const flink = new FakeFlinkReads();
  const drive = new Drive(text, flink);
  return { flink, drive, intent: await drive.intended() };
};

test("plain: says what is lost, binds the id alone and offers stop", async () => {
  const { drive, intent } = await start();
  expect(plain(intent.headline)).toBe("Cancel orders without a savepoint");
  expect(intent.losses.map(plain)).toEqual([
    "Work since the last checkpoint (41 s before this was asked) is repeated when the job is resumed from file:/checkpoints/chk-7.",
  ]);
  expect(intent.binds).toEqual({ jobId: JOB_ID });
  expect(intent.offers).toMatchObject([{ operation: "stop", args: { job: `prod/${JOB_ID}` } }]);
  expect(await drive.effect()).toEqual({ do: "cancel", jobId: JOB_ID });
});

test("a checkpoint that goes with the job is said to be lost", async () => {
  const flink = new FakeFlinkReads();
  flink.config = { intervalMs: 1_000, timeoutMs: 1, retainedOnCancel: false, retainedOnFailure: false };
  const intent = await new Drive("cancel orders", flink).intended();
  expect(intent.losses.map(plain)).toEqual([
    "All of its state: Flink deletes the last checkpoint (41 s before this was asked) with the job.",
  ]);
  flink.theCheckpoints = checkpointsOf();
  flink.config = null;
  const none = await new Drive("cancel orders", flink).intended();
  expect(none.losses.map(plain)).toEqual(["All of its state: there is no checkpoint to resume from."]);
  expect(none.details.map(plain)).toContain("It takes no checkpoints.");
});

test("plain is the emergency brake, with savepoint it waits its turn", () => {
  const given = { job: "orders", format: "canonical" } as const;
  expect(cancel.preempts?.({ ...given, withSavepoint: false })).toBe(true);
  expect(cancel.preempts?.({ ...given, withSavepoint: true })).toBe(false);
});

test("plain does not wait for what the card said before it starts", async () => {
  const { flink, drive, intent } = await start();
  flink.checkpoints = async () => await Promise.reject(new Error("asked for checkpoints"));
  flink.checkpointConfig = async () => await Promise.reject(new Error("asked for their configuration"));
  expect(await drive.again(intent)).toMatchObject({ binds: intent.binds });
  flink.theJob = aJob({ state: "CANCELED" });
  expect(await drive.again(intent)).toMatchObject({ refuse: expect.anything() });
});

test("plain takes a job in any state that can still end", async () => {
  const flink = new FakeFlinkReads();
  flink.theJob = aJob({ state: "RESTARTING" });
  const intent = await new Drive("cancel orders", flink).intended();
  expect(intent.binds).toEqual({ jobId: JOB_ID });
  flink.theJob = aJob({ state: "FAILED" });
  expect(await new Drive("cancel orders", flink).refusal()).toBe(
    "orders is FAILED: there is nothing to cancel.",
  );
});

test("plain, to its end", async () => {
  const { flink, drive } = await start();
  flink.theJob = aJob({ state: "CANCELLING" });
  expect(await drive.note({ ...SENT, waited: 2_000 })).toBe("Flink is stopping the tasks (CANCELLING)");
  expect(await drive.note({ ...SENT, waited: 200_000, late: true })).toContain("longer than usual");
  flink.theJob = aJob({ state: "CANCELED" });
  expect(await drive.ending(SENT)).toContain("done: orders is cancelled\nRetained checkpoint");
});

test("where it is not known whether the cancel arrived, it is soon sent again", async () => {
  const { drive } = await start();
  const sent = { is: "unknown", looked: "asked" } as const;
  expect(await drive.note({ ...SENT, sent, waited: 4_000 })).toContain("still RUNNING");
  expect(await drive.observe({ ...SENT, sent, waited: 5_000 })).toMatchObject({
    kind: "next",
    phase: "cancel",
  });
});

test("with savepoint: an unknown savepoint cancels nothing", async () => {
  const { drive } = await start("cancel orders --with-savepoint");
  const said = await drive.ending({ sent: { is: "unknown", looked: "asked" }, late: true });
  expect(said).toContain("Nothing was cancelled.");
});

test("it ended by itself", async () => {
  const { flink, drive } = await start();
  flink.theJob = aJob({ state: "FAILED" });
  const said = await drive.ending(SENT);
  expect(said).toContain("done: orders is no longer running: FAILED\nJob 3f9c0000 ended by itself");
});

test("refused", async () => {
  const { drive } = await start();
  const sent = { is: "refused", reason: "Job cancellation timed out." } as const;
  expect(await drive.ending({ ...SENT, sent })).toBe(
    "failed: orders was not cancelled\nJob cancellation timed out. Job 3f9c0000 is RUNNING.",
  );
});

test("a cancel that a fail-over lost is sent once more, and not for ever", async () => {
  const { drive } = await start();
  expect(await drive.note({ ...SENT, waited: 29_000 })).toContain("still RUNNING");
  const next = await drive.observe({ ...SENT, waited: 31_000 });
  expect(next).toMatchObject({ kind: "next", phase: "cancel", result: { times: { [JOB_ID]: 1 } } });
  if (next.kind !== "next") throw new Error("not next");
  // as it is entered, nothing has been waited for yet
  const entered = { phase: "cancel", results: { begin: next.result } };
  expect(await drive.effect(entered)).toEqual({ do: "cancel", jobId: JOB_ID });
  const again = { ...SENT, ...entered };
  expect(await drive.note({ ...again, sent: { is: "unknown", looked: "" } })).toContain("still RUNNING");
  expect(await drive.ending({ ...again, waited: 31_000 })).toContain(
    "The cancel was sent twice; job 3f9c0000",
  );
});

test("a job that Flink does not know is waited for, then said to be gone", async () => {
  const { flink, drive } = await start();
  flink.theJob = null;
  expect(await drive.note({ ...SENT, waited: 1_000 })).toContain("at the moment");
  expect(await drive.ending({ ...SENT, waited: 61_000 })).toContain("unknown: orders can no longer be seen");
});

test("a JobManager that goes silent after the cancel", async () => {
  const { flink, drive } = await start();
  flink.down = new FlinkUnreachable("reading job: connect ECONNREFUSED", "no");
  expect(await drive.note({ ...SENT, waited: 60_000 })).toContain("has not answered since");
  const said = await drive.ending({ ...SENT, waited: 90_000 });
  expect(said).toContain("unknown: orders can no longer be seen\nFlink accepted the cancel");
  const sent = { is: "unknown", looked: "asked" } as const;
  expect(await drive.ending({ ...SENT, sent, waited: 90_000 })).toContain("did not confirm");
});

// seed 3011622 of the simulator: it said that a cancel had been sent
test("a JobManager that is silent before anything could be sent", async () => {
  const { flink, drive } = await start();
  flink.down = new FlinkUnreachable("reading job: connect ECONNREFUSED", "no");
  const unsent = { effect: null, sent: { is: "none" } } as const;
  expect(await drive.note({ ...unsent, waited: 60_000 })).toBe(
    "Flink does not answer; the cancel is sent once it does",
  );
  const said = await drive.ending({ ...unsent, waited: 90_000 });
  expect(said).toContain("unknown: orders can no longer be seen");
  expect(said).toContain("no cancel of job 3f9c0000 was sent.\nIf it answers again, check what runs there.");
});

test("with savepoint: savepoint, then cancel", async () => {
  const { flink, drive, intent } = await start("cancel orders --with-savepoint");
  expect(plain(intent.headline)).toBe("Cancel orders after a savepoint");
  expect(intent.losses).toEqual([]);
  expect(intent.details.map(plain).join("\n")).toContain("processed again when the job is resumed");
  expect(intent.binds).toMatchObject({ jobId: JOB_ID, alive: true });
  expect(await drive.effect()).toMatchObject({ do: "savepoint", directory: DIRECTORY });
  flink.triggers.set(EFFECT_ID, { is: "completed", location: LOCATION });
  expect(await drive.observe()).toMatchObject({ kind: "next", phase: "cancel", result: LOCATION });
  expect(await drive.effect(after)).toEqual({ do: "cancel", jobId: JOB_ID });
  flink.theJob = aJob({ state: "CANCELED" });
  const said = await drive.ending(after);
  expect(said).toContain(`done: orders is cancelled\nSavepoint: ${LOCATION}`);
  expect(said).toContain("processed again");
  expect((await drive.report(after)).facts).toEqual({ location: LOCATION });
});

test("with savepoint: the cancel is sent once more as well, the location is not lost", async () => {
  const { drive } = await start("cancel orders --with-savepoint");
  expect(await drive.observe({ ...after, waited: 31_000 })).toMatchObject({ kind: "next", phase: "cancel" });
  const again = {
    phase: "cancel",
    results: { begin: LOCATION, cancel: { sentAgain: true } },
    waited: 31_000,
  };
  expect(await drive.ending(again)).toContain(LOCATION);
});

test("with savepoint: if it fails, nothing is cancelled", async () => {
  const { flink, drive } = await start("cancel orders --with-savepoint");
  flink.triggers.set(EFFECT_ID, { is: "failed", reason: "Checkpoint was declined.", usable: null });
  expect(await drive.ending()).toBe(
    "failed: orders was not cancelled: no savepoint\nCheckpoint was declined.\nThe job is RUNNING.",
  );
});

test("with savepoint: a job that is not RUNNING is told apart", async () => {
  const flink = new FakeFlinkReads();
  flink.theJob = aJob({ state: "RESTARTING" });
  const said = await new Drive("cancel orders --with-savepoint", flink).refusal();
  expect(said).toContain("is RESTARTING; a savepoint needs RUNNING");
});

test("a directory without --with-savepoint is a misunderstanding", () => {
  const parsed = parse("cancel orders s3://bucket/savepoints", operations);
  expect(parsed.is === "problem" && words(parsed.refusal)).toContain("A directory needs --with-savepoint");
});

const X = "eeee0000000000000000000000000002";
const restart = (over: Partial<RequestOnName> = {}): RequestOnName => ({
  id: "r7654321",
  headline: "Restart orders",
  actor: "U0CEM00001",
  state: "running",
  jobId: JOB_ID,
  jobName: "orders",
  askedAt: 0,
  launched: [{ jobId: X, fate: "coming" }],
  savepoint: "s3://bucket/savepoints/r7654321/savepoint-1",
  ended: null,
  link: null,
  ...over,
});
/** Approved while a restart has stopped the job and is starting another one. */
const duringRestart = async (over: Partial<RequestOnName> = {}) => {
  const flink = new FakeFlinkReads();
  const drive = new Drive("cancel orders", flink);
  flink.theJob = aJob({ state: "FINISHED" });
  flink.sightings.set(X, { is: "absent", forMs: 0, answers: 1, by: ["jm-1"] });
  drive.known.requests = [restart(over)];
  return { flink, drive, intent: await drive.intended() };
};

test("plain follows the job through a restart: the card names the request and its savepoint", async () => {
  const { drive, intent } = await duringRestart();
  expect(intent.warnings.map(plain)).toEqual([
    "Stops request r7654321 of @U0CEM00001, Restart orders, and cancels what it has started. Its savepoint: s3://bucket/savepoints/r7654321/savepoint-1.",
  ]);
  expect(await drive.holds()).toEqual([{ job: JOB_ID }, { job: X }, { name: "orders" }]);
});

test("plain waits for a job whose start is on its way, and cancels it as soon as it is there", async () => {
  const { flink, drive } = await duringRestart();
  expect(await drive.effect()).toBeNull();
  expect(await drive.note({ waited: 59_000 })).toBe(
    "Job eeee0000 may still start; then it will be cancelled",
  );
  flink.sightings.set(X, { is: "alive", state: "CREATED" });
  const next = await drive.observe({ waited: 60_000 });
  expect(next).toMatchObject({ kind: "next", phase: "cancel" });
  const again = { phase: "cancel", results: { begin: { times: {} } } };
  expect(await drive.effect(again)).toEqual({ do: "cancel", jobId: X });
  flink.sightings.set(X, { is: "ended", state: "CANCELED" });
  const said = await drive.ending({ ...again, effect: { do: "cancel", jobId: X } });
  expect(said).toBe(
    "done: orders is cancelled\nCancelled: eeee0000.\nRetained checkpoint: file:/checkpoints/chk-7",
  );
});

test("plain ends where the start never arrived", async () => {
  const { drive } = await duringRestart({ launched: [{ jobId: X, fate: "never" }] });
  expect(await drive.ending()).toContain("done: orders is no longer running: FINISHED");
});

test("plain names what runs under the same name and is none of its own", async () => {
  const { flink, drive } = await start();
  flink.sightings.set(JOB_ID, { is: "ended", state: "CANCELED" });
  const [own] = await flink.overview();
  if (own === undefined) throw new TypeError("a job");
  flink.overview = () =>
    Promise.resolve([
      { ...own, state: "CANCELED" },
      { ...own, jobId: X },
      { ...own, jobId: "9".repeat(32), state: "FINISHED" },
      { ...own, jobId: "8".repeat(32), name: "payments" },
    ]);
  expect(await drive.ending()).toBe(
    `done: orders is cancelled\nAnother job of that name is RUNNING: ${X}. This request did not touch it.\nRetained checkpoint: file:/checkpoints/chk-7`,
  );
});

test("plain leaves alone a job that someone else has deployed under the name", async () => {
  const { drive } = await start();
  const other = restart({
    id: "r9",
    jobId: "9".repeat(32),
    launched: [{ jobId: X, fate: "sent" }],
    state: "over",
  });
  drive.known.requests = [other];
  expect(await drive.holds()).toEqual([{ job: JOB_ID }, { name: "orders" }]);
});
