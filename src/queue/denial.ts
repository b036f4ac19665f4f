import { RedisUnavailable } from "../model/errors.ts";
import type { Text } from "../model/text.ts";
import { fullMember, type Person } from "../policy/person.ts";
import { isRedisProblem } from "../redis/connect.ts";
import type { Click, Inbox } from "../requests/ports/inbox.ts";
import type { RequestRecord } from "../requests/record/record.ts";
import { type Judged, vote } from "../requests/steps/vote.ts";
import {
  type ClickOptions,
  notCounted,
  OPEN_PATIENCE_MS,
  refused,
  refusedWithout,
  votingGroups,
} from "./click.ts";

type DenialOptions = Pick<
  ClickOptions,
  "store" | "policy" | "people" | "startAfterApproval" | "wake" | "log"
>;
type Pressed = Parameters<Inbox["denial"]>[0];

const NOT_READ: Text = "Redis does not answer flinkops, so nothing was denied. Press Deny again in a moment.";

/**
 * Judges a press of "Deny" before its reason is asked for, so that nobody types a reason in vain. An answer of Slack
 * that allows it may be some seconds old here, because the denial itself is judged anew.
 */
export function createDenial(options: DenialOptions): Inbox["denial"] {
  return async (pressed) =>
    await read(options, pressed).catch((error: unknown) => {
      options.log.warn({ requestId: pressed.requestId, err: error }, "denial cannot be asked for");
      const isRedisAway = error instanceof RedisUnavailable || isRedisProblem(error);
      return { refuse: isRedisAway ? NOT_READ : notCounted(error) };
    });
}

async function read(options: DenialOptions, pressed: Pressed): Promise<RequestRecord | { refuse: Text }> {
  const { store, policy, people, startAfterApproval } = options;
  const { requestId, actor, card } = pressed;
  const held = await store.load(requestId);
  const click: Click = { ...pressed, kind: "deny" };
  if (held.record === null) return { refuse: await refusedWithout(options, click, held) };
  const { record, now } = held;
  if (card !== null) await store.addCard(record.id, card);
  const judge = (person: Person): Judged =>
    vote(policy, startAfterApproval, { record, click, person, now, arrivedAt: now });
  const how = { groups: votingGroups(policy, record, actor.user), patienceMs: OPEN_PATIENCE_MS };
  const isRequester = actor.user === record.actor.user;
  let verdict = judge(isRequester ? fullMember(actor) : await people.lookup(actor, how));
  // they may have become an approver since Slack was last asked
  if (verdict.is === "tell" && verdict.rule === "may_not_vote" && !isRequester)
    verdict = judge(await people.lookup(actor, { ...how, notBefore: now }));
  if (verdict.is === "move") return record;
  await refused(options, click, { record, rule: verdict.rule, now });
  // the message with the button may be a card that was not known, and shows an old state
  if (card !== null) void options.wake(record);
  return { refuse: verdict.text };
}
