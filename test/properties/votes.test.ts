import fc from "fast-check";
import { expect, test } from "vitest";
import { type Judged, vote } from "../../src/requests/steps/vote.ts";
import type { Person } from "../../src/policy/person.ts";
import type { RequestRecord } from "../../src/requests/record/record.ts";
import { AT, aRecord } from "../slack/a-record.ts";
import { aPolicy } from "../fakes/policy.ts";

const EXPIRES = AT + 900_000;
const REQUESTER = "U0ANA00001";
const USERS = [REQUESTER, "U0BEN", "U0CEM", "U0DORA", "U0EVE"];
const policy = aPolicy({
  approve: { groups: ["S0APPROVE1"], users: [REQUESTER, "U0BEN"] },
});

interface Move {
  kind: "approve" | "deny" | "withdraw";
  user: string;
  digest: string;
  now: number;
  person: Pick<Person, "deactivated" | "guest"> & { groups: ReadonlySet<string> };
}
const move: fc.Arbitrary<Move> = fc.record({
  kind: fc.constantFrom("approve", "approve", "approve", "deny", "withdraw"),
  user: fc.constantFrom(...USERS),
  digest: fc.constantFrom("d1", "d1", "d1", "old"),
  now: fc.constantFrom(AT + 1, AT + 1000, EXPIRES - 1, EXPIRES, EXPIRES + 1),
  person: fc.record({
    deactivated: fc.constantFrom(false, false, false, true),
    guest: fc.constantFrom(false, false, false, true),
    groups: fc.constantFrom<ReadonlySet<string>>(new Set(["S0APPROVE1"]), new Set()),
  }),
});

const person = ({ user, person: { deactivated, guest, groups } }: Move): Person => ({
  user,
  team: "T0HOME0001",
  displayName: user,
  unknown: null,
  unreadable: new Map(),
  member: !guest && !deactivated,
  deactivated,
  bot: false,
  guest,
  outsider: null,
  groups,
});
const mayApprove = (m: Move): boolean =>
  m.user !== REQUESTER &&
  !m.person.deactivated &&
  !m.person.guest &&
  (m.user === "U0BEN" || m.person.groups.has("S0APPROVE1"));

const awaiting = (needed: number): RequestRecord => {
  const record = aRecord();
  if (record.approval === null) throw new Error("the record awaits approval");
  return { ...record, approval: { ...record.approval, needed, expiresAt: EXPIRES } };
};
const judge = (record: RequestRecord, m: Move): Judged =>
  vote(policy, 60_000, {
    record,
    click: { kind: m.kind, actor: { user: m.user, team: "T0HOME0001" }, digest: m.digest },
    person: person(m),
    now: m.now,
    arrivedAt: m.now,
  });

test("whatever is clicked in whatever order: distinct people, never the requester, one decision", () => {
  fc.assert(
    fc.property(fc.integer({ min: 1, max: 3 }), fc.array(move, { maxLength: 12 }), (needed, moves) => {
      let record = awaiting(needed);
      const approved = new Set<string>();
      let decisions = 0;
      for (const m of moves) {
        const before = record;
        const verdict = judge(record, m);
        if (verdict.is === "tell") continue;
        record = verdict.next;
        if (m.kind === "withdraw") {
          expect(m.user).toBe(REQUESTER);
          expect(before.state === "awaiting" || before.state === "ready").toBe(true);
          expect(record.end?.ending).toBe("withdrawn");
          continue;
        }
        // a click that counts is one of these people's first, on this card, in time, before anything was decided
        expect(before.state).toBe("awaiting");
        expect(mayApprove(m)).toBe(true);
        expect(m.digest).toBe("d1");
        expect(m.now).toBeLessThan(EXPIRES);
        expect(before.approval?.votes.some((v) => v.actor.user === m.user)).toBe(false);
        if (m.kind === "approve") approved.add(m.user);
        if (record.state === "awaiting") continue;
        decisions += 1;
        expect(record.state).toBe(m.kind === "deny" ? "ended" : "ready");
        expect(record.end?.ending ?? null).toBe(m.kind === "deny" ? "denied" : null);
        if (m.kind === "approve") expect(approved.size).toBeGreaterThanOrEqual(needed);
      }
      expect(decisions).toBeLessThanOrEqual(1);
      const votes = record.approval?.votes ?? [];
      expect(new Set(votes.map((v) => v.actor.user)).size).toBe(votes.length);
      if (record.state === "awaiting") expect(approved.size).toBeLessThan(needed);
    }),
    { numRuns: 1500 },
  );
});

test("enough people who may approve do decide", () => {
  const people = fc.shuffledSubarray(USERS.slice(1), { minLength: 3 });
  fc.assert(
    fc.property(fc.integer({ min: 1, max: 3 }), people, (needed, users) => {
      let record = awaiting(needed);
      for (const user of users.slice(0, needed)) {
        const groups = new Set(["S0APPROVE1"]);
        const m: Move = {
          kind: "approve",
          user,
          digest: "d1",
          now: AT + 1,
          person: { deactivated: false, guest: false, groups },
        };
        const verdict = judge(record, m);
        if (verdict.is === "move") record = verdict.next;
      }
      expect(record.state).toBe("ready");
    }),
  );
});
