import { describe, expect, it } from "vitest";
import { StoredDataInvalid } from "../../src/model/errors.ts";
import { parseRecord } from "../../src/requests/record/kept.ts";
import { aRecord, AT } from "../slack/a-record.ts";

const ended = aRecord({
  state: "ended",
  end: {
    ending: "ran",
    at: AT,
    report: { outcome: "done", headline: [{ b: "orders" }, " runs"], lines: [], facts: { location: null } },
  },
});

const denied = aRecord({
  approval: {
    needed: 1,
    by: { groups: [], users: [] },
    expiresAt: AT,
    digest: "d1",
    votes: [
      { actor: { user: "U0BEN", team: "T" }, kind: "deny", at: AT, digest: "d1", reason: "not now" },
      { actor: { user: "U0CEM", team: "T" }, kind: "deny", at: AT, digest: "d1" },
    ],
  },
});

const by = { groups: [], users: [] };
const before = (supersedes: unknown) => parseRecord(JSON.stringify({ ...ended, supersedes })).supersedes;

describe("a stored record", () => {
  it.each([
    ["awaiting", aRecord()] as const,
    ["ended", ended] as const,
    ["denied, with a reason and by a version that asked for none", denied] as const,
  ])("%s is read as it was written", (_, record) => {
    expect(parseRecord(JSON.stringify(record))).toEqual(record);
  });

  it("keeps what a newer version has added, at every level", () => {
    const newer = { ...ended, added: 1, intent: { ...ended.intent, added: [{ deep: true }] } };
    expect(parseRecord(JSON.stringify(newer))).toEqual(newer);
  });

  it("of before 0.2 names the one request that it took over", () => {
    expect(before({ requestId: "r2" })).toEqual([{ requestId: "r2", link: null }]);
    expect(before(null)).toEqual([]);
  });

  it.each([
    ["another format", { v: 2 }],
    ["a state that this version does not know", { state: "resting" }],
    ["a target without a kind", { target: { cluster: "prod" } }],
    ["a headline that is no text", { intent: { ...ended.intent, headline: { html: "x" } } }],
    [
      "half an approver",
      { approval: { ...aRecord().approval, requirements: [[{ from: ["a"], count: 0.5, by }]] } },
    ],
    ["more approvers than there are", { approval: { ...aRecord().approval, needed: 1e21 } }],
    ["a vote without its digest", { approval: { ...aRecord().approval, votes: [{ kind: "approve" }] } }],
  ])("with %s is not read at all", (_, change) => {
    expect(() => parseRecord(JSON.stringify({ ...ended, ...change }))).toThrow(StoredDataInvalid);
  });
});
