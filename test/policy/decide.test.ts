import { describe, expect, it } from "vitest";
import { decide, mayVote, type Question } from "../../src/policy/decide.ts";
import type { Person } from "../../src/policy/person.ts";
import type { Policy } from "../../src/policy/policy.ts";
import { plain } from "../../src/operations/text.ts";

const operators = { groups: ["S0OPS"], users: ["U0EXTRA"] };
const policy: Policy = {
  view: null,
  operate: operators,
  approve: { groups: ["S0APPROVE"], users: [] },
  approvalAlso: [],
  externalChannels: ["C0SHARED"],
};
const person = (change: Partial<Person> = {}): Person => ({
  user: "U0ANA",
  team: "T0HOME",
  displayName: "Ana",
  member: true,
  deactivated: false,
  bot: false,
  guest: false,
  outsider: false,
  groups: new Set(["S0OPS"]),
  ...change,
});
const question = (change: Partial<Question> = {}): Question => ({
  operation: "scale",
  class: "operate",
  fitForManaged: false,
  person: person(),
  channel: { id: "C0OPS", externallyShared: false },
  cluster: { name: "prod", changes: true, operatorManaged: null, managedBy: null },
  ...change,
});
const cluster = (change: object) => ({
  name: "prod",
  changes: true,
  operatorManaged: null,
  managedBy: null,
  ...change,
});

describe("decide", () => {
  it.each<[string, Policy, Question, string]>([
    ["an operator operates", policy, question(), "allow"],
    [
      "a user named alone operates",
      policy,
      question({ person: person({ user: "U0EXTRA", groups: new Set() }) }),
      "allow",
    ],
    [
      "a member without a group only looks",
      policy,
      question({ person: person({ groups: new Set() }) }),
      "operate",
    ],
    ["a member looks", policy, question({ class: "view", person: person({ groups: new Set() }) }), "allow"],
    [
      "nobody outside the set looks",
      { ...policy, view: operators },
      question({ class: "view", person: person({ groups: new Set() }) }),
      "view",
    ],
    ["what destroys needs approval", policy, question({ class: "destructive" }), "needs approval"],
    ["by configuration more does", { ...policy, approvalAlso: ["scale"] }, question(), "needs approval"],
    [
      "no approvers, nothing destroyed",
      { ...policy, approve: null },
      question({ class: "destructive" }),
      "no_approvers",
    ],
    ["no operators, read-only", { ...policy, operate: null }, question(), "read_only"],
    ["no operators, still looked at", { ...policy, operate: null }, question({ class: "view" }), "allow"],
    ["a guest", policy, question({ person: person({ guest: true }) }), "outside"],
    ["an outsider", policy, question({ person: person({ outsider: true }) }), "outside"],
    ["a deactivated account", policy, question({ person: person({ deactivated: true }) }), "outside"],
    ["a bot", policy, question({ person: person({ bot: true }) }), "outside"],
    [
      "somebody Slack does not call a member",
      policy,
      question({ person: person({ member: false }) }),
      "outside",
    ],
    [
      "a channel shared with others",
      policy,
      question({ channel: { id: "C0ELSE", externallyShared: true } }),
      "external_channel",
    ],
    [
      "a shared channel that is configured",
      policy,
      question({ channel: { id: "C0SHARED", externallyShared: true } }),
      "allow",
    ],
    [
      "a cluster without changes",
      policy,
      question({ cluster: cluster({ changes: false }) }),
      "cluster_read_only",
    ],
    [
      "a cluster that looks operator-managed",
      policy,
      question({ cluster: cluster({ operatorManaged: "web-cancel is off" }) }),
      "operator_managed",
    ],
    [
      "the same, the file says otherwise",
      policy,
      question({ cluster: cluster({ operatorManaged: "x", managedBy: "none" }) }),
      "allow",
    ],
    [
      "the same, by the file",
      policy,
      question({ cluster: cluster({ managedBy: "operator" }) }),
      "operator_managed",
    ],
    [
      "what leaves the resource alone",
      policy,
      question({ fitForManaged: true, cluster: cluster({ managedBy: "operator" }) }),
      "allow",
    ],
  ])("%s", (_, rules, asked, expected) => {
    const decision = decide(rules, asked);
    expect(decision.is === "refuse" ? decision.rule : decision.is).toBe(expected);
  });

  it("says who may", () => {
    const decision = decide(policy, question({ person: person({ groups: new Set() }) }));
    expect(decision.is === "refuse" && plain(decision.reason)).toContain("@S0OPS");
  });
});

describe("mayVote", () => {
  const ben = person({ user: "U0BEN", groups: new Set(["S0APPROVE"]) });
  it.each<[string, Policy, Person, string | null]>([
    ["an approver", policy, ben, null],
    ["the requester, also an approver", policy, { ...ben, user: "U0ANA" }, "somebody else"],
    ["an operator", policy, person({ user: "U0CEM" }), "may not approve"],
    ["a guest in the group", policy, { ...ben, guest: true }, "Guests"],
    ["an outsider", policy, { ...ben, outsider: true }, "another organisation"],
    ["nobody is configured", { ...policy, approve: null }, ben, "No approvers"],
  ])("%s", (_, rules, who, words) => {
    const refused = mayVote(rules, who, "U0ANA");
    if (words === null) expect(refused).toBeNull();
    else expect(plain(refused ?? "")).toContain(words);
  });
});
