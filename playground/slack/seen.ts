import type { Seen, SeenMessage } from "./see.ts";

/** Which message: one that was read, or its place. */
export type MessageRef = Pick<SeenMessage, "channel" | "ts">;

/** The messages at the root of a channel that are still there. */
export const roots = (seen: Seen, channel: string): SeenMessage[] =>
  (seen.channels.find((one) => one.id === channel)?.messages ?? []).filter((one) => !one.deleted);

/** Roots and replies of a channel that are still there. */
export const everything = (seen: Seen, channel: string): SeenMessage[] =>
  roots(seen, channel).flatMap((root) => [root, ...root.replies.filter((one) => !one.deleted)]);

/** The replies under a root. */
export const repliesOf = (seen: Seen, root: MessageRef): SeenMessage[] =>
  (roots(seen, root.channel).find((one) => one.ts === root.ts)?.replies ?? []).filter((one) => !one.deleted);

const line = (message: SeenMessage, indent: string): string => {
  const marks = `${message.ephemeral ? " (only you)" : ""}${message.history.length > 0 ? " (edited)" : ""}`;
  return `${indent}${message.ts} ${message.name}${marks}: ${message.plain.replaceAll("\n", `\n${indent}    `)}`;
};

/** What a person sees, as text for a failed test. */
export const dump = (seen: Seen): string =>
  seen.channels
    .filter((channel) => channel.messages.length > 0)
    .map((channel) =>
      [
        `#${channel.name}`,
        ...roots(seen, channel.id).flatMap((root) => [
          line(root, "  "),
          ...root.replies.map((reply) => line(reply, "      ")),
        ]),
      ].join("\n"),
    )
    .join("\n") || "nothing";
