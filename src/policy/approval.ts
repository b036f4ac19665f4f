import { code, type Span, type Text, t } from "../model/text.ts";
import { MAY, mayNot, type Verdict } from "../model/verdict.ts";
import { accountRefusal, groupUnreadable, membership, oneAccount, united, who } from "./membership.ts";
import type { Person } from "./person.ts";
import type { Policy, Requirement } from "./policy.ts";

/**
 * What an approval takes. Each list is one rule's; a request for many jobs may have several, and needs all of them.
 * Within a list one person fills one slot only.
 */
export type Requirements = readonly (readonly Requirement[])[];

/** Someone who approved, and the sets that they were in. */
export interface Approver {
  user: string;
  /** Undefined: whatever set is asked for. Votes of versions before 0.2 do not say it. */
  in?: readonly string[] | undefined;
}

/** Names of the sets that a requirement names, each once. */
export const setsIn = (requirements: Requirements): readonly string[] => [
  ...new Set(requirements.flatMap((list) => list.flatMap((r) => r.from))),
];

/** How many people are needed at least. */
export const neededOf = (requirements: Requirements): number =>
  Math.max(0, ...requirements.map((list) => list.reduce((sum, r) => sum + r.count, 0)));

/** Whether these approvers fill all slots of all lists, and what is missing in all. */
export function filled<R extends Requirement>(
  policy: Pick<Policy, "same">,
  requirements: readonly (readonly R[])[],
  approvers: readonly Approver[],
): { all: boolean; missing: readonly R[] } {
  const people = distinct(policy, approvers);
  const missing = inAll(requirements.map((list) => unfilled(list, people)));
  return { all: missing.length === 0 && requirements.length > 0, missing };
}

/** The lists as one: what several of them ask for is needed once, as often as the list that asks for most. */
export function inAll<R extends Requirement>(lists: readonly (readonly R[])[]): readonly R[] {
  const most = new Map<string, R>();
  for (const list of lists) {
    const own = new Map<string, R>();
    for (const one of list) {
      const key = one.from.toSorted().join(" ");
      own.set(key, { ...one, count: one.count + (own.get(key)?.count ?? 0) });
    }
    for (const [key, one] of own) if (one.count > (most.get(key)?.count ?? 0)) most.set(key, one);
  }
  return [...most.values()];
}

/** Each person once, with the sets of all their accounts. */
function distinct(policy: Pick<Policy, "same">, approvers: readonly Approver[]): readonly Approver[] {
  const people = new Map<string, Approver>();
  for (const { user, in: sets } of approvers) {
    const one = oneAccount(policy, user);
    const before = people.get(one);
    const both = before === undefined ? sets : sets && before.in && [...before.in, ...sets];
    people.set(one, { user: one, in: both });
  }
  return [...people.values()];
}

/**
 * The requirements that are left over by the best assignment of people to slots: a matching, because who is in two
 * sets may be needed in either.
 */
function unfilled<R extends Requirement>(list: readonly R[], people: readonly Approver[]): readonly R[] {
  const slots = list.flatMap((requirement) => Array.from({ length: requirement.count }, () => requirement));
  const holder = new Map<number, number>();
  const fits = (p: number, slot: number): boolean => {
    const sets = people[p]?.in;
    return sets === undefined || (slots[slot]?.from.some((name) => sets.includes(name)) ?? false);
  };
  const seat = (p: number, tried: Set<number>): boolean =>
    slots.some((_, slot) => {
      if (tried.has(slot) || !fits(p, slot)) return false;
      tried.add(slot);
      const other = holder.get(slot);
      if (other !== undefined && !seat(other, tried)) return false;
      holder.set(slot, p);
      return true;
    });
  for (const p of people.keys()) seat(p, new Set());
  return list.flatMap((requirement) => {
    const free = slots.filter((r, slot) => r === requirement && !holder.has(slot)).length;
    return free === 0 ? [] : [{ ...requirement, count: free }];
  });
}

/** Whether this person's vote counts, and for which sets. */
export const voteRefusal = (
  policy: Policy,
  requirements: Requirements,
  people: { person: Person; requester: string },
): Verdict<Text> => otherRefusal(policy, setsIn(requirements), { ...people, to: "approve" });

/** Whether this person may review that somebody used break-glass. `review`: the sets of its decision. */
export const reviewRefusal = (
  policy: Policy,
  review: readonly string[],
  people: { person: Person; requester: string },
): Verdict<Text> => otherRefusal(policy, review, { ...people, to: "review" });

/** Whether this is another person than the requester, in one of the sets. */
function otherRefusal(
  policy: Policy,
  sets: readonly string[],
  { person, requester, to }: { person: Person; requester: string; to: "approve" | "review" },
): Verdict<Text> {
  const account = accountRefusal(person);
  if (account.is === "may not") return account;
  if (oneAccount(policy, person.user) === oneAccount(policy, requester))
    return mayNot(
      person.user === requester
        ? `You requested this, so someone else must ${to} it.${to === "approve" ? " You can withdraw it." : ""}`
        : t`You requested this with your other account ${{ person: requester }}, so someone else must ${to} it.`,
    );
  const set = united(policy, sets);
  if (set.groups.length + set.users.length === 0)
    return mayNot(`No ${to === "approve" ? "approvers" : "reviewers"} are configured.`);
  const found = membership(policy, person, sets);
  if (found.is === "unknown") return mayNot(groupUnreadable(found));
  return found.is === "in" ? MAY : mayNot(t`You are not allowed to ${to} this. ${who(set)}`);
}

/** The sets of the requirements that a person is in. */
export const setsWith = (policy: Policy, requirements: Requirements, person: Person): readonly string[] =>
  setsIn(requirements).filter((name) => membership(policy, person, [name]).is === "in");

/** Whether enough others exist to approve, as far as it is known without asking Slack for members of groups. */
export function enoughOthers(
  policy: Policy,
  requirements: Requirements,
  requester: Person,
): Verdict<{ is: "nobody" } | { is: "unreadable"; set: string; group: string; why: string }> {
  const asker = oneAccount(policy, requester.user);
  for (const list of requirements) {
    const open = list.filter((r) => !united(policy, r.from).groups.some((g) => !requester.unreadable.has(g)));
    const users = united(policy, setsIn([open])).users.filter((user) => oneAccount(policy, user) !== asker);
    const others = users.map((user) => ({ user, in: setsNaming(policy, setsIn([open]), user) }));
    const [short] = unfilled(open, distinct(policy, others));
    if (short === undefined) continue;
    for (const set of short.from)
      for (const group of united(policy, [set]).groups) {
        const why = requester.unreadable.get(group);
        if (why !== undefined) return mayNot({ is: "unreadable", set, group, why });
      }
    return mayNot({ is: "nobody" });
  }
  return MAY;
}

const setsNaming = (policy: Policy, sets: readonly string[], user: string): readonly string[] =>
  sets.filter((name) => united(policy, [name]).users.includes(user));

/** "2 of leads and 1 of security", for people who know the policy. */
export function requirementWords(requirements: Requirements): Text {
  const parts = inAll(requirements).map((r): readonly Span[] => [
    `${r.count} of `,
    ...r.from.flatMap((name, i): Span[] => (i === 0 ? [code(name)] : [" or ", code(name)])),
  ]);
  return parts.flatMap((part, i): Span[] => (i === 0 ? [...part] : [" and ", ...part]));
}
