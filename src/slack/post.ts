import type { WebClient } from "@slack/web-api";
import { type Clock, systemClock } from "../clock.ts";
import { SlackRefused } from "../errors.ts";
import { isRefusal } from "../operations/operation.ts";
import { type Text, t } from "../operations/text.ts";
import type { CardRef, ChannelFacts, Conversation } from "../requests/conversation.ts";
import type { Actor, RequestRecord } from "../requests/record.ts";
import { answer, words } from "./answer.ts";
import { attach, type Draw } from "./attach.ts";
import { context, type Message } from "./blocks.ts";
import { card, type CardView } from "./card.ts";
import { asking, createClient, inTurn, type SlackAccess, type Waiting } from "./client.ts";
import { limits } from "./limits.ts";
import { createNames } from "./names.ts";
import { type Pace, rates } from "./pace.ts";
import { once, shared } from "./people.ts";
import { createTell } from "./tell.ts";
import { mrkdwn } from "./text.ts";
import { mayUpload } from "./upload.ts";

export interface ConversationOptions extends SlackAccess {
  pace: Pace;
  view: Omit<CardView, "names">;
  /** Makes pictures; without it answers are words alone. */
  draw?: Draw;
  /** Ends waits for Slack's pace when the process stops. */
  signal?: AbortSignal;
  clock?: Clock;
}

export const CHANNEL_MAX_AGE_MS = 30_000;
/** Who looks at a message's metadata sees which request it belongs to, and nothing else. */
export const METADATA_EVENT = "flinkops_request";

/** The worker's side of Slack, on a client of its own. */
export function createConversation(options: ConversationOptions): Conversation {
  const { pace, view, signal, draw, clock = systemClock } = options;
  const waiting: Waiting = { pace, clock, signal };
  const client = createClient(options);
  const tell = createTell({
    client,
    apiUrl: options.apiUrl,
    pace,
    clock,
    log: options.log,
    ...(signal && { signal }),
  });
  const workspace = once(async () => (await asking(() => client.auth.test())).url ?? null);
  const names = createNames(client, options.log, clock);
  const channels = createChannels(client, waiting);

  /** Who threw SlackUnavailable may have posted all the same: a second card of the same request is harmless. */
  const post = async (
    where: { channel: string; thread: string | null },
    message: Message,
    requestId?: string,
  ) => {
    await inTurn(waiting, `post:${where.channel}`, rates.post);
    const args = {
      channel: where.channel,
      ...quiet(message),
      ...(where.thread === null ? {} : { thread_ts: where.thread }),
      ...(requestId === undefined ? {} : { metadata: metadata(requestId) }),
    };
    // oxlint-disable-next-line unicorn/require-post-message-target-origin -- Slack's method, not the browser's
    return asking(() => client.chat.postMessage(args));
  };

  return {
    async postCard(record) {
      const known = await names(record);
      const posted = await post(record.place, card(record, { ...view, names: known }), record.id);
      if (posted.channel === undefined || posted.ts === undefined)
        throw new SlackRefused("no ts in the answer");
      return { channel: posted.channel, ts: posted.ts };
    },
    async editCard(ref, record) {
      await inTurn(waiting, "update", rates.update);
      await asking(() =>
        client.chat.update({ channel: ref.channel, ts: ref.ts, ...card(record, view), parse: "none" }),
      ).catch(unlessDeleted);
    },
    async reply(ref, record, text, mention) {
      await post(
        { channel: ref.channel, thread: threadOf(ref, record) },
        words(withMentions(text, mention)),
        record.id,
      );
    },
    async answer(to, place, responseUrl, what, asked = false) {
      const message = answer(what, view);
      const inThread = place.door === "mention" && place.thread !== null;
      if (!(asked || inThread) || isRefusal(what)) return await tell(to, place, responseUrl, message);
      // below a mention in a thread nobody wonders who asked
      const posted = await post(place, asked && !inThread ? shownBy(message, to) : message);
      const thread = place.thread ?? posted.ts;
      if (thread === undefined) return;
      const where = { channel: place.channel, thread };
      const say = async (text: Text): Promise<void> => void (await post(where, words(text)));
      const how = { client, draw, pace, clock, say, log: options.log, ...(signal && { signal }) };
      await attach(how, where, what, mayUpload(posted));
    },
    link: async ({ channel, ts }) => {
      const url = await workspace().catch(() => null);
      return url === null ? null : `${url}archives/${channel}/p${ts.replace(".", "")}`;
    },
    channel: channels,
  };
}

/** Nothing in our texts is unfurled, and nothing is parsed but what we marked up. */
const quiet = (message: Message) => ({
  text: message.text,
  blocks: message.blocks,
  unfurl_links: false,
  unfurl_media: false,
  parse: "none" as const,
});

/** Whoever had it shown to everybody stands below it. */
const shownBy = (message: Message, { user }: Actor): Message => ({
  ...message,
  blocks: [
    ...message.blocks.slice(0, limits.blocks - 1),
    context(mrkdwn(t`Shown by ${{ person: user }}`, { most: 200 })),
  ],
});

const metadata = (requestId: string) => ({
  event_type: METADATA_EVENT,
  event_payload: { request_id: requestId },
});

/** A card that is itself a reply shares its parent's thread: Slack knows no thread below a reply. */
const threadOf = (ref: CardRef, record: RequestRecord): string =>
  record.place.channel === ref.channel && record.place.thread !== null ? record.place.thread : ref.ts;

function withMentions(text: Text, who: { users: readonly string[]; groups: readonly string[] }): Text {
  const mentions = [...who.groups.map((group) => ({ group })), ...who.users.map((person) => ({ person }))];
  return mentions.reduceRight<Text>((rest, one) => t`${one} ${rest}`, text);
}

function unlessDeleted(error: unknown): void {
  if (error instanceof SlackRefused && ["message_not_found", "thread_not_found"].includes(error.reason))
    return;
  throw error;
}

function createChannels(client: WebClient, waiting: Waiting): (channel: string) => Promise<ChannelFacts> {
  const { clock } = waiting;
  const known = new Map<string, { facts: ChannelFacts; askedAt: number }>();
  const outside = { member: false, externallyShared: false };
  const read = shared(async (channel: string): Promise<ChannelFacts> => {
    const askedAt = clock.monotonic();
    await inTurn(waiting, "channel", rates.channel);
    const info = await asking(() => client.conversations.info({ channel })).catch(unlessHidden);
    const facts = {
      member: info?.channel?.is_member === true,
      externallyShared:
        info?.channel?.is_ext_shared === true || info?.channel?.is_pending_ext_shared === true,
    };
    if (known.size > 500) known.clear();
    known.set(channel, { facts, askedAt });
    return facts;
  });
  return (channel) => {
    // a direct message has no witnesses, and reading about it needs a scope that nothing else needs
    if (channel.startsWith("D")) return Promise.resolve(outside);
    const last = known.get(channel);
    if (last !== undefined && clock.monotonic() - last.askedAt <= CHANNEL_MAX_AGE_MS)
      return Promise.resolve(last.facts);
    return read(channel);
  };
}

/** A private channel that the bot is not in does not exist for it. */
function unlessHidden(error: unknown): null {
  if (error instanceof SlackRefused && error.reason === "channel_not_found") return null;
  throw error;
}
