import { describe, expect, it } from "vitest";
import { type Judged, vote } from "../../src/requests/steps/vote.ts";
import { plain } from "../../src/model/text.ts";
import type { Person } from "../../src/policy/person.ts";
import type { Approval, RequestRecord, Vote } from "../../src/requests/record/record.ts";
import { aMember } from "../fakes/people.ts";
import { AT, aRecord } from "../slack/a-record.ts";
import { aPolicy, asking } from "../fakes/policy.ts";

const policy = aPolicy({
  operate: { groups: ["S0OPS"], users: [] },
  approve: { groups: ["S0APPROVE1"], users: [] },
});
const member = (user: string, groups: readonly string[] = ["S0APPROVE1"]): Person =>
  aMember(user, { groups: new Set(groups) });
const approval = (change: Partial<Approval> = {}): Approval => {
  const before = aRecord().approval;
  if (before === null) throw new Error("the record awaits approval");
  return { ...before, ...change };
};
const cast = (user: string, kind: Vote["kind"] = "approve"): Vote => ({
  actor: { user, team: "T0HOME0001" },
  kind,
  at: AT,
  digest: "d1",
});
const click = (
  kind: "approve" | "deny" | "withdraw",
  user = "U0BEN",
  record: RequestRecord = aRecord(),
  more: { digest?: string; now?: number; groups?: readonly string[]; reason?: string } = {},
): Judged =>
  vote(policy, 60_000, {
    record,
    click: {
      kind,
      actor: { user, team: "T0HOME0001" },
      digest: more.digest ?? "d1",
      ...(more.reason === undefined ? {} : { reason: more.reason }),
    },
    person: member(user, more.groups),
    now: more.now ?? AT + 1000,
    arrivedAt: more.now ?? AT + 1000,
  });
const outcome = (v: Judged): string =>
  v.is === "tell" ? v.rule : `${v.next.state}${v.next.end === null ? "" : ` ${v.next.end.ending}`}`;
const decidedBy = (hash: string): RequestRecord =>
  aRecord({ decided: { rule: "destructive", policy: hash } });
const awaitingTwo = (votes: readonly Vote[]): RequestRecord =>
  aRecord({ approval: approval({ needed: 2, votes }) });

describe("vote", () => {
  it.each<[string, Judged, string]>([
    ["one approver is enough", click("approve"), "ready"],
    ["the requester never approves", click("approve", "U0ANA00001"), "may_not_vote"],
    ["somebody outside the set", click("approve", "U0DORA", aRecord(), { groups: [] }), "may_not_vote"],
    ["another version of the card", click("approve", "U0BEN", aRecord(), { digest: "old" }), "other_digest"],
    ["too late", click("approve", "U0BEN", aRecord(), { now: AT + 900_000 }), "expired"],
    ["decided already", click("approve", "U0BEN", aRecord({ state: "ready" })), "decided"],
    [
      "nothing to approve",
      click("approve", "U0BEN", aRecord({ approval: null, state: "ready" })),
      "no_approval",
    ],
    ["one of two", click("approve", "U0BEN", awaitingTwo([])), "awaiting"],
    ["two of two", click("approve", "U0BEN", awaitingTwo([cast("U0CEM")])), "ready"],
    ["one person fills one place", click("approve", "U0CEM", awaitingTwo([cast("U0CEM")])), "voted"],
    ["any approver denies", click("deny"), "ended denied"],
    ["under the policy that decided it", click("approve", "U0BEN", decidedBy(policy.hash)), "ready"],
    ["under another policy", click("approve", "U0BEN", decidedBy("an older one")), "other_policy"],
    ["denied under another policy", click("deny", "U0BEN", decidedBy("an older one")), "ended denied"],
    ["the requester withdraws", click("withdraw", "U0ANA00001"), "ended withdrawn"],
    ["nobody else withdraws", click("withdraw"), "not_requester"],
    [
      "ready is still withdrawn",
      click("withdraw", "U0ANA00001", aRecord({ state: "ready" })),
      "ended withdrawn",
    ],
    ["running is not", click("withdraw", "U0ANA00001", aRecord({ state: "running" })), "started"],
  ])("%s", (_, verdict, expected) => expect(outcome(verdict)).toBe(expected));

  it("tells who approved what is still missing, and who voted twice as well", () => {
    const first = click("approve", "U0BEN", awaitingTwo([]));
    expect(first.is === "move" && plain(first.tell ?? "")).toBe(
      "Your approval counts. Still needed: 1 of @S0APPROVE1.",
    );
    const twice = click("approve", "U0CEM", awaitingTwo([cast("U0CEM")]));
    expect(twice.is === "tell" && plain(twice.text)).toBe(
      "You have already voted. Still needed: 1 of @S0APPROVE1.",
    );
    expect(click("approve")).not.toHaveProperty("tell");
  });

  it("gives an approved request its time to start", () => {
    const verdict = click("approve");
    expect(verdict.is === "move" && verdict.next.startBy).toBe(AT + 61_000);
  });

  it("says by whom it was denied and why: on the card, in the vote and in the audit log", () => {
    const reason = "not during the sale";
    const verdict = click("deny", "U0BEN", aRecord(), { reason });
    if (verdict.is !== "move") throw new Error(verdict.rule);
    expect(plain(verdict.next.end?.report.headline ?? "")).toBe("Denied by @U0BEN: not during the sale");
    expect(verdict.next.approval?.votes).toMatchObject([{ kind: "deny", reason }]);
    const [entry = ""] = verdict.extras.audit ?? [];
    expect(JSON.parse(entry)).toMatchObject({ event: "denied", actor: "U0BEN", detail: { reason } });
  });

  it("without a reason says by whom; an approval has none", () => {
    const denied = click("deny");
    expect(denied.is === "move" && plain(denied.next.end?.report.headline ?? "")).toBe("Denied by @U0BEN");
    const approved = click("approve", "U0BEN", aRecord(), { reason: "as you like" });
    expect(approved.is === "move" && approved.next.approval?.votes[0]).not.toHaveProperty("reason");
  });

  it("tells a late clicker who decided", () => {
    const decided = aRecord({ state: "ready", approval: approval({ votes: [cast("U0CEM")] }) });
    const verdict = click("approve", "U0BEN", decided);
    expect(verdict.is === "tell" && plain(verdict.text)).toContain("Approved by @U0CEM");
  });

  it("releases what it holds and leaves an audit entry with every end", () => {
    const claims = ["prod/id/3f9c0000111122223333444455556666", "prod/name/orders"];
    const verdict = click("deny", "U0BEN", aRecord({ claims }));
    expect(verdict.is === "move" && verdict.extras.release).toEqual(claims);
    expect(verdict.is === "move" && verdict.extras.audit).toHaveLength(1);
  });
});

