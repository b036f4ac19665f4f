import { SlackUnavailable } from "../../../../src/model/errors.ts";
import { hashed } from "../../../../src/policy/hash.ts";
import type { People } from "../../../../src/policy/person.ts";
import type { Policy, Requirement } from "../../../../src/policy/policy.ts";
import { aMember } from "../../../fakes/people.ts";
import { asking } from "../../../fakes/policy.ts";
import type { Random } from "../../../simulate/random.ts";

export const REQUESTER = "U0ANA00001";
/** The requester's other account, which is in the set of leads. */
export const OTHER_ACCOUNT = "U0ANA00002";
export const CLICKERS = Array.from({ length: 200 }, (_, i) => `U0CLICK${String(i).padStart(3, "0")}`);

/** Slack answers half of the lookups of these. */
export const isFlaky = (user: string): boolean => Number(user.slice(-3)) % 40 === 12 && user !== REQUESTER;

const SETS = [["leads"], ["security"], ["leads", "security"], ["leads"]] as const;

/** The sets that an account is in. Six of ten are in none. */
export function setsOf(user: string): readonly string[] {
  if (user === OTHER_ACCOUNT) return ["leads"];
  return user === REQUESTER ? [] : (SETS[Number(user.slice(-3)) % 10] ?? []);
}

/** A lead and a member of security are one person now and then: alone they must not fill two places. */
const SAME = [
  [REQUESTER, OTHER_ACCOUNT],
  ...[0, 20, 30, 50].map((i) => CLICKERS.slice(i, i + 2)),
  // someone who is in both sets, and their account that is in one
  ...[72, 92].map((i) => [CLICKERS[i] ?? "", CLICKERS[i + 9] ?? ""]),
];

/** One name for all accounts of a person. */
export const personOf = (user: string): string =>
  SAME.find((accounts) => accounts.includes(user))?.join(" and ") ?? user;

const GROUPS: Readonly<Record<string, string>> = { leads: "S0LEADS", security: "S0SECURITY" };
const PEOPLE = {
  operate: { groups: [], users: [REQUESTER] },
  // one in ten is named by user id
  leads: { groups: ["S0LEADS"], users: CLICKERS.filter((_, i) => i % 10 === 3) },
  security: { groups: ["S0SECURITY"], users: [] },
};

/** What an approval takes, and the policy that asks for it. */
export interface Terms {
  name: string;
  lists: readonly (readonly Requirement[])[];
  policy: Policy;
  /** The same under another hash: a process that has not reloaded yet. */
  otherPolicy: Policy;
}

function terms(name: string, ...lists: Terms["lists"]): Terms {
  const policy = asking(lists[0] ?? [], { people: PEOPLE, same: SAME });
  return { name, lists, policy, otherPolicy: hashed({ ...policy, externalChannels: ["C0EXTERNAL"] }) };
}

export const TERMS: readonly Terms[] = [
  terms("one", [{ from: ["leads"], count: 1 }]),
  terms("three", [{ from: ["leads", "security"], count: 3 }]),
  terms("one of each", [
    { from: ["leads"], count: 1 },
    { from: ["security"], count: 1 },
  ]),
  terms(
    "two lists",
    [{ from: ["leads"], count: 2 }],
    [
      { from: ["security"], count: 2 },
      { from: ["leads"], count: 1 },
    ],
  ),
];

/** Slack, which takes its time: a lookup is answered at once, in the next turn, or some ms later. */
export const slowPeople = (random: Random): People => ({
  lookup: async ({ user, team }) => {
    const ms = random.pick([0, 0, 1, 2, 4, 9]);
    if (ms > 0) await new Promise((resolve) => setTimeout(resolve, ms));
    if (isFlaky(user) && random.happens(0.5)) throw new SlackUnavailable("503", 0);
    const groups = new Set(setsOf(user).flatMap((name) => GROUPS[name] ?? []));
    return { ...aMember(user, { groups }), team };
  },
});

/** Whether these accounts fill all places, by trying every assignment of people to places. */
export function fills({ lists }: Terms, users: readonly string[]): boolean {
  const persons = [...new Set(users.map(personOf))];
  const people = persons.map((one) => users.filter((user) => personOf(user) === one).flatMap(setsOf));
  const seat = (places: readonly Requirement[], free: readonly (readonly string[])[]): boolean => {
    const [place, ...others] = places;
    if (place === undefined) return true;
    return free.some(
      (sets, i) =>
        place.from.some((name) => sets.includes(name)) &&
        seat(
          others,
          free.filter((_, j) => j !== i),
        ),
    );
  };
  return lists.every((list) =>
    seat(
      list.flatMap((r) => Array.from({ length: r.count }, () => r)),
      people,
    ),
  );
}
