import { expect, test } from "vitest";
import { fixtureName, lastEntries, normalised } from "../../scripts/recording.ts";

const frames = (n: number): string => "\tat a.B.c(B.java:1)\n".repeat(n);

test("a stack keeps its first frames and all its causes", () => {
  expect(
    normalised({ errors: [`a.B: x\n${frames(9)}Caused by: a.C: y\n${frames(2)}\t... 9 more\nEnd`] }, []),
  ).toEqual({ errors: [`a.B: x\n${frames(3)}Caused by: a.C: y\nEnd`] });
});

test("each entry of a log keeps the first frames of its own stack", () => {
  const entry = `2026-01-31 10:00:00,123 INFO o.x.Y - late\n${frames(5)}`;
  const kept = normalised(entry + entry, []);
  expect(String(kept).match(/\tat /gu)).toHaveLength(6);
});

test("secrets are hidden by their shape and by their name, also where Flink tells key and value", () => {
  const clean = normalised(
    {
      url: "https://svc:hunter2@store.example/b",
      password: "plain words",
      config: [
        { key: "s3.secret-key", value: "plain words" },
        { key: "rest.port", value: "8081" },
        { key: "x" },
      ],
      "failure-cause": { "serialized-throwable": `rO0ABXNy${"QUJD".repeat(100)}` },
      n: 1,
      none: null,
    },
    [],
  );
  expect(clean).toEqual({
    url: "https://***@store.example/b",
    password: "***",
    config: [{ key: "s3.secret-key", value: "***" }, { key: "rest.port", value: "8081" }, { key: "x" }],
    "failure-cause": { "serialized-throwable": `rO0ABXNy${"QUJD".repeat(4)}` },
    n: 1,
    none: null,
  });
});

test("the machine's own names are replaced", () => {
  expect(
    normalised(["file:/tmp/flink-Ab12Cd/sp", 1], [["/tmp/flink-Ab12Cd", "/tmp/flink-playground"]]),
  ).toEqual(["file:/tmp/flink-playground/sp", 1]);
});

test("the end of a log begins with an entry", () => {
  const log = "2026-01-31 a\n\tat x\n2026-01-31 b\n\tat y\n2026-01-31 c\n";
  expect(lastEntries(log, 100)).toBe(log);
  expect(lastEntries("x\n2026-01-31 a\n2026-01-31 b\n", 3)).toBe("x\n2026-01-31 a\n2026-01-31 b\n");
  expect(lastEntries(log, 4)).toBe("2026-01-31 b\n\tat y\n2026-01-31 c\n");
});

test.each([
  ["/jobs/{job}/exceptions?maxExceptions=2", "exceptions"],
  ["/jobs/{job}/checkpoints/config", "checkpoints-config"],
  ["/jobs/{job}", "jobs"],
  ["/jobs/overview", "jobs-overview"],
  ["/taskmanagers/{taskmanager}/logs", "taskmanagers-logs"],
  ["/jobmanager/log", "jobmanager-log"],
])("%s is recorded as %s", (path, name) => {
  expect(fixtureName(path)).toBe(name);
});
