import { expect, test } from "vitest";
import { plain } from "../../src/model/text.ts";
import { aJob, aVertex, FakeFlinkReads } from "../fakes/flink-reads.ts";
import { told } from "./ask.ts";
import { Drive } from "./drive.ts";

/** A bounded source is through with its input, and the job continues without it. */
const flink = Object.assign(new FakeFlinkReads(), {
  theJob: aJob({
    vertices: [
      aVertex({ name: "dimension table", tasksRunning: 0, tasksFinished: 1, state: "FINISHED" }),
      aVertex({ id: "bbbb0000000000000000000000000002", name: "count" }),
    ],
  }),
});

test("status calls it finished, not running", async () => {
  const said = await told("status orders", flink);
  expect(said).toMatch(/^dimension table \| .* \| finished/mu);
  expect(said).toMatch(/^count \| .* \| 1 of 1 running/mu);
});

test("diagnose finds no task missing, and watch nothing to wait for", async () => {
  expect(await told("diagnose orders", flink)).toMatch(/^🟢 Nothing found: orders is RUNNING\n/u);
  expect(await new Drive("watch orders", flink).ending()).toMatch(/^done: orders is healthy\n/u);
});

test.each(["savepoint orders", "checkpoint orders", "stop orders", "scale orders 2"])(
  "%s is done as always, without a warning",
  async (typed) => {
    const intent = await new Drive(typed, flink).intended();
    expect(intent.warnings.map(plain)).toEqual([]);
  },
);
