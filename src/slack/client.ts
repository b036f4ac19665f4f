import {
  type WebAPICallResult,
  WebAPIHTTPError,
  WebAPIPlatformError,
  WebAPIRateLimitedError,
  WebAPIRequestError,
  WebClient,
  type WebClientOptions,
} from "@slack/web-api";
import { type Clock, systemClock } from "../platform/clock.ts";
import { type Measures, UNMEASURED } from "../model/measures.ts";
import { type Traces, UNTRACED } from "../model/traces.ts";
import { SlackRefused, SlackUnavailable } from "../model/errors.ts";
import type { Message } from "./blocks.ts";
import { type Log, slackLogger } from "./log.ts";

export interface SlackAccess {
  botToken: string;
  /** Ends in `/api/`; https, or loopback. */
  apiUrl: string;
  log: Log;
  measures?: Measures;
  traces?: Traces;
}

const DEFAULT_TIMEOUT_MS = 10_000;

/**
 * The API's URL, with a slash at its end. Throws a TypeError on plain http except to loopback: the token is sent
 * there.
 */
export function checkedApiUrl(apiUrl: string): string {
  const url = new URL(apiUrl);
  if (url.protocol !== "https:" && !(url.protocol === "http:" && isLoopback(url.hostname)))
    throw new TypeError("slack's address must be https, or loopback");
  return url.href.endsWith("/") ? url.href : `${url.href}/`;
}

export const isLoopback = (hostname: string): boolean =>
  /^(localhost|127(\.\d{1,3}){3}|\[::1\])$/u.test(hostname);

/** No retries in the client: only the caller knows whether a second message is harmless, so the caller retries. */
export const clientOptions = (
  access: Omit<SlackAccess, "botToken">,
  timeoutMs: number,
): WebClientOptions => ({
  slackApiUrl: checkedApiUrl(access.apiUrl),
  logger: slackLogger(access.log),
  retryConfig: { retries: 0 },
  timeout: timeoutMs,
  rejectRateLimitedCalls: true,
  allowAbsoluteUrls: false,
});

/** Creates a client. Each purpose has its own, because a 429 blocks all other calls of the same client. */
export const createClient = (access: SlackAccess, timeoutMs = DEFAULT_TIMEOUT_MS): WebClient =>
  new MeasuredClient(access, timeoutMs);

class MeasuredClient extends WebClient {
  readonly #measures: Measures;
  readonly #traces: Traces;

  constructor(access: SlackAccess, timeoutMs: number) {
    super(access.botToken, clientOptions(access, timeoutMs));
    this.#measures = access.measures ?? UNMEASURED;
    this.#traces = access.traces ?? UNTRACED;
  }

  /** Every method of the client is one call of this. */
  override async apiCall(...[method, options]: Parameters<WebClient["apiCall"]>): Promise<WebAPICallResult> {
    const began = systemClock.monotonic();
    let result = "ok";
    const span = { name: `slack ${method}`, facts: { "slack.method": method } };
    try {
      return await this.#traces.call(span, async (note) => {
        try {
          return await super.apiCall(method, options);
        } catch (error) {
          result = resultOf(error);
          throw error;
        } finally {
          note({ "slack.result": result });
        }
      });
    } finally {
      this.#measures.took("flinkops.slack.call.duration", systemClock.monotonic() - began, {
        method,
        result,
      });
    }
  }
}

function resultOf(error: unknown): string {
  if (error instanceof WebAPIRateLimitedError) return "429";
  if (error instanceof WebAPIHTTPError) return String(error.statusCode);
  if (error instanceof WebAPIPlatformError) return error.data.error;
  return "no answer";
}

/**
 * Temporary errors on Slack's side, sent with HTTP 200.
 * https://docs.slack.dev/reference/methods/chat.postMessage#errors
 */
const THEIR_TROUBLE = new Set([
  "internal_error",
  "fatal_error",
  "service_unavailable",
  "request_timeout",
  "ratelimited",
  "rate_limited",
  "message_limit_exceeded",
  "team_added_to_org",
  "team_access_not_granted_yet",
]);

/** Translates Slack's errors into ours; returns any other error unchanged. */
export function slackError(error: unknown): unknown {
  if (error instanceof WebAPIRateLimitedError)
    return new SlackUnavailable("slack asks us to wait", error.retryAfter * 1000, { cause: error });
  if (error instanceof WebAPIHTTPError)
    return new SlackUnavailable(`slack answered HTTP ${error.statusCode}`, 0, { cause: error });
  if (error instanceof WebAPIRequestError)
    return new SlackUnavailable("slack did not answer", 0, { cause: error });
  if (error instanceof WebAPIPlatformError)
    return THEIR_TROUBLE.has(error.data.error)
      ? new SlackUnavailable(`slack answered ${error.data.error}`, 0, { cause: error })
      : new SlackRefused(error.data.error, { cause: error, needed: scopesIn(error.data) });
  return error;
}

/** Runs a call. Throws SlackUnavailable, SlackRefused. */
export async function asking<T>(call: () => Promise<T>): Promise<T> {
  try {
    return await call();
  } catch (error) {
    throw slackError(error);
  }
}

/** What Slack answers where it, or the workspace, does not know a block. */
const NOT_KNOWN = new Set(["invalid_blocks", "invalid_blocks_format"]);

/** Sends a message; where Slack refuses its newer blocks, sends it once more in older ones. */
export async function inKnownBlocks<T>(message: Message, send: (message: Message) => Promise<T>): Promise<T> {
  const { older, ...newest } = message;
  if (older === undefined) return await send(newest);
  try {
    return await send(newest);
  } catch (error) {
    if (!(error instanceof SlackRefused) || !NOT_KNOWN.has(error.reason)) throw error;
    return await send({ text: message.text, blocks: older() });
  }
}

/** The scopes that Slack lists with `missing_scope`. */
function scopesIn(data: object): readonly string[] {
  const needed = "needed" in data ? data.needed : "";
  return typeof needed === "string" ? needed.split(",").filter((scope) => scope !== "") : [];
}

/** Throws SlackUnavailable when `signal` aborts. */
export async function pause(clock: Clock, ms: number, signal: AbortSignal | undefined): Promise<void> {
  await clock.sleep(ms, signal);
  if (signal?.aborted === true) throw new SlackUnavailable("stopping", ms);
}
