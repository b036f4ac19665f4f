import { expect, test } from "vitest";
import { plan } from "../../src/flink/wire/cluster.ts";
import { jobDetail } from "../../src/flink/wire/jobs.ts";
import { FakeFlinkReads, JOB_ID } from "../fakes/flink-reads.ts";
import { recorded } from "../flink/recorded.ts";
import { told } from "./ask.ts";

/** Jobs that Flink 2.3 was asked about, as it answered: of SQL, and in batch mode. */
async function status(name: string): Promise<string> {
  const { body } = recorded("2.3.0", name);
  const flink = new FakeFlinkReads();
  flink.theJob = { ...jobDetail.parse(body), jobId: JOB_ID, name: "orders" };
  const edges = plan.parse(body);
  flink.edges = async () => await Promise.resolve(edges);
  return await told("status orders", flink);
}

test("a join of two endless tables", async () => {
  expect(await status("job-sql-join")).toMatch(
    /^🟢 orders has been RUNNING[^]*Source: orders\[1\] -> Calc\[2\] \| 1 \| 1 of 1 running[^]*GroupAggregate\[9\] -> sink\[10\]: Writer/u,
  );
});

test("a table that has ended is finished, and nothing is wrong with that", async () => {
  const said = await status("job-sql-mixed");
  expect(said).toMatch(/^🟢 orders has been RUNNING/u);
  expect(said).toMatch(/Source: customers\[14\] \| 1 \| finished/u);
});

test("a batch job whose other operators have no tasks yet", async () => {
  const said = await status("job-batch");
  expect(said).toMatch(/^🟢 orders has been RUNNING.*: 0 of 1 task finished, 2 operators still to come\n/u);
  expect(said).not.toContain("Checkpoint");
});
