import fc from "fast-check";
import { expect, test } from "vitest";
import { voteRefusal } from "../../src/policy/approval.ts";
import { type Decision, decide } from "../../src/policy/decide.ts";
import type { Person } from "../../src/policy/person.ts";
import type { PeopleSet } from "../../src/policy/policy.ts";
import type { Question } from "../../src/policy/question.ts";
import { aPolicy, ONE_APPROVER, type SimpleForm } from "../fakes/policy.ts";

const USERS = ["U0ANA", "U0BEN", "U0CEM"];
const GROUPS = ["S0OPS", "S0APPROVE"];
const OPERATIONS = ["status", "scale", "stop"];
const CHANNELS = ["C1", "C2"];

const set: fc.Arbitrary<PeopleSet> = fc.record({
  groups: fc.subarray(GROUPS),
  users: fc.subarray(USERS),
});
const policies: fc.Arbitrary<SimpleForm> = fc.record({
  view: fc.option(set, { nil: null }),
  operate: fc.option(set, { nil: null }),
  approve: fc.option(set, { nil: null }),
  approvalAlso: fc.subarray(OPERATIONS),
  externalChannels: fc.subarray(CHANNELS),
});
const rarely = fc.constantFrom(false, false, false, true);
const people: fc.Arbitrary<Person> = fc
  .record({
    user: fc.constantFrom(...USERS),
    deactivated: rarely,
    bot: rarely,
    guest: rarely,
    outsider: fc.constantFrom(null, null, null, "workspace" as const, "organization" as const),
    unknown: fc.constantFrom(null, null, null, "was deleted"),
    groups: fc.subarray(GROUPS).map((all) => new Set(all)),
    unreadable: fc.constantFrom<readonly string[]>([], [], GROUPS.slice(0, 1), GROUPS),
  })
  .map((p) => ({
    ...p,
    team: "T1",
    displayName: p.user,
    // whether they are in a group that cannot be read is not known
    groups: new Set([...p.groups].filter((g) => !p.unreadable.includes(g))),
    unreadable: new Map(p.unreadable.map((g) => [g, "cannot be read"])),
    member: !p.deactivated && !p.bot && !p.guest && p.outsider === null,
  }));
const questions: fc.Arbitrary<Question> = fc.record({
  operation: fc.constantFrom(...OPERATIONS),
  class: fc.constantFrom("view", "operate", "destructive"),
  readsOnly: fc.boolean(),
  fitForManaged: fc.boolean(),
  fitForBreakGlass: fc.boolean(),
  breakGlass: fc.constant(false),
  person: people,
  channel: fc.record({
    id: fc.constantFrom(...CHANNELS),
    externallyShared: fc.boolean(),
    unreadable: fc.constantFrom(null, null, null, "cannot be read"),
  }),
  cluster: fc.option(
    fc.record({
      name: fc.constant("prod"),
      changes: fc.boolean(),
      operatorManaged: fc.constantFrom(null, null, "an annotation"),
      managedBy: fc.constantFrom(null, "none" as const, "operator" as const),
    }),
    { nil: null },
  ),
  jobs: fc.constantFrom([], [{ name: "orders", labels: {} }]),
  change: fc.constant({}),
  now: fc.constant(0),
});

const mayNotVote = (form: SimpleForm, person: Person, requester: string) =>
  voteRefusal(aPolicy(form), ONE_APPROVER, { person, requester });

type Asked = [policy: SimpleForm, question: Question];
const without = <T>(all: readonly T[], one: T): T[] => all.filter((x) => x !== one);
const less = (s: PeopleSet | null, user: string, group: string): PeopleSet | null =>
  s === null ? null : { groups: without(s.groups, group), users: without(s.users, user) };
const cluster = (q: Question, change: Partial<NonNullable<Question["cluster"]>>): Question =>
  q.cluster === null ? q : { ...q, cluster: { ...q.cluster, ...change } };
const who = (q: Question, change: Partial<Person>): Question => ({
  ...q,
  person: { ...q.person, member: false, ...change },
});

/** Each takes something away from somebody, or asks for something more. */
const RESTRICTIONS: Readonly<
  Record<string, (p: SimpleForm, q: Question, user: string, group: string) => Asked>
