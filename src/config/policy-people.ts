import { oneAccount } from "../policy/membership.ts";
import type { PeopleSet, Policy } from "../policy/policy.ts";
import type { PolicyFile } from "./policy-schema.ts";

type Written = PolicyFile["people"];

/** The sets without sets inside them, and the problems, as `path: problem`. */
export function flatten(written: Written): { people: Policy["people"]; problems: readonly string[] } {
  const problems: string[] = [];
  const membersOf = (name: string, way: readonly string[]): PeopleSet => {
    const set = Object.hasOwn(written, name) ? written[name] : undefined;
    if (set === undefined) return { groups: [], users: [] };
    const inner = set.sets.map((other): PeopleSet => {
      const circle = [...way, name, other];
      if (way.includes(other) || other === name) {
        if (circle[0] === other)
          problems.push(`people.${other}.sets: contains itself (${circle.join(" -> ")}); remove one of them`);
        return { groups: [], users: [] };
      }
      return membersOf(other, [...way, name]);
    });
    return {
      groups: unique([...set.groups, ...inner.flatMap((s) => s.groups)]),
      users: unique([...set.users, ...inner.flatMap((s) => s.users)]),
    };
  };
  const names = Object.keys(written);
  for (const [name, set] of Object.entries(written))
    for (const other of set.sets)
      if (!names.includes(other))
        problems.push(`people.${name}.sets: ${other} is not one of the sets: ${names.join(", ")}`);
  // without a prototype, so that no rule finds a set `constructor` that nobody wrote
  const people: Record<string, PeopleSet> = Object.create(null);
  for (const name of names) people[name] = membersOf(name, []);
  return { people, problems };
}

const unique = (all: readonly string[]): readonly string[] => [...new Set(all)];

/** Each account must be listed once, or it would belong to two people. */
export function sameProblems(same: Policy["same"]): readonly string[] {
  const all = same.flat();
  return unique(all.filter((user, i) => all.indexOf(user) !== i)).map(
    (user) => `same: ${user} is listed twice; write all accounts of a person into one list`,
  );
}

/** The distinct people whom a set lists by user id, with the sets that list them. */
export function listedIn(
  policy: Pick<Policy, "people" | "same">,
  sets: readonly string[],
): readonly { user: string; in: readonly string[] }[] {
  const users = unique(sets.flatMap((name) => policy.people[name]?.users ?? []));
  return users.map((user) => ({
    user: oneAccount(policy, user),
    in: sets.filter((name) => policy.people[name]?.users.includes(user)),
  }));
}
