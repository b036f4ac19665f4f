import { describe, expect, it } from "vitest";
import { plain } from "../../src/model/text.ts";
import type { PeopleSet, Policy, Requirement, Rule } from "../../src/policy/policy.ts";
import { digestOf } from "../../src/requests/record/binding.ts";
import type { Approval, RequestRecord, RequiredApproval } from "../../src/requests/record/record.ts";
import { aMember } from "../fakes/people.ts";
import { asking } from "../fakes/policy.ts";
import { aRecord, aRun, AT } from "../slack/a-record.ts";
import { aChange, ANA, anEngine, anIntake, ID, JOB_ID, runSteps, type TestEngine } from "./an-engine.ts";

const NOW = AT + 60_000;
const LEADS: PeopleSet = { groups: ["S0LEADS"], users: [] };
const SECURITY: PeopleSet = { groups: ["S0SECURITY"], users: [] };
const PEOPLE: Policy["people"] = {
  operate: { groups: [], users: [ANA.user] },
  leads: LEADS,
  security: SECURITY,
};
const requiring = (...sets: readonly [name: "leads" | "security", count: number][]): RequiredApproval[] =>
  sets.map(([name, count]) => ({ from: [name], count, by: name === "leads" ? LEADS : SECURITY }));
const ONE_OF_EACH = requiring(["leads", 1], ["security", 1]);
const rulesFor = (from: readonly Requirement[], rules: readonly Rule[] = []): Policy =>
  asking(from, { people: PEOPLE, rules });

const BEN = "U0BEN00001";
const OLGA = "U0OLGA0001";
type Sets = readonly ("leads" | "security")[];

/** Ready under this policy, with votes of people who are in these sets then. */
function ready(
  policy: Policy,
  requirements: Approval["requirements"],
  votes: Readonly<Record<string, Sets>>,
) {
  const record = aRecord({
    id: ID,
    operation: "turn",
    class: "operate",
    actor: ANA,
    target: { kind: "job", cluster: "prod", jobId: JOB_ID, name: "orders" },
    intent: { headline: "turn orders", losses: [], warnings: [], details: [], binds: null, facts: {} },
    state: "ready",
    startBy: NOW + 60_000,
    decided: { rule: "changes", policy: policy.hash },
  });
  const digest = digestOf(record);
  const approval: Approval = {
    needed: 2,
    by: { groups: [], users: [] },
    ...(requirements !== undefined && { requirements }),
    expiresAt: AT + 900_000,
    digest,
    votes: Object.entries(votes).map(([user, sets]) => ({
      actor: { user, team: "T0HOME0001" },
      kind: "approve",
      at: NOW,
      digest,
      in: sets,
    })),
  };
  return { ...record, approval };
}

/** Started under this policy, with people in these sets now. */
async function started(record: RequestRecord, policy: Policy, now: Readonly<Record<string, Sets>>) {
  const t = anEngine(aChange());
  t.store.clock = NOW;
  t.engine.policy = policy;
  t.people.people.set(ANA.user, aMember(ANA.user));
  for (const [user, sets] of Object.entries(now))
    t.people.people.set(
      user,
      aMember(user, { groups: new Set(sets.flatMap((s) => PEOPLE[s]?.groups ?? [])) }),
    );
  t.store.put(record);
  await t.store.drawn(ID, { channel: "C1", ts: "1.0" }, 1);
  await runSteps(t, anIntake({ askedAt: NOW }));
  return t;
}
const endOf = (t: TestEngine): string => {
  const { end } = t.store.get(ID);
  const why = end?.ending === "void" ? plain(end.report.lines[0] ?? "") : "";
  return `${end?.ending} after ${t.effects.performed.length} effects. ${why}`.trim();
};
const RAN = "ran after 1 effects.";
const VOID = "void after 0 effects.";
const BOTH = { [BEN]: ["leads"], [OLGA]: ["security"] } as const;

describe("the start of what two sets approved", () => {
  const policy = rulesFor(ONE_OF_EACH);
  it("rests on both", async () => {
    expect(endOf(await started(ready(policy, [ONE_OF_EACH], BOTH), policy, BOTH))).toBe(RAN);
  });
  it("is void where a voter has left one of the sets", async () => {
    const left = { [BEN]: ["leads"], [OLGA]: ["leads"] } as const;
    expect(endOf(await started(ready(policy, [ONE_OF_EACH], BOTH), policy, left))).toBe(
      `${VOID} Why: its approval is not valid: it now needs more approvals than it has`,
    );
    const gone = { [BEN]: ["leads"], [OLGA]: [] } as const;
    expect(endOf(await started(ready(policy, [ONE_OF_EACH], BOTH), policy, gone))).toBe(
      `${VOID} Why: its approval is not valid: the approver is no longer allowed to approve`,
    );
  });
  it("counts a voter for the other set where that is enough", async () => {
    const changed = { [BEN]: ["security"], [OLGA]: ["leads"] } as const;
    expect(endOf(await started(ready(policy, [ONE_OF_EACH], BOTH), policy, changed))).toBe(RAN);
  });
});