> = {
  "fewer may look": (p, q, u, g) => [{ ...p, view: less(p.view, u, g) ?? { groups: [g], users: [u] } }, q],
  "fewer may change": (p, q, u, g) => [{ ...p, operate: less(p.operate, u, g) }, q],
  "nobody may change": (p, q) => [{ ...p, operate: null }, q],
  "fewer may approve": (p, q, u, g) => [{ ...p, approve: less(p.approve, u, g) }, q],
  "nobody may approve": (p, q) => [{ ...p, approve: null }, q],
  "it needs approval": (p, q) => [{ ...p, approvalAlso: [...p.approvalAlso, q.operation] }, q],
  "it destroys": (p, q) => [p, q.class === "view" ? q : { ...q, class: "destructive" }],
  "another organisation listens": (p, q) => [p, { ...q, channel: { ...q.channel, externallyShared: true } }],
  "no channel for others": (p, q) => [{ ...p, externalChannels: [] }, q],
  "the cluster is read-only": (p, q) => [p, cluster(q, { changes: false })],
  "an operator manages it": (p, q) => [p, cluster(q, { managedBy: "operator" })],
  "it changes something": (p, q) => [p, { ...q, readsOnly: false }],
  "it does not fit that": (p, q) => [p, { ...q, fitForManaged: false }],
  "out of a group": (p, q, _u, g) => [
    p,
    { ...q, person: { ...q.person, groups: new Set(without([...q.person.groups], g)) } },
  ],
  "a group that cannot be read": (p, q, _u, g) => [
    p,
    {
      ...q,
      person: {
        ...q.person,
        groups: new Set(without([...q.person.groups], g)),
        unreadable: new Map([...q.person.unreadable, [g, "cannot be read"]]),
      },
    },
  ],
  "a channel that cannot be read": (p, q) => [p, { ...q, channel: { ...q.channel, unreadable: "is gone" } }],
  "somebody whom Slack does not know": (p, q) => [p, who(q, { unknown: "is gone" })],
  "a guest": (p, q) => [p, who(q, { guest: true })],
  "a bot": (p, q) => [p, who(q, { bot: true })],
  deactivated: (p, q) => [p, who(q, { deactivated: true })],
  "from another organization": (p, q) => [p, who(q, { outsider: "organization" })],
  "from another workspace": (p, q) => [p, who(q, { outsider: "workspace" })],
};

const RANK: Readonly<Record<Decision["is"], number>> = {
  refuse: 0,
  "needs approval": 1,
  "break glass": 1,
  allow: 2,
};

test.each(Object.entries(RESTRICTIONS))("never allows more: %s", (_name, restrict) => {
  const user = fc.constantFrom(...USERS);
  const group = fc.constantFrom(...GROUPS);
  fc.assert(
    fc.property(policies, questions, user, group, (policy, question, u, g) => {
      const [stricter, harder] = restrict(policy, question, u, g);
      const before = decide(aPolicy(policy), question);
      const after = decide(aPolicy(stricter), harder);
      expect(RANK[after.is]).toBeLessThanOrEqual(RANK[before.is]);
      if (mayNotVote(policy, question.person, "U0OTHER").is === "may not")
        expect(mayNotVote(stricter, harder.person, "U0OTHER").is).toBe("may not");
    }),
    { numRuns: 400 },
  );
});

test("what nobody was given is refused, with its reason", () => {
  const nothing: SimpleForm = {
    view: null,
    operate: null,
    approve: null,
    approvalAlso: [],
    externalChannels: [],
  };
  fc.assert(
    fc.property(questions, (question) => {
      const decision = decide(aPolicy(nothing), question);
      const mayLook =
        question.class === "view" &&
        question.person.member &&
        question.person.unknown === null &&
        question.channel.unreadable === null &&
        !question.channel.externallyShared;
      expect(decision.is).toBe(mayLook ? "allow" : "refuse");
      expect(decision.is === "refuse" ? decision.why : "allowed").not.toBe("");
    }),
  );
});

test("nobody who is not a full member is allowed anything, or counts", () => {
  fc.assert(
    fc.property(policies, questions, (policy, question) => {
      if (question.person.member) return;
      expect(decide(aPolicy(policy), question).is).toBe("refuse");
      expect(mayNotVote(policy, question.person, "U0OTHER").is).toBe("may not");
    }),
    { numRuns: 500 },
  );
});

test("what destroys is never allowed without approval, and nobody approves their own", () => {
  fc.assert(
    fc.property(policies, questions, (policy, question) => {
      expect(decide(aPolicy(policy), { ...question, class: "destructive" }).is).not.toBe("allow");
      expect(mayNotVote(policy, question.person, question.person.user).is).toBe("may not");
    }),
    { numRuns: 500 },
  );
});
