import type { SocketModeReceiver } from "@slack/bolt";
import { z } from "zod";
import type { Log } from "./log.ts";

const control = z.looseObject({
  type: z.enum(["hello", "disconnect"]),
  num_connections: z.number().optional(),
  reason: z.string().optional(),
});

/** Whether Slack can reach the bot, and how many connections Slack counts. */
export interface Connection {
  ready(): boolean;
  count(): number | null;
  /** For HTTP: the port is open. */
  open(): void;
  /** The process is stopping. */
  close(): void;
  watch(socket: SocketModeReceiver["client"]): void;
}

export function createConnection(log: Log): Connection {
  let up = false;
  let closed = false;
  let connections: number | null = null;
  const read = (data: unknown): void => {
    // nearly all messages are payloads, which Bolt parses; only short ones can be control messages
    if (typeof data !== "string" || data.length > 2000) return;
    const parsed = control.safeParse(parseJson(data));
    if (!parsed.success) return;
    if (parsed.data.type === "hello") {
      up = true;
      connections = parsed.data.num_connections ?? null;
      log.info({ connections }, "slack connection opened");
    } else {
      up = false;
      log.info({ reason: parsed.data.reason }, "slack requests a new connection");
    }
  };
  const down = (): void => {
    if (up && !closed) log.warn({}, "slack connection lost");
    up = false;
  };
  return {
    ready: () => up && !closed,
    count: () => connections,
    open: () => {
      up = true;
    },
    close: () => {
      closed = true;
    },
    watch: (socket) => {
      socket.on("ws_message", read);
      for (const event of ["close", "disconnected", "reconnecting", "error"]) socket.on(event, down);
    },
  };
}

function parseJson(text: string): unknown {
  try {
    return JSON.parse(text);
  } catch {
    return null;
  }
}
