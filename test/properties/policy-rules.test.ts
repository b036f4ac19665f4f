import fc from "fast-check";
import { expect, test } from "vitest";
import { fitsGlob } from "../../src/model/catalog.ts";
import type { Askable } from "../../src/policy/askable.ts";
import { compileCondition } from "../../src/policy/condition.ts";
import { decide, explain } from "../../src/policy/decide.ts";
import { membership, united } from "../../src/policy/membership.ts";
import { hashed } from "../../src/policy/hash.ts";
import type { BreakGlassRule, Match, Policy, Rule } from "../../src/policy/policy.ts";
import type { Question } from "../../src/policy/question.ts";
import { shadowed } from "../../src/policy/shadowed.ts";
import { aMember } from "../fakes/people.ts";

const CLUSTERS = ["prod-a", "prod-b", "dev"];
const ASKABLE: readonly Askable[] = [
  { name: "peek", classes: ["view"], onCluster: "always", is: "read", fitForBreakGlass: false },
  { name: "index", classes: ["view"], onCluster: "never", is: "read", fitForBreakGlass: false },
  { name: "details", classes: ["view"], onCluster: "sometimes", is: "read", fitForBreakGlass: false },
  {
    name: "grow",
    classes: ["operate", "destructive"],
    onCluster: "always",
    is: "change",
    fitForBreakGlass: true,
  },
  {
    name: "begin",
    classes: ["operate", "destructive"],
    onCluster: "always",
    is: "change",
    fitForBreakGlass: false,
  },
  { name: "end", classes: ["destructive"], onCluster: "always", is: "change", fitForBreakGlass: true },
];
const CHANNELS = ["C01", "C02", "C03"];
const JOBS = ["orders", "orders-eu", "billing", "", "a\nb"];
const PEOPLE = {
  operators: { groups: ["S01"], users: [] },
  leads: { groups: ["S02"], users: ["U01"] },
  few: { groups: [], users: ["U02", "U03"] },
  lone: { groups: [], users: ["U02"] },
};
const SETS = Object.keys(PEOPLE);

const some = <T>(all: readonly T[]) => fc.subarray([...all], { minLength: 1 });
const maybe = <T>(one: fc.Arbitrary<T>) => fc.option(one, { nil: undefined });
const without = <T extends object>(value: T): T =>
  Object.fromEntries(Object.entries(value).filter(([, v]) => v !== undefined)) as T;

const matches: fc.Arbitrary<Match> = fc
  .record({
    clusters: maybe(some(["prod-*", "*", "dev", "prod-a", "*-b"])),
    jobs: maybe(some(["*", "orders*", "orders-*", "billing", "*ng"])),
    operations: maybe(some(ASKABLE.map((one) => one.name))),
    classes: maybe(some(["view", "operate", "destructive"] as const)),
    channels: maybe(some(CHANNELS.slice(0, 2))),
  })
  .map((match) => without(match) as Match);

const CONDITIONS = ["change.drain", "has(change.parallelism)", 'has(job.name) && job.name == "orders"'].map(
  (text) => compileCondition(text).condition ?? null,
);
const verdicts: fc.Arbitrary<Rule["verdict"]> = fc.oneof(
  fc.constant({ is: "allow" as const }),
  fc.constant({ is: "refuse" as const, why: "no" }),
  fc.record({
    is: fc.constant("approve" as const),
    from: fc.array(fc.record({ from: some(SETS), count: fc.integer({ min: 1, max: 2 }) }), {
      minLength: 1,
      maxLength: 2,
    }),
    within: fc.constant(null),
    remind: fc.constant(null),
    escalate: fc.constant(null),
  }),
);
const rules = (least = 0, prefix = "r"): fc.Arbitrary<readonly Rule[]> =>
  fc
    .array(
      fc.record({
        match: matches,
        when: fc.oneof({ weight: 3, arbitrary: fc.constant(null) }, fc.constantFrom(...CONDITIONS)),
        ask: fc.option(some(SETS), { nil: null }),
        verdict: verdicts,
      }),
      { minLength: least, maxLength: 6 },
    )
    .map((all) => all.map((rule, i) => ({ name: `${prefix}${i}`, ...rule })));

