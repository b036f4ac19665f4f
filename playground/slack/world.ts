import type { Dispatch } from "./dispatch.ts";
import type { Faults } from "./faults.ts";
import type { AppManifest } from "./manifest.ts";
import type { SocketDoor } from "./socket.ts";
import type { JsonObject, SlackState } from "./state.ts";

/** One Web API call, as it came and as it was answered. */
export interface CallRecord {
  id: number;
  /** Epoch milliseconds of arrival. */
  at: number;
  method: string;
  args: JsonObject;
  ms: number;
  status: number;
  ok: boolean;
  error: string | null;
  /** The answer never reached the app. */
  lost: boolean;
  /** The call had its effect. */
  applied: boolean;
}

/** The times that Slack fixes and tests may shorten. */
export interface Times {
  ackTimeoutMs: number;
  triggerMs: number;
  responseUrlMs: number;
  eventRetryMs: readonly number[];
}

/** Slack's own times: https://docs.slack.dev/interactivity/handling-user-interaction */
export const SLACK_TIMES: Times = {
  ackTimeoutMs: 3_000,
  triggerMs: 3_000,
  responseUrlMs: 30 * 60_000,
  eventRetryMs: [0, 60_000, 300_000],
};

/** Everything that the parts of the stand-in share. */
export interface World {
  readonly state: SlackState;
  readonly manifest: AppManifest;
  readonly dispatch: Dispatch;
  readonly faults: Faults;
  readonly socket: SocketDoor | null;
  readonly calls: CallRecord[];
  readonly suggestions: readonly string[];
  readonly times: Times;
  readonly rateLimits: boolean;
  readonly tokens: { bot: string; app: string };
  /** `http://127.0.0.1:PORT`, known once the server listens. */
  url: string;
}
