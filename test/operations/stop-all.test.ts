import { expect, test } from "vitest";
import { plain } from "../../src/model/text.ts";
import { stopAll } from "../../src/operations/stop-all.ts";
import { child, done, job, startAll } from "./many-jobs.ts";

const start = (text = "stop --all") => startAll(text);

test("is meant by stop --all; a drain is for one job at a time", () => {
  expect(start().drive.operation).toBe("stop-all");
  expect(() => start("stop --all --drain")).toThrow("name each of them");
});

test("one approval covers the list as it was requested", async () => {
  const { flink, drive } = start();
  expect(stopAll.class).toBe("destructive");
  flink.jobs = [job(2), job(1), job(3, { state: "RESTARTING" })];
  const intent = await drive.intended();
  expect(plain(intent.headline)).toBe("Stop 2 jobs with a savepoint each");
  expect(intent.details.map(plain)).toEqual(["orders-1 11111111, orders-2 22222222."]);
  expect(intent.warnings.map(plain)).toEqual(["Left out: orders-3 (RESTARTING)."]);
  // a job that was started later has not been approved
  flink.jobs = [job(1), job(2), job(4)];
  const effect = await drive.effect({ phase: "each" });
  expect(effect).toEqual({
    do: "spawn",
    children: [1, 2].map((n) => ({
      operation: "stop",
      args: { job: `prod/${String(n).repeat(32)}`, format: "canonical" },
      jobId: String(n).repeat(32),
      name: `orders-${n}`,
    })),
  });
});

test("a cluster on which nothing runs", async () => {
  const { flink, drive } = start();
  flink.jobs = [job(1, { state: "FINISHED" })];
  expect(await drive.refusal()).toBe("No job is RUNNING on prod.");
});

test("a job that could not be stopped is named first, the others are stopped", async () => {
  const { drive } = start();
  await drive.intended();
  const failed = child(3, { outcome: "failed", says: "orders-3 was not stopped", lines: ["no slot"] });
  const report = await drive.report({ phase: "each", children: [done(1), done(2), failed] });
  expect([report.outcome, plain(report.headline)]).toEqual(["partly", "2 of 3 jobs stopped"]);
  expect(report.lines.map(plain)).toEqual(["Not done: orders-3."]);
  expect(report.table?.rows[0]?.map(plain)).toEqual([
    "❌ orders-3 33333333",
    "orders-3 was not stopped",
    "no slot",
  ]);
});
