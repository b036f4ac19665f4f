import type { People } from "../../policy/person.ts";

/** How many names are remembered; the oldest is dropped first. */
const MOST = 5000;

/**
 * Remembers the name of everyone who is looked up, so that the audit log can name people without another call. Null: not
 * looked up yet.
 */
export function namingPeople(people: People): { people: People; nameOf: (user: string) => string | null } {
  const names = new Map<string, string>();
  return {
    people: {
      async lookup(actor, how) {
        const person = await people.lookup(actor, how);
        names.delete(actor.user);
        names.set(actor.user, person.displayName);
        const [oldest] = names.keys();
        if (names.size > MOST && oldest !== undefined) names.delete(oldest);
        return person;
      },
    },
    nameOf: (user) => names.get(user) ?? null,
  };
}
