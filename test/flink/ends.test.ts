import { expect, it } from "vitest";
import { createEnds } from "../../src/flink/facts/ends.ts";
import { REFUSED_MS } from "../../src/model/application-cluster.ts";

const JOB = "a".repeat(32);

it("knows an end that was seen, whatever became of the cluster", () => {
  const ends = createEnds();
  expect(ends.of(JOB, REFUSED_MS)).toBeNull();
  ends.saw(JOB, "CANCELED");
  expect(ends.of(JOB, 0)).toBe("CANCELED");
  // after a fail-over it may run again
  ends.saw(JOB, "RUNNING");
  expect(ends.of(JOB, REFUSED_MS)).toBeNull();
});

it("believes an end that Flink has agreed to once nobody has listened for long enough", () => {
  const ends = createEnds();
  ends.accepted({ do: "cancel", jobId: JOB }, "e1");
  expect(ends.of(JOB, REFUSED_MS - 1)).toBeNull();
  expect(ends.of(JOB, REFUSED_MS)).toBe("CANCELED");
});

it("believes in a stop only once its savepoint is complete", () => {
  const ends = createEnds();
  ends.accepted({ do: "stop", jobId: JOB }, "trigger");
  expect(ends.of(JOB, REFUSED_MS)).toBeNull();
  ends.saved("another");
  expect(ends.of(JOB, REFUSED_MS)).toBeNull();
  ends.saved("trigger");
  expect(ends.of(JOB, REFUSED_MS)).toBe("FINISHED");
});

it("takes a savepoint or a start for no end", () => {
  const ends = createEnds();
  ends.accepted({ do: "savepoint", jobId: JOB }, "trigger");
  ends.saved("trigger");
  ends.accepted({ do: "run", jobId: JOB }, "e2");
  expect(ends.of(JOB, REFUSED_MS)).toBeNull();
});
