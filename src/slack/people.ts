import { SlackRefused } from "../model/errors.ts";
import { type Freshness, fullMember, type Organization, type People, type Person } from "../policy/person.ts";
import type { KnownAccount } from "./account.ts";
import type { How } from "./ask-once.ts";
import { fits, outsideOf } from "./membership.ts";
import { whyNot } from "./refusals.ts";
import type { Roster } from "./roster.ts";

export interface PeopleOptions {
  roster: Roster;
  organization: Organization;
  /** The user groups that the policy names now; no other groups are read. */
  groups: () => readonly string[];
}

type Actor = Pick<Person, "user" | "team">;

/** Default wait for Slack's pace, ms; short, because a worker has other requests. */
const PATIENCE_MS = 1500;

/**
 * Reads people from Slack. A failed read throws SlackUnavailable or is reported in the answer (`unknown`,
 * `unreadable`). Either way it grants no rights.
 */
export function createPeople({ roster, organization, groups: named }: PeopleOptions): People {
  const accountOf = async (actor: Actor, how: How): Promise<Person> => {
    try {
      const [us, account] = await Promise.all([roster.ourselves(), roster.account(actor.user, how)]);
      if (account.nobody) return { ...nobody(actor), outsider: "organization" };
      const outsider = fits(actor.team, account, us) ? outsideOf(account, us, organization) : "organization";
      return asPerson(actor, account, outsider);
    } catch (error) {
      if (!(error instanceof SlackRefused)) throw error;
      return { ...nobody(actor), unknown: whyNot(error) };
    }
  };

  return {
    async lookup(actor, { notBefore, groups = named(), patienceMs = PATIENCE_MS, urgency }: Freshness = {}) {
      // reads for a decision go before reads for a question
      const usual = notBefore === undefined ? "mention" : "approval";
      const lane = urgency === "show" ? "milestone" : (urgency ?? usual);
      const how: How = { notBefore, patienceMs, lane };
      const read = async () =>
        await Promise.all(
          groups.map(async (group) => ({ group, members: await roster.members(group, how) })),
        );
      // a brake does not wait for one answer after the other
      const early = urgency === "brake" ? read() : null;
      early?.catch(() => undefined);
      const person = await accountOf(actor, how);
      // an outsider or a bot needs no group, and Slack allows few reads of groups
      if (!person.member) return person;
      const found = await (early ?? read());
      const within = found.filter((f) => "users" in f.members && f.members.users.includes(actor.user));
      const unreadable = found.flatMap((f): [string, string][] =>
        "users" in f.members ? [] : [[f.group, f.members.unreadable]],
      );
      return { ...person, groups: new Set(within.map((f) => f.group)), unreadable: new Map(unreadable) };
    },
  };
}

const nobody = (actor: Actor): Person => ({ ...fullMember(actor), member: false });

function asPerson(
  actor: Actor,
  { deleted: deactivated, bot, guest, name }: KnownAccount,
  outsider: Person["outsider"],
): Person {
  return {
    ...nobody(actor),
    displayName: name ?? actor.user,
    member: outsider === null && !deactivated && !bot && !guest,
    deactivated,
    bot,
    guest,
    outsider,
  };
}
