import { describe, expect, it } from "vitest";
import { plain } from "../../src/model/text.ts";
import { reviewRefusal } from "../../src/policy/approval.ts";
import { admit, allAskGroups, askGroups, type Decision, decide, explain } from "../../src/policy/decide.ts";
import { hashed } from "../../src/policy/hash.ts";
import type { Person } from "../../src/policy/person.ts";
import type { BreakGlassRule, Policy, Rule } from "../../src/policy/policy.ts";
import type { Question } from "../../src/policy/question.ts";
import { aMember } from "../fakes/people.ts";
import { asking } from "../fakes/policy.ts";

const PEOPLE = {
  operate: { groups: ["S0OPS"], users: [] },
  leads: { groups: [], users: ["U0LEAD"] },
  oncall: { groups: ["S0CALL"], users: ["U0ANA"] },
  review: { groups: [], users: ["U0REV", "U0ANA"] },
};
const brakes: BreakGlassRule = {
  name: "brakes",
  match: { operations: ["end", "grow"], clusters: ["prod-*"] },
  people: ["oncall"],
  review: ["review"],
  announce: "C0ALARM",
};
const refusing: Rule = {
  name: "never",
  match: { jobs: ["ledger"] },
  when: null,
  ask: null,
  verdict: { is: "refuse", why: "Ask the bank." },
};
const free: Rule = {
  name: "free",
  match: { operations: ["grow"] },
  when: null,
  ask: ["operate"],
  verdict: { is: "allow" },
};
const policyOf = (change: Partial<Policy> = {}): Policy => ({
  ...asking([{ from: ["leads"], count: 1 }], {
    people: PEOPLE,
    rules: [refusing, free],
    breakGlass: [brakes],
  }),
  ...change,
});
const ana = (change: Partial<Person> = {}) => aMember("U0ANA", { groups: new Set(["S0OPS"]), ...change });
const question = (change: Partial<Question> = {}): Question => ({
  operation: "end",
  class: "destructive",
  readsOnly: false,
  fitForManaged: false,
  fitForBreakGlass: true,
  breakGlass: true,
  person: ana(),
  channel: { id: "C0OPS", externallyShared: false, unreadable: null },
  cluster: { name: "prod-a", changes: true, operatorManaged: null, managedBy: null },
  jobs: [{ name: "orders", labels: {} }],
  change: {},
  now: 1000,
  ...change,
});
const cluster = (change: object) => ({
  name: "prod-a",
  changes: true,
  operatorManaged: null,
  managedBy: null,
  ...change,
});
const grow = (change: Partial<Question> = {}) => question({ operation: "grow", class: "operate", ...change });
const frozen: Partial<Policy> = {
  freezes: [
    { name: "may", clusters: null, except: [], why: null, window: { is: "once", from: 0, until: 2000 } },
  ],
};
const stranger = ana({ user: "U0CALL", groups: new Set(["S0CALL"]) });
const gone = new Map([["S0CALL", "does not exist in Slack"]]);
const BROKEN = "break-glass brakes";

const told = (decision: Decision): string => `${decision.is}: ${plain(decision.why)}`;

