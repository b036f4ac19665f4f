import { expect, test } from "vitest";
import { plain } from "../../src/model/text.ts";
import { savepointAll } from "../../src/operations/savepoint-all.ts";
import { child, done, job, startAll } from "./many-jobs.ts";

const start = (text = "savepoint --all --match orders-*") => startAll(text);

test("is meant by savepoint --all, and by nothing that names a job", () => {
  expect(start().drive.operation).toBe("savepoint-all");
  expect(() => start("savepoint orders --all")).toThrow("--all means every running job");
  expect(() => start("savepoint --match x")).toThrow("<job> is missing");
  expect(() => start("savepoint orders --match x")).toThrow("--match needs --all");
});

test("the list is frozen when it is requested: the running jobs that match; the others are named", async () => {
  const { flink, drive } = start();
  flink.jobs = [job(2), job(1), job(3, { state: "RESTARTING" }), job(4, { name: "payments" })];
  const intent = await drive.intended();
  expect(plain(intent.headline)).toBe("Savepoints of 2 jobs, named orders-*");
  expect(intent.details.map(plain)).toEqual(["orders-1 11111111, orders-2 22222222."]);
  expect(intent.warnings.map(plain)).toEqual(["Left out: orders-3 (RESTARTING)."]);
  flink.jobs = [];
  expect(await drive.refusal()).toContain("No running job on prod matches orders-*");
});

test("needs no approval, because every job continues and nothing is lost", async () => {
  expect(savepointAll.class).toBe("operate");
  expect((await start().drive.intended()).losses).toEqual([]);
});

test("each job gets a savepoint request of its own, in the format that was named", async () => {
  const { drive } = start("savepoint --all --format native");
  await drive.intended();
  expect(await drive.effect({ phase: "each" })).toEqual({
    do: "spawn",
    children: [1, 2].map((n) => ({
      operation: "savepoint",
      args: { job: `prod/${String(n).repeat(32)}`, format: "native" },
      jobId: String(n).repeat(32),
      name: `orders-${n}`,
    })),
  });
});

test("done once every savepoint is complete, failed where none is", async () => {
  const { drive } = start();
  await drive.intended();
  expect(await drive.ending({ phase: "each", children: [done(1), done(2), done(3)] })).toBe(
    "done: 3 of 3 savepoints complete",
  );
  const failed = [1, 2, 3].map((n) => child(n, { outcome: "failed", says: "No savepoint" }));
  expect(await drive.ending({ phase: "each", children: failed })).toBe(
    "failed: 0 of 3 savepoints complete\nNot done: orders-1, orders-2, orders-3.",
  );
});
