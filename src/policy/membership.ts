import { code, type Span, type Text, t } from "../model/text.ts";
import { MAY, mayNot, type Verdict } from "../model/verdict.ts";
import type { Person } from "./person.ts";
import type { PeopleSet, Policy } from "./policy.ts";

/** The requester cannot fix the configuration, so the message names who can. */
export const TELL = "Ask the flinkops administrators.";

/** A user group that Slack does not return, with the reason in words. `set`: the named set that it belongs to. */
export interface UnreadableGroup {
  set: string;
  group: string;
  why: string;
}

/** Membership in some sets. An unreadable group matters only where the person is in no other part of them. */
export type Membership = { is: "in" | "out" } | ({ is: "unknown" } & UnreadableGroup);

/** The set of this name; empty where the policy has none. */
export const setOf = (policy: Pick<Policy, "people">, name: string): PeopleSet =>
  policy.people[name] ?? { groups: [], users: [] };

/** Whether a person is in any of the named sets. */
export function membership(
  policy: Pick<Policy, "people">,
  person: Person,
  names: readonly string[],
): Membership {
  const sets = names.map((name) => ({ name, set: setOf(policy, name) }));
  const isIn = ({ groups, users }: PeopleSet): boolean =>
    users.includes(person.user) || groups.some((g) => person.groups.has(g));
  if (sets.some(({ set }) => isIn(set))) return { is: "in" };
  for (const { name, set } of sets)
    for (const group of set.groups) {
      const why = person.unreadable.get(group);
      if (why !== undefined) return { is: "unknown", set: name, group, why };
    }
  return { is: "out" };
}

/** The user groups whose members are needed to tell whether a user is in any of the named sets. */
export const groupsOf = (
  policy: Pick<Policy, "people">,
  names: readonly string[],
  user: string,
): readonly string[] => [
  ...new Set(
    names.flatMap((name) => {
      const { groups, users } = setOf(policy, name);
      return users.includes(user) ? [] : groups;
    }),
  ),
];

/** Every user group that the policy names. */
export const allGroups = ({ people }: Pick<Policy, "people">): readonly string[] => [
  ...new Set(Object.values(people).flatMap((set) => set.groups)),
];

/** All accounts of the person that this account belongs to. */
export const accountsOf = ({ same }: Pick<Policy, "same">, user: string): readonly string[] =>
  same.find((accounts) => accounts.includes(user)) ?? [user];

/** One id for all accounts of a person. */
export const oneAccount = (policy: Pick<Policy, "same">, user: string): string =>
  accountsOf(policy, user)[0] ?? user;

/** Words for a group that Slack does not return. */
export const groupUnreadable = ({ set, group, why }: UnreadableGroup): Text =>
  t`The user group ${code(group)} of the configuration (people.${set}) ${why}. ${TELL}`;

/** Whether the bot talks to this account: only to full, active members. */
export function accountRefusal(person: Person): Verdict<Text> {
  if (person.unknown !== null)
    return mayNot(t`flinkops cannot verify your account: it ${person.unknown}. ${TELL}`);
  if (person.outsider === "organization")
    return mayNot("People from another organization may not use flinkops.");
  if (person.outsider === "workspace")
    return mayNot(t`Only members of the workspace in which flinkops is installed may use it. ${TELL}`);
  if (person.deactivated) return mayNot("This account is deactivated.");
  if (person.bot) return mayNot("Bots may not use flinkops.");
  if (person.guest) return mayNot("Guests may not use flinkops.");
  return person.member ? MAY : mayNot("Only full members may use flinkops.");
}

/** Some sets as one. */
export function united(policy: Pick<Policy, "people">, names: readonly string[]): PeopleSet {
  const sets = names.map((name) => setOf(policy, name));
  return {
    groups: [...new Set(sets.flatMap((s) => s.groups))],
    users: [...new Set(sets.flatMap((s) => s.users))],
  };
}

/** The members of a set as mentions: "Allowed: ..." */
export function who(set: PeopleSet): Text {
  const people: Span[] = [
    ...set.groups.map((group): Span => ({ group })),
    ...set.users.map((person): Span => ({ person })),
  ];
  if (people.length === 0) return "Nobody is allowed to.";
  return ["Allowed: ", ...people.flatMap((p, i): Span[] => (i === 0 ? [p] : [", ", p])), "."];
}
