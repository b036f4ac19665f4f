import type { CardRef } from "../ports/conversation.ts";

/** Where a request is shown, and what was said of it. */
export interface Cards {
  messages: readonly { card: CardRef; drawn: number }[];
  said: ReadonlySet<string>;
}

/** The fields of the hash: `channel ts` -> the rev last drawn there; `said <what>` -> 1. */
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
