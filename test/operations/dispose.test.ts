import { expect, test } from "vitest";
import { plain } from "../../src/model/text.ts";
import { aJob, checkpointsOf, FakeFlinkReads, T0 } from "../fakes/flink-reads.ts";
import { aState } from "../fakes/knowledge.ts";
import { Drive } from "./drive.ts";

const PATH = "file:/savepoints/r1/savepoint-1";
const NEWER = aState({ path: "file:/savepoints/r2/savepoint-2", at: T0 - 1000 });
const start = (text = `dispose file:///savepoints/r1/savepoint-1`) => {
  const flink = new FakeFlinkReads();
  const drive = new Drive(text, flink);
  drive.known.states = [aState({ path: PATH }), NEWER];
  return { flink, drive, known: drive.known };
};
const ANSWERED = { is: "accepted", answer: { disposal: "d1" } } as const;

test("says what is lost, and deletes it by the path that Flink knows", async () => {
  const { drive } = start();
  const intent = await drive.intended();
  expect(plain(intent.headline)).toBe("Delete a savepoint of orders");
  expect(intent.losses.map(plain).join()).toBe(
    `The savepoint, written 40 s before this was asked, 18.2 MB: ${PATH}`,
  );
  expect(await drive.effect()).toEqual({ do: "dispose", path: PATH });
  expect(await drive.holds()).toEqual([{ path: "file:///savepoints/r1/savepoint-1" }]);
});

test.each<[string, (w: ReturnType<typeof start>) => void, string]>([
  ["what nobody knows", ({ known }) => (known.states = []), "is not a known savepoint of prod"],
  [
    "a checkpoint",
    ({ known }) => (known.states = [aState({ path: PATH, isSavepoint: false })]),
    "That is a checkpoint",
  ],
  [
    "what a running job was started from",
    ({ flink }) =>
      (flink.theCheckpoints = {
        ...checkpointsOf(),
        latestRestored: { path: PATH, isSavepoint: true, at: T0 },
      }),
    "was started from it and is running",
  ],
  [
    "the newest state of a job that does not run",
    ({ flink, known }) => {
      flink.theJob = aJob({ state: "FINISHED" });
      known.states = [aState({ path: PATH })];
    },
    "--even-last deletes it nevertheless",
  ],
])("refuses %s", async (_name, change, why) => {
  const world = start();
  change(world);
  expect(await world.drive.refusal()).toContain(why);
});

test("is not deleted while a running job was started from it, in whatever spelling Flink tells it", async () => {
  const { drive, known, flink } = start("dispose hdfs:///sp/r1/savepoint-1");
  known.states = [aState({ path: "hdfs://namenode:8020/sp/r1/savepoint-1" }), NEWER];
  known.fileSystem = { default: "hdfs://namenode:8020", entropyKey: null };
  expect(await drive.effect()).toEqual({ do: "dispose", path: "hdfs://namenode:8020/sp/r1/savepoint-1" });
  flink.theCheckpoints = {
    ...checkpointsOf(),
    latestRestored: { path: "hdfs:/sp/r1/savepoint-1", isSavepoint: true, at: T0 },
  };
  expect(await drive.refusal()).toContain("was started from it and is running");
});

test("--even-last: says that the job cannot be resumed any more", async () => {
  const { flink, drive, known } = start(`dispose ${PATH} --even-last`);
  flink.theJob = aJob({ state: "FINISHED" });
  known.states = [aState({ path: PATH })];
  expect((await drive.intended()).losses.map(plain).join()).toContain("orders can no longer be resumed");
});

test("gone, gone already, and not deleted", async () => {
  const { flink, drive } = start();
  await drive.intended();
  flink.disposals.set("d1", { is: "in_progress" });
  expect(await drive.note({ sent: ANSWERED })).toBe("Flink is deleting it");
  flink.disposals.set("d1", { is: "done" });
  const report = await drive.report({ sent: ANSWERED });
  expect(report.facts).toEqual({ disposed: PATH });
  flink.disposals.set("d1", { is: "failed", reason: "Cannot find it", missing: true });
  expect(await drive.ending({ sent: ANSWERED })).toContain("done: The savepoint of orders no longer exists");
  flink.disposals.set("d1", { is: "failed", reason: "Permission denied", missing: false });
  expect(await drive.ending({ sent: ANSWERED })).toBe(
    `failed: The savepoint of orders was not deleted\nPermission denied\nSavepoint: ${PATH}`,
  );
});

test("an answer that nobody heard, or that Flink forgot: told once more, and not for ever", async () => {
  const { drive } = start();
  await drive.intended();
  const lost = { is: "unknown", looked: "its answer was lost" } as const;
  expect(await drive.observe({ sent: lost })).toMatchObject({ kind: "next", phase: "again", result: 1 });
  expect(await drive.observe({ sent: ANSWERED })).toMatchObject({ kind: "next", phase: "again" });
  const second = { phase: "again", results: { dispose: 1 } };
  expect(await drive.effect(second)).toEqual({ do: "dispose", path: PATH });
  expect(await drive.observe({ ...second, sent: lost })).toMatchObject({ result: 2 });
  const third = { phase: "again", results: { dispose: 1, again: 2 } };
  expect(await drive.ending({ ...third, sent: lost })).toContain("unknown: It is unknown whether");
});
