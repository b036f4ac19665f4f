import { describe, expect, it } from "vitest";
import { voteRefusal } from "../../src/policy/approval.ts";
import type { Condition } from "../../src/policy/condition.ts";
import { admit, askGroups, decide, explain } from "../../src/policy/decide.ts";
import type { Person } from "../../src/policy/person.ts";
import type { Question } from "../../src/policy/question.ts";
import { plain } from "../../src/model/text.ts";
import { aMember } from "../fakes/people.ts";
import { aPolicy, ONE_APPROVER, type SimpleForm } from "../fakes/policy.ts";

const operators = { groups: ["S0OPS"], users: ["U0EXTRA"] };
const policy: SimpleForm = {
  view: null,
  operate: operators,
  approve: { groups: ["S0APPROVE"], users: [] },
  approvalAlso: [],
  externalChannels: ["C0SHARED"],
};
const person = (change: Partial<Person> = {}): Person =>
  aMember("U0ANA", { displayName: "Ana", groups: new Set(["S0OPS"]), ...change });
const question = (change: Partial<Question> = {}): Question => ({
  operation: "scale",
  class: "operate",
  readsOnly: false,
  fitForManaged: false,
  fitForBreakGlass: true,
  breakGlass: false,
  person: person(),
  channel: { id: "C0OPS", externallyShared: false, unreadable: null },
  cluster: { name: "prod", changes: true, operatorManaged: null, managedBy: null },
  jobs: [],
  change: {},
  now: 0,
  ...change,
});
const reading = (change: Partial<Question> = {}): Question =>
  question({ operation: "peek", readsOnly: true, ...change });
const gone = (group: string) => new Map([[group, "does not exist in Slack"]]);
const cluster = (change: object) => ({
  name: "prod",
  changes: true,
  operatorManaged: null,
  managedBy: null,
  ...change,
});

describe("decide", () => {
  it.each<[string, SimpleForm, Question, string]>([
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
    [
      "an empty list of approvers is none",
      { ...policy, approve: { groups: [], users: [] } },
      question({ class: "destructive" }),
      "no_approvers",
    ],
    [
      "the only approver asks, and cannot be answered",
      { ...policy, approve: { groups: [], users: [person().user] } },
      question({ class: "destructive" }),
      "no_approvers",
    ],
    ["no key to seal requests with", { ...policy, noChanges: "no key" }, question(), "no_seal"],
    ["no operators, read-only", { ...policy, operate: null }, question(), "read_only"],
    ["no operators, still looked at", { ...policy, operate: null }, question({ class: "view" }), "allow"],
    ["a read for operators, by one", policy, reading(), "allow"],
    ["the same, by anybody else", policy, reading({ person: person({ groups: new Set() }) }), "operate"],
    ["the same, no operators", { ...policy, operate: null }, reading(), "read_only"],
    [
      "the same, of a cluster without changes",
      policy,
      reading({ cluster: cluster({ changes: false }) }),
      "allow",
    ],
    ["the same, no key to seal requests with", { ...policy, noChanges: "no key" }, reading(), "allow"],
    ["a guest", policy, question({ person: person({ guest: true }) }), "outside"],
    ["an outsider", policy, question({ person: person({ outsider: "organization" }) }), "outside"],
    [
      "a colleague in another workspace",
      policy,
      question({ person: person({ outsider: "workspace" }) }),
      "outside",
    ],
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
      question({ channel: { id: "C0ELSE", externallyShared: true, unreadable: null } }),
      "external_channel",
    ],
    [
      "a shared channel that is configured",
      policy,
      question({ channel: { id: "C0SHARED", externallyShared: true, unreadable: null } }),
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
    [
      "a group that cannot be read, and nothing else names the person",
      policy,
      question({ person: person({ groups: new Set(), unreadable: gone("S0OPS") }) }),
      "group_unreadable",
    ],
    [
      "the same, the person is listed by id",
      policy,
      question({ person: person({ user: "U0EXTRA", groups: new Set(), unreadable: gone("S0OPS") }) }),
      "allow",
    ],
    [
      "the same, another group names the person",
      { ...policy, operate: { groups: ["S0GONE", "S0OPS"], users: [] } },
      question({ person: person({ unreadable: gone("S0GONE") }) }),
      "allow",
    ],
    [
      "viewers that cannot be read",
      { ...policy, view: { groups: ["S0GONE"], users: [] } },
      question({ class: "view", person: person({ unreadable: gone("S0GONE") }) }),
      "group_unreadable",
    ],
    [
      "a group that nobody needs for looking",
      policy,
      question({ class: "view", person: person({ groups: new Set(), unreadable: gone("S0OPS") }) }),
      "allow",
    ],
    [
      "approvers that cannot be read, and nobody else could approve",
      policy,
      question({ class: "destructive", person: person({ unreadable: gone("S0APPROVE") }) }),
      "group_unreadable",
    ],
    [
      "the same, somebody is listed by id",
      { ...policy, approve: { groups: ["S0APPROVE"], users: ["U0BEN"] } },
      question({ class: "destructive", person: person({ unreadable: gone("S0APPROVE") }) }),
      "needs approval",
    ],
    [
      "an account that Slack does not tell about",
      policy,
      question({ person: person({ unknown: "cannot be read", member: false }) }),
      "outside",
    ],
    [
      "a channel that Slack does not tell about",
      policy,
      question({ channel: { id: "C0OPS", externallyShared: false, unreadable: "cannot be read" } }),
      "channel_unreadable",
    ],
  ])("%s", (_, rules, asked, expected) => {
    const decision = decide(aPolicy(rules), asked);
    expect(decision.is === "refuse" ? decision.rule : decision.is).toBe(expected);
  });

  it("says which group cannot be read, where it is named, and what to do", () => {
    const asked = question({ person: person({ groups: new Set(), unreadable: gone("S0OPS") }) });
    const decision = decide(aPolicy(policy), asked);
    expect(decision.is === "refuse" && plain(decision.why)).toBe(
      "The user group S0OPS of the configuration (people.operate) does not exist in Slack. Ask the flinkops administrators.",
    );
  });

  it.each<[SimpleForm, string]>([
    [policy, "You are not allowed to use peek. Allowed: @S0OPS, @U0EXTRA."],
    [{ ...policy, operate: null }, "Only operators may use peek, and none are configured (people.operate)."],
  ])("says of a read what may not be used, and by whom it may", (rules, words) => {
    const decision = decide(aPolicy(rules), reading({ person: person({ groups: new Set() }) }));
    expect(decision.is === "refuse" && plain(decision.why)).toBe(words);
  });

  it("says who may", () => {
    const decision = decide(aPolicy(policy), question({ person: person({ groups: new Set() }) }));
    expect(decision.is === "refuse" && plain(decision.why)).toContain("@S0OPS");
  });
});