describe("break-glass", () => {
  it.each<[string, Partial<Policy>, Question, Decision["is"], string]>([
    ["passes an approval", {}, question(), "break glass", BROKEN],
    ["passes a freeze", frozen, grow(), "break glass", BROKEN],
    ["lets a person ask whom the rule does not", {}, question({ person: stranger }), "break glass", BROKEN],
    [
      "passes an approval that nobody could give",
      { people: { ...PEOPLE, leads: { groups: [], users: [] } } },
      question(),
      "break glass",
      BROKEN,
    ],
    ["is not needed where the rule allows it", {}, grow(), "allow", "free"],
    [
      "is not needed for a read",
      frozen,
      question({ operation: "peek", class: "view", readsOnly: true }),
      "allow",
      "default",
    ],
    [
      "does not help with a read",
      {},
      question({ class: "operate", readsOnly: true, person: stranger }),
      "refuse",
      "changes",
    ],
    [
      "does not pass a rule that refuses",
      {},
      question({ jobs: [{ name: "ledger", labels: {} }] }),
      "refuse",
      "never",
    ],
    [
      "does not pass a read-only cluster",
      {},
      question({ cluster: cluster({ changes: false }) }),
      "refuse",
      "cluster_read_only",
    ],
    [
      "does not pass the operator",
      {},
      question({ cluster: cluster({ managedBy: "operator" }) }),
      "refuse",
      "operator_managed",
    ],
    ["does not pass a missing seal", { noChanges: "No key." }, question(), "refuse", "no_seal"],
    [
      "does not pass a policy that was not loaded",
      { nothingDestructive: "Broken." },
      question(),
      "refuse",
      "not_loaded",
    ],
    [
      "nor for what is not destructive",
      { ...frozen, nothingDestructive: "Broken." },
      grow(),
      "refuse",
      "not_loaded",
    ],
    ["but that does not stop what needs none", { nothingDestructive: "Broken." }, grow(), "allow", "free"],
    ["is not for guests", {}, question({ person: ana({ guest: true }) }), "refuse", "outside"],
    [
      "is not for shared channels",
      {},
      question({ channel: { id: "C0OPS", externallyShared: true, unreadable: null } }),
      "refuse",
      "external_channel",
    ],
    [
      "is not for people whom its rule does not name",
      {},
      question({ person: ana({ user: "U0BEN" }) }),
      "refuse",
      BROKEN,
    ],
    [
      "is not for people of whom Slack does not tell it",
      {},
      question({ person: ana({ user: "U0BEN", unreadable: gone }) }),
      "refuse",
      "group_unreadable",
    ],
    [
      "is not for other clusters",
      {},
      question({ cluster: cluster({ name: "dev" }) }),
      "refuse",
      "break_glass",
    ],
    ["is not for other operations", {}, question({ operation: "move" }), "refuse", "break_glass"],
    ["is never for some operations", {}, question({ fitForBreakGlass: false }), "refuse", "break_glass"],
    ["is not there without rules for it", { breakGlass: [] }, question(), "refuse", "break_glass"],
    [
      "does not start code that is in no catalog",
      {},
      question({ change: { catalogued: false } }),
      "refuse",
      BROKEN,
    ],
    ["starts code of the catalog", {}, question({ change: { catalogued: true } }), "break glass", BROKEN],
    [
      "is not for two jobs",
      {},
      question({ jobs: ["a", "b"].map((name) => ({ name, labels: {} })) }),
      "refuse",
      "break_glass",
    ],
    ["is not for a list of one job", {}, question({ change: { jobs: ["orders"] } }), "refuse", "break_glass"],
    [
      "is not for a list, even if each job is allowed",
      {},
      grow({ change: { jobs: ["orders"] } }),
      "refuse",
      "break_glass",
    ],
    ["is not for a cluster", {}, question({ jobs: [] }), "refuse", BROKEN],
    [
      "needs another person for the review",
      { people: { ...PEOPLE, review: { groups: [], users: ["U0ANA"] } } },
      question(),
      "refuse",
      "no_reviewers",
    ],
    [
      "to whom a second account does not count",
      { same: [["U0ANA", "U0REV"]] },
      question(),
      "refuse",
      "no_reviewers",
    ],
    [
      "nor a group that Slack does not tell",
      { people: { ...PEOPLE, review: { groups: ["S0CALL"], users: [] } } },
      question({ person: ana({ unreadable: gone }) }),
      "refuse",
      "group_unreadable",
    ],
    ["does not help where no rule matches", { rules: [] }, question(), "refuse", "default"],
  ])("%s", (_, change, asked, is, rule) => {
    const decision = decide(policyOf(change), asked);
    expect({ is: decision.is, rule: decision.rule }).toEqual({ is, rule });
  });

  it("says what it passes, who reviews it, and where it is announced", () => {
    const decision = decide(policyOf(), question());
    expect(decision).toMatchObject({ review: ["review"], announce: "C0ALARM" });
    expect(told(decision)).toBe(
      "break glass: Break-glass rule brakes lets you start it without approval. Without it: Rule changes asks for the approval of 1 of leads.",
    );
  });

  it.each<[string, Partial<Policy>, Question, string]>([
    [
      "who may",
      {},
      question({ person: ana({ user: "U0BEN" }) }),
      "You are not allowed to use break-glass for end on prod-a. Allowed: @S0CALL, @U0ANA. Without it: Rule changes asks",
    ],
    [
      "that nobody may",
      {},
      question({ operation: "move" }),
      "Nobody may use break-glass for move on prod-a. Without it:",
    ],
    [
      "what it is never for",
      {},
      question({ fitForBreakGlass: false }),
      "Break-glass is never for end. Without it:",
    ],
    [
      "that it does not pass a refusal",
      {},
      question({ jobs: [{ name: "ledger", labels: {} }] }),
      "Ask the bank. Break-glass does not pass rule never.",
    ],
    [
      "why the policy is in the way",
      { ...frozen, nothingDestructive: "It is broken." },
      grow(),
      "Break-glass is not available: It is broken.",
    ],
    [
      "that nobody could review it",
      { same: [["U0ANA", "U0REV"]] },
      question(),
      "Break-glass needs another person's review afterwards, and you are the only reviewer (people.review).",
    ],
    ["what it is for", {}, question({ change: { jobs: ["a"] } }), "Break-glass is for one job."],
  ])("says %s", (_, change, asked, words) => {
    expect(plain(decide(policyOf(change), asked).why)).toContain(words);
  });

  it("is decided by the first rule that matches, whoever asks", () => {
    const first = { ...brakes, name: "few", match: { operations: ["end"] }, people: ["leads"] };
    const policy = policyOf({ breakGlass: [first, brakes] });
    expect(decide(policy, question()).rule).toBe("break-glass few");
    const { steps } = explain(policy, question());
    expect(steps.slice(-2)).toEqual([
      { rule: "break-glass few", is: "decides", why: "it matches" },
      { rule: BROKEN, is: "shadowed", why: "it matches" },
    ]);
    const elsewhere = explain(policyOf(), question({ operation: "move" })).steps.at(-1);
    expect(elsewhere).toEqual({ rule: BROKEN, is: "no match", why: "operations: end, grow, not move" });
  });

  it("is on the way only where it was needed", () => {
    for (const asked of [
      grow(),
      question({ breakGlass: false }),
      question({ jobs: [{ name: "ledger", labels: {} }] }),
    ])
      expect(explain(policyOf(), asked).steps.map((s) => s.rule)).not.toContain(BROKEN);
  });

  it("is part of the policy's hash", () => {
    const hashes = [[], [brakes], [{ ...brakes, announce: null }], [{ ...brakes, review: ["leads"] }]].map(
      (breakGlass) => hashed(policyOf({ breakGlass })).hash,
    );
    expect(new Set(hashes).size).toBe(4);
  });
});

