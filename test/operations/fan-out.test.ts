import { expect, test } from "vitest";
import { plain } from "../../src/model/text.ts";
import type { Child } from "../../src/model/knowledge.ts";
import { mrkdwn } from "../../src/slack/text.ts";
import { aJob } from "../fakes/flink-reads.ts";
import { operations } from "../../src/operations/index.ts";
import { askable, changeNames } from "../../src/policy/askable.ts";
import { REQUEST_ID } from "./drive.ts";
import { child, done, job, startAll } from "./many-jobs.ts";

const start = (text = "savepoint --all --match orders-*") => startAll(text);

test("batch jobs are left out by name: Flink takes no savepoints of those", async () => {
  const { flink, drive } = start();
  flink.jobs = [job(1), job(2, { jobType: "BATCH" }), job(3)];
  // before 2.3 the list does not say; the job's own page does
  flink.theJob = aJob({ jobId: "3".repeat(32), jobType: "BATCH" });
  const intent = await drive.intended();
  expect(intent.details.map(plain)).toEqual(["orders-1 11111111."]);
  expect(intent.warnings.map(plain)).toEqual(["Left out: orders-2 (a batch job), orders-3 (a batch job)."]);
});

test("a job that a request of ours is replacing is on the list; one that is only being started is named", async () => {
  const { flink, drive } = start();
  flink.jobs = [job(1), job(2, { state: "FINISHED" })];
  const other = {
    headline: "x",
    actor: "U",
    state: "running",
    askedAt: 0,
    savepoint: null,
    ended: null,
    link: null,
  } as const;
  const launched = [{ jobId: "9".repeat(32), fate: "coming" } as const];
  drive.known.requests = [
    { ...other, id: "r2", jobId: "2".repeat(32), jobName: "orders-2", launched },
    { ...other, id: "r3", jobId: "", jobName: "orders-3", launched },
    { ...other, id: "r4", jobId: "1".repeat(32), jobName: "orders-1", launched: [] },
  ];
  const intent = await drive.intended();
  expect(intent.details.map(plain)).toEqual(["orders-1 11111111, orders-2 22222222."]);
  expect(intent.warnings.map(plain)).toEqual(["Left out: orders-3 (being started)."]);
  const said = await drive.ending({ phase: "each", children: [done(1), done(2)] });
  expect(said).toContain("done: 2 of 2 savepoints complete\nLeft out: orders-3 (being started).");
});

test("a list that the card cannot hold says how many more there are, and one tap shows them all", async () => {
  const { flink, drive } = start("stop --all");
  flink.jobs = Array.from({ length: 40 }, (_, i) =>
    job(i, { jobId: String(i + 10).repeat(16), name: `payments-of-europe-${i}` }),
  );
  const intent = await drive.intended();
  const list = plain(intent.details[0] ?? "");
  expect(list).toMatch(/ and \d+ more, 40 in all\.$/u);
  expect(mrkdwn(intent.details[0] ?? "", { most: 700 })).toContain("40 in all.");
  expect(intent.offers).toEqual([
    { label: "Show all 40 jobs", operation: "requests", args: { request: REQUEST_ID } },
  ]);
});

test("policy knows them by the name of what they do to each", () => {
  expect(changeNames(askable(operations))).toEqual(
    expect.arrayContaining(["savepoint", "stop", "run", "restart"]),
  );
  // not what is only another word, does nothing to Flink, or is never typed
  for (const name of ["resume", "watch", "list", "savepoint-all", "stop-all"])
    expect(changeNames(askable(operations))).not.toContain(name);
});

test("so many at once, then the next", async () => {
  const { drive } = start();
  await drive.intended();
  expect(await drive.observe({ phase: "begin" })).toMatchObject({ kind: "next", phase: "each" });
  const spawned = async (children: readonly Child[]) => {
    const effect = await drive.effect({ phase: "each", children });
    return effect?.do === "spawn" ? effect.children.map((c) => [c.operation, c.name]) : null;
  };
  expect(await spawned([])).toEqual([
    ["savepoint", "orders-1"],
    ["savepoint", "orders-2"],
  ]);
  const busy = [child(1), child(2)];
  expect(await drive.observe({ phase: "each", children: busy })).toMatchObject({
    kind: "pending",
    note: "0 of 3 done, 2 in progress",
    progress: [0, 3],
  });
  const room = [done(1), child(2)];
  expect(await drive.observe({ phase: "each", children: room })).toMatchObject({
    kind: "next",
    phase: "each",
  });
  expect(await spawned(room)).toEqual([["savepoint", "orders-3"]]);
});

test("a line and an outcome for each, what went wrong first and by name", async () => {
  const { drive } = start();
  await drive.intended();
  const failed = child(2, {
    outcome: "failed",
    says: "No savepoint of orders-2",
    lines: ["the disk is full"],
  });
  const report = await drive.report({ phase: "each", children: [done(1), failed, done(3)] });
  expect(report.outcome).toBe("partly");
  expect(plain(report.headline)).toBe("2 of 3 savepoints complete");
  expect(report.lines.map(plain)).toEqual(["Not done: orders-2."]);
  expect(report.table?.rows.map((row) => row.map(plain).join(" | "))).toEqual([
    "❌ orders-2 22222222 | No savepoint of orders-2 | the disk is full",
    "✅ orders-1 11111111 | s3://b/sp-1",
    "✅ orders-3 33333333 | s3://b/sp-3",
  ]);
  const all = await drive.report({ phase: "each", children: [done(1), done(2), done(3)] });
  expect(all.outcome).toBe("done");
});