describe("voteRefusal", () => {
  const ben = person({ user: "U0BEN", groups: new Set(["S0APPROVE"]) });
  it.each<[string, SimpleForm, Person, string | null]>([
    ["an approver", policy, ben, null],
    ["the requester, also an approver", policy, { ...ben, user: "U0ANA" }, "someone else must approve"],
    ["an operator", policy, person({ user: "U0CEM" }), "not allowed to approve"],
    ["a guest in the group", policy, { ...ben, guest: true }, "Guests"],
    ["an outsider", policy, { ...ben, outsider: "organization" }, "another organization"],
    [
      "a colleague in another workspace",
      policy,
      { ...ben, outsider: "workspace" },
      "members of the workspace",
    ],
    ["nobody is configured", { ...policy, approve: null }, ben, "No approvers"],
    [
      "by a group that is gone",
      policy,
      { ...ben, groups: new Set(), unreadable: gone("S0APPROVE") },
      "S0APPROVE",
    ],
    [
      "of whom Slack does not tell",
      policy,
      { ...ben, unknown: "cannot be read" },
      "cannot verify your account",
    ],
  ])("%s", (_, rules, who, words) => {
    const verdict = voteRefusal(aPolicy(rules), ONE_APPROVER, { person: who, requester: "U0ANA" });
    expect(verdict.is).toBe(words === null ? "may" : "may not");
    expect(verdict.is === "may" ? "" : plain(verdict.why)).toContain(words ?? "");
  });
});

describe("admit", () => {
  it.each<[Question["class"], string]>([
    ["view", "view"],
    ["operate", "operate"],
    ["destructive", "destructive"],
  ])("names the rule about the class of the operation, of those that may match: %s", (is, rule) => {
    const stranger = question({ class: is, person: person({ groups: new Set() }) });
    const admitted = admit(aPolicy({ ...policy, view: operators }), stranger);
    expect(admitted.is === "may not" ? admitted.why.rule : "may").toBe(rule);
  });
});

describe("what a decision costs", () => {
  it("asks Slack for the groups of those who may look, where somebody only looks", () => {
    const named = aPolicy({ ...policy, view: { groups: ["S0VIEW"], users: [] } });
    const asked = { operation: "peek", cluster: "prod" };
    expect(askGroups(named, { ...asked, class: "view" }, "U0ANA")).toEqual(["S0VIEW"]);
    expect(askGroups(named, { ...asked, class: "operate" }, "U0ANA")).toEqual(["S0OPS"]);
    expect(askGroups(named, { ...asked, operation: null, class: "destructive" }, "U0ANA")).toEqual(["S0OPS"]);
  });

  it("evaluates no condition after the rule that decides, but to explain the way", () => {
    const { people, rules, ...rest } = aPolicy(policy);
    let evaluated = 0;
    const holds: Condition["holds"] = () => {
      evaluated += 1;
      return { is: "yes" };
    };
    const [deciding] = rules.filter((rule) => rule.name === "operate");
    if (deciding === undefined) throw new Error("operators may change nothing");
    const later = { ...deciding, name: "later", when: { text: "true", holds } };
    const both = { ...rest, people, rules: [deciding, later] };
    expect(decide(both, question()).rule).toBe("operate");
    expect(evaluated).toBe(0);
    expect(explain(both, question()).steps.map((step) => step.is)).toEqual(["decides", "shadowed"]);
  });
});
