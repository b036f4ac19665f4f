import { describe, expect, test } from "vitest";
import { closest } from "../../src/command/closest.ts";
import type { JobState } from "../../src/model/flink-jobs.ts";
import { stateRefusal } from "../../src/model/state-rule.ts";
import { operations } from "../../src/operations/index.ts";
import { shown } from "../../src/operations/wording/job.ts";
import { lookAlikes, skeleton } from "../../src/model/confusable-names.ts";
import { ago, bytes, count, duration } from "../../src/model/units.ts";
import { words } from "./drive.ts";

test.each([
  [0, "0 B"],
  [999, "999 B"],
  [1_000, "1 kB"],
  [1_500, "1.5 kB"],
  [999_600, "1 MB"],
  [18_200_000_000, "18.2 GB"],
  [182_000_000_000, "182 GB"],
  [5e18, "5000 PB"],
])("%d bytes are %s", (n, said) => {
  expect(bytes(n)).toBe(said);
});

test.each([
  [-5, "0 ms"],
  [350, "350 ms"],
  [41_000, "41 s"],
  [59_700, "1 m"],
  [72_000, "1 m 12 s"],
  [60_000, "1 m"],
  [3_600_000, "1 h"],
  [3_605_000, "1 h"],
  [187_200_000, "2 d 4 h"],
])("%d ms are %s", (ms, said) => {
  expect(duration(ms)).toBe(said);
});

test("the future is now, and one is one", () => {
  expect(ago(5_000, 1_000)).toBe("just now");
  expect(ago(1_000, 3_000)).toBe("2 s ago");
  expect([count(1, "slot"), count(0, "slot")]).toEqual(["1 slot", "0 slots"]);
});

test("names are shown so that nothing hides in them", () => {
  expect(shown("a\u200bb\u202e")).toBe("a<U+200B>b<U+202E>");
  expect(shown("x".repeat(100))).toHaveLength(80);
});

test.each([
  ["orders", "оrders"],
  ["orders", "Orders"],
  ["orders", "0rders"],
  ["pay-in", "pay_in"],
  ["mail", "ma1l"],
  ["rnap", "map"],
  ["café", "cafe"],
])("%s and %s look alike", (a, z) => {
  expect(skeleton(a)).toBe(skeleton(z));
});

test("look-alikes are other names, never the same one", () => {
  expect([...lookAlikes(["a", "a", "b"])]).toEqual([]);
  expect([...lookAlikes(["pay", "рay", "b"])]).toEqual([
    ["pay", "рay"],
    ["рay", "pay"],
  ]);
});

test.each([
  ["stpo", ["stop"]],
  ["sav", ["savepoint"]],
  ["STATUS", ["status"]],
  ["frobnicate", []],
  ["", []],
])("closest to %s", (word, names) => {
  const near = closest(word, ["stop", "status", "savepoint", "scale"]);
  expect(near.slice(0, 1)).toEqual(names);
  expect(closest("stop", ["stop", "stop2", "stop3", "stop4"])).toHaveLength(3);
});

const ask = (name: string, state: JobState): string => {
  const row = operations.find((r) => r.name === name);
  if (row === undefined) throw new Error(name);
  const verdict = stateRefusal(row, state, operations);
  return verdict.is === "may" ? "may" : words(verdict.why);
};

describe("what a state allows", () => {
  test.each([
    ["stop", "RUNNING"],
    ["cancel", "RESTARTING"],
    ["cancel", "CANCELLING"],
    ["status", "FAILED"],
  ] as const)("%s of a job that is %s", (name, state) => {
    expect(ask(name, state)).toBe("may");
  });
  test.each([
    ["stop", "RESTARTING", "The job is RESTARTING; stop needs RUNNING."],
    ["stop", "RESTARTING", "Try again when it is RUNNING."],
    ["rehearsed-restart", "RESTARTING", "The job is RESTARTING; restart needs RUNNING."],
    ["savepoint", "FINISHED", "The job is FINISHED; savepoint needs RUNNING."],
  ] as const)("%s of a job that is %s: %s", (name, state, said) => {
    expect(ask(name, state)).toContain(said);
  });
  test("a cancel is never suggested", () => {
    expect(ask("restart", "CREATED")).not.toContain("cancel");
  });
});
