import type { Seen, SeenMessage } from "../../playground/slack/driver.ts";

/** Everything in every channel and thread that a person sees and nobody deleted. */
export const everyMessage = (seen: Seen): SeenMessage[] =>
  seen.channels
    .flatMap((channel) => channel.messages)
    .flatMap((root) => [root, ...root.replies])
    .filter((one) => !one.deleted);

/** A card, and not a reply of flinkops under one: its foot names the request. */
export const isCard = (one: SeenMessage): boolean =>
  one.isBot && !one.ephemeral && /^Request r[0-9a-f]{7} · /mu.test(one.plain);

/** The state word and the headline. */
export const headOf = (card: SeenMessage): string => card.plain.split("\n")[0] ?? "";

/** Whether it shows how the request ended. */
export const isOver = (card: SeenMessage): boolean => / · ended \d{4}-/mu.test(card.plain);

/** The request a card or reply belongs to, from the message's metadata. */
export function requestOf(message: Pick<SeenMessage, "metadata">): string {
  const payload = message.metadata?.["event_payload"];
  const found = payload !== null && typeof payload === "object" ? Object.values(payload) : [];
  const id = found.find((value) => typeof value === "string" && /^r[0-9a-f]{31}$/u.test(value));
  if (typeof id !== "string") throw new Error(`no request in ${JSON.stringify(message.metadata)}`);
  return id;
}
