import type { WebClient } from "@slack/web-api";
import { z } from "zod";
import type { Clock } from "../platform/clock.ts";
import { SlackRefused } from "../model/errors.ts";
import { code, type Text, t } from "../model/text.ts";
import type { ChannelFacts } from "../requests/ports/conversation.ts";
import { asking } from "./client.ts";
import { rates } from "./rate-limits.ts";
import { flag, readAnswer } from "./read-answer.ts";
import { whyNot } from "./refusals.ts";
import type { Roster } from "./roster.ts";
import { shared } from "./shared.ts";
import type { Turns } from "./turns.ts";

/**
 * How long a membership of the bot in a channel is remembered, ms. Absence never is: an invitation may come at any
 * time.
 */
export const CHANNEL_MAX_AGE_MS = 30_000;
const MOST = 500;
/** A step waits at most this long, ms, because others queue behind it. */
const PATIENCE_MS = 1500;

export interface ChannelsOptions {
  client: WebClient;
  turns: Turns;
  clock: Pick<Clock, "monotonic">;
  roster: Pick<Roster, "ourselves">;
}

/** Reads facts of channels, one call at a time per channel. Throws SlackUnavailable. */
export function createChannels(options: ChannelsOptions): (channel: string) => Promise<ChannelFacts> {
  const { client, turns, clock, roster } = options;
  const known = new Map<string, { facts: ChannelFacts; askedAt: number }>();
  const read = shared(async (channel: string): Promise<ChannelFacts> => {
    const askedAt = clock.monotonic();
    const wanted = {
      key: "channel",
      rate: rates.channel,
      lane: "approval",
      patienceMs: PATIENCE_MS,
    } as const;
    await turns.take(wanted, () => Promise.resolve(true));
    const facts = await asking(() => client.conversations.info({ channel })).then(
      async (answer) => await factsOf(readAnswer(answered, answer, "conversations.info").channel, roster),
      async (error: unknown) => await refused(error, roster),
    );
    if (known.size >= MOST) known.clear();
    if (facts.member) known.set(channel, { facts, askedAt });
    else known.delete(channel);
    return facts;
  });
  return (channel) => {
    // a direct message has no witnesses, and reading it needs a scope that nothing else needs
    if (channel.startsWith("D")) return Promise.resolve(away(DIRECT));
    const last = known.get(channel);
    if (last !== undefined && clock.monotonic() - last.askedAt <= CHANNEL_MAX_AGE_MS)
      return Promise.resolve(last.facts);
    return read(channel);
  };
}

const answered = z.object({
  channel: z
    .object({ is_member: flag, is_ext_shared: flag, is_pending_ext_shared: flag, is_mpim: flag })
    .nullish(),
});

async function factsOf(
  info: z.infer<typeof answered>["channel"],
  roster: ChannelsOptions["roster"],
): Promise<ChannelFacts> {
  const shownTo = info?.is_ext_shared === true || info?.is_pending_ext_shared === true;
  const facts = { ...away(""), member: info?.is_member === true, externallyShared: shownTo };
  if (facts.member) return facts;
  return { ...facts, join: info?.is_mpim === true ? GROUP_DM : await inviting(roster) };
}

/** The facts behind a refusal. Throws any other error. */
async function refused(error: unknown, roster: ChannelsOptions["roster"]): Promise<ChannelFacts> {
  if (!(error instanceof SlackRefused)) throw error;
  // Slack hides private channels and group messages that the bot is not in
  if (error.reason === "channel_not_found")
    return away(t`${await inviting(roster)} In a group message nobody can invite me: use a channel instead.`);
  // reading direct and group messages needs scopes that nothing else needs
  if (error.reason === "missing_scope" && error.needed.length > 0 && error.needed.every(isOfMessages))
    return away(error.needed.includes("mpim:read") ? GROUP_DM : DIRECT);
  return { ...away(""), unreadable: whyNot(error) };
}

const isOfMessages = (scope: string): boolean => scope === "mpim:read" || scope === "im:read";

const DIRECT = "Nobody can invite me to a direct message: use a channel that I am in.";
const GROUP_DM = "Nobody can invite me to a group message: use a channel that I am in.";

const away = (join: Text): ChannelFacts => ({
  member: false,
  externallyShared: false,
  join,
  unreadable: null,
});

/** Falls back to "flinkops" if the bot's own name cannot be read. */
async function inviting(roster: ChannelsOptions["roster"]): Promise<Text> {
  const name = await roster.ourselves().then(
    (us) => us.name,
    () => "flinkops",
  );
  return t`Invite me with ${code(`/invite @${name}`)}, then ask again.`;
}
