import fc from "fast-check";
import { describe, expect, test } from "vitest";
import { type Approver, filled, inAll } from "../../src/policy/approval.ts";
import { oneAccount } from "../../src/policy/membership.ts";
import type { Requirement } from "../../src/policy/policy.ts";
import type { RequestRecord } from "../../src/requests/record/record.ts";
import { type Judged, vote } from "../../src/requests/steps/vote.ts";
import { aMember } from "../fakes/people.ts";
import { asking } from "../fakes/policy.ts";
import { AT, aRecord } from "../slack/a-record.ts";

const SETS = ["leads", "security", "owners"];
const NOBODY_TWICE = { same: [] };

const requirement: fc.Arbitrary<Requirement> = fc.record({
  from: fc.subarray(SETS, { minLength: 1 }),
  count: fc.integer({ min: 1, max: 2 }),
});
const list = fc.array(requirement, { minLength: 1, maxLength: 3 });
const lists = fc.array(list, { minLength: 1, maxLength: 2 });
const inSets = fc.subarray(SETS);

/** How many slots of a list can be filled at most: every way to give each person one slot or none is tried. */
function most(slots: readonly Requirement[], people: readonly (readonly string[])[]): number {
  const [person, ...others] = people;
  if (person === undefined) return 0;
  const without = most(slots, others);
  const taken = slots.flatMap((slot, i) =>
    slot.from.some((set) => person.includes(set)) ? [1 + most(slots.toSpliced(i, 1), others)] : [],
  );
  return Math.max(without, ...taken);
}
const slotsOf = (one: readonly Requirement[]): readonly Requirement[] =>
  one.flatMap((r) => Array.from({ length: r.count }, () => r));
const isEnough = (needed: readonly (readonly Requirement[])[], people: readonly (readonly string[])[]) =>
  needed.every((one) => most(slotsOf(one), people) === slotsOf(one).length);

describe("the slots of an approval", () => {
  test("are filled just where some assignment of people fills them, and the fewest are missing", () => {
    fc.assert(
      fc.property(lists, fc.array(inSets, { maxLength: 5 }), (needed, people) => {
        const approvers = people.map((sets, i): Approver => ({ user: `U${i}`, in: sets }));
        expect(filled(NOBODY_TWICE, needed, approvers).all).toBe(isEnough(needed, people));
        for (const one of needed) {
          const { missing } = filled(NOBODY_TWICE, [one], approvers);
          const left = missing.reduce((sum, r) => sum + r.count, 0);
          expect(left).toBe(slotsOf(one).length - most(slotsOf(one), people));
        }
      }),
      { numRuns: 1500 },
    );
  });

  test("are filled however the approvers are listed, and no account of a person adds to another", () => {
    const accounts = [["U0", "U0second", "U0third"]];
    fc.assert(
      fc.property(lists, fc.array(inSets, { minLength: 1, maxLength: 5 }), (needed, people) => {
        const approvers = people.map((sets, i): Approver => ({ user: `U${i}`, in: sets }));
        const [first] = approvers;
        if (first === undefined) return;
        const doubled = [...approvers, { ...first, user: "U0second" }, { ...first, user: "U0third" }];
        const { all } = filled({ same: accounts }, needed, approvers);
        expect(filled({ same: accounts }, needed, approvers.toReversed()).all).toBe(all);
        expect(filled({ same: accounts }, needed, doubled).all).toBe(all);
      }),
    );
  });

  test("of several lists are told as one that is enough for each", () => {
    fc.assert(
      fc.property(lists, (needed) => {
        const told = inAll(needed);
        for (const one of needed)
          for (const { from } of one) {
            const same = (r: Requirement): boolean => r.from.join(" ") === from.join(" ");
            const wanted = one.filter(same).reduce((sum, r) => sum + r.count, 0);
            expect(told.filter(same)).toHaveLength(1);
            expect(told.find(same)?.count).toBeGreaterThanOrEqual(wanted);
          }
      }),
    );
  });
});