describe("admit", () => {
  it.each<[string, Question, string]>([
    ["a person who has only break-glass", question({ person: stranger }), "may"],
    ["not without asking for it", question({ person: stranger, breakGlass: false }), "changes"],
    ["not elsewhere", question({ person: stranger, cluster: cluster({ name: "dev" }) }), "break_glass"],
    ["nobody whom it does not name", question({ person: aMember("U0BEN") }), BROKEN],
    [
      "nobody to a read-only cluster",
      question({ person: stranger, cluster: cluster({ changes: false }) }),
      "cluster_read_only",
    ],
    ["not for what it is never for", question({ person: stranger, fitForBreakGlass: false }), "break_glass"],
    [
      "an operator without break-glass, for what may be allowed",
      grow({ person: ana({ user: "U0BEN" }) }),
      "may",
    ],
    [
      "not where Slack does not tell",
      question({ person: aMember("U0BEN", { unreadable: gone }) }),
      "group_unreadable",
    ],
  ])("%s", (_, asked, expected) => {
    const rules = policyOf().rules.filter((rule) => rule !== refusing);
    const verdict = admit(policyOf({ rules }), asked);
    expect(verdict.is === "may" ? "may" : verdict.why.rule).toBe(expected);
  });

  it("needs the groups of those who may use break-glass, where it is asked with it", () => {
    const asked = { operation: "end", class: "destructive", cluster: "prod-a", breakGlass: true } as const;
    expect(askGroups(policyOf(), asked, "U0BEN")).toEqual(["S0OPS", "S0CALL"]);
    expect(askGroups(policyOf(), asked, "U0ANA")).toEqual(["S0OPS"]);
    expect(askGroups(policyOf(), { ...asked, cluster: "dev" }, "U0BEN")).toEqual(["S0OPS"]);
    expect(askGroups(policyOf(), { ...asked, breakGlass: false }, "U0BEN")).toEqual(["S0OPS"]);
    expect(allAskGroups(policyOf(), "U0BEN")).toEqual(["S0OPS"]);
  });
});

describe("reviewRefusal", () => {
  it.each<[string, Person, string | null]>([
    ["another person", aMember("U0REV"), null],
    ["the requester", ana(), "You requested this, so someone else must review it."],
    ["their other account", aMember("U0ANA2"), "your other account @U0ANA, so someone else must review it."],
    ["somebody else", aMember("U0BEN"), "You are not allowed to review this. Allowed: @U0REV, @U0ANA."],
    ["a guest", aMember("U0REV", { guest: true }), "Guests may not use flinkops."],
  ])("%s", (_, person, words) => {
    const policy = policyOf({ same: [["U0ANA", "U0ANA2"]] });
    const verdict = reviewRefusal(policy, ["review"], { person, requester: "U0ANA" });
    expect(verdict.is === "may" ? null : plain(verdict.why)).toEqual(
      words === null ? null : expect.stringContaining(words),
    );
  });

  it("says that the sets are empty", () => {
    const verdict = reviewRefusal(policyOf(), ["none"], { person: aMember("U0REV"), requester: "U0ANA" });
    expect(verdict).toEqual({ is: "may not", why: "No reviewers are configured." });
  });
});
