import type { ChatPostMessageResponse } from "@slack/web-api";
import { type Clock, systemClock } from "../platform/clock.ts";
import { SlackRefused, SlackUnavailable } from "../model/errors.ts";
import { isRefusal } from "../model/report.ts";
import { type Text, t } from "../model/text.ts";
import type { CardRef, Conversation, Lane, Reply, Outgoing } from "../requests/ports/conversation.ts";
import type { Actor, RequestRecord } from "../requests/record/record.ts";
import { answer, words } from "./answer-message.ts";
import { attach, type Draw } from "./attach.ts";
import { context, type Message, type MessageBlock, section } from "./blocks.ts";
import { card, type CardView } from "./card.ts";
import { createChannels } from "./channels.ts";
import { asking, createClient, inKnownBlocks, type SlackAccess } from "./client.ts";
import { limits } from "./limits.ts";
import { offerBlocks } from "./offers.ts";
import { createDisplayNames } from "./display-names.ts";
import { type RateLimiter, rates } from "./rate-limits.ts";
import type { Roster } from "./roster.ts";
import { createEphemeral } from "./ephemeral.ts";
import { joined, mrkdwn, spansOf, unstyled } from "./text.ts";
import { createTurns, type Turns, type Wanted } from "./turns.ts";
import { mayUpload } from "./upload.ts";

export interface ConversationOptions extends SlackAccess {
  limiter: RateLimiter;
  roster: Roster;
  view: Omit<CardView, "names">;
  /** Draws pictures; without it answers are text only. */
  draw?: Draw;
  /** How long an answer may wait for its turn, ms. The default is short, because a worker has other requests. */
  patienceMs?: number;
  /** Ends waits for Slack's pace when the process stops. */
  signal?: AbortSignal;
  clock?: Clock;
}

/** Event type of a message's metadata, which holds only the request's id. */
export const METADATA_EVENT = "flinkops_request";
const PATIENCE_MS = 1500;

interface Where {
  channel: string;
  thread: string | null;
}

/** The worker's side of Slack, on its own client. */
export function createConversation(options: ConversationOptions): Conversation {
  const { limiter, view, signal, draw, roster, log, patienceMs = PATIENCE_MS, clock = systemClock } = options;
  const turns = createTurns({ limiter, clock, log, signal });
  const client = createClient(options);
  const tell = createEphemeral({ client, apiUrl: options.apiUrl, turns, patienceMs, clock, log });
  const names = createDisplayNames(roster, log, clock);

  /** After SlackUnavailable the message may have been posted all the same: a second card of a request is harmless. */
  const post = async ({ channel, thread }: Where, message: Message, requestId?: string) => {
    const where = {
      channel,
      ...(thread === null ? {} : { thread_ts: thread }),
      ...(requestId === undefined ? {} : { metadata: metadata(requestId) }),
    };
    return await inKnownBlocks(message, (one) =>
      holding(turns, `post:${channel}`, () => {
        const args = { ...where, ...quiet(one) };
        // oxlint-disable-next-line unicorn/require-post-message-target-origin -- Slack's method, not the browser's
        return client.chat.postMessage(args);
      }),
    );
  };
  /** Posts an answer. Its content is fixed, so the turn needs no new content. */
  const answerIn = async (where: Where, message: Message): Promise<ChatPostMessageResponse> => {
    const lane: Lane = "answer";
    await turns.take({ ...turnIn(where.channel, lane), patienceMs }, () => Promise.resolve(true));
    return await post(where, message);
  };

  const link: Conversation["link"] = async ({ channel, ts }) => {
    const { url } = await roster.ourselves().catch(() => ({ url: null }));
    return url === null ? null : `${url}archives/${channel}/p${ts.replace(".", "")}`;
  };
  const originOf = async (of: CardRef | undefined): Promise<Pick<CardView, "origin">> =>
    of === undefined ? {} : { origin: { link: await link(of) } };

  return {
    async postCard(outgoing, copy) {
      const first = await outgoing.newest();
      if (first === null) return null;
      const known = await names(first);
      const where: Where = copy === undefined ? first.place : { channel: copy.channel, thread: null };
      const origin = await originOf(copy?.origin);
      const record = await due(turns, turnIn(where.channel, outgoing.lane), outgoing);
      if (record === null) return null;
      const posted = await post(where, card(record, { ...view, ...origin, names: known }), record.id);
      if (posted.channel === undefined || posted.ts === undefined)
        throw new SlackRefused("no ts in the answer");
      return { channel: posted.channel, ts: posted.ts };
    },
    async editCard(ref, outgoing, copied) {
      const origin = await originOf(copied);
      const record = await due(turns, { key: "update", rate: rates.update, lane: outgoing.lane }, outgoing);
      if (record === null) return false;
      await holding(turns, "update", () =>
        client.chat.update({
          channel: ref.channel,
          ts: ref.ts,
          ...card(record, { ...view, ...origin }),
          parse: "none",
        }),
      ).catch(unlessDeleted);
      return true;
    },
    async reply(ref, outgoing) {
      const reply = await due(turns, turnIn(ref.channel, outgoing.lane), outgoing);
      if (reply === null) return false;
      const where = { channel: ref.channel, thread: threadOf(ref, reply.record) };
      const known = namesPeople(reply.text) ? await names(reply.record) : undefined;
      await post(where, replyMessage(reply, { ...view, names: known }), reply.record.id);
      return true;
    },
    async answer(to, what, how = { post: false }) {
      const { place } = to;
      const message = answer(what, view);
      const inThread = place.door === "mention" && place.thread !== null;
      if (!(how.post || inThread) || isRefusal(what)) return await tell(to, message);
      // in the thread of a mention it is clear who asked
      const posted = await answerIn(place, how.post && !inThread ? shownBy(message, to.actor) : message);
      const thread = place.thread ?? posted.ts;
      if (thread === undefined) return;
      const where = { channel: place.channel, thread };
      const say = async (text: Text): Promise<void> => void (await answerIn(where, words(text)));
      const { file } = what;
      const picture = hasCharts(posted) ? undefined : what.picture;
      await attach({ client, draw, turns, patienceMs, clock, say, log }, where, {
        picture,
        file,
        isAllowed: mayUpload(posted),
      });
    },
    async notice(channel, what) {
      await turns.take(turnIn(channel, "outcome"), () => Promise.resolve(true));
      await post({ channel, thread: null }, answer(what, view));
    },
    link,
    channel: createChannels({ client, turns, clock, roster }),
  };
}

