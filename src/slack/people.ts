import { SlackRefused } from "../model/errors.ts";
import type { Freshness, People, Person } from "../policy/person.ts";
import type { How } from "./ask-once.ts";
import { whyNot } from "./refusals.ts";
import type { Account, Roster } from "./roster.ts";

export interface PeopleOptions {
  roster: Roster;
  /** The user groups that the policy names; no other groups are read. */
  groups: readonly string[];
}

/** Default wait for Slack's pace, ms; short, because a worker has other requests. */
const PATIENCE_MS = 1500;

/**
 * Reads people from Slack. A failed read throws SlackUnavailable or is reported in the answer (`unknown`,
 * `unreadable`). Either way it grants no rights.
 */
export function createPeople({ roster, groups: all }: PeopleOptions): People {
  return {
    async lookup(actor, { notBefore, groups = all, patienceMs = PATIENCE_MS, urgency }: Freshness = {}) {
      // reads for a decision go before reads for a question
      const usual = notBefore === undefined ? "mention" : "approval";
      const lane = urgency === "show" ? "milestone" : (urgency ?? usual);
      const how: How = { notBefore, patienceMs, lane };
      const person = await accountOf(roster, actor, how);
      // an outsider or a bot needs no group, and Slack allows few reads of groups
      if (!person.member) return person;
      const found = await Promise.all(
        groups.map(async (group) => ({ group, members: await roster.members(group, how) })),
      );
      const within = found.filter((f) => "users" in f.members && f.members.users.includes(actor.user));
      const unreadable = found.flatMap((f): [string, string][] =>
        "users" in f.members ? [] : [[f.group, f.members.unreadable]],
      );
      return { ...person, groups: new Set(within.map((f) => f.group)), unreadable: new Map(unreadable) };
    },
  };
}

async function accountOf(roster: Roster, actor: { user: string; team: string }, how: How): Promise<Person> {
  try {
    const [us, account] = await Promise.all([roster.ourselves(), roster.account(actor.user, how)]);
    return asPerson(actor, account, us.team);
  } catch (error) {
    if (!(error instanceof SlackRefused)) throw error;
    return { ...nobody(actor), unknown: whyNot(error) };
  }
}

const nobody = (actor: { user: string; team: string }): Person => ({
  user: actor.user,
  team: actor.team,
  displayName: actor.user,
  unknown: null,
  member: false,
  deactivated: false,
  bot: false,
  guest: false,
  outsider: false,
  groups: new Set(),
  unreadable: new Map(),
});

function asPerson(actor: { user: string; team: string }, account: Account, home: string): Person {
  if (account.nobody) return { ...nobody(actor), outsider: true };
  const { team, stranger, deleted: deactivated, bot, guest, name } = account;
  const outsider = actor.team !== home || (team !== null && team !== home) || stranger;
  return {
    ...nobody(actor),
    displayName: name ?? actor.user,
    member: !outsider && !deactivated && !bot && !guest,
    deactivated,
    bot,
    guest,
    outsider,
  };
}
