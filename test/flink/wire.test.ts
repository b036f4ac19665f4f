import { describe, expect, it } from "vitest";
import type { z } from "zod";
import { FlinkUnexpected } from "../../src/model/errors.ts";
import { isUnknownJob, sortResponse } from "../../src/flink/rest/response.ts";
import { firstSentence } from "../../src/flink/rest/error-text.ts";
import * as wire from "../../src/flink/wire/jobs.ts";
import { checkpointConfig, checkpoints, triggerStatus } from "../../src/flink/wire/checkpoints.ts";
import { aggregates, taskManagers } from "../../src/flink/wire/cluster.ts";
import { disposalStarted, ran } from "../../src/flink/wire/run.ts";
import { recorded } from "./recorded.ts";

describe.each(["2.3.0", "1.20.5"])("what Flink %s answered", (version) => {
  const read = <T>(schema: z.ZodType<T>, name: string): T =>
    wire.read(schema, recorded(version, name).body, "reading a fixture");
  const refusal = (name: string): { status: number; sentence: string; unknownJob: boolean } => {
    const { status, body } = recorded(version, name);
    const answer = sortResponse({ status, location: null, text: JSON.stringify(body) }, "reading a fixture");
    if (answer.ok) throw new Error("not a refusal");
    return { status, sentence: firstSentence(answer), unknownJob: isUnknownJob(answer) };
  };

  it("reads as jobs", () => {
    const rows = read(wire.jobsOverview, "jobs-overview");
    const orders = rows.find((r) => r.summary.name === "orders");
    expect(orders?.summary).toMatchObject({
      state: "RUNNING",
      endedAt: null,
      tasks: { total: 3, running: 3 },
    });
    expect(orders?.summary.scheduler).toBe(version === "2.3.0" ? "Adaptive" : null);
    const job = read(wire.jobDetail, "job");
    expect(job.startedAt).toBe(orders?.summary.startedAt);
    expect(orders?.summary.ageMs).toBeGreaterThan(0);
    expect(job.stateSince).toBeGreaterThan(job.startedAt);
    expect(new Set(job.vertices.map((v) => v.slotGroup)).size).toBe(1);
    expect(job.vertices.map((v) => v.tasksFinished)).toEqual([0, 0, 0]);
    expect(job.vertices.map((v) => [v.name, v.parallelism, v.maxParallelism, v.tasksRunning])).toEqual([
      ["Source: events", 1, 128, 1],
      ["count", 1, 128, 1],
      ["sink: Writer", 1, 128, 1],
    ]);
    expect(read(wire.jobStatus, "status")).toBe("RUNNING");
  });

  it("reads as checkpoints", () => {
    const all = read(checkpoints, "checkpoints");
    expect(all.latestCompleted).toMatchObject({
      isSavepoint: false,
      kind: "completed",
      subtasks: 3,
      acknowledged: 3,
    });
    expect(all.latestSavepoint?.path).toMatch(/^file:\/.*savepoint-/u);
    expect(read(checkpoints, "checkpoints-failed").latestFailed).toMatchObject({
      kind: "failed",
      failure: "Asynchronous task checkpoint failed.",
    });
    expect(read(checkpointConfig, "checkpoints-config")).toEqual({
      intervalMs: 2_000,
      timeoutMs: 600_000,
      retainedOnCancel: true,
      retainedOnFailure: true,
    });
  });

  it("reads as the outcome of a savepoint", () => {
    expect(read(triggerStatus, "savepoint-completed")).toMatchObject({ is: "completed" });
    expect(read(triggerStatus, "savepoint-failed")).toEqual({
      is: "failed",
      reason: "the disk of this job is full",
      usable: null,
    });
  });

  it("reads as the rest", () => {
    expect(Object.values(read(wire.requirements, "resource-requirements"))).toContainEqual({
      lowerBound: 1,
      upperBound: 1,
    });
    expect(read(wire.clusterOverview, "overview")).toMatchObject({ version, slotsTotal: 4, taskManagers: 1 });
    expect(read(wire.dashboardConfig, "config")).toEqual({ cancel: true, submit: true, rescale: true });
    expect(read(wire.jobManagerConfig, "jobmanager-config").get("jobmanager.scheduler")).toBe("adaptive");
    expect(read(wire.metrics, "metrics")).toHaveProperty("numRestarts");
    expect(read(wire.exceptions, "exceptions")[0]).toMatchObject({
      name: "IllegalStateException",
      message: "record 30 cannot be counted",
      stack: expect.stringMatching(
        /^java\.lang\.IllegalStateException: record 30.*\n {4}at \S+\(\w+\.java:\d+\)\n/u,
      ),
    });
  });

  it("reads as the task manager of a failure, which only the default scheduler tells", () => {
    const ofDefault = read(wire.exceptions, "exceptions-default-scheduler")[0];
    expect(ofDefault?.taskManager).toMatch(/^localhost:\d+-[0-9a-f]{6}$/u);
    expect(ofDefault).toMatchObject({ task: "count (1/1) - execution #0" });
    expect(read(wire.exceptions, "exceptions")[0]).toMatchObject({ task: null, taskManager: null });
  });

  it.each([
    ["unknown-job", 404, /^Job 0{32} not found$/u, true],
    ["unknown-job-status", 500, /^Could not find Flink job \(0{32}\)$/u, true],
    ["unknown-job-requirements", 500, /^Could not find Flink job \(0{32}\)$/u, true],
    ["unknown-trigger", 404, /^There is no savepoint operation with triggerId=0{32}/u, false],
    ["no-route", 404, /^Unable to load requested file/u, false],
    ["bad-id", 400, /^Bad request, could not parse parameters/u, false],
    ["requirements-default-scheduler", 500, /^The DefaultScheduler does not support/u, false],
  ])("says no: %s", (name, status, sentence, unknownJob) => {
    expect(refusal(name)).toEqual({ status, sentence: expect.stringMatching(sentence), unknownJob });
  });
});

