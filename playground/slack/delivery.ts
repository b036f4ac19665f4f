import { createHmac } from "node:crypto";
import { type Ack, type Attempt, type Door, type Envelope, DoorClosed } from "./dispatch.ts";
import type { JsonObject } from "./state.ts";

/** The `v0` signature of a request body: https://docs.slack.dev/authentication/verifying-requests-from-slack */
export const sign = (secret: string, timestamp: number, body: string): string =>
  `v0=${createHmac("sha256", secret).update(`v0:${timestamp}:${body}`).digest("hex")}`;

/** The body of a delivery as Slack sends it over HTTP, before it is signed. */
export const encodeEnvelope = (envelope: Envelope): { body: string; type: string } => {
  if (envelope.kind === "events_api")
    return { body: JSON.stringify(envelope.payload), type: "application/json" };
  const form =
    envelope.kind === "interactive"
      ? { payload: JSON.stringify(envelope.payload) }
      : Object.fromEntries(Object.entries(envelope.payload).map(([key, value]) => [key, String(value)]));
  return { body: new URLSearchParams(form).toString(), type: "application/x-www-form-urlencoded" };
};

const readAnswer = (text: string, type: string): JsonObject | null => {
  if (text === "") return null;
  if (!type.includes("json")) return { text };
  const value: unknown = JSON.parse(text);
  return typeof value === "object" && value !== null ? { ...value } : { text: String(value) };
};

/** Signed HTTP delivery to one request URL, as an app has that does not use Socket Mode. */
export class HttpDoor implements Door {
  readonly #url: string;
  readonly #secret: string;
  readonly #abort = new AbortController();

  constructor(url: string, secret: string) {
    this.#url = url;
    this.#secret = secret;
  }

  async deliver(envelope: Envelope, attempt: Attempt, sent: (via: string) => void): Promise<Ack> {
    const { body, type } = encodeEnvelope(envelope);
    const timestamp = Math.floor(Date.now() / 1000);
    const headers: Record<string, string> = {
      "content-type": type,
      "user-agent": "Slackbot 1.0 (+https://api.slack.com/robots)",
      "x-slack-request-timestamp": String(timestamp),
      "x-slack-signature": sign(this.#secret, timestamp, body),
    };
    if (attempt.num > 0) {
      headers["x-slack-retry-num"] = String(attempt.num);
      headers["x-slack-retry-reason"] = attempt.reason === "timeout" ? "http_timeout" : attempt.reason;
    }
    sent(this.#url);
    const response = await fetch(this.#url, {
      method: "POST",
      headers,
      body,
      redirect: "error",
      signal: this.#abort.signal,
    }).catch((error: unknown) => {
      throw new DoorClosed(error instanceof Error ? error.message : "connection_failed");
    });
    const text = await response.text();
    if (!response.ok) {
      throw new DoorClosed(`http_error ${response.status}`, response.headers.get("x-slack-no-retry") === "1");
    }
    return { payload: readAnswer(text, response.headers.get("content-type") ?? "") };
  }

  close(): Promise<void> {
    this.#abort.abort();
    return Promise.resolve();
  }
}
