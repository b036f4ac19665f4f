import { type Clock, systemClock } from "../clock.ts";
import type { UsersInfoResponse, WebClient } from "@slack/web-api";
import { SlackRefused } from "../errors.ts";
import type { People, Person } from "../policy/person.ts";
import { asking, createClient, type SlackAccess } from "./client.ts";

/** How old a group's members may be when somebody's rights are decided. */
export const GROUPS_MAX_AGE_MS = 30_000;

export interface PeopleOptions extends SlackAccess {
  /** The user groups that the policy names; nobody else's are read. */
  groups: readonly string[];
  clock?: Pick<Clock, "monotonic">;
}

/**
 * Slack's people. A person is read each time; calls for the same person while one is under way share it.
 * Whatever cannot be read is thrown (SlackUnavailable, SlackRefused): the caller fails closed.
 */
export function createPeople(options: PeopleOptions): People {
  const client = createClient(options);
  const { clock = systemClock } = options;
  const team = once(async () => {
    const { team_id } = await asking(() => client.auth.test());
    if (team_id === undefined) throw new SlackRefused("auth.test told no team");
    return team_id;
  });
  const members = createGroups(client, clock);
  const user = shared((id: string) => asking(() => client.users.info({ user: id })));
  return {
    async lookup(actor) {
      const home = await team();
      const found = await user(actor.user).catch(noSuchUser);
      // an outsider or a bot needs no group, and Slack allows few look-ups of groups
      const person = asPerson(actor, found, home);
      if (!person.member) return person;
      const groups = new Set<string>();
      for (const group of options.groups) if ((await members(group)).has(actor.user)) groups.add(group);
      return { ...person, groups };
    },
  };
}

/** Slack shows nothing of some strangers: they are nobody here, not an error. */
function noSuchUser(error: unknown): null {
  if (error instanceof SlackRefused && ["user_not_found", "user_not_visible"].includes(error.reason))
    return null;
  throw error;
}

function asPerson(
  actor: { user: string; team: string },
  found: UsersInfoResponse | null,
  home: string,
): Person {
  const u = found?.user;
  const nobody = { user: actor.user, team: actor.team, displayName: actor.user, groups: new Set<string>() };
  if (u === undefined)
    return { ...nobody, member: false, deactivated: false, bot: false, guest: false, outsider: true };
  const outsider =
    actor.team !== home || (u.team_id !== undefined && u.team_id !== home) || u.is_stranger === true;
  const deactivated = u.deleted === true;
  const bot =
    u.is_bot === true || u.is_app_user === true || u.is_workflow_bot === true || u.id === "USLACKBOT";
  const guest = u.is_restricted === true || u.is_ultra_restricted === true;
  return {
    ...nobody,
    displayName: nameOf(u) ?? actor.user,
    member: !outsider && !deactivated && !bot && !guest,
    deactivated,
    bot,
    guest,
    outsider,
  };
}

/** What people call somebody. */
export function nameOf(u: NonNullable<UsersInfoResponse["user"]>): string | null {
  return (
    [u.profile?.display_name, u.profile?.real_name, u.real_name, u.name].find(
      (n) => n !== undefined && n !== "",
    ) ?? null
  );
}

/** Members of a group, at most GROUPS_MAX_AGE_MS old; one look-up at a time per group (tier 2: 20 a minute). */
function createGroups(
  client: WebClient,
  clock: Pick<Clock, "monotonic">,
): (group: string) => Promise<ReadonlySet<string>> {
  const known = new Map<string, { users: ReadonlySet<string>; askedAt: number }>();
  const read = shared(async (group: string) => {
    const askedAt = clock.monotonic();
    const { users } = await asking(() => client.usergroups.users.list({ usergroup: group }));
    const members = { users: new Set(users ?? []), askedAt };
    known.set(group, members);
    return members;
  });
  return async (group) => {
    const last = known.get(group);
    if (last !== undefined && clock.monotonic() - last.askedAt <= GROUPS_MAX_AGE_MS) return last.users;
    return (await read(group)).users;
  };
}

/** Calls for the same key while one is under way get its answer. */
export function shared<T>(call: (key: string) => Promise<T>): (key: string) => Promise<T> {
  const underWay = new Map<string, Promise<T>>();
  return (key) => {
    const other = underWay.get(key);
    if (other !== undefined) return other;
    const mine = call(key).finally(() => underWay.delete(key));
    underWay.set(key, mine);
    return mine;
  };
}

/** Remembers an answer, never a failure. */
export function once<T>(call: () => Promise<T>): () => Promise<T> {
  let value: { is: T } | null = null;
  const ask = shared(async () => (value = { is: await call() }).is);
  return () => (value === null ? ask("") : Promise.resolve(value.is));
}
