import type { Clock } from "../platform/clock.ts";
import { type RequestRecord, requirementsOf } from "../requests/record/record.ts";
import type { Log } from "./log.ts";
import type { Roster } from "./roster.ts";
import type { Names } from "./text.ts";

/** Longest time that a card waits for names, ms. */
const LONGEST_MS = 400;
/** Of the approvers at most so many users and so many groups are looked up. */
const MOST = 10;

/** What the policy calls the groups, where approvals of several sets are needed and their names are not read in time. */
function setsOf({ approval }: RequestRecord): ReadonlyMap<string, string> {
  const required = approval === null ? [] : requirementsOf(approval).flat();
  const named = required.flatMap(({ from, by }) =>
    by.groups.map((group) => [group, from.join(" or ")] as const),
  );
  return new Map(required.length < 2 ? [] : named);
}

/**
 * Reads names for a card's first post, so that it notifies nobody: the requester has just asked, and the approvers are
 * mentioned once, in the thread. A name that is not read in time is left out.
 */
export function createDisplayNames(
  roster: Pick<Roster, "nameOf" | "handleOf">,
  log: Log,
  clock: Pick<Clock, "after">,
): (record: RequestRecord) => Promise<Names> {
  const read = async (into: Map<string, string>, of: string, name: Promise<string | null>): Promise<void> => {
    try {
      const is = await name;
      if (is !== null) into.set(of, is);
    } catch (error) {
      log.debug({ error: String(error) }, "display names not read");
    }
  };
  return async (record) => {
    const people = new Map<string, string>();
    const groups = new Map<string, string>();
    const { by, votes } = record.approval ?? { by: { groups: [], users: [] }, votes: [] };
    const sets = setsOf(record);
    const voters = votes.map(({ actor }) => actor.user);
    const users = new Set([record.actor.user, ...voters, ...by.users.slice(0, MOST)]);
    const reading = [
      ...[...users].map(async (user) => await read(people, user, roster.nameOf(user))),
      ...by.groups.slice(0, MOST).map(async (group) => await read(groups, group, roster.handleOf(group))),
    ];
    await new Promise<void>((resolve) => {
      const callOff = clock.after(LONGEST_MS, resolve);
      void Promise.all(reading).finally(() => {
        callOff();
        resolve();
      });
    });
    return {
      person: (user) => people.get(user) ?? null,
      group: (group) => groups.get(group) ?? sets.get(group) ?? null,
    };
  };
}
