/** Base class of the errors that flinkops throws. Expected outcomes are return values instead. */
export abstract class OpsError extends Error {
  /** Stable and lower-case, for logs and tests. */
  abstract readonly code: string;
  /** Set where the error is created, never by the code that catches it. */
  abstract readonly retryable: boolean;
}

/** The configuration cannot be used. One line per problem: `- path: problem`. */
export class ConfigError extends OpsError {
  override readonly name = "ConfigError";
  readonly code = "config_invalid";
  readonly retryable = false;
}

/** A cluster did not give the requested answer. */
export abstract class FlinkProblem extends OpsError {
  /** What the cluster did, worded to follow its name: "does not answer". The message has the details. */
  readonly did: string;
  constructor(message: string, did: string, options?: ErrorOptions) {
    super(message, options);
    this.did = did;
  }

  /** A sentence that follows the cluster's name: "does not answer.", or what Flink said. */
  get sentence(): string {
    return `${this.did}.`;
  }
}

/** Flink did not answer: connection error, time-out, 502, 503 or 504. */
export class FlinkUnreachable extends FlinkProblem {
  override readonly name: string = "FlinkUnreachable";
  readonly code = "flink_unreachable";
  readonly retryable = true;
  /** `no` only if not one byte of the request can have left this process. */
  readonly reached: "no" | "maybe";
  /** Nobody listens at the cluster's address. */
  readonly refused: boolean;
  constructor(
    message: string,
    reached: "no" | "maybe",
    options: ErrorOptions & { did?: string; refused?: boolean } = {},
  ) {
    super(message, options.did ?? "does not answer", options);
    this.reached = reached;
    this.refused = options.refused ?? false;
  }
}

/**
 * Every connection of the lane was in use for too long, so nothing was sent. It does not tell whether Flink is
 * reachable.
 */
export class FlinkBusy extends FlinkUnreachable {
  override readonly name = "FlinkBusy";
  constructor(message: string) {
    super(message, "no", { did: "has not answered earlier requests yet" });
  }
}

/**
 * Flink refused the request (4xx, or a 5xx that means "cannot"). The message is the first sentence of Flink's error.
 */
export class FlinkRefused extends FlinkProblem {
  override readonly name: string = "FlinkRefused";
  readonly code = "flink_refused";
  readonly retryable = false;
  readonly status: number;
  constructor(message: string, status: number, options: ErrorOptions & { did?: string } = {}) {
    super(message, options.did ?? "refused the request", options);
    this.status = status;
  }

  override get sentence(): string {
    return `answered: ${this.message}`;
  }
}

/** Flink has the job but is still initializing or recovering it. Nothing has changed, and nothing is known yet. */
export class FlinkNotYet extends FlinkRefused {
  override readonly name = "FlinkNotYet";
  constructor() {
    super("Flink is still initializing the job and cannot do this yet.", 500, {
      did: "is still initializing the job",
    });
  }
}

/**
 * Flink, or a proxy in front of it, answered with something that is not its API: HTML, a redirect, an unknown shape.
 */
export class FlinkUnexpected extends FlinkProblem {
  override readonly name: string = "FlinkUnexpected";
  readonly code = "flink_unexpected";
  readonly retryable = false;
  constructor(message: string, options: ErrorOptions & { did?: string } = {}) {
    super(message, options.did ?? "answered with something that is not Flink's API", options);
  }
}

/** The lease expired before the request could be started. Nothing was sent. */
export class LeaseExpired extends OpsError {
  override readonly name = "LeaseExpired";
  readonly code = "lease_expired";
  readonly retryable = true;
}

/** Slack asked flinkops to wait, or did not answer. */
export class SlackUnavailable extends OpsError {
  override readonly name = "SlackUnavailable";
  readonly code = "slack_unavailable";
  readonly retryable = true;
  /** How long Slack asked flinkops to wait, ms; 0 if Slack did not say. */
  readonly retryAfterMs: number;
  constructor(message: string, retryAfterMs: number, options?: ErrorOptions) {
    super(message, options);
    this.retryAfterMs = retryAfterMs;
  }
}

/** No request was sent, to stay within flinkops' own rate limit for Slack. It is not a failure, so nobody is warned. */
export class NotOurTurn extends SlackUnavailable {
  constructor(waitMs: number) {
    super("kept within slack's pace", waitMs);
  }
}

/** Slack refused the request; `reason` is its error code (`not_in_channel`, `missing_scope`, ...). */
export class SlackRefused extends OpsError {
  override readonly name = "SlackRefused";
  readonly code = "slack_refused";
  readonly retryable = false;
  readonly reason: string;
  /** The scopes that would have sufficed, if Slack names them. */
  readonly needed: readonly string[];
  constructor(
    reason: string,
    {
      needed = [],
      message = `slack answered ${reason}`,
      ...options
    }: ErrorOptions & { needed?: readonly string[]; message?: string } = {},
  ) {
    super(message, options);
    this.reason = reason;
    this.needed = needed;
  }
}

/** Redis did not confirm a write. `maybeTaken: true` means that Redis may have applied it all the same. */
export class RedisUnavailable extends OpsError {
  override readonly name = "RedisUnavailable";
  readonly code = "redis_unavailable";
  readonly retryable = true;
  readonly maybeTaken: boolean;
  constructor(message: string, { maybeTaken, ...options }: ErrorOptions & { maybeTaken: boolean }) {
    super(message, options);
    this.maybeTaken = maybeTaken;
  }
}

/** Redis holds data that this version cannot read: written by another version, or damaged. */
export class StoredDataInvalid extends OpsError {
  override readonly name = "StoredDataInvalid";
  readonly code = "stored_data_invalid";
  readonly retryable = false;
}
