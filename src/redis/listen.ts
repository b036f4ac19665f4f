import type { RedisClient } from "./connect.ts";

/**
 * Calls `heard` at each message over the channel, also after a reconnection. Anybody may publish, so a message says only that it may
 * be time to check. Over `client` nothing else can be asked from then on. `refused`: our user may not listen.
 */
export function listen(
  client: RedisClient,
  channel: string,
  { heard, refused }: { heard: () => void; refused: (error: Error) => void },
): void {
  client.on("message", heard);
  client.subscribe(channel).catch((error: unknown) => {
    if (error instanceof Error && error.name === "ReplyError") refused(error);
  });
}
