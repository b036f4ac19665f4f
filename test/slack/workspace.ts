import type { CardRef, Conversation, Lane, Outgoing } from "../../src/requests/ports/conversation.ts";
import type { Actor, Place, RequestRecord } from "../../src/requests/record/record.ts";
import { systemClock } from "../../src/platform/clock.ts";
import type { Log } from "../../src/slack/log.ts";
import type { RateLimiter } from "../../src/slack/rate-limits.ts";
import { type ConversationOptions, createConversation } from "../../src/slack/conversation.ts";
import { createRoster } from "../../src/slack/roster.ts";
import { SlackDriver } from "../../playground/slack/driver.ts";
import { type SlackStandIn, type StandInOptions, startSlack } from "../../playground/slack/server.ts";
import { ANA, FLINK_OPS, HOME_TEAM } from "../../playground/slack/workspace-seed.ts";

export const manifestPath = new URL("../../manifest.yml", import.meta.url).pathname;

/** A workspace with the scopes and events of our own manifest, and who drives it. */
export async function aWorkspace(options: StandInOptions = {}): Promise<{
  slack: SlackStandIn;
  driver: SlackDriver;
  log: Log & { lines: string[] };
  access: { botToken: string; apiUrl: string; log: Log };
}> {
  const slack = await startSlack({ manifestPath, ...options });
  const log = aLog();
  return {
    slack,
    driver: new SlackDriver(slack.url),
    log,
    access: { botToken: slack.botToken, apiUrl: slack.apiUrl, log },
  };
}

/** Remembers its lines. */
export function aLog(): Log & { lines: string[] } {
  const lines: string[] = [];
  const at = (level: string) => (fields: object, message: string) => {
    lines.push(`${level} ${message} ${JSON.stringify(fields)}`);
  };
  return { lines, debug: at("debug"), info: at("info"), warn: at("warn"), error: at("error") };
}

export const ana: Actor = { user: ANA, team: HOME_TEAM };
export const atRoot: Place = { channel: FLINK_OPS, thread: null, door: "command" };

/** Lets everything pass. */
export const noLimit: RateLimiter = { take: () => Promise.resolve({ waitMs: 0 }) };

/** The worker's side of a workspace; without a pace it never waits. */
export function aConversation(
  options: Omit<ConversationOptions, "limiter" | "roster"> & { limiter?: RateLimiter },
): Conversation {
  const { limiter = noLimit, clock = systemClock } = options;
  return createConversation({
    ...options,
    limiter,
    roster: createRoster({ ...options, answers: null, limiter, clock }),
  });
}

/** Something that is wanted as it is, and nobody else says. */
export const says = <T>(content: T, lane: Lane = "answer"): Outgoing<T> => ({
  lane,
  newest: () => Promise.resolve(content),
  mine: () => Promise.resolve(true),
});

/** A card that was posted. */
export async function posted(conversation: Conversation, record: RequestRecord): Promise<CardRef> {
  const card = await conversation.postCard(says(record));
  if (card === null) throw new Error("no card was posted");
  return card;
}

/** A promise that the test itself fulfils. */
export function gate<T>(): { promise: Promise<T>; open(value: T): void } {
  const waiting: ((value: T) => void)[] = [];
  const promise = new Promise<T>((resolve) => waiting.push(resolve));
  return { promise, open: (value) => waiting.forEach((resolve) => resolve(value)) };
}
