import { describe, expect, it } from "vitest";
import { operations } from "../../src/operations/index.ts";
import { askable } from "../../src/policy/askable.ts";
import { admit, decide } from "../../src/policy/decide.ts";
import type { Policy, Rule } from "../../src/policy/policy.ts";
import type { Question } from "../../src/policy/question.ts";
import { shadowed } from "../../src/policy/shadowed.ts";
import { aMember } from "../fakes/people.ts";
import { aPolicy, asking } from "../fakes/policy.ts";

const operate = { groups: [], users: ["U0ANA"] };
const approve = { groups: [], users: ["U0BEN"] };

const asks = (user: string, over: Partial<Question> = {}): Question => ({
  operation: "lock",
  class: "lock",
  readsOnly: false,
  fitForManaged: true,
  fitForBreakGlass: false,
  breakGlass: false,
  person: aMember(user),
  channel: { id: "C1", externallyShared: false, unreadable: null },
  cluster: { name: "prod", changes: true, operatorManaged: null, managedBy: null },
  jobs: [{ name: "orders", labels: {} }],
  change: {},
  now: 0,
  ...over,
});
const decided = (policy: Policy, q: Question): string => {
  const { is, rule } = decide(policy, q);
  return `${is} ${rule}`;
};

describe("in the simple form", () => {
  const policy = aPolicy({ operate, approve });

  it("operators and approvers lock and unlock", () => {
    const unlocks = (user: string) => decided(policy, asks(user, { operation: "unlock" }));
    for (const user of ["U0ANA", "U0BEN"]) {
      expect(decided(policy, asks(user))).toBe("allow lock");
      expect(unlocks(user)).toBe("allow lock");
    }
    expect(decided(policy, asks("U0DORA"))).toBe("refuse lock");
    expect(unlocks("U0DORA")).toBe("refuse lock");
  });

  it("operators unlock where there are no approvers, and nobody locks where there are no operators", () => {
    expect(decided(aPolicy({ operate }), asks("U0ANA", { operation: "unlock" }))).toBe("allow lock");
    expect(decided(aPolicy({ approve }), asks("U0BEN"))).toBe("refuse read_only");
  });

  it("a lock is no change: a cluster without changes, a freeze and a missing seal do not stop it", () => {
    const cluster = { name: "prod", changes: false, operatorManaged: "configured", managedBy: null };
    expect(decided({ ...policy, noChanges: "no key" }, asks("U0ANA", { cluster }))).toBe("allow lock");
  });
});

const rule = (match: Rule["match"], verdict: Rule["verdict"] = { is: "allow" }): Rule => ({
  name: "locks",
  match,
  when: null,
  ask: ["operate"],
  verdict,
});
const ruled = (...rules: readonly Rule[]): Policy =>
  asking([{ from: ["approve"], count: 1 }], { people: { operate, approve }, rules });

describe("in the full form", () => {
  it("nobody locks where no rule is about it", () => {
    expect(decided(ruled(), asks("U0ANA"))).toBe("refuse default");
  });

  it("a rule that asks for approval allows it to those whom it lets ask", () => {
    const [changes] = ruled().rules;
    const policy = ruled(rule({ classes: ["lock", "operate"] }, changes?.verdict));
    expect(decided(policy, asks("U0ANA"))).toBe("allow locks");
    expect(decided(policy, asks("U0ANA", { operation: "scale", class: "operate" }))).toBe(
      "needs approval locks",
    );
    expect(decided(policy, asks("U0BEN"))).toBe("refuse locks");
  });

  it("a rule may be about one cluster, some jobs, or one of the two commands", () => {
    const policy = ruled(rule({ classes: ["lock"], clusters: ["pr*"], jobs: ["ord*"] }));
    const dev = { name: "dev", changes: true, operatorManaged: null, managedBy: null };
    expect(decided(policy, asks("U0ANA"))).toBe("allow locks");
    expect(decided(policy, asks("U0ANA", { cluster: dev }))).toBe("refuse default");
    expect(decided(policy, asks("U0ANA", { jobs: [{ name: "payments", labels: {} }] }))).toBe(
      "refuse default",
    );
    // a lock of the whole cluster is about no job
    expect(decided(policy, asks("U0ANA", { jobs: [] }))).toBe("refuse default");
    expect(decided(ruled(rule({ operations: ["unlock"] })), asks("U0ANA"))).toBe("refuse default");
  });

  it("before the place is known, whoever could lock somewhere may ask", () => {
    const policy = ruled(rule({ classes: ["lock"], clusters: ["dev"] }));
    const somewhere = { cluster: null, jobs: [] };
    expect(admit(policy, asks("U0ANA", somewhere)).is).toBe("may");
    expect(admit(policy, asks("U0BEN", somewhere)).is).toBe("may not");
  });

  it("a rule about locks of a cluster or of a job can be reached", () => {
    const surroundings = { clusters: ["prod", "dev"], askable: askable(operations) };
    const one = { classes: ["lock"], clusters: ["prod"], jobs: ["orders"] } as const;
    expect(shadowed([rule(one)], surroundings)).toEqual([]);
    expect(shadowed([rule({ classes: ["lock"] }), rule(one)], surroundings)).toEqual([
      { rule: "locks", by: ["locks"] },
    ]);
  });

  it("a rule about destructive changes is not about locks", () => {
    const policy = ruled(rule({ classes: ["destructive"] }, { is: "refuse", why: "never" }));
    expect(admit(policy, asks("U0ANA")).is).toBe("may not");
  });
});
