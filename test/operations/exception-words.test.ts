import { describe, expect, it } from "vitest";
import { cause, grouped } from "../../src/operations/wording/exception.ts";
import { plain } from "../../src/model/text.ts";
import { causeParts } from "../../src/flink/rest/error-text.ts";
import { stackForPeople } from "../../src/flink/rest/stack-text.ts";
import { anException, T0 } from "../fakes/flink-reads.ts";

/** As it comes out of Flink's answer. */
const thrown = (stack: string, task: string | null = "Map (1/4) - execution #0", at = T0) =>
  anException({ at, task, ...causeParts(stack, "Exception"), stack: stackForPeople(stack) });
const python = (instruction: number, line: string): string =>
  `java.lang.RuntimeException: Error received from SDK harness for instruction ${instruction}: Traceback (most recent call last):\n  File "/opt/app/enrich.py", line 42, in eval\n    return prices[sku]\n${line}\n\n\tat H3Job$Op.map(H3Job.java:75)`;

describe("the same failure", () => {
  it.each([
    ["of other instructions", python(17, "KeyError: 'x y'"), python(4711, "KeyError: 'x y'")],
    [
      "of other subtasks, attempts and checkpoints",
      "java.lang.Exception: Could not materialize checkpoint 2 for operator count (1/4)#0.\n\tat x.Y.z(Y.java:1)",
      "java.lang.Exception: Could not materialize checkpoint 31 for operator count (3/4)#12.\n\tat x.Y.z(Y.java:1)",
    ],
    [
      "of other objects and ids",
      "a.BException: com.x.Client@1a2b3c4d lost 5e4b8e9d1f3f0f3c2a77\n\tat x.Y.z(Y.java:1)",
      "a.BException: com.x.Client@77aa88bb lost 0011223344556677aabb\n\tat x.Y.z(Y.java:1)",
    ],
  ])("is counted once: %s", (_name, one, other) => {
    const groups = grouped([thrown(one), thrown(other, "Map (2/4) - execution #3", T0 - 1000)]);
    expect(groups.map((g) => g.times)).toEqual([2]);
  });
});

describe("different failures", () => {
  it.each([
    ["where the first lines are equal", python(17, "KeyError: 'x y'"), python(17, "ValueError: no price")],
    [
      "where only the lines below differ",
      "a.ValidationException: Options are missing.\n\nMissing:\n\npath\n\tat x.Y.z(Y.java:1)",
      "a.ValidationException: Options are missing.\n\nMissing:\n\ntopic\n\tat x.Y.z(Y.java:1)",
    ],
    [
      "that have no words, at other places",
      "java.lang.NullPointerException\n\tat com.x.Y.z(Y.java:1)",
      "java.lang.NullPointerException\n\tat com.x.Y.z(Y.java:7)",
    ],
  ])("stay apart: %s", (_name, one, other) => {
    expect(grouped([thrown(one), thrown(other)])).toHaveLength(2);
  });
});

it("a cause is its class and its words, never a line that says nothing", () => {
  expect(plain(cause(thrown(python(17, "KeyError: 'sku-4711 has no price'"))))).toBe(
    "KeyError: 'sku-4711 has no price'",
  );
  expect(
    plain(
      cause(
        thrown(
          "java.lang.IllegalArgumentException: \nUnable to create a sink for 'orders'.\n\tat x.Y.z(Y.java:1)",
        ),
      ),
    ),
  ).toBe("IllegalArgumentException: Unable to create a sink for 'orders'.");
  expect(plain(cause(thrown("java.lang.NullPointerException\n\tat x.Y.z(Y.java:1)")))).toBe(
    "NullPointerException",
  );
});
