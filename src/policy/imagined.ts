import { setOf } from "./membership.ts";
import { fullMember, type Person } from "./person.ts";
import type { Policy } from "./policy.ts";

/** A person who is made up from the sets of a policy. `user` null: anybody in these sets. */
export interface Imagined {
  user: string | null;
  in: readonly string[];
}

/** Nobody in Slack has this id. */
const SOMEBODY = "U0SOMEBODY";

/**
 * Such a person as Slack would describe them: a full member, in the user groups of these sets. Refused where nobody can
 * be in all of them.
 */
export function imagine(
  policy: Pick<Policy, "people">,
  { user, in: names }: Imagined,
): { is: "person"; person: Person } | { is: "nobody"; why: string } {
  const unknown = names.find((name) => policy.people[name] === undefined);
  if (unknown !== undefined) return nobody(`${unknown} is not one of the sets of people`);
  const sets = names.map((name) => setOf(policy, name));
  // who is in such a set is named by it, because it has no groups
  const listed = sets.filter((set) => set.groups.length === 0).map((set) => set.users);
  const possible = listed[0]?.filter((one) => listed.every((users) => users.includes(one)));
  const chosen = user ?? (possible === undefined ? SOMEBODY : possible[0]);
  if (chosen === undefined)
    return nobody(`nobody is in all of ${names.join(", ")}, because some of them list users and no groups`);
  if (possible?.includes(chosen) === false)
    return nobody(
      `${chosen} is not in all of ${names.join(", ")}, because some of them list users and no groups`,
    );
  const groups = new Set(sets.flatMap((set) => set.groups));
  return { is: "person", person: { ...fullMember({ user: chosen, team: "T0" }), groups } };
}

const nobody = (why: string) => ({ is: "nobody", why }) as const;
