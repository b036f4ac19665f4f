import { describe, expect, it } from "vitest";
import type { LockScope } from "../../src/model/lock.ts";
import { plain } from "../../src/model/text.ts";
import { liftRefusal } from "../../src/policy/lift.ts";
import type { Person } from "../../src/policy/person.ts";
import type { Match, Policy, Rule } from "../../src/policy/policy.ts";
import { aMember } from "../fakes/people.ts";
import { aPolicy, asking } from "../fakes/policy.ts";

const HOLDER = "U0ANA";
const PROD: LockScope = { cluster: "prod", job: null };
const ORDERS: LockScope = { cluster: "prod", job: "orders" };
const operate = { groups: [], users: [HOLDER, "U0DORA"] };
const approve = { groups: ["S0APPROVE"], users: ["U0CEM"] };

/** Null: they may. */
function why(policy: Policy, person: Person, scope: LockScope = ORDERS): string | null {
  const may = liftRefusal(policy, { holder: HOLDER, person, scope });
  return may.is === "may" ? null : plain(may.why);
}
const simple = aPolicy({ operate, approve });
const ben = aMember("U0BEN", { groups: new Set(["S0APPROVE"]) });

describe("a lock is lifted", () => {
  it("by its holder, from any of their accounts", () => {
    expect(why(simple, aMember(HOLDER))).toBeNull();
    expect(why({ ...simple, same: [["U0ANA2", HOLDER]] }, aMember("U0ANA2"))).toBeNull();
    expect(why({ ...simple, same: [["U0ANA2", "U0ELSE"]] }, aMember("U0ANA2"))).toContain("Only @U0ANA");
  });

  it("by those who approve changes, and not by another operator, who is told by whom", () => {
    expect(why(simple, ben)).toBeNull();
    expect(why(simple, aMember("U0CEM"))).toBeNull();
    expect(why(simple, aMember("U0DORA"))).toBe(
      "Only @U0ANA, who locked it, and those who approve changes there may unlock it. Allowed: @S0APPROVE, @U0CEM.",
    );
  });

  it("by everyone who may unlock, where nobody approves changes", () => {
    expect(why(aPolicy({ operate }), aMember("U0DORA"))).toBeNull();
    expect(why(asking([], { people: { operate } }), aMember("U0DORA"))).toBeNull();
  });

  it("by nobody of whom Slack does not say whether they are an approver; the holder needs no group", () => {
    const unreadable = new Map([["S0APPROVE", "does not exist in Slack"]]);
    expect(why(simple, aMember("U0DORA", { unreadable }))).toContain("S0APPROVE");
    expect(why(simple, aMember(HOLDER, { unreadable }))).toBeNull();
  });
});

const approvedBy = (set: string, match: Match): Rule => ({
  name: JSON.stringify(match),
  match,
  when: null,
  ask: null,
  verdict: {
    is: "approve",
    from: [{ from: [set], count: 1 }],
    within: null,
    remind: null,
    escalate: null,
  },
});

describe("an approver of changes there", () => {
  const people = { leads: { groups: [], users: ["U0LEAD"] }, risk: { groups: [], users: ["U0RISK"] } };
  /** The leads approve elsewhere, so a person of risk is refused wherever this rule is not about the place. */
  const risk = (match: Match, scope: LockScope): boolean => {
    const rules = [approvedBy("leads", {}), approvedBy("risk", match)];
    return why({ ...simple, people, rules }, aMember("U0RISK"), scope) === null;
  };

  it.each<[string, Match, LockScope, boolean]>([
    ["of this cluster", { clusters: ["pr*"] }, ORDERS, true],
    ["of another cluster", { clusters: ["dev"] }, ORDERS, false],
    ["of this job", { jobs: ["ord*"] }, ORDERS, true],
    ["of another job", { jobs: ["pay*"] }, ORDERS, false],
    ["of one job, where the whole cluster is locked", { jobs: ["pay*"] }, PROD, true],
    ["of one operation", { operations: ["scale"] }, ORDERS, true],
    ["of destructive changes", { classes: ["destructive"] }, ORDERS, true],
    ["of changes from one channel", { channels: ["C1"] }, ORDERS, true],
    ["of nothing that changes anything", { classes: ["lock", "view"] }, ORDERS, false],
  ])("is who approves changes %s", (_, match, scope, may) => {
    expect(risk(match, scope)).toBe(may);
  });

  it("is whoever approves by any of the rules there", () => {
    const rules = [approvedBy("leads", { clusters: ["prod"] }), approvedBy("risk", { jobs: ["orders"] })];
    for (const user of ["U0LEAD", "U0RISK"])
      expect(why({ ...simple, people, rules }, aMember(user))).toBeNull();
    expect(why({ ...simple, people, rules }, aMember("U0DORA"))).toContain("Allowed: @U0LEAD, @U0RISK.");
  });
});
