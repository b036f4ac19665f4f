import { RedisUnavailable } from "../model/errors.ts";
import type { Catalogue } from "../model/catalog.ts";
import type { Text } from "../model/text.ts";
import { decide } from "../policy/decide.ts";
import { type Asked, detailsQuestion } from "../policy/question.ts";
import type { People } from "../policy/person.ts";
import type { Policy } from "../policy/policy.ts";
import type { Log } from "../platform/log.ts";
import type { Conversation } from "../requests/ports/conversation.ts";
import type { Inbox } from "../requests/ports/inbox.ts";
import type { RequestRecord } from "../requests/record/record.ts";
import type { Store } from "../requests/record/store.ts";
import { jobFacts } from "../requests/steps/asker.ts";
import { refused } from "./click.ts";

export interface DetailsOptions {
  store: Pick<Store, "load" | "refused">;
  policy: Policy;
  clusters: readonly { name: string }[];
  catalogue: Catalogue;
  people: People;
  conversation: Pick<Conversation, "channel">;
  log: Pick<Log, "info" | "warn">;
}

const TOO_OLD: Text =
  "The details of this request are no longer stored here. The audit log has every step of it; ask whoever runs flinkops.";
const FORGED: Text =
  "The details of this request were not written by flinkops, so they are not shown. Tell whoever runs flinkops.";

/** Reads the record behind a "Details" button, for people who may view Flink in this channel. */
export function createDetails(options: DetailsOptions): Inbox["details"] {
  const { store, people, conversation, log } = options;
  const read: Inbox["details"] = async ({ requestId, actor, place }) => {
    const [held, person, channel] = await Promise.all([
      store.load(requestId),
      people.lookup(actor),
      conversation.channel(place.channel),
    ]);
    if (held.record === null) return { refuse: held.forged ? FORGED : TOO_OLD };
    const { record, now } = held;
    const asked = { person, channel: { ...channel, id: place.channel }, now, ...aboutOf(options, record) };
    const decision = decide(options.policy, detailsQuestion(asked));
    if (decision.is !== "refuse") return record;
    const { rule, why } = decision;
    await refused({ store, log }, { requestId, actor, kind: "details" }, { record, rule, now });
    return { refuse: why };
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

/** Cluster and jobs of a request, for the rules about who may view them. */
function aboutOf(
  { clusters, catalogue }: DetailsOptions,
  { target, intent }: RequestRecord,
): Pick<Asked, "cluster" | "jobs"> {
  // a view changes nothing, so it does not matter what is allowed on the cluster
  const unchanged = { changes: false, operatorManaged: null, managedBy: null };
  const isThere = clusters.some(({ name }) => name === target.cluster);
  return {
    cluster: isThere ? { name: target.cluster, ...unchanged } : null,
    jobs: jobFacts({ known: { catalogue } }, target, intent),
  };
}