const glass: fc.Arbitrary<readonly BreakGlassRule[]> = fc
  .array(
    fc.record({
      // also operations that it is never for, which no file can name
      match: fc.record({
        operations: some(ASKABLE.map((one) => one.name)),
        clusters: some(["prod-*", "dev"]),
      }),
      people: some(SETS),
      review: fc.oneof(some(SETS), fc.constant(["lone"])),
      announce: fc.constant(null),
    }),
    { minLength: 1, maxLength: 3 },
  )
  .map((all) => all.map((rule, i) => ({ name: `g${i}`, ...rule })));

const policyOf = (all: readonly Rule[], breakGlass: readonly BreakGlassRule[] = []): Policy =>
  hashed({
    form: "rules",
    people: PEOPLE,
    same: [],
    rules: all,
    freezes: [],
    breakGlass,
    devClusters: ["dev"],
    externalChannels: [],
  });

const questions: fc.Arbitrary<Question> = fc
  .record({
    asked: fc.constantFrom(...ASKABLE.flatMap((one) => one.classes.map((is) => ({ one, is })))),
    cluster: fc.constantFrom(...CLUSTERS),
    onNone: fc.boolean(),
    groups: fc.subarray(["S01", "S02"]),
    user: fc.constantFrom("U01", "U02", "U03", "U04"),
    channel: fc.constantFrom(...CHANNELS),
    jobs: fc.subarray(JOBS),
    drain: fc.option(fc.boolean(), { nil: undefined }),
  })
  .map(({ asked: { one, is }, cluster, onNone, groups, user, channel, jobs, drain }) => ({
    operation: one.name,
    class: is,
    readsOnly: one.is === "read",
    fitForManaged: true,
    fitForBreakGlass: one.fitForBreakGlass,
    breakGlass: false,
    person: aMember(user, { groups: new Set(groups) }),
    channel: { id: channel, externallyShared: false, unreadable: null },
    cluster:
      one.onCluster === "never" || (one.onCluster === "sometimes" && onNone)
        ? null
        : { name: cluster, changes: true, operatorManaged: null, managedBy: null },
    jobs: jobs.map((name) => ({ name, labels: {} })),
    change: drain === undefined ? {} : { drain },
    now: 0,
  }));

test("what is explained is what is decided, by the first rule of the way that matches", () => {
  fc.assert(
    fc.property(rules(), questions, (all, question) => {
      const policy = policyOf(all);
      const { decision, steps } = explain(policy, question);
      expect(decision).toEqual(decide(policy, question));
      expect(steps.map((s) => s.rule)).toEqual(all.map((r) => r.name));
      const deciding = steps.filter((s) => s.is === "decides");
      expect(deciding.length).toBeLessThan(2);
      const before = steps.slice(0, steps.findIndex((s) => s.is === "decides") + 1);
      expect(before.filter((s) => s.is === "shadowed")).toEqual([]);
    }),
    { numRuns: 500 },
  );
});

test("rules that are appended never change what an earlier one decides", () => {
  fc.assert(
    fc.property(rules(1), rules(1, "later"), questions, (all, later, question) => {
      const one = { ...question, jobs: question.jobs.slice(0, 1) };
      const { decision, steps } = explain(policyOf(all), one);
      fc.pre(steps.some((s) => s.is === "decides"));
      expect(decide(policyOf([...all, ...later]), one)).toEqual(decision);
    }),
    { numRuns: 500 },
  );
});

test("a rule that is called unreachable never decides, and others can", () => {
  let met = 0;
  fc.assert(
    fc.property(rules(2), fc.array(questions, { minLength: 20, maxLength: 20 }), (all, asked) => {
      const never = new Set(shadowed(all, { clusters: CLUSTERS, askable: ASKABLE }).map((s) => s.rule));
      met += never.size;
      const policy = policyOf(all);
      for (const question of asked)
        for (const job of question.jobs.length === 0 ? [[]] : question.jobs.map((j) => [j])) {
          const { steps } = explain(policy, { ...question, jobs: job });
          const decides = steps.find((s) => s.is === "decides")?.rule;
          expect(never.has(decides ?? "")).toBe(false);
        }
      // without the rules that never decide, everything is decided alike
      const left = policyOf(all.filter((r) => !never.has(r.name)));
      for (const question of asked) expect(decide(left, question)).toEqual(decide(policy, question));
    }),
    { numRuns: 300 },
  );
  expect(met).toBeGreaterThan(20);
});

