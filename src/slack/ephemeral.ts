import type { WebClient } from "@slack/web-api";
import type { Clock } from "../platform/clock.ts";
import type { Message } from "./blocks.ts";
import type { Recipient } from "../requests/ports/conversation.ts";
import { asking, inKnownBlocks } from "./client.ts";
import type { Log } from "./log.ts";
import { rates } from "./rate-limits.ts";
import { isResponseUrl, respond } from "./response-url.ts";
import type { Turns } from "./turns.ts";

export interface EphemeralOptions {
  client: WebClient;
  apiUrl: string;
  turns: Turns;
  /** How long to wait for a turn, ms. */
  patienceMs: number;
  clock: Clock;
  log: Log;
}

/** Shows a message to one person only, where they made the request. Throws SlackUnavailable, SlackRefused. */
export type SendEphemeral = (to: Recipient, message: Message) => Promise<void>;

/** Uses `response_url` while it is valid, which needs no membership of the bot, and then chat.postEphemeral. */
export function createEphemeral(options: EphemeralOptions): SendEphemeral {
  const { client, apiUrl, clock, log, turns, patienceMs } = options;
  return async ({ actor, place, responseUrl }, message) => {
    if (responseUrl !== null && isResponseUrl(responseUrl, apiUrl)) {
      const how = { thread: place.thread, keepOriginal: place.door === "button" };
      // Slack does not say here why it takes no answer, so the older blocks are tried whatever it was
      for (const blocksOf of [() => message.blocks, ...(message.older === undefined ? [] : [message.older])])
        if (await respond(responseUrl, { text: message.text, blocks: blocksOf(), ...how }, clock)) return;
      log.debug({ channel: place.channel }, "response_url is used up");
    } else if (responseUrl !== null) log.warn({ channel: place.channel }, "response_url is not slack's");
    await turns.take({ key: "ephemeral", rate: rates.ephemeral, lane: "answer", patienceMs }, () =>
      Promise.resolve(true),
    );
    await inKnownBlocks(message, ({ text, blocks }) =>
      asking(() =>
        client.chat.postEphemeral({
          channel: place.channel,
          user: actor.user,
          text,
          blocks,
          ...(place.thread === null ? {} : { thread_ts: place.thread }),
        }),
      ),
    );
  };
}
