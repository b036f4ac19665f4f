import { describe, expect, it } from "vitest";
import type { RequestRecord } from "../../src/requests/record/record.ts";
import { over } from "../requests/a-showing.ts";
import { aRun, AT } from "../slack/a-record.ts";
import { brokenOnReal, type OnReal } from "./real.ts";

const ID = over().id;
const job = (name: string, change: Partial<OnReal["jobs"][number]> = {}): OnReal["jobs"][number] => ({
  jobId: `id-of-${name}`,
  name,
  state: "RUNNING",
  parallelism: 2,
  ...change,
});
const JOBS = ["orders", "payments", "clicks"].map((name) => job(name));
const target = { kind: "job", cluster: "real", jobId: "id-of-orders", name: "orders" } as const;
const report = { outcome: "done", headline: "", lines: [] } as const;
const saved = (location: string, change: Partial<RequestRecord> = {}): RequestRecord =>
  over({
    operation: "savepoint",
    target,
    end: { at: AT, ending: "ran", report: { ...report, facts: { location } } },
    ...change,
  });
const scaled = (to: number, startedAt: number): RequestRecord =>
  over({
    operation: "scale",
    target,
    args: { job: "real/orders", parallelism: to },
    run: aRun({ startedAt }),
    end: { at: AT, ending: "ran", report },
  });
const good: OnReal = { jobs: JOBS, savepoints: { [ID]: [`file:///sp/${ID}/savepoint-1`] } };
const written = saved(`file:/sp/${ID}/savepoint-1`);

describe("the verdict on a real Flink", () => {
  it("finds nothing in what went well, and nothing on other clusters", () => {
    const elsewhere = saved("file:/nowhere", { target: { ...target, cluster: "demo" } });
    expect(brokenOnReal([written, elsewhere, scaled(1, AT), scaled(2, AT + 1)], good)).toEqual([]);
  });

  it.each<[string, readonly RequestRecord[], Partial<OnReal>, RegExp]>([
    ["a savepoint that is not on disk", [written], { savepoints: {} }, /there is none/u],
    ["a savepoint elsewhere", [saved(`file:/sp/${ID}/savepoint-2`)], {}, /there is none/u],
    [
      "a savepoint that was written twice",
      [written],
      { savepoints: { [ID]: [`file:///sp/${ID}/savepoint-1`, `file:///sp/${ID}/savepoint-2`] } },
      /has written 2 savepoints/u,
    ],
    [
      "a job that does not run",
      [],
      { jobs: [...JOBS.slice(1), job("orders", { state: "FAILED" })] },
      /orders of the real Flink runs 0 times/u,
    ],
    [
      "a job that runs twice",
      [],
      { jobs: [...JOBS, job("clicks")] },
      /clicks of the real Flink runs 2 times/u,
    ],
    ["a job that is not as wide as was said", [scaled(2, AT), scaled(3, AT + 1)], {}, /scaled orders to 3/u],
  ])("finds %s", (_what, records, change, words) => {
    expect(brokenOnReal(records, { ...good, ...change }).join("\n")).toMatch(words);
  });
});
