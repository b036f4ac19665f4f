import { expect, test } from "vitest";
import { FlinkNotYet } from "../../src/model/errors.ts";
import { aJob, FakeFlinkReads, T0 } from "../fakes/flink-reads.ts";
import { aState } from "../fakes/knowledge.ts";
import { Drive } from "./drive.ts";

const initializing = () => Object.assign(new FakeFlinkReads(), { theJob: aJob({ state: "INITIALIZING" }) });

test("a job that is watched while Flink initializes it is pending, for as long as a start may take", async () => {
  const drive = new Drive("watch orders", initializing());
  expect(await drive.note({ waited: 5000 })).toContain("The JobManager is preparing the job (INITIALIZING)");
  const ending = await drive.ending({ waited: 3_601_000 });
  expect(ending).toContain("orders is not healthy");
  expect(ending).toContain("Flink did not answer all questions about it.");
});

test("a savepoint that a job may just be starting from is not deleted", async () => {
  const state = aState({ jobId: "9".repeat(32), at: T0 - 3_600_000 });
  const drive = new Drive(`dispose ${state.path}`, initializing());
  drive.known.states = [state];
  await expect(drive.open()).rejects.toBeInstanceOf(FlinkNotYet);
});