const turnIn = (channel: string, lane: Lane): Wanted => ({ key: `post:${channel}`, rate: rates.post, lane });

/** The newest content once its turn has come; null if there is none, or if it is not ours to post. */
async function due<T>(turns: Turns, wanted: Wanted, outgoing: Outgoing<T>): Promise<T | null> {
  const what = await turns.take(wanted, async () => await outgoing.newest());
  return what !== null && (await outgoing.mine()) ? what : null;
}

/** Runs a call. If Slack asks us to wait, everything behind it waits too. */
async function holding<T>(turns: Turns, key: string, call: () => Promise<T>): Promise<T> {
  try {
    return await asking(call);
  } catch (error) {
    if (error instanceof SlackUnavailable) turns.hold(key, error.retryAfterMs);
    throw error;
  }
}

/** Whether Slack shows charts with it; where it refused them, the message was sent without. */
const hasCharts = ({ message }: ChatPostMessageResponse): boolean =>
  (message?.blocks ?? []).some(({ type }) => String(type) === "data_visualization");

/** Turns off unfurling and Slack's own parsing; only our markup counts. */
const quiet = (message: Message) => ({
  text: message.text,
  blocks: message.blocks,
  unfurl_links: false,
  unfurl_media: false,
  parse: "none" as const,
});

/** Adds the user who asked for what everyone sees. */
function shownBy(message: Message, { user }: Actor): Message {
  const signed = (blocks: readonly MessageBlock[]): MessageBlock[] => [
    ...blocks.slice(0, limits.blocks - 1),
    context(mrkdwn(t`Asked by ${{ person: user }}`, { most: 200 })),
  ];
  const { older } = message;
  return {
    ...message,
    blocks: signed(message.blocks),
    ...(older === undefined ? {} : { older: () => signed(older()) }),
  };
}

const metadata = (requestId: string) => ({
  event_type: METADATA_EVENT,
  event_payload: { request_id: requestId },
});

/** A card that is a reply itself shares its parent's thread, because Slack has no thread below a reply. */
const threadOf = (ref: CardRef, record: RequestRecord): string =>
  record.place.channel === ref.channel && record.place.thread !== null ? record.place.thread : ref.ts;

const namesPeople = (text: Text): boolean =>
  spansOf(text).some((s) => typeof s === "object" && ("person" in s || "group" in s));

/** Mentions only those who are meant to act; other people are named, so that they are not notified. */
function replyMessage({ text, mention: who, offers = [] }: Reply, { names, ...at }: CardView): Message {
  const mentions = [...who.groups.map((group) => ({ group })), ...who.users.map((person) => ({ person }))];
  const to = mrkdwn(
    joined(
      mentions.map((one) => [one]),
      " ",
    ),
    { most: 500 },
  );
  const after = (said: Text): string => `${to} ${mrkdwn(said, { most: 2400, names })}`.trim();
  return { text: after(unstyled(text)), blocks: [section(after(text)), ...offerBlocks(offers, at)] };
}

function unlessDeleted(error: unknown): void {
  if (error instanceof SlackRefused && ["message_not_found", "thread_not_found"].includes(error.reason))
    return;
  throw error;
}