const REQUESTER = "U0ANA00001";
/** In whose sets the group of the same name is. */
const groupOf = (set: string): string => `S0${set.toUpperCase()}`;
const policy = asking([], {
  people: Object.fromEntries(SETS.map((set) => [set, { groups: [groupOf(set)], users: [] }])),
  same: [
    [REQUESTER, "U0ANAOTHER"],
    ["U0BEN00001", "U0BENOTHER"],
  ],
});
const USERS = [REQUESTER, "U0ANAOTHER", "U0BEN00001", "U0BENOTHER", "U0CEM00001", "U0DORA0001", "U0EVE00001"];
const memberships = fc.record(Object.fromEntries(USERS.map((user) => [user, inSets])));
type Memberships = Readonly<Record<string, readonly string[]>>;

function awaiting(needed: readonly (readonly Requirement[])[]): RequestRecord {
  const record = aRecord({ decided: { rule: "changes", policy: policy.hash } });
  if (record.approval === null) throw new Error("it needs approval");
  const requirements = needed.map((one) =>
    one.map((r) => ({ ...r, by: { groups: r.from.map(groupOf), users: [] } })),
  );
  return { ...record, approval: { ...record.approval, requirements } };
}
const press = (record: RequestRecord, user: string, kind: "approve" | "deny", sets: Memberships): Judged =>
  vote(policy, 60_000, {
    record,
    click: { kind, actor: { user, team: "T0HOME0001" }, digest: "d1" },
    person: aMember(user, { groups: new Set((sets[user] ?? []).map(groupOf)) }),
    now: AT + 1,
    arrivedAt: AT + 1,
  });
const after = (record: RequestRecord, users: readonly string[], sets: Memberships): RequestRecord =>
  users.reduce((now, user) => {
    const judged = press(now, user, "approve", sets);
    return judged.is === "move" ? judged.next : now;
  }, record);

describe("votes on a request that several must approve", () => {
  const clicks = fc.array(fc.constantFrom(...USERS), { maxLength: 10 });

  test("make it ready only where distinct others fill all slots, whoever presses how often", () => {
    fc.assert(
      fc.property(lists, memberships, clicks, (needed, sets, users) => {
        const { state, approval } = after(awaiting(needed), users, sets);
        const voters = (approval?.votes ?? []).map((v) => v.actor.user);
        const people = new Set(voters.map((user) => oneAccount(policy, user)));
        expect(people.size).toBe(voters.length);
        expect(people.has(REQUESTER)).toBe(false);
        expect(state === "ready").toBe(
          isEnough(
            needed,
            voters.map((user) => sets[user] ?? []),
          ),
        );
      }),
      { numRuns: 1500 },
    );
  });

  test("count in any order", () => {
    const people = ["U0BEN00001", "U0CEM00001", "U0DORA0001", "U0EVE00001"];
    const order = fc.shuffledSubarray(people);
    fc.assert(
      fc.property(lists, memberships, order, (needed, sets, users) => {
        const { state } = after(awaiting(needed), users, sets);
        expect(after(awaiting(needed), users.toSorted(), sets).state).toBe(state);
        expect(after(awaiting(needed), users.toReversed(), sets).state).toBe(state);
      }),
    );
  });

  test("of a second account of the requester or of a voter never add", () => {
    fc.assert(
      fc.property(lists, memberships, clicks, (needed, sets, users) => {
        const record = after(awaiting(needed), [...users, "U0BEN00001"], sets);
        if (record.state !== "awaiting") return;
        const hasBen = record.approval?.votes.some((v) => v.actor.user.startsWith("U0BEN")) === true;
        for (const second of ["U0ANAOTHER", REQUESTER, ...(hasBen ? ["U0BENOTHER", "U0BEN00001"] : [])])
          expect(press(record, second, "approve", sets).is).toBe("tell");
      }),
    );
  });

  test("end with a denial by anyone who could have approved", () => {
    fc.assert(
      fc.property(lists, memberships, clicks, (needed, sets, users) => {
        const record = after(awaiting(needed), users, sets);
        const denied = press(record, "U0EVE00001", "deny", sets);
        const mayVote = needed.flat().some((r) => r.from.some((set) => sets["U0EVE00001"]?.includes(set)));
        const hasVoted = users.includes("U0EVE00001");
        if (record.state !== "awaiting" || !mayVote || hasVoted) return;
        expect(denied.is === "move" && denied.next.end?.ending).toBe("denied");
        if (denied.is !== "move") return;
        for (const user of USERS) expect(press(denied.next, user, "approve", sets).is).toBe("tell");
      }),
    );
  });
});
