import type { WebClient } from "@slack/web-api";
import type { Clock } from "../clock.ts";
import type { RequestRecord } from "../requests/record.ts";
import { asking } from "./client.ts";
import type { Log } from "./log.ts";
import { nameOf } from "./people.ts";
import type { Names } from "./text.ts";

/** Names change seldom and decide nothing. */
const MAX_AGE_MS = 10 * 60_000;

/**
 * Names for a card's first post, so that it rings nobody: the requester has just asked, and the approvers are mentioned
 * once, in the thread. What cannot be read in time is no reason to hold a card up.
 */
export function createNames(
  client: WebClient,
  log: Log,
  clock: Pick<Clock, "monotonic">,
): (record: RequestRecord) => Promise<Names> {
  const people = new Map<string, string>();
  const groups = new Map<string, string>();
  let clearedAt = clock.monotonic();
  const quietly = (reading: Promise<void>): Promise<void> =>
    reading.catch((error: unknown) => log.debug({ error: String(error) }, "names not read"));
  const readPerson = async (user: string): Promise<void> => {
    const { user: found } = await asking(() => client.users.info({ user }));
    const name = found === undefined ? null : nameOf(found);
    if (name !== null) people.set(user, name);
  };
  const readGroups = async (): Promise<void> => {
    const { usergroups } = await asking(() => client.usergroups.list());
    for (const g of usergroups ?? [])
      if (g.id !== undefined && g.handle !== undefined) groups.set(g.id, `@${g.handle}`);
  };
  return async (record) => {
    if (clock.monotonic() - clearedAt > MAX_AGE_MS) {
      people.clear();
      groups.clear();
      clearedAt = clock.monotonic();
    }
    const by = record.approval?.by ?? { groups: [], users: [] };
    const unknown = [record.actor.user, ...by.users.slice(0, 5)].filter((user) => !people.has(user));
    await Promise.all([
      ...unknown.map((user) => quietly(readPerson(user))),
      ...(by.groups.some((g) => !groups.has(g)) ? [quietly(readGroups())] : []),
    ]);
    return {
      person: (user) => people.get(user) ?? null,
      group: (group) => groups.get(group) ?? null,
    };
  };
}
