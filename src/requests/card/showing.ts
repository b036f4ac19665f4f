import type { Traces } from "../../model/traces.ts";
import type { Clock } from "../../platform/clock.ts";
import type { Engine } from "../ports/engine.ts";
import type { RequestRecord } from "../record/record.ts";
import type { CardRef } from "../ports/conversation.ts";
import type { Held } from "../record/store.ts";
import type { Piece, Shown } from "./pieces.ts";

type Used =
  | "store"
  | "operations"
  | "conversation"
  | "policy"
  | "responseUrl"
  | "log"
  | "traces"
  | "worker"
  | "labelOf";
export interface PresenterOptions {
  engine: Pick<Engine, Used>;
  clock: Pick<Clock, "sleep" | "monotonic">;
  /** Called when a step may be waiting for what Slack shows now. */
  wake: (record: RequestRecord) => void;
}

/** One message being posted or edited. */
export interface Run {
  id: string;
  piece: Piece;
  /** The record as it is drawn. */
  held: Held | null;
  /** `waiting` for its turn; `calling` Slack, which `stop` waits for; or left to another process (`theirs`). */
  stage: "waiting" | "calling" | "theirs";
  over: Promise<void>;
}

/** The messages of one request that this process is working on. */
export interface Showing {
  /** By name, so that the same message is not begun twice. */
  pieces: Map<string, Promise<void>>;
  looking: Promise<void> | null;
  /** Something changed since the last check. */
  again: boolean;
  /** The record that came with the last change; null: none did. */
  given: Held | null;
  /** What the last check read; null while one reads. */
  shown: Shown | null;
  failures: number;
}

/** Nothing is known yet. */
export const newShowing = (): Showing => ({
  pieces: new Map(),
  looking: null,
  again: false,
  given: null,
  shown: null,
  failures: 0,
});

/** What was read this short a time ago, ms, is drawn without another read; the call to Slack takes longer. */
const FRESH_MS = 25;

/** What the last check read, where that was just now and nothing has changed here since. */
export function justRead(one: Showing | undefined, nowMonotonicMs: number): Shown | null {
  if (one?.shown == null || one.again) return null;
  return isFresh(one.shown.held, nowMonotonicMs) ? one.shown : null;
}

/** Whether a record was read, or committed, just now. */
export const isFresh = (held: Held | null, nowMonotonicMs: number): boolean =>
  held !== null && nowMonotonicMs - held.readAtMonotonicMs < FRESH_MS;

/** Shows one message as part of its request's trace. */
export const traced = async (
  { work }: Traces,
  { id, piece }: Run,
  show: () => Promise<void>,
): Promise<void> => {
  await work({ requestId: id, as: "part" }, { name: "show", facts: { "flinkops.message": piece.do } }, show);
};

/** When the progress of running requests was last drawn on each card, ms by Redis's clock. */
export class DrawnAt {
  readonly #at = new Map<string, Map<string, number>>();

  of(id: string, card: CardRef): number | null {
    return this.#at.get(id)?.get(keyOf(card)) ?? null;
  }

  note(id: string, card: CardRef, at: number): void {
    const cards = this.#at.get(id) ?? new Map<string, number>();
    this.#at.set(id, cards.set(keyOf(card), at));
  }

  forget(id: string): void {
    this.#at.delete(id);
  }
}

const keyOf = ({ channel, ts }: CardRef): string => `${channel} ${ts}`;
