/** What the caller cannot plan for. Expected outcomes are values; these are thrown. */
export abstract class OpsError extends Error {
  /** Stable and lower-case, for logs and tests. */
  abstract readonly code: string;
  /** Decided where the error is made, never by who catches it. */
  abstract readonly retryable: boolean;
}

/** The configuration cannot be used; one line per problem, `- path: problem`. */
export class ConfigError extends OpsError {
  override readonly name = "ConfigError";
  readonly code = "config_invalid";
  readonly retryable = false;
}

/** Whatever came back from a cluster, or did not, instead of what was asked for. */
export abstract class FlinkProblem extends OpsError {
  /** What the cluster did, to be said after its name: "does not answer". The message says it in detail. */
  readonly did: string;
  constructor(message: string, did: string, options?: ErrorOptions) {
    super(message, options);
    this.did = did;
  }
}

/** Flink did not answer: connection, time-out, 502/503/504. */
export class FlinkUnreachable extends FlinkProblem {
  override readonly name: string = "FlinkUnreachable";
  readonly code = "flink_unreachable";
  readonly retryable = true;
  /** `no` only where not one byte of the request can have left this process. */
  readonly reached: "no" | "maybe";
  constructor(message: string, reached: "no" | "maybe", options: ErrorOptions & { did?: string } = {}) {
    super(message, options.did ?? "does not answer", options);
    this.reached = reached;
  }
}

/** All connections of the lane were taken for too long: nothing was sent, so it says nothing of whether Flink is there. */
export class FlinkBusy extends FlinkUnreachable {
  override readonly name = "FlinkBusy";
  constructor(message: string) {
    super(message, "no", { did: "has not answered earlier requests yet" });
  }
}

/** Flink understood and said no (4xx, and the 5xx it uses for "cannot"); the message is its own first sentence. */
export class FlinkRefused extends FlinkProblem {
  override readonly name: string = "FlinkRefused";
  readonly code = "flink_refused";
  readonly retryable = false;
  readonly status: number;
  constructor(message: string, status: number, options: ErrorOptions & { did?: string } = {}) {
    super(message, options.did ?? "says no", options);
    this.status = status;
  }
}

/** Flink has the job and is still initializing it, or bringing it back: nothing has happened, and nothing is known yet. */
export class FlinkNotYet extends FlinkRefused {
  override readonly name = "FlinkNotYet";
  constructor() {
    super("Flink is still initializing the job and cannot do this yet.", 500, {
      did: "is still initializing the job",
    });
  }
}

/** Flink (or a proxy before it) answered something that is not its API: HTML, a redirect, an unknown shape. */
export class FlinkUnexpected extends FlinkProblem {
  override readonly name: string = "FlinkUnexpected";
  readonly code = "flink_unexpected";
  readonly retryable = false;
  constructor(message: string, options: ErrorOptions & { did?: string } = {}) {
    super(message, options.did ?? "answered with something that is not Flink's API", options);
  }
}

/** The lease ran out before the request could be started; nothing was sent. */
export class LeaseExpired extends OpsError {
  override readonly name = "LeaseExpired";
  readonly code = "lease_expired";
  readonly retryable = true;
}

/** Slack asked us to wait, or did not answer. */
export class SlackUnavailable extends OpsError {
  override readonly name = "SlackUnavailable";
  readonly code = "slack_unavailable";
  readonly retryable = true;
  /** How long Slack asked us to wait, in ms; 0 where it did not say. */
  readonly retryAfterMs: number;
  constructor(message: string, retryAfterMs: number, options?: ErrorOptions) {
    super(message, options);
    this.retryAfterMs = retryAfterMs;
  }
}

/** Slack was not asked: it is not our turn yet within the pace that we keep. No trouble of anybody's, so nobody is warned. */
export class NotOurTurn extends SlackUnavailable {
  constructor(waitMs: number) {
    super("kept within slack's pace", waitMs);
  }
}

/** Slack understood and said no; `reason` is its error code (`not_in_channel`, `missing_scope`, ...). */
export class SlackRefused extends OpsError {
  override readonly name = "SlackRefused";
  readonly code = "slack_refused";
  readonly retryable = false;
  readonly reason: string;
  /** The scopes that would have been enough, where Slack says so. */
  readonly needed: readonly string[];
  constructor(
    reason: string,
    { needed = [], ...options }: ErrorOptions & { needed?: readonly string[] } = {},
  ) {
    super(`slack answered ${reason}`, options);
    this.reason = reason;
    this.needed = needed;
  }
}

/** Redis did not take a write. `confirmed: false` means that it may have been taken all the same. */
export class RedisUnavailable extends OpsError {
  override readonly name = "RedisUnavailable";
  readonly code = "redis_unavailable";
  readonly retryable = true;
  readonly maybeTaken: boolean;
  constructor(message: string, maybeTaken: boolean, options?: ErrorOptions) {
    super(message, options);
    this.maybeTaken = maybeTaken;
  }
}

/** Redis holds what we cannot read (written by another version, or damaged). */
export class StoredDataInvalid extends OpsError {
  override readonly name = "StoredDataInvalid";
  readonly code = "stored_data_invalid";
  readonly retryable = false;
}