const always: Policy["freezes"] = [
  { name: "f", clusters: null, except: [], why: null, window: { is: "once", from: 0, until: 1 } },
];
const maybeFrozen = fc.constantFrom(always, []);

test("break-glass that nobody asks for changes no decision", () => {
  fc.assert(
    fc.property(rules(), glass, maybeFrozen, questions, (all, breakGlass, freezes, question) => {
      const without = { ...policyOf(all), freezes };
      const decision = decide({ ...policyOf(all, breakGlass), freezes }, question);
      expect(decision).toEqual(decide(without, question));
      expect(decision.is).not.toBe("break glass");
    }),
    { numRuns: 500 },
  );
});

test("break-glass is used where it is needed alone, by those whom its rule names, and others can review it", () => {
  let used = 0;
  fc.assert(
    fc.property(rules(1), glass, maybeFrozen, questions, (all, breakGlass, freezes, question) => {
      const policy = { ...policyOf(all, breakGlass), freezes };
      const one = { ...question, jobs: question.jobs.slice(0, 1) };
      const plainly = decide(policy, one);
      const decision = decide(policy, { ...one, breakGlass: true });
      if (plainly.is === "allow") expect(decision).toEqual(plainly);
      if (decision.is !== "break glass") return;
      used += 1;
      const rule = breakGlass.find(
        ({ match }) =>
          match.operations?.includes(one.operation) &&
          match.clusters?.some((glob) => fitsGlob(one.cluster?.name ?? "", glob)),
      );
      expect(decision.rule).toBe(`break-glass ${rule?.name}`);
      expect(membership(policy, one.person, rule?.people ?? []).is).toBe("in");
      expect(one.jobs.length).toBe(1);
      const named = united(policy, decision.review);
      expect(named.groups.length + named.users.filter((user) => user !== one.person.user).length).not.toBe(0);
    }),
    { numRuns: 2000 },
  );
  expect(used).toBeGreaterThan(20);
});

test("break-glass never passes a rule that refuses, a guard, or more than one job", () => {
  const guards: readonly ((policy: Policy, q: Question) => [Policy, Question])[] = [
    (policy, q) => [policy, { ...q, cluster: q.cluster && { ...q.cluster, changes: false } }],
    (policy, q) => [
      policy,
      { ...q, fitForManaged: false, cluster: q.cluster && { ...q.cluster, managedBy: "operator" } },
    ],
    (policy, q) => [{ ...policy, noChanges: "no key" }, q],
    (policy, q) => [{ ...policy, nothingDestructive: "not loaded" }, q],
    (policy, q) => [policy, { ...q, fitForBreakGlass: false }],
    (policy, q) => [policy, { ...q, change: { ...q.change, jobs: ["orders"] } }],
    (policy, q) => [policy, { ...q, jobs: JOBS.map((name) => ({ name, labels: {} })) }],
    (policy, q) => [policy, { ...q, person: { ...q.person, guest: true } }],
    (policy, q) => [
      { ...policy, rules: policy.rules.map((rule) => ({ ...rule, verdict: { is: "refuse", why: "no" } })) },
      q,
    ],
  ];
  fc.assert(
    fc.property(
      rules(1),
      glass,
      questions,
      fc.constantFrom(...guards),
      (all, breakGlass, question, guard) => {
        const [policy, asked] = guard({ ...policyOf(all, breakGlass), freezes: always }, question);
        const decision = decide(policy, { ...asked, breakGlass: true });
        expect(decision.is).not.toBe("break glass");
        if (asked.class !== "view" && !asked.readsOnly) expect(decision.is).toBe("refuse");
      },
    ),
    { numRuns: 2000 },
  );
});
