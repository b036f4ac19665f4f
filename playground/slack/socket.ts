import type { IncomingMessage } from "node:http";
import type { Duplex } from "node:stream";
import { WebSocket, WebSocketServer } from "ws";
import { z } from "zod";
import { type Ack, type Attempt, type Door, type Envelope, DoorClosed } from "./dispatch.ts";
import { APP_ID } from "./workspace-seed.ts";

const MAX_CONNECTIONS = 10;
const PING_MS = 5_000;
const GOODBYE_MS = 300;

const ackSchema = z.looseObject({
  envelope_id: z.string(),
  payload: z.record(z.string(), z.unknown()).optional(),
});

const readJson = (text: string): unknown => {
  try {
    return JSON.parse(text);
  } catch {
    return null;
  }
};

interface Connection {
  id: string;
  socket: WebSocket;
  /** Told to go; gets nothing more. */
  leaving: boolean;
}

/** The server's side of Socket Mode: https://docs.slack.dev/apis/events-api/using-socket-mode */
export class SocketDoor implements Door {
  readonly #server = new WebSocketServer({ noServer: true });
  readonly #tickets = new Set<string>();
  readonly #waiting = new Map<string, (ack: Ack) => void>();
  readonly #ping: NodeJS.Timeout;
  #connections: Connection[] = [];
  #opened = 0;
  #turn = 0;

  readonly #changed: () => void;

  /** `changed` hears of every connection that comes or goes. */
  constructor(changed: () => void) {
    this.#changed = changed;
    this.#ping = setInterval(() => {
      for (const { socket } of this.#connections) socket.ping();
    }, PING_MS);
  }

  /** A ticket for one connection, as `apps.connections.open` hands out. */
  newTicket(): string {
    const ticket = crypto.randomUUID();
    this.#tickets.add(ticket);
    return ticket;
  }

  /** How many connections are open and take envelopes. */
  get open(): number {
    return this.#connections.filter((one) => !one.leaving).length;
  }

  /** Takes over an HTTP upgrade; a ticket is good for one connection. */
  upgrade(request: IncomingMessage, socket: Duplex, head: Buffer): void {
    const ticket = new URL(request.url ?? "/", "http://localhost").searchParams.get("ticket") ?? "";
    if (!this.#tickets.delete(ticket)) {
      socket.end("HTTP/1.1 403 Forbidden\r\nconnection: close\r\n\r\n");
      return;
    }
    this.#server.handleUpgrade(request, socket, head, (accepted) => this.#welcome(accepted));
  }

  #welcome(socket: WebSocket): void {
    this.#opened += 1;
    const connection: Connection = { id: `connection-${this.#opened}`, socket, leaving: false };
    const debug = {
      host: `playground-${this.#opened}`,
      build_number: 1,
      approximate_connection_time: 18_060,
    };
    if (this.#connections.length >= MAX_CONNECTIONS) {
      socket.send(JSON.stringify({ type: "disconnect", reason: "too_many_websockets", debug_info: debug }));
      socket.close();
      return;
    }
    this.#connections.push(connection);
    socket.on("message", (data) => this.#heard(Buffer.isBuffer(data) ? data.toString() : ""));
    socket.on("error", () => socket.terminate());
    socket.on("close", () => {
      this.#connections = this.#connections.filter((one) => one !== connection);
      this.#changed();
    });
    const hello = { type: "hello", num_connections: this.#connections.length, debug_info: debug };
    socket.send(JSON.stringify({ ...hello, connection_info: { app_id: APP_ID } }));
    this.#changed();
  }

  #heard(text: string): void {
    const ack = ackSchema.safeParse(readJson(text));
    if (!ack.success) return;
    const settle = this.#waiting.get(ack.data.envelope_id);
    this.#waiting.delete(ack.data.envelope_id);
    const payload = ack.data.payload ?? {};
    settle?.({ payload: Object.keys(payload).length === 0 ? null : payload });
  }

  /** Hands the envelope to one of the connections, each in turn. */
  deliver(envelope: Envelope, attempt: Attempt, sent: (via: string) => void): Promise<Ack> {
    const able = this.#connections.filter((one) => !one.leaving && one.socket.readyState === WebSocket.OPEN);
    this.#turn += 1;
    const connection = able[this.#turn % Math.max(able.length, 1)];
    if (connection === undefined) return Promise.reject(new DoorClosed("no connection"));
    const id = crypto.randomUUID();
    const event = envelope.kind === "events_api";
    const retry = event ? { retry_attempt: attempt.num, retry_reason: attempt.reason } : {};
    connection.socket.send(
      JSON.stringify({
        envelope_id: id,
        type: envelope.kind,
        payload: envelope.payload,
        accepts_response_payload: !event,
        ...retry,
      }),
    );
    sent(connection.id);
    return new Promise((resolve) => {
      this.#waiting.set(id, resolve);
    });
  }

  /** Asks every connection to make way for a new one, as Slack does every few hours. */
  refresh(): void {
    for (const connection of this.#connections) {
      connection.leaving = true;
      connection.socket.send(JSON.stringify({ type: "disconnect", reason: "refresh_requested" }));
    }
    this.#changed();
  }

  /** Cuts every connection without a word. */
  cut(): void {
    for (const { socket } of this.#connections) socket.terminate();
  }

  /** Says goodbye to every connection, and cuts those that do not answer. */
  async close(): Promise<void> {
    clearInterval(this.#ping);
    const goodbyes = this.#connections.map(
      async ({ socket }) =>
        await new Promise<void>((resolve) => {
          const cut = setTimeout(() => socket.terminate(), GOODBYE_MS);
          socket.once("close", () => {
            clearTimeout(cut);
            resolve();
          });
          socket.close(1001);
        }),
    );
    await Promise.all(goodbyes);
    this.#server.close();
  }
}
