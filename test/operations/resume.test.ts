import { expect, test } from "vitest";
import { keptArgs } from "../../src/model/catalog.ts";
import { plain } from "../../src/model/text.ts";
import { aJob, FakeFlinkReads, JOB_ID, T0 } from "../fakes/flink-reads.ts";
import { anEntry, aState, JAR } from "../fakes/knowledge.ts";
import { Drive } from "./drive.ts";

const NEWER_JAR = "2222-orders-1.1.jar";
const launched = {
  jobId: JOB_ID,
  from: null,
  jar: JAR,
  entryClass: "com.example.Orders",
  args: ["--topic", "orders"],
  parallelism: null,
  allowNonRestoredState: false,
};

/** The job has ended, one state of it is known, and two versions of its jar are there. */
const start = () => {
  const flink = new FakeFlinkReads();
  flink.theJob = aJob({ state: "FAILED", endedAt: T0 });
  flink.theJars = [
    { id: NEWER_JAR, name: "orders-1.1.jar", uploadedAt: T0 - 60_000, entryClasses: [] },
    { id: JAR, name: "orders-1.0.jar", uploadedAt: T0 - 3_600_000, entryClasses: [] },
  ];
  const drive = new Drive("resume orders", flink);
  drive.known.catalogue = { entries: [anEntry()], anyJarOn: [] };
  drive.known.states = [aState()];
  return { flink, drive, known: drive.known };
};

test("is a run from the newest state, also where that is a checkpoint", async () => {
  const { drive, known } = start();
  known.states = [
    aState({ path: "s3://b/drained", drained: true, at: T0 - 1_000 }),
    aState({ path: "file:/c/chk-7", isSavepoint: false, kept: "retained", at: T0 - 40_000 }),
    aState({ path: "s3://b/sp", at: T0 - 90_000 }),
  ];
  expect(drive.operation).toBe("run");
  expect(plain((await drive.intended()).headline)).toBe("Start orders again");
  expect(await drive.effect()).toMatchObject({ do: "run", from: "file:/c/chk-7" });
});

test("refuses a job that runs, and one without any state", async () => {
  const { flink, drive, known } = start();
  flink.theJob = aJob();
  expect(await drive.refusal()).toContain("orders is already running on prod");
  flink.theJob = null;
  known.states = [];
  expect(await drive.refusal()).toContain("flinkops knows no state to start orders from");
});

test("starts the job with the jar that it ran with, and says that there is a newer one", async () => {
  const { drive, known } = start();
  known.launches = [launched];
  const intent = await drive.intended();
  expect(await drive.effect()).toMatchObject({ jar: JAR });
  expect(intent.warnings.map(plain).join()).toContain("There is a newer jar, orders-1.1.jar");
});

test("what flinkops did not start takes the newest jar of that time, and says so", async () => {
  const { drive } = start();
  const intent = await drive.intended();
  expect(await drive.effect()).toMatchObject({ jar: JAR });
  const said = intent.warnings.map(plain).join();
  expect(said).toContain("Assuming jar orders-1.0.jar (the newest matching upload when the job started).");
  expect(said).toContain("There is a newer jar, orders-1.1.jar");
});

test("where every jar is newer than that job, or Flink no longer lists it, the newest is taken", async () => {
  const { flink, drive } = start();
  flink.theJob = aJob({ state: "FAILED", endedAt: T0, startedAt: T0 - 7_200_000 });
  expect((await drive.intended()).warnings.map(plain).join()).toContain(
    "Assuming jar orders-1.1.jar (the newest matching upload). The jar that it ran with was deleted.",
  );
  expect(await drive.effect()).toMatchObject({ jar: NEWER_JAR });
  flink.theJob = null;
  expect((await drive.intended()).warnings.map(plain).join()).toContain("Assuming jar orders-1.1.jar");
});

test("arguments that are in no catalog any more are not made up, and none that look secret are written down", async () => {
  const { drive, known } = start();
  const entry = anEntry({ args: ["--db-password", "hunter2"] });
  known.launches = [{ ...launched, args: keptArgs(entry) }];
  known.catalogue = { entries: [], anyJarOn: ["prod"] };
  expect(await drive.refusal()).toContain("arguments that orders ran with are no longer in the catalog");
  known.launches = [{ ...launched, args: entry.args }];
  expect(await drive.refusal()).toContain("--db-password looks like a secret.\nPut it in the catalog");
  // of a job that Flink calls otherwise than the catalog does
  known.launches = [{ ...launched, args: keptArgs(anEntry({ ...entry, name: "Orders" })) }];
  known.catalogue = { entries: [anEntry({ ...entry, name: "Orders" })], anyJarOn: ["prod"] };
  const said = (await drive.intended()).warnings.map(plain).join();
  expect(said).toContain("arguments --db-password ***");
  expect(said).not.toContain("hunter2");
});
