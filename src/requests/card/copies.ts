import { type Text, t } from "../../model/text.ts";
import type { Policy } from "../../policy/policy.ts";
import type { CardRef, ChannelFacts } from "../ports/conversation.ts";
import { copyInOf, type RequestRecord } from "../record/record.ts";
import type { Cards } from "../record/store.ts";

/** Names of notes in the hash of a request's cards. The names are stored. */
export const POSTING_COPY = "posting copy";
export const POSTING_COPY_AGAIN = "posting copy again";
const REFUSED = "copy refused ";

/** Why there can be no copy in the approvers' channel: one of these words, or Slack's own. */
export type CopyProblem = "no member" | "external" | "unreadable" | (string & {});

/** The name under which it is recorded that there can be no copy. */
export const copyRefused = (problem: CopyProblem): string => `${REFUSED}${problem}`;

/** Why there can be no copy in this channel; null: there can be one. */
export function copyProblem(
  { externalChannels }: Pick<Policy, "externalChannels">,
  channel: string,
  { member, externallyShared, unreadable }: ChannelFacts,
): CopyProblem | null {
  if (unreadable !== null) return "unreadable";
  if (!member) return "no member";
  return externallyShared && !externalChannels.includes(channel) ? "external" : null;
}

/** The cards of a request by their place. */
export interface Places {
  /** The card where the request was made. */
  origin: CardRef;
  /** The card whose thread has the mentions of the approvers; null: it is not posted yet. */
  asked: CardRef | null;
  /** Why the approvers are asked where the request was made although they have a channel; "" where they are not. */
  problem: Text;
  isCopy: (card: CardRef) => boolean;
}

/** Null: no card has been posted. */
export function placesOf(
  record: Pick<RequestRecord, "approval" | "breakGlass">,
  { messages, said }: Cards,
): Places | null {
  const copyIn = copyInOf(record);
  const isCopy = ({ channel }: CardRef): boolean => channel === copyIn;
  const cards = messages.map(({ card }) => card);
  const origin = cards.find((card) => !isCopy(card)) ?? cards[0];
  if (origin === undefined) return null;
  if (copyIn === undefined) return { origin, asked: origin, problem: "", isCopy };
  const copy = cards.find(isCopy);
  const why = copyRefusal(said);
  if (copy !== undefined || why === null) return { origin, asked: copy ?? null, problem: "", isCopy };
  return { origin, asked: origin, problem: problemWords(copyIn, why), isCopy };
}

/** Why there can be no copy, in words; null: there can be one. */
export function copyRefusal(said: ReadonlySet<string>): string | null {
  const refusal = [...said].find((what) => what.startsWith(REFUSED))?.slice(REFUSED.length);
  return refusal === undefined ? null : (WORDS[refusal] ?? `Slack says ${refusal}`);
}

const WORDS: Readonly<Record<string, string>> = {
  "no member": "flinkops is not a member of it",
  external: "it is shared with another organization",
  unreadable: "Slack does not return it",
};

const problemWords = (channel: string, why: string): Text =>
  t` The approvers' channel ${{ channel }} cannot be used: ${why}. So they are asked here.`;
