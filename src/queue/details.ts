import { RedisUnavailable } from "../model/errors.ts";
import type { Text } from "../model/text.ts";
import { decide } from "../policy/decide.ts";
import { viewQuestion } from "../policy/question.ts";
import type { People } from "../policy/person.ts";
import type { Policy } from "../policy/policy.ts";
import type { Log } from "../platform/log.ts";
import type { Conversation } from "../requests/ports/conversation.ts";
import type { Inbox } from "../requests/ports/inbox.ts";
import type { Store } from "../requests/record/store.ts";

export interface DetailsOptions {
  store: Pick<Store, "load">;
  policy: Policy;
  people: People;
  conversation: Pick<Conversation, "channel">;
  log: Pick<Log, "warn">;
}

const TOO_OLD: Text =
  "The details of this request are no longer stored here. The audit log has every step of it; ask whoever runs flinkops.";
const FORGED: Text =
  "The details of this request were not written by flinkops, so they are not shown. Tell whoever runs flinkops.";

/** Reads the record behind a "Details" button, for people who may view Flink in this channel. */
export function createDetails({
  store,
  policy,
  people,
  conversation,
  log,
}: DetailsOptions): Inbox["details"] {
  const read: Inbox["details"] = async ({ requestId, actor, place }) => {
    const [held, person, channel] = await Promise.all([
      store.load(requestId),
      people.lookup(actor),
      conversation.channel(place.channel),
    ]);
    if (held.record === null) return { refuse: held.forged ? FORGED : TOO_OLD };
    const { record, now } = held;
    const asked = { person, channel: { ...channel, id: place.channel }, cluster: null, now };
    const decision = decide(policy, viewQuestion(record.operation, asked));
    return decision.is === "refuse" ? { refuse: decision.why } : record;
  };
  return async (asked) =>
    await read(asked).catch((error: unknown) => {
      log.warn({ requestId: asked.requestId, err: error }, "details cannot be read");
      const who = error instanceof RedisUnavailable ? "Redis" : "Slack";
      return {
        refuse: `${who} does not answer flinkops, so the details cannot be shown. Try again in a moment.`,
      };
    });
}
