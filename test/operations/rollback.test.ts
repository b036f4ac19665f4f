import { describe, expect, it, test } from "vitest";
import { plain } from "../../src/model/text.ts";
import { aJob, checkpointsOf, FakeFlinkReads, JOB_ID, T0 } from "../fakes/flink-reads.ts";
import { anEntry, JAR } from "../fakes/knowledge.ts";
import { DIRECTORY, Drive, EFFECT_ID } from "./drive.ts";

const LOCATION = `${DIRECTORY}/savepoint-1`;

/** The job runs with the older of its two jars. */
const start = (text = `rollback orders --from ${LOCATION}`) => {
  const flink = new FakeFlinkReads();
  flink.theJars = [
    { id: "2222-orders-1.1.jar", name: "orders-1.1.jar", uploadedAt: T0 - 60_000, entryClasses: [] },
    { id: JAR, name: "orders-1.0.jar", uploadedAt: T0 - 3_660_000, entryClasses: [] },
  ];
  const drive = new Drive(text, flink);
  drive.known.catalogue = { entries: [anEntry()], anyJarOn: [] };
  return { flink, drive };
};

test("cancels, starts from the state that is named, and says what happens twice", async () => {
  const { flink, drive } = start();
  const intent = await drive.intended();
  expect(intent.losses.map(plain).join()).toContain("is written a second time");
  expect(await drive.effect()).toEqual({ do: "cancel", jobId: JOB_ID });
  flink.theJob = aJob({ state: "FAILED" });
  // there is nothing to cancel
  expect(await drive.effect()).toBeNull();
  expect(await drive.observe()).toMatchObject({ kind: "next", phase: "run" });
  expect(await drive.effect({ phase: "run" })).toMatchObject({
    do: "run",
    from: LOCATION,
    jar: JAR,
    parallelism: 1,
  });
  flink.theJob = aJob({ jobId: EFFECT_ID });
  expect(await drive.ending({ phase: "run" })).toMatch(/^done: orders was rolled back and runs/u);
});

test.each<[string, (f: FakeFlinkReads) => void, string]>([
  ["counted", () => undefined, " and completed 1 checkpoint. The output"],
  ["none", (f) => (f.theCheckpoints = checkpointsOf()), " and completed 0 checkpoints. The output"],
  ["off", (f) => (f.theCheckpoints = null), " and took no checkpoints. The output"],
  [
    "an empty list of one that Flink brings up again",
    (f) => {
      f.theJob = aJob({ state: "RESTARTING" });
      f.theCheckpoints = checkpointsOf();
    },
    ", and it was unknown how many checkpoints it had completed. The output",
  ],
  [
    "no longer listed",
    (f) => (f.checkpoints = () => Promise.resolve("absent")),
    ", and it was unknown how many checkpoints it had completed. The output",
  ],
])("says how many checkpoints come twice: %s", async (_name, change, said) => {
  const { flink, drive } = start();
  change(flink);
  expect((await drive.intended()).losses.map(plain).join()).toContain(said);
});

test.each<[string, string | undefined, (f: FakeFlinkReads) => void, string]>([
  ["no state", "rollback orders", () => undefined, "--from is missing"],
  [
    "a job that is gone",
    undefined,
    (f) => (f.theJob = null),
    "orders is no longer known to prod.\nRun list:",
  ],
  [
    "a second job of its name",
    undefined,
    (f) => (f.others = [aJob({ jobId: "9".repeat(32), state: "RESTARTING" })]),
    "Another orders runs on prod; two jobs would do the work twice.\n• 99999999",
  ],
  [
    "more slots than are free",
    `rollback orders --from ${LOCATION} --parallelism 9`,
    () => undefined,
    "It needs 9 slots",
  ],
])("refuses %s", async (_name, text, change, why) => {
  const refused = async () => {
    const { flink, drive } = start(text);
    change(flink);
    return await drive.refusal();
  };
  expect(await refused().catch(String)).toContain(why);
});

test("a job that could not be cancelled continues, and nothing is started", async () => {
  const { drive } = start();
  await drive.intended();
  expect(await drive.ending({ sent: { is: "refused", reason: "no" } })).toBe(
    [
      "failed: orders was not rolled back: it could not be cancelled",
      "no",
      "The job is RUNNING.",
      "Nothing was started.",
    ].join("\n"),
  );
});

test("a job that Flink does not start again is not said to run", async () => {
  const { flink, drive } = start();
  await drive.intended();
  expect(await drive.ending({ phase: "run", sent: { is: "refused", reason: "no such jar" } })).toBe(
    "failed: orders was cancelled but not started again\nno such jar",
  );
  flink.theJob = aJob({ jobId: EFFECT_ID, state: "FAILED" });
  flink.theFailure = "the state does not fit";
  expect(await drive.ending({ phase: "run" })).toMatch(
    /^failed: orders was rolled back but is not healthy\n.*the state does not fit/su,
  );
});

describe("during a fail-over, when Flink does not list the job at the moment", () => {
  const cancelled = { effect: { do: "cancel", jobId: JOB_ID }, processes: ["jm-1"] } as const;

  it("starts nothing before the job is known to be out of the way", async () => {
    const { flink, drive } = start();
    await drive.intended();
    flink.theJob = null;
    expect(await drive.note({ ...cancelled, waited: 59_000 })).toContain("nothing is started until it does");
    expect(await drive.observe({ ...cancelled, waited: 60_000 })).toMatchObject({
      kind: "next",
      phase: "run",
    });
  });

  it("starts nothing at all where it was another JobManager that accepted the cancel", async () => {
    const { flink, drive } = start();
    await drive.intended();
    flink.theJob = null;
    flink.group = ["jm-2"];
    expect(await drive.note({ ...cancelled, waited: 170_000 })).toContain("nothing is started");
    const said = await drive.ending({ ...cancelled, waited: 200_000, late: true });
    expect(said).toContain("unknown: orders was not rolled back: it is unknown whether it still runs");
    expect(said).toContain("Nothing was started.");
  });

  it("a cancel that it lost is sent once more, and not for ever", async () => {
    const { drive } = start();
    await drive.intended();
    expect(await drive.note({ ...cancelled, waited: 29_000 })).toContain(
      "Flink is stopping the tasks (RUNNING)",
    );
    expect(await drive.observe({ ...cancelled, waited: 31_000 })).toMatchObject({
      kind: "next",
      phase: "cancel",
    });
    const again = { ...cancelled, results: { cancel: { sentAgain: true } }, waited: 31_000 };
    expect(await drive.note(again)).toContain("Flink is stopping the tasks (RUNNING)");
  });
});
