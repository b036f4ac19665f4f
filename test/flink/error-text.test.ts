import { describe, expect, it } from "vitest";
import {
  firstSentence,
  forPeople,
  innermostCause,
  usableSavepoint,
} from "../../src/flink/rest/error-text.ts";

describe("Flink's first sentence", () => {
  it.each([
    [["Not found: /jobs/x/cancel"], "Not found: /jobs/x/cancel"],
    [
      [
        "org.apache.flink.runtime.rest.handler.RestHandlerException: Job could not be found.\n\tat a.B(C.java:1)",
      ],
      "Job could not be found.",
    ],
    [
      [
        "org.apache.flink.runtime.rest.NotFoundException: Job 01 not found\n\tat x\nCaused by: java.lang.X: y",
      ],
      "Job 01 not found",
    ],
    [
      [
        "Internal server error.",
        "<Exception on server side:\njava.lang.UnsupportedOperationException: The DefaultScheduler does not.\n\tat x\nEnd of exception on server side>",
      ],
      "The DefaultScheduler does not.",
    ],
    [
      [
        "Internal server error.",
        "<Exception on server side:\njava.util.concurrent.CompletionException: a.FooException: outer\n\tat x\nCaused by: a.b.FlinkJobNotFoundException: Could not find Flink job (01)\n\tat y\n\nEnd of exception on server side>",
      ],
      "Could not find Flink job (01)",
    ],
    [
      ["org.apache.X$YException: Another update to the job [%s] resource requirements is in progress."],
      "Another update to the job's resource requirements is in progress.",
    ],
    [
      [
        "a.RestHandlerException: Could not execute application.\n\tat x\nCaused by: a.ProgramInvocationException: The main method caused an error: no brokers\n\tat y\nCaused by: java.lang.IllegalStateException: no brokers\n\tat z",
      ],
      "no brokers",
    ],
    [["a.RestHandlerException: Could not execute application."], "Could not execute application."],
    [
      [
        "Internal server error.",
        "<Exception on server side:\nx.CompletionException: a.ProgramInvocationException: The program's entry point class 'com.Nope' was not found in the jar file.\n\tat x\nCaused by: java.lang.ClassNotFoundException: com.Nope\n\nEnd of exception on server side>",
      ],
      "The program's entry point class 'com.Nope' was not found in the jar file.",
    ],
    [[], "HTTP 500 without a reason"],
    [[""], "HTTP 500 without a reason"],
    [["Internal server error."], "Internal server error."],
    [["a.RestHandlerException\n\tat x"], "rest handler exception without a message"],
  ])("of %j", (errors, sentence) => {
    expect(firstSentence({ errors, status: 500 })).toBe(sentence);
  });
});

describe("words for people", () => {
  it.each([
    ["cannot read s3://key:secret@bucket/x now", "cannot read s3://***@bucket/x now"],
    ["fs.s3a.secret.key=abc123, next", "fs.s3a.secret.key=***, next"],
    ["Authorization: Bearer abc.def", "Authorization: Bearer ***"],
    [`data ${"QUJD".repeat(100)} end`, "data *** end"],
    ["two\nlines\u0000", "two lines"],
    ["file:/var/sp/savepoint-1", "file:/var/sp/savepoint-1"],
  ])("of %j", (text, clean) => {
    expect(forPeople(text)).toBe(clean);
  });
  it("are never long", () => {
    expect(forPeople("word ".repeat(500)).length).toBeLessThanOrEqual(300);
  });
});

const said = (path: string): string =>
  `x.StopWithSavepointStoppingException: A savepoint has been created at: ${path}, but the corresponding job 01 failed during stopping. The savepoint is consistent, but might have uncommitted transactions.`;

describe("a stack frame is no sentence", () => {
  it.each([
    ["java.io.IOException: \tat a.B.c(B.java:1)", "IO exception without a message"],
    ["java.io.IOException: \tat a.B.c(B.java:1)\nCaused by: x.Y: no space left", "no space left"],
    ["\n\tat\tjava.lang.Thread.run(Thread.java:834)\n", ""],
    ["at java.base/java.lang.Thread.run(Thread.java:834)", ""],
    ["at a.B.c(Native Method)", ""],
    ["x.Y: at offset 3 (of 4)", "at offset 3 (of 4)"],
  ])("%j", (stack, words) => expect(innermostCause(stack)).toBe(words));
  it("nor is it in the errors of an answer", () => {
    const errors = ["Internal server error.", "\n\tat\tjava.lang.Thread.run(Thread.java:834)\n", "no slots"];
    expect(firstSentence({ errors, status: 500 })).toBe("no slots");
    expect(firstSentence({ errors: errors.slice(0, 2), status: 500 })).toBe("HTTP 500 without a reason");
  });
});

describe("the savepoint of a job that failed while stopping", () => {
  it.each([
    "file:/sp/savepoint-1-2",
    "file:/tmp/with space/r1/savepoint-ec1012-1",
    "s3://b/a, b/savepoint-1",
    "hdfs://nn:8020/über/%20/sp",
  ])("is the whole path %s", (path) => {
    expect(usableSavepoint(said(path))).toBe(path);
  });
  it("is not there where nothing was saved", () => {
    expect(usableSavepoint("Checkpoint expired before completing.")).toBeNull();
  });
});
