import { labelsOf } from "../../model/catalog.ts";
import type { Intent } from "../../model/intent.ts";
import type { ChangeTarget } from "../../model/target.ts";
import { type Text, t } from "../../model/text.ts";
import { MAY, mayNot, type Verdict } from "../../model/verdict.ts";
import type { Freshness, Person } from "../../policy/person.ts";
import type { JobFacts } from "../../policy/question.ts";
import type { ChannelFacts } from "../ports/conversation.ts";
import type { Engine } from "../ports/engine.ts";
import type { Actor, Place } from "../record/record.ts";

/** Who asks, and where. */
export interface Asker {
  person: Person;
  channel: ChannelFacts & { id: string };
}

/** Looks up the person and the channel. Throws what People and Conversation throw. */
export async function lookUpAsker(
  { people, conversation }: Pick<Engine, "people" | "conversation">,
  { actor, place, fresh }: { actor: Actor; place: Place; fresh?: Freshness },
): Promise<Asker> {
  const [person, channel] = await Promise.all([
    people.lookup(actor, fresh),
    conversation.channel(place.channel),
  ]);
  return { person, channel: { ...channel, id: place.channel } };
}

/** Nothing runs unseen: whether people can see the bot's messages in this channel. */
export const notInChannel = (channel: ChannelFacts): Verdict<Text> =>
  channel.member || channel.unreadable !== null
    ? MAY
    : mayNot(t`flinkops makes changes only where people can see them. ${channel.join}`);

/** The jobs that a request acts on, as the policy sees them. */
export function jobFacts(
  { known }: { known: Pick<Engine["known"], "catalogue"> },
  target: ChangeTarget,
  intent: Pick<Intent, "change">,
): readonly JobFacts[] {
  const own = target.kind === "job" || target.kind === "name" ? [target.name] : [];
  const names = intent.change?.jobs ?? own;
  return names.map((name) => ({ name, labels: labelsOf(known.catalogue, target.cluster, name) }));
}
