import { describe, expect, it } from "vitest";
import { canonical, sha256 } from "../../src/platform/canonical.ts";
import { auditLine } from "../../src/requests/record/audit.ts";
import { effectIdOf, requestIdOf } from "../../src/requests/record/identity.ts";
import { keysUnder } from "../../src/redis/keys.ts";
import { aRecord } from "../slack/a-record.ts";

describe("canonical", () => {
  it.each<[unknown, string]>([
    [{ b: 1, a: [2, { d: null, c: "x" }] }, '{"a":[2,{"c":"x","d":null}],"b":1}'],
    [{ a: undefined, b: 1 }, '{"b":1}'],
    [[], "[]"],
    ["é", '"é"'],
  ])("%j", (value, text) => expect(canonical(value)).toBe(text));
});

describe("auditLine", () => {
  const line = auditLine(aRecord(), "asked", { at: 5, actor: "U0ANA", detail: { k: 1 } });
  it("carries the SHA-256 of everything before it", () => {
    const { sha256: told, ...entry } = JSON.parse(line) as { sha256: string };
    expect(sha256(canonical(entry))).toBe(told);
  });
  it("names who, what, where and when", () => {
    expect(JSON.parse(line)).toMatchObject({ v: 1, at: 5, event: "asked", actor: "U0ANA", detail: { k: 1 } });
  });
});

describe("identities", () => {
  it("are the same for the same delivery, and differ between deliveries", () => {
    expect(requestIdOf("T1", "x")).toBe(requestIdOf("T1", "x"));
    expect(requestIdOf("T1", "x")).not.toBe(requestIdOf("T2", "x"));
    expect(requestIdOf("T1", "x")).toMatch(/^r[0-9a-f]{31}$/);
  });
  it("of an effect are what Flink takes as a trigger id, one per visit", () => {
    expect(effectIdOf("r1", "savepoint", 0)).toMatch(/^[0-9a-f]{32}$/);
    expect(effectIdOf("r1", "savepoint", 0)).not.toBe(effectIdOf("r1", "savepoint", 1));
  });
});

it("pins the names that are stored in Redis", () => {
  const k = keysUnder("{flinkops}");
  expect([
    k.record("r1"),
    k.cards("r1"),
    k.open,
    k.all,
    k.ofJob("c", "j"),
    k.ofActor("u"),
    k.claim("c/id/j"),
    k.waiters("c/id/j"),
    k.audit,
    k.responseUrl("r1"),
    k.directory("c"),
    k.states("c"),
    k.disposed("c"),
    k.launch("c", "j"),
    k.refused("r1"),
    k.reader("c"),
    k.fence("c"),
    k.workers("z"),
    k.sweep("z"),
    k.forged,
    k.told("policy h"),
  ]).toEqual([
    "{flinkops}:record:r1",
    "{flinkops}:cards:r1",
    "{flinkops}:open",
    "{flinkops}:all",
    "{flinkops}:job:c:j",
    "{flinkops}:actor:u",
    "{flinkops}:claim:c/id/j",
    "{flinkops}:waiters:c/id/j",
    "{flinkops}:audit",
    "{flinkops}:response-url:r1",
    "{flinkops}:directory:c",
    "{flinkops}:states:c",
    "{flinkops}:disposed:c",
    "{flinkops}:launch:c:j",
    "{flinkops}:refused:r1",
    "{flinkops}:reader:c",
    "{flinkops}:fence:c",
    "{flinkops}:workers:z",
    "{flinkops}:sweep:z",
    "{flinkops}:forged",
    "{flinkops}:told:policy h",
  ]);
});
