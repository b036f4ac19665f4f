import { expect, it } from "vitest";
import { look } from "../../src/job-cache/reader.ts";
import { isSpent } from "../../src/model/application-cluster.ts";
import { FlinkUnreachable } from "../../src/model/errors.ts";
import { FakeFlinkReads, JOB_ID, T0 } from "../fakes/flink-reads.ts";

const application = { ...new FakeFlinkReads().theCapabilities, application: true };

it("an application cluster is over with a job whose end no list has shown", async () => {
  const reads = new FakeFlinkReads();
  reads.theCapabilities = application;
  const before = await look(reads, undefined, T0);
  expect(before.jobs.map((j) => j.state)).toEqual(["RUNNING"]);
  reads.down = new FlinkUnreachable("connection refused", "no", { refused: true });
  const silent = await look(reads, before, T0 + 1000);
  expect(isSpent(silent)).toBe(false);
  reads.endings.set(JOB_ID, "CANCELED");
  const over = await look(reads, silent, T0 + 12_000);
  expect(over.jobs).toEqual([{ ...before.jobs[0], state: "CANCELED" }]);
  expect(isSpent(over)).toBe(true);
});
