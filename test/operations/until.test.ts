import { expect, test } from "vitest";
import { FlinkUnreachable } from "../../src/model/errors.ts";
import type { AsyncOperation } from "../../src/model/flink-reads.ts";
import { FakeFlinkReads, JOB_ID, T0 } from "../fakes/flink-reads.ts";
import { aState, anEntry, JAR } from "../fakes/knowledge.ts";
import { Drive, EFFECT_ID } from "./drive.ts";

const savepoint: AsyncOperation = { kind: "savepoint", jobId: JOB_ID, triggerId: EFFECT_ID };
const path = "file:/savepoints/r1/savepoint-1";
const DISPOSAL = "d".repeat(32);
const sent = { is: "accepted", answer: { disposal: DISPOSAL } } as const;

const driving = async (text: string) => {
  const flink = new FakeFlinkReads();
  const drive = new Drive(text, flink);
  drive.known.catalogue = { entries: [anEntry()], anyJarOn: [] };
  flink.theJars = [{ id: JAR, name: "orders-1.0.jar", uploadedAt: T0 - 7_200_000, entryClasses: [] }];
  drive.known.states = [aState({ path }), aState({ path: "file:/savepoints/r2/savepoint-2" })];
  await drive.intended();
  return { flink, drive };
};
const until = async (drive: Drive): Promise<AsyncOperation | undefined> => {
  const seen = await drive.observe({ sent });
  return seen.kind === "pending" ? seen.until : undefined;
};

test.each<[string, AsyncOperation]>([
  ["savepoint orders", savepoint],
  ["stop orders", savepoint],
  ["restart orders", savepoint],
  ["cancel orders --with-savepoint", savepoint],
  ["checkpoint orders", { kind: "checkpoint", jobId: JOB_ID, triggerId: EFFECT_ID }],
  [`dispose ${path} --even-last`, { kind: "disposal", triggerId: DISPOSAL }],
])("%s waits for an operation that Flink says is in progress", async (text, operation) => {
  const { drive, flink } = await driving(text);
  flink.triggers.set(EFFECT_ID, { is: "in_progress" });
  flink.checkpointTriggers.set(EFFECT_ID, { is: "in_progress" });
  flink.disposals.set(DISPOSAL, { is: "in_progress" });
  expect(await until(drive)).toEqual(operation);
  // the process that watches asks the same
  expect(await flink.isInProgress(operation)).toBe(true);
});

test.each(["savepoint orders", "checkpoint orders"])(
  "%s waits for no operation that Flink does not know",
  async (text) => {
    const { drive } = await driving(text);
    expect(await drive.observe({ sent })).toMatchObject({ kind: "pending" });
    expect(await until(drive)).toBeUndefined();
  },
);

test("a savepoint whose progress cannot be read says so", async () => {
  const { drive, flink } = await driving("savepoint orders");
  flink.triggers.set(EFFECT_ID, { is: "in_progress" });
  flink.checkpoints = () => Promise.reject(new FlinkUnreachable("no answer", "no"));
  await expect(drive.observe({ sent })).rejects.toThrow("no answer");
});