describe("votes for several sets", () => {
  const rules = asking([], {
    people: {
      leads: { groups: ["S0LEADS"], users: [] },
      security: { groups: ["S0SECURITY"], users: ["U0OLGA"] },
    },
    same: [
      ["U0ANA00001", "U0ANAOTHER"],
      ["U0BEN", "U0BENOTHER"],
    ],
  });
  const leads = { from: ["leads"], count: 1, by: { groups: ["S0LEADS"], users: [] } };
  const security = { from: ["security"], count: 1, by: { groups: ["S0SECURITY"], users: ["U0OLGA"] } };
  const needing = (requirements: NonNullable<Approval["requirements"]>): RequestRecord =>
    aRecord({
      approval: approval({ needed: 2, requirements }),
      decided: { rule: "changes", policy: rules.hash },
    });
  /** What becomes of the request with these votes: user and groups each, in their order. */
  const voted = (
    record: RequestRecord,
    ...votes: readonly (readonly [user: string, ...groups: string[]])[]
  ): string[] => {
    let now = record;
    return votes.map(([user, ...groups]) => {
      const judged = vote(rules, 60_000, {
        record: now,
        click: { kind: "approve", actor: { user, team: "T0HOME0001" }, digest: "d1" },
        person: member(user, groups),
        now: AT + 1000,
        arrivedAt: AT + 1000,
      });
      if (judged.is === "move") now = judged.next;
      return judged.is === "tell"
        ? `${judged.rule}: ${plain(judged.text)}`
        : `${judged.next.state} ${plain(judged.tell ?? "")}`.trim();
    });
  };

  it("of one rule: one person of each set", () => {
    const record = needing([[leads, security]]);
    expect(voted(record, ["U0BEN", "S0LEADS"], ["U0CEM", "S0LEADS"], ["U0OLGA"])).toEqual([
      "awaiting Your approval counts. Still needed: 1 of @S0SECURITY or @U0OLGA.",
      "awaiting Your approval counts. Still needed: 1 of @S0SECURITY or @U0OLGA.",
      "ready",
    ]);
  });

  it("of one rule: who is in both fills one place, the one that is left over", () => {
    const both = ["U0BEN", "S0LEADS", "S0SECURITY"] as const;
    expect(voted(needing([[leads, security]]), both, ["U0CEM", "S0LEADS"])).toEqual([
      expect.stringContaining("awaiting"),
      "ready",
    ]);
    expect(voted(needing([[leads, security]]), both, ["U0CEM", "S0SECURITY"])).toContain("ready");
  });

  it("of two rules, for many jobs: who is in both sets fills a place of each", () => {
    const record = needing([[leads], [security]]);
    expect(voted(record, ["U0BEN", "S0LEADS", "S0SECURITY"])).toEqual(["ready"]);
    expect(voted(record, ["U0BEN", "S0LEADS"], ["U0OLGA"])).toEqual([
      "awaiting Your approval counts. Still needed: 1 of @S0SECURITY or @U0OLGA.",
      "ready",
    ]);
  });

  it("of two accounts of one person count once, and those of the requester never", () => {
    const record = needing([[{ ...leads, count: 2 }]]);
    const votes = [
      ["U0BEN", "S0LEADS"],
      ["U0BENOTHER", "S0LEADS"],
      ["U0ANAOTHER", "S0LEADS"],
    ] as const;
    expect(voted(record, ...votes)).toEqual([
      "awaiting Your approval counts. Still needed: 1 of @S0LEADS.",
      "voted: You have already voted with your other account @U0BEN. Still needed: 1 of @S0LEADS.",
      "may_not_vote: You requested this with your other account @U0ANA00001, so someone else must approve it.",
    ]);
  });

  it("on a record of an older version need no set but `approve`, also those that were given before", () => {
    const two = aRecord({ approval: approval({ needed: 2, votes: [cast("U0CEM")] }) });
    const verdict = click("approve", "U0BEN", two);
    expect(outcome(verdict)).toBe("ready");
    expect(verdict.is === "move" && verdict.next.approval?.votes.map((v) => v.in)).toEqual([
      undefined,
      ["approve"],
    ]);
  });
});
