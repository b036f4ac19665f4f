import { expect, test } from "vitest";
import { isSpent } from "../../src/model/application-cluster.ts";
import { FlinkRefused, FlinkUnreachable } from "../../src/model/errors.ts";
import { plain } from "../../src/model/text.ts";
import { clusterWords } from "../../src/requests/steps/cluster-words.ts";
import { aJob, FakeFlinkReads, JOB_ID, T0 } from "../fakes/flink-reads.ts";
import { aState, FakeKnowledge } from "../fakes/knowledge.ts";
import { ACCEPTED, DIRECTORY, Drive } from "./drive.ts";

const LOCATION = `${DIRECTORY}/savepoint-1`;
const gone = (refused: boolean): FlinkUnreachable =>
  new FlinkUnreachable("reading job: nobody answers", "no", { refused });

const start = async (text: string) => {
  const flink = new FakeFlinkReads();
  flink.theCapabilities = { ...flink.theCapabilities, application: true };
  const drive = new Drive(text, flink);
  return { flink, drive, intent: await drive.intended() };
};

test.each(["stop orders", "cancel orders", "cancel orders --with-savepoint"])(
  "%s says that the cluster ends with its last job",
  async (text) => {
    const { intent } = await start(text);
    expect(intent.warnings.map(plain)).toContain(
      "It is the last job of an application cluster, which ends with it. Only deploying the application again brings it back.",
    );
    expect(intent.facts["application"]).toBe(true);
  },
);

test("with another job beside it, the cluster ends with the last of them", async () => {
  const { flink, drive } = await start("stop orders");
  flink.others = [aJob({ jobId: "2".repeat(32), name: "payments" })];
  expect((await drive.intended()).warnings.map(plain)).toContain(
    "It is one of 2 jobs of an application cluster, which ends with the last of them. Only deploying the application again brings it back.",
  );
});

test("a cluster of the operator stays, and what Flink does not tell stands in no way", async () => {
  const { flink, drive } = await start("cancel orders");
  flink.theCapabilities = { ...flink.theCapabilities, operatorManaged: "its labels" };
  expect((await drive.intended()).facts["application"]).toBeUndefined();
});

test.each(["stop orders", "cancel orders", "cancel orders --with-savepoint"])(
  "%s does not read the list of jobs of a session cluster, which may be long",
  async (text) => {
    const flink = new FakeFlinkReads();
    flink.overview = () => Promise.reject(new Error("read"));
    expect((await new Drive(text, flink).intended()).facts["application"]).toBeUndefined();
  },
);

const SENT = { effect: { do: "cancel", jobId: JOB_ID } } as const;

test("a cancel that Flink accepted, and nobody listens any more: the end was to come", async () => {
  const { flink, drive } = await start("cancel orders");
  flink.down = gone(true);
  expect(await drive.note({ ...SENT, waited: 9_000 })).toContain("has not answered since");
  expect(await drive.ending({ ...SENT, waited: 10_000 })).toBe(
    "done: orders is cancelled\n" +
      "Retained checkpoint when this was asked (there may be a newer one): file:/checkpoints/chk-7\n" +
      "To continue from it, deploy the application again with --fromSavepoint file:/checkpoints/chk-7.",
  );
});

test("after its savepoint as well", async () => {
  const { flink, drive } = await start("cancel orders --with-savepoint");
  const after = { ...SENT, phase: "cancel", results: { begin: LOCATION } };
  flink.down = gone(true);
  expect(await drive.note({ ...after, waited: 9_000 })).toContain("has not answered since");
  const said = await drive.ending({ ...after, waited: 10_000 });
  expect(said).toContain("done: orders is cancelled");
  expect(said).toContain(`--fromSavepoint ${LOCATION}.`);
});

test.each([
  ["Flink may be standing still", ACCEPTED, false],
  ["it is not known whether the cancel arrived", { is: "unknown", looked: "asked" } as const, true],
])("a silence is no end where %s", async (_why, sent, refused) => {
  const { flink, drive } = await start("cancel orders");
  flink.down = gone(refused);
  expect(await drive.note({ ...SENT, sent, waited: 60_000 })).toContain("has not answered since");
});

test("a refused connection is no end of a session cluster", async () => {
  const flink = new FakeFlinkReads();
  const drive = new Drive("cancel orders", flink);
  await drive.intended();
  flink.down = gone(true);
  expect(await drive.note({ ...SENT, waited: 60_000 })).toContain("has not answered since");
});

test("a stop whose savepoint is complete has ended as soon as nobody listens any more", async () => {
  const { flink, drive } = await start("stop orders");
  const verify = { phase: "verify", results: { stop: { location: LOCATION } } };
  flink.down = gone(false);
  expect(await drive.note(verify)).toContain("waiting for the job to end");
  flink.down = gone(true);
  expect(await drive.ending(verify)).toBe(
    `done: orders is stopped, and its application cluster has ended\nSavepoint: ${LOCATION}\n` +
      `To continue from it, deploy the application again with --fromSavepoint ${LOCATION}.`,
  );
});

test("the newest checkpoint is named as Flink lists it once the job has ended", async () => {
  const { flink, drive } = await start("cancel orders");
  flink.theJob = aJob({ state: "CANCELED" });
  expect(await drive.ending(SENT)).toContain("Retained checkpoint: file:/checkpoints/chk-7\nTo continue");
});

const ended = { state: "FINISHED" as const };
test.each([
  ["its last job has ended", { facts: { application: true }, jobs: [ended], missing: [] }, true],
  [
    "a job of it runs",
    { facts: { application: true }, jobs: [ended, { state: "RUNNING" as const }], missing: [] },
    false,
  ],
  ["a job vanished from its list", { facts: { application: true }, jobs: [ended], missing: [{}] }, false],
  ["nothing was seen of it", { facts: { application: true }, jobs: [], missing: [] }, false],
  ["it is a session cluster", { facts: { application: false }, jobs: [ended], missing: [] }, false],
  ["it was never read", { facts: null, jobs: [ended], missing: [] }, false],
])("an application cluster is over where %s", (_why, seen, is) => {
  expect(isSpent(seen)).toBe(is);
});

const asked = { cluster: "prod", find: { find: "job", job: "orders" }, now: T0 } as const;

test("whoever asks for a job of a cluster that is over is told how to bring it back", async () => {
  const known = new FakeKnowledge();
  known.silent = { since: T0 - 60_000, isOver: true };
  known.states = [aState(), aState({ cluster: "other", at: T0, path: "s3://other" })];
  const said = await clusterWords({ known }, asked, gone(true));
  expect(plain(said.words)).toBe(
    "prod is an application cluster; it ended with its last job 2027-01-15 07:59 UTC.",
  );
  expect(said.instead.map(plain)).toEqual([
    "Its newest known state is the savepoint of 40 s ago.",
    `To continue from it, deploy the application again with --fromSavepoint ${aState().path}.`,
  ]);
  known.states = [aState({ drained: true })];
  expect((await clusterWords({ known }, asked, gone(true))).instead).toEqual([]);
});

test("a cluster that is only silent is not over", async () => {
  const known = new FakeKnowledge();
  known.silent = { since: T0 - 60_000, isOver: false };
  expect(await clusterWords({ known }, asked, gone(true))).toMatchObject({ isDown: true, instead: [] });
  const refused = await clusterWords({ known }, asked, new FlinkRefused("No.", 400));
  expect(refused.isDown).toBe(false);
});
