import type { CardRef } from "../ports/conversation.ts";

/** The Slack messages that show a request, and the replies that were already sent. */
export interface Cards {
  messages: readonly { card: CardRef; drawn: number }[];
  said: ReadonlySet<string>;
}

/**
 * Reads the hash of a request's cards. Its fields are `channel ts`, with the revision last drawn there, and `said
 * <what>`, with 1.
 */
export function readCards(fields: readonly [string, unknown][]): Cards {
  const said = fields.filter(([f]) => f.startsWith("said ")).map(([f]) => f.slice(5));
  const messages = fields
    .filter(([f]) => !f.startsWith("said "))
    .map(([f, drawn]) => {
      const [channel = "", ts = ""] = f.split(" ");
      return { card: { channel, ts }, drawn: Number(drawn) };
    });
  return { messages, said: new Set(said) };
}