const hostOf = (path: string): string | undefined =>
  wire.read(taskManagers, { taskmanagers: [{ id: "a", path, slotsNumber: 1, freeSlots: 1 }] }, "x")[0]?.host;

describe("bodies that we write", () => {
  it("spell the directory as each door wants it", () => {
    const triggerId = "a".repeat(32);
    const e = { directory: "s3://b/x", format: "NATIVE", triggerId, drain: true } as const;
    expect(wire.savepointBody(e)).toEqual({
      "target-directory": "s3://b/x",
      "cancel-job": false,
      formatType: "NATIVE",
      triggerId,
    });
    expect(wire.stopBody(e)).toEqual({
      targetDirectory: "s3://b/x",
      drain: true,
      formatType: "NATIVE",
      triggerId,
    });
    expect(wire.stopBody({ ...e, directory: null })).not.toHaveProperty("targetDirectory");
  });
});

describe("bodies that nobody expects", () => {
  it("are named by their first strange field", () => {
    const body = { jobs: [{ jid: "x" }] };
    expect(() => wire.read(wire.jobsOverview, body, "reading jobs")).toThrow(FlinkUnexpected);
    expect(() => wire.read(wire.jobsOverview, body, "reading jobs")).toThrow(
      /jobs\.0\.jid is not what Flink answers/u,
    );
  });
  it("are refused where an id is none, before it gets into a path", () => {
    const job = recorded("2.3.0", "job").body as { vertices: object[] };
    const strange = { ...job, vertices: job.vertices.map((v) => ({ ...v, id: "../x" })) };
    expect(() => wire.read(wire.jobDetail, strange, "x")).toThrow(
      /vertices\.0\.id is not what Flink answers/u,
    );
    for (const [schema, body] of [
      [disposalStarted, { "request-id": "7" }],
      [ran, { jobid: "orders" }],
    ] as const)
      expect(() => wire.read<string>(schema, body, "x")).toThrow(FlinkUnexpected);
  });
  it("show no secret in the name of an exception", () => {
    const body = structuredClone(recorded("2.3.0", "exceptions").body) as {
      exceptionHistory: { entries: { exceptionName: string; stacktrace: string }[] };
    };
    for (const entry of body.exceptionHistory.entries)
      Object.assign(entry, { exceptionName: "a.B --db-password hunter2", stacktrace: "" });
    expect(JSON.stringify(wire.read(wire.exceptions, body, "x"))).not.toContain("hunter2");
  });
  it.each(["NaN", "Infinity", "-Infinity"])("hold no size, count or time that is %s", (text) => {
    expect(() => wire.read(wire.number, text, "x")).toThrow(FlinkUnexpected);
    const vertex = { parallelism: { lowerBound: text, upperBound: 1 } };
    expect(() => wire.read(wire.requirements, { "0c80": vertex }, "x")).toThrow(/0c80.*is not what Flink/u);
  });
  it("may hold figures that are none, which are left out", () => {
    const figures = { min: 1, max: 3, avg: 2, sum: 6 };
    const body = [
      { id: "a", ...figures, max: "NaN" },
      { id: "b", ...figures, avg: 1.5 },
    ];
    expect(Object.keys(wire.read(aggregates, body, "x"))).toEqual(["b"]);
  });
  it("name the host of a task manager, in no time whatever its path is", () => {
    expect(hostOf("pekko.tcp://flink@10.0.0.7:6122/user/rpc/taskmanager_0")).toBe("10.0.0.7");
    expect(hostOf("pekko.tcp://flink@[::1]:6122/user/rpc/taskmanager_0")).toBe("[::1]");
    const cpu = process.cpuUsage();
    expect(hostOf("x@".repeat(100_000))).toBe("");
    expect(process.cpuUsage(cpu).user).toBeLessThan(500_000);
  });
  it("may say that a job has no periodic checkpoints", () => {
    const body = JSON.parse(
      '{"interval":9223372036854775807,"timeout":1,"externalization":{"enabled":false,"delete_on_cancellation":true}}',
    ) as unknown;
    expect(wire.read(checkpointConfig, body, "x")).toEqual({
      intervalMs: null,
      timeoutMs: 1,
      retainedOnCancel: false,
      retainedOnFailure: false,
    });
  });
  it("may hold a path that is none", () => {
    const entry = {
      className: "completed",
      id: 1,
      is_savepoint: false,
      trigger_timestamp: 1,
      end_to_end_duration: 1,
      state_size: 1,
      num_subtasks: 1,
      num_acknowledged_subtasks: 1,
      external_path: "<checkpoint-not-externally-addressable>",
    };
    const body = { counts: { completed: 1, failed: 0 }, latest: { completed: entry }, history: [entry] };
    expect(wire.read(checkpoints, body, "x").history[0]?.path).toBeNull();
  });
});
