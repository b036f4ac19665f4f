import { describe, expect, it } from "vitest";
import { changedBinds, digestOf, sameBinds } from "../../src/requests/record/binding.ts";
import type { RequestRecord } from "../../src/requests/record/record.ts";
import { aRecord } from "../slack/a-record.ts";

const before = aRecord();
const intent = (change: Partial<RequestRecord["intent"]>): Partial<RequestRecord> => ({
  intent: { ...before.intent, ...change },
});

describe("the digest of what is approved", () => {
  it.each<[string, Partial<RequestRecord>]>([
    ["another request", { id: "r2" }],
    ["another operation", { operation: "drain" }],
    ["another class", { class: "operate" }],
    ["another argument", { args: { ...before.args, format: "native" } }],
    ["one argument more", { args: { ...before.args, drain: true } }],
    ["another job", { target: { kind: "job", cluster: "prod", jobId: "0".repeat(32), name: "orders" } }],
    ["another cluster", { target: { ...before.target, cluster: "staging" } }],
    ["another word of what is lost", intent({ losses: ["nothing"] })],
    ["another warning", intent({ warnings: ["careful"] })],
    ["other binds", intent({ binds: { from: "s3://a" } })],
    ["another list", intent({ facts: { jobs: [{ jobId: "a", name: "x" }] } })],
    ["another launch", intent({ facts: { launch: { jar: "b.jar" } } })],
    ["another directory", intent({ facts: { directory: "s3://b" } })],
  ])("is another one for %s", (_, change) => {
    expect(digestOf({ ...before, ...change })).not.toBe(digestOf(before));
  });

  it("is the same whatever the order of keys, and whatever became of the request since", () => {
    const args = Object.fromEntries(Object.entries({ a: 1, b: 2 }).toReversed());
    expect(digestOf({ ...before, args })).toBe(digestOf({ ...before, args: { a: 1, b: 2 } }));
    expect(digestOf({ ...before, state: "ready", milestones: [{ at: 1, text: "x" }] } as RequestRecord)).toBe(
      digestOf(before),
    );
  });
});

const bound = (binds: object) => ({ ...before.intent, binds: { ...binds } });
it("binds compare by value, whatever the order of their keys", () => {
  expect(sameBinds(bound({ a: 1, b: 2 }), bound({ b: 2, a: 1 }))).toBe(true);
  expect(sameBinds(bound({ a: 1 }), bound({ a: 2 }))).toBe(false);
});

it("says what of them has changed, one level deep", () => {
  const launch = { jar: "a", args: { sha256: "1" }, gone: 1 };
  const then = bound({ startTime: 1, launch, list: ["a"], same: { a: 1 } });
  const now = bound({
    startTime: 2,
    launch: { ...launch, args: { sha256: "2" } },
    list: ["b"],
    same: { a: 1 },
  });
  expect(changedBinds(then, now)).toEqual(["start time", "launch args", "list"]);
  expect(changedBinds(bound({ from: null }), bound({ from: "s3://a" }))).toEqual(["from"]);
});
