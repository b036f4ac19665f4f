import { describe, expect, it } from "vitest";
import type { z } from "zod";
import { FlinkUnexpected } from "../../src/model/errors.ts";
import { isUnknownJob, sortResponse } from "../../src/flink/rest/response.ts";
import { read } from "../../src/flink/wire/jobs.ts";
import { checkpoints } from "../../src/flink/wire/checkpoints.ts";
import { jars } from "../../src/flink/wire/cluster.ts";
import { disposal, disposalStarted, executionResult, ran, runBody } from "../../src/flink/wire/run.ts";
import { firstSentence } from "../../src/flink/rest/error-text.ts";
import type { FlinkEffect } from "../../src/model/effect.ts";
import { recorded } from "./recorded.ts";

const parse = <T>(schema: z.ZodType<T>, body: unknown): T => read(schema, body, "reading a fixture");

describe.each(["2.3.0", "1.20.5"])("what Flink %s answered", (version) => {
  const parsed = <T>(schema: z.ZodType<T>, name: string): T => parse(schema, recorded(version, name).body);

  it("reads as a job that was started", () => {
    expect(parsed(ran, "run")).toMatch(/^[0-9a-f]{32}$/u);
    expect(parsed(jars, "jars").map((j) => [j.name, j.entryClasses])).toEqual([
      ["orders-bad.jar", ["PlaygroundJob"]],
      ["orders-2.jar", ["PlaygroundJob"]],
      ["orders.jar", ["PlaygroundJob"]],
    ]);
    const { latestRestored, latestCompleted } = parsed(checkpoints, "checkpoints-restored");
    expect(latestRestored).toEqual({
      path: expect.stringMatching(/^file:\/tmp\/flink-playground\/savepoints\/savepoint-/u),
      isSavepoint: true,
      at: expect.any(Number),
    });
    expect(latestCompleted?.subtasks).toBe(6);
  });

  it.each([
    ["running", null],
    ["canceled", null],
    [
      "no-savepoint",
      /^Cannot find checkpoint or savepoint file\/directory 'file:\/nope\/savepoint-1' on file system 'file'\.$/u,
    ],
    ["not-mapped", /^Failed to rollback to .* for operator b71731f1c0df9c3076c4a455334d0ad6 to the new/u],
  ])("reads as why a job failed: %s", (name, words) => {
    const why = parsed(executionResult, `execution-result-${name}`);
    if (words === null) expect(why).toBeNull();
    else expect(why).toMatch(words);
  });

  it("reads as how far a disposal is", () => {
    expect(parsed(disposalStarted, "disposal-started")).toMatch(/^[0-9a-f]{32}$/u);
    expect(parsed(disposal, "disposal-in-progress")).toEqual({ is: "in_progress" });
    expect(parsed(disposal, "disposal-done")).toEqual({ is: "done" });
    expect(parsed(disposal, "disposal-missing")).toEqual({
      is: "failed",
      missing: true,
      reason: expect.stringMatching(/^Cannot find checkpoint or savepoint file\/directory 'file:\/tmp/u),
    });
  });

  it.each([
    ["run-bad-id", 400, /^Request did not match expected format JarRunRequestBody\.$/u],
    [
      "run-no-entry-class",
      500,
      /^The program's entry point class 'com\.nope\.Main' was not found in the jar/u,
    ],
    [
      "run-no-jar",
      500,
      /^Jar file \/tmp\/flink-playground\/uploads\/flink-web-upload\/.*gone\.jar does not exist$/u,
    ],
    ["run-main-throws", 400, /^For input string: "x"$/u],
    ["run-duplicate", 400, /^(?:Job|Application) has already been submitted\.$/u],
    ["disposal-unknown", 404, /^Operation not found under key: /u],
    ["execution-result-unknown-job", 404, /^Could not find Flink job \([0-9a-f]{32}\)$/u],
  ])("says no: %s", (name, status, sentence) => {
    const { status: given, body } = recorded(version, name);
    const answer = sortResponse(
      { status: given, location: null, text: JSON.stringify(body) },
      "reading a fixture",
    );
    if (answer.ok) throw new Error("not a refusal");
    expect([given, firstSentence(answer)]).toEqual([status, expect.stringMatching(sentence)]);
    expect(isUnknownJob(answer)).toBe(name.endsWith("unknown-job"));
  });
});

const failed = (cause: string) =>
  parse(disposal, {
    status: { id: "COMPLETED" },
    operation: { "failure-cause": { class: "x.FlinkException", "stack-trace": cause } },
  });

describe("a disposal that failed", () => {
  it.each([
    [
      "x.FlinkException: Could not dispose.\nCaused by: java.io.FileNotFoundException: Cannot find meta data file '_metadata' in directory 'file:/sp'. Please try",
      true,
    ],
    [
      "x.FlinkException: Could not dispose.\nCaused by: java.io.FileNotFoundException: /sp/_metadata (Permission denied)",
      false,
    ],
    ["x.FlinkException: Could not dispose.\nCaused by: java.io.IOException: the bucket is read-only", false],
  ])("did so because nothing is there: %j", (cause, missing) => {
    expect(failed(cause)).toMatchObject({ is: "failed", missing });
  });
  it("may say no more than its class", () => {
    const body = {
      status: { id: "COMPLETED" },
      operation: { "failure-cause": { class: "java.lang.StackOverflowError" } },
    };
    expect(parse(disposal, body)).toEqual({
      is: "failed",
      missing: false,
      reason: "stack overflow error without a message",
    });
  });
});

describe("what is sent to start a job", () => {
  const effect: Extract<FlinkEffect, { do: "run" }> = {
    do: "run",
    jobId: "a".repeat(32),
    jar: "1_orders.jar",
    entryClass: null,
    args: [],
    parallelism: null,
    from: null,
    allowNonRestoredState: false,
  };
  it("leaves out what the program decides, and the state's owner where there is no state", () => {
    expect(runBody(effect)).toEqual({
      jobId: "a".repeat(32),
      programArgsList: [],
      allowNonRestoredState: false,
    });
  });
  it("claims no state", () => {
    const all = { entryClass: "com.x.Main", args: ["--a", "b c"], parallelism: 2, from: "s3://b/sp" };
    expect(runBody({ ...effect, ...all, allowNonRestoredState: true })).toEqual({
      jobId: "a".repeat(32),
      entryClass: "com.x.Main",
      programArgsList: ["--a", "b c"],
      parallelism: 2,
      savepointPath: "s3://b/sp",
      claimMode: "NO_CLAIM",
      allowNonRestoredState: true,
    });
  });
  it("is answered with an id, or not by Flink", () => {
    expect(() => parse(ran, { jobId: "x" })).toThrow(FlinkUnexpected);
  });
});
