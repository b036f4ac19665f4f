import { systemClock } from "../platform/clock.ts";
import { SlackRefused } from "../model/errors.ts";
import { plain } from "../model/text.ts";
import type { Organization, Person } from "../policy/person.ts";
import type { How } from "./ask-once.ts";
import { createChannels } from "./channels.ts";
import { asking, createClient, type SlackAccess } from "./client.ts";
import { outsideOf } from "./membership.ts";
import { isOrgWide, orNull } from "./ourselves.ts";
import { createLocalLimiter } from "./rate-limits.ts";
import { whyNot } from "./refusals.ts";
import { createRoster, type Roster } from "./roster.ts";
import { createTurns } from "./turns.ts";

/** What `auth.test` answers about the bot token. */
export interface BotToken {
  team: string;
  user: string;
  scopes: readonly string[];
  /** The id of the Enterprise Grid organization; null: the workspace belongs to none. */
  enterprise: string | null;
  /** The app is installed for the whole organization, which flinkops does not serve. */
  orgWide: boolean;
}

/** Throws SlackRefused, SlackUnavailable. */
export async function probeBotToken(access: SlackAccess): Promise<BotToken> {
  const client = createClient(access);
  const who = await asking(() => client.auth.test());
  return {
    team: who.team ?? who.team_id ?? "unknown",
    user: who.user ?? who.user_id ?? "unknown",
    scopes: who.response_metadata?.scopes ?? [],
    enterprise: orNull(who.enterprise_id),
    orgWide: isOrgWide(who),
  };
}

/** Requests a Socket Mode URL without connecting to it. Throws SlackRefused, SlackUnavailable. */
export async function probeAppToken(access: SlackAccess): Promise<void> {
  const client = createClient(access);
  await asking(() => client.apps.connections.open({}));
}

/** A user group, user or channel that the configuration names by its id. */
export interface Named {
  kind: "group" | "user" | "channel";
  id: string;
  /** Of a channel: what people are asked or told there, so it must not be shared with another organization. */
  internalFor?: "approvals" | "break-glass";
}

/** A problem with a name: `what` completes "group S1 ...". `isGrave`: everything that needs the name fails. */
export interface NamedProblem extends Named {
  isGrave: boolean;
  what: string;
  todo: string;
}

/** A check runs rarely, so it may wait for the pace. */
const PATIENT: How = { lane: "answer", patienceMs: 15_000 };

/** Returns the names with a problem. Throws SlackUnavailable. */
export async function probeNamed(
  access: SlackAccess,
  named: readonly Named[],
  organization: Organization,
): Promise<NamedProblem[]> {
  const clock = systemClock;
  const limiter = createLocalLimiter(clock);
  const roster = createRoster({ ...access, answers: null, limiter, clock });
  const turns = createTurns({ limiter, clock, log: access.log });
  const channels = createChannels({ client: createClient(access), turns, clock, roster });
  const look: Readonly<
    Record<Named["kind"], (id: string, one: Named) => Promise<Omit<NamedProblem, keyof Named> | null>>
  > = {
    group: async (id) => await groupProblem(roster, id),
    user: async (id) => await userProblem(roster, id, organization),
    channel: async (_, one) => await channelProblem(channels, one),
  };
  const found = await Promise.all(
    named.map(async (one) => {
      const problem = await look[one.kind](one.id, one);
      return problem === null ? [] : [{ ...one, ...problem }];
    }),
  );
  return found.flat();
}

type Problem = Omit<NamedProblem, keyof Named> | null;

async function groupProblem(roster: Roster, group: string): Promise<Problem> {
  const members = await roster.members(group, PATIENT);
  if ("unreadable" in members)
    return {
      isGrave: true,
      what: members.unreadable,
      todo: "correct the id (in Slack: People, User groups, Copy group ID), or fix what Slack reports",
    };
  return members.users.length > 0
    ? null
    : { isGrave: false, what: "has no members", todo: "add members to it in Slack" };
}

const REMOVE = "correct the id (in Slack: the profile, Copy member ID), or remove it";
const OUTSIDE: Readonly<Record<NonNullable<Person["outsider"]>, { is: string; todo: string }>> = {
  organization: { is: "is from another organization", todo: REMOVE },
  workspace: {
    is: "is in this organization but not in this workspace",
    todo: "add the account to the workspace, set slack.organization: whole, or remove the id",
  },
};

async function userProblem(roster: Roster, user: string, organization: Organization): Promise<Problem> {
  try {
    const [us, account] = await Promise.all([roster.ourselves(), roster.account(user, PATIENT)]);
    if (account.nobody) return { isGrave: true, what: "does not exist in Slack", todo: REMOVE };
    const outsider = outsideOf(account, us, organization);
    const { is, todo } = account.deleted
      ? { is: "is deactivated", todo: REMOVE }
      : account.bot
        ? { is: "is a bot", todo: REMOVE }
        : account.guest
          ? { is: "is a guest", todo: REMOVE }
          : outsider === null
            ? { is: null, todo: REMOVE }
            : OUTSIDE[outsider];
    return is === null ? null : { isGrave: false, what: `${is}, so it has no permissions`, todo };
  } catch (error) {
    if (!(error instanceof SlackRefused)) throw error;
    return { isGrave: true, what: whyNot(error), todo: "fix what Slack reports" };
  }
}

const NO_GLASS = "break-glass cannot be announced there, so it does not start";

async function channelProblem(
  channels: ReturnType<typeof createChannels>,
  { id, internalFor }: Named,
): Promise<Problem> {
  const { member, join, unreadable, externallyShared } = await channels(id);
  if (unreadable !== null) return { isGrave: true, what: unreadable, todo: "fix what Slack reports" };
  const isForGlass = internalFor === "break-glass";
  if (member && internalFor !== undefined && externallyShared)
    return {
      isGrave: isForGlass,
      what: `is shared with another organization: ${isForGlass ? NO_GLASS : "approvers are asked in the thread of the request instead"}`,
      todo: "name an internal channel, or list this one under externalChannels",
    };
  if (member) return null;
  return {
    isGrave: isForGlass,
    what: `is not visible to the bot, or the bot is not a member: ${isForGlass ? NO_GLASS : "changes are refused there"}`,
    todo: plain(join),
  };
}