const byRule = (name: string, verdict: Rule["verdict"]): Rule => ({
  name,
  match: { operations: ["turn"] },
  when: null,
  ask: ["operate"],
  verdict,
});

describe("a policy that has changed between approval and start", () => {
  const before = rulesFor(requiring(["leads", 1]));
  const approved = (votes: Readonly<Record<string, Sets>>) => ready(before, [requiring(["leads", 1])], votes);

  it("and asks for more is fulfilled where the votes are enough all the same", async () => {
    const sets = { [BEN]: ["leads", "security"] } as const;
    const now = rulesFor(requiring(["security", 1]));
    expect(endOf(await started(approved(sets), now, sets))).toBe(RAN);
  });
  it("and asks for more than was given makes it void", async () => {
    const sets = { [BEN]: ["leads"] } as const;
    expect(endOf(await started(approved(sets), rulesFor(requiring(["leads", 2])), sets))).toBe(
      `${VOID} Why: its approval is not valid: it now needs more approvals than it has`,
    );
    expect(endOf(await started(approved(sets), rulesFor(requiring(["security", 1])), sets))).toBe(
      `${VOID} Why: its approval is not valid: the approver is no longer allowed to approve`,
    );
  });
  it("and refuses it makes it void, in the words of the rule", async () => {
    const sets = { [BEN]: ["leads"] } as const;
    const now = rulesFor([], [byRule("never", { is: "refuse", why: "Nobody turns jobs any more." })]);
    expect(endOf(await started(approved(sets), now, sets))).toBe(`${VOID} Why: Nobody turns jobs any more.`);
  });
  it("and asks for nothing lets it run, with the approval that it had", async () => {
    const sets = { [BEN]: ["leads"] } as const;
    const now = rulesFor([], [byRule("free", { is: "allow" })]);
    expect(endOf(await started(approved(sets), now, sets))).toBe(RAN);
  });
  it("and asks where nobody was asked makes it void", async () => {
    const free = rulesFor([], [byRule("free", { is: "allow" })]);
    const record: RequestRecord = { ...ready(free, undefined, {}), approval: null };
    expect(endOf(await started(record, free, {}))).toBe(RAN);
    expect(endOf(await started(record, before, {}))).toBe(
      `${VOID} Why: it now needs someone else's approval`,
    );
  });
});

describe("a request that one with two lists has started", () => {
  const policy = rulesFor(requiring(["leads", 1]), [
    {
      name: "payments",
      match: { jobs: ["payments"] },
      when: null,
      ask: ["operate"],
      verdict: {
        is: "approve",
        from: requiring(["security", 1]),
        within: null,
        remind: null,
        escalate: null,
      },
    },
  ]);
  const lists = [requiring(["leads", 1]), requiring(["security", 1])];
  const child = async (votes: Readonly<Record<string, Sets>>, now: Readonly<Record<string, Sets>>) => {
    const parent: RequestRecord = {
      ...ready(policy, lists, votes),
      id: "r0",
      state: "running",
      run: aRun(),
      children: [{ id: ID, jobId: JOB_ID, name: "orders" }],
    };
    const digest = digestOf(parent);
    const approval = parent.approval && {
      ...parent.approval,
      digest,
      votes: parent.approval.votes.map((v) => ({ ...v, digest })),
    };
    const t = anEngine(aChange());
    t.store.clock = NOW;
    t.engine.policy = policy;
    for (const [user, sets] of Object.entries(now))
      t.people.people.set(
        user,
        aMember(user, { groups: new Set(sets.flatMap((s) => PEOPLE[s]?.groups ?? [])) }),
      );
    t.store.put({ ...parent, approval });
    t.store.put({ ...ready(policy, lists, {}), approval: null, parent: "r0" });
    await runSteps(t, anIntake({ askedAt: NOW, parent: "r0" }));
    return endOf(t);
  };

  it("rests on both of its parent's lists", async () => {
    expect(await child(BOTH, BOTH)).toBe(RAN);
    expect(await child({ [BEN]: ["leads", "security"] }, { [BEN]: ["leads", "security"] })).toBe(RAN);
  });
  it("is void where one of them is no longer fulfilled, also the one that is about other jobs", async () => {
    expect(await child(BOTH, { [BEN]: ["leads"], [OLGA]: [] })).toBe(
      `${VOID} Why: the approval of the request that it belongs to is not valid: the approver is no longer allowed to approve`,
    );
  });
});
