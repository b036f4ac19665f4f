import type { Faults } from "./faults.ts";
import type { JsonObject, SlackState } from "./state.ts";

export type EnvelopeKind = "slash_commands" | "interactive" | "events_api";

/** Something that Slack tells the app. */
export interface Envelope {
  kind: EnvelopeKind;
  payload: JsonObject;
}

/** Which delivery of the same thing this is; 0 is the first. */
export interface Attempt {
  num: number;
  reason: string;
}

/** The app's ack, as it came through the door. */
export interface Ack {
  payload: JsonObject | null;
}

/** The way to the app: a socket or an HTTP URL. `deliver` rejects with `DoorClosed` when nobody is there. */
export interface Door {
  deliver(envelope: Envelope, attempt: Attempt, sent: (via: string) => void): Promise<Ack>;
  close(): Promise<void>;
}

/** Nothing took the envelope; the reason is Slack's word for it. */
export class DoorClosed extends Error {
  readonly reason: string;
  /** The app answered `x-slack-no-retry: 1`. */
  readonly noRetry: boolean;
  constructor(reason: string, noRetry = false) {
    super(reason);
    this.reason = reason;
    this.noRetry = noRetry;
  }
}

/** One delivery, for tests to look at. */
export interface DeliveryRecord {
  id: number;
  /** Epoch milliseconds of the send. */
  at: number;
  kind: EnvelopeKind;
  attempt: number;
  /** The connection or URL that got it. */
  via: string | null;
  outcome: "pending" | "acked" | "timeout" | "late" | "swallowed" | "failed";
  /** Milliseconds until the ack came, also a late or swallowed one. */
  ackMs: number | null;
  reason: string | null;
  answer: JsonObject | null;
  payload: JsonObject;
}

export type Delivered =
  | { kind: "acked"; payload: JsonObject | null; ms: number; record: number }
  | {
      kind: "failed";
      error: "operation_timeout" | "dispatch_failed";
      ms: number;
      record: number;
      noRetry: boolean;
    };

interface Rules {
  ackTimeoutMs: number;
  /** Waits before the retries of an event; Slack's are at once, a minute, five minutes. */
  eventRetryMs: readonly number[];
}

const KEPT = 20_000;

/** Sends envelopes, times the acks, repeats events, and remembers all of it. */
export class Dispatch {
  readonly records: DeliveryRecord[] = [];
  readonly #door: Door;
  readonly #faults: Faults;
  readonly #state: SlackState;
  readonly #rules: Rules;
  readonly #timers = new Set<NodeJS.Timeout>();
  #ids = 0;
  #closed = false;

  constructor(door: Door, faults: Faults, state: SlackState, rules: Rules) {
    this.#door = door;
    this.#faults = faults;
    this.#state = state;
    this.#rules = rules;
  }

  #after(ms: number, run: () => void): NodeJS.Timeout {
    const timer = setTimeout(() => {
      this.#timers.delete(timer);
      run();
    }, ms);
    this.#timers.add(timer);
    return timer;
  }

  /** One delivery: acked within the limit, or failed. Commands and clicks get no second one. */
  async send(envelope: Envelope, attempt: Attempt = { num: 0, reason: "" }): Promise<Delivered> {
    this.#ids += 1;
    const record: DeliveryRecord = {
      id: this.#ids,
      at: Date.now(),
      kind: envelope.kind,
      attempt: attempt.num,
      via: null,
      outcome: "pending",
      ackMs: null,
      reason: null,
      answer: null,
      payload: envelope.payload,
    };
    this.records.push(record);
    if (this.records.length > KEPT) this.records.shift();
    const started = performance.now();
    const elapsed = () => Math.round(performance.now() - started);
    return await new Promise<Delivered>((resolve) => {
      const fail = (error: "operation_timeout" | "dispatch_failed", reason: string, noRetry = false) => {
        clearTimeout(limit);
        if (record.outcome === "pending")
          record.outcome = error === "operation_timeout" ? "timeout" : "failed";
        record.reason ??= reason;
        this.#state.changed();
        resolve({ kind: "failed", error, ms: elapsed(), record: record.id, noRetry });
      };
      const limit = this.#after(this.#rules.ackTimeoutMs, () => fail("operation_timeout", "timeout"));
      const deliver = async () => {
        try {
          const ack = await this.#door.deliver(envelope, attempt, (via) => {
            record.via = via;
          });
          record.ackMs = elapsed();
          record.answer = ack.payload;
          if (record.outcome === "timeout") record.outcome = "late";
          else if (this.#faults.takeSwallow()) record.outcome = "swallowed";
          else if (record.outcome === "pending") {
            clearTimeout(limit);
            record.outcome = "acked";
            resolve({ kind: "acked", ms: record.ackMs, record: record.id, ...ack });
          }
          this.#state.changed();
        } catch (error) {
          const closed = error instanceof DoorClosed ? error : new DoorClosed(String(error));
          fail("dispatch_failed", closed.reason, closed.noRetry);
        }
      };
      const delay = this.#faults.takeDelay();
      if (delay === 0) void deliver();
      else this.#after(delay, () => void deliver());
    });
  }

  /** An event: sent now, and again after each of the waits until it is acked or the app declines retries. */
  async sendEvent(payload: JsonObject): Promise<void> {
    const envelope: Envelope = { kind: "events_api", payload };
    let answer = await this.send(envelope);
    for (const [index, waitMs] of this.#rules.eventRetryMs.entries()) {
      if (answer.kind === "acked" || answer.noRetry || this.#closed) return;
      const reason = answer.error === "operation_timeout" ? "timeout" : "connection_failed";
      if (waitMs > 0) await new Promise<void>((resolve) => this.#after(waitMs, resolve));
      if (this.#closed) return;
      answer = await this.send(envelope, { num: index + 1, reason });
    }
  }

  /** Sends what an earlier record carried once more, as Slack may do with an event (or a proxy with anything). */
  async redeliver(id: number): Promise<Delivered> {
    const record = this.records.find((one) => one.id === id);
    if (record === undefined) throw new RangeError(`no delivery ${id}`);
    return await this.send(
      { kind: record.kind, payload: record.payload },
      { num: record.attempt + 1, reason: "timeout" },
    );
  }

  /** Ends timers and the door; unanswered deliveries stay unanswered. */
  async close(): Promise<void> {
    this.#closed = true;
    for (const timer of this.#timers) clearTimeout(timer);
    await this.#door.close();
  }
}
