import type { CardRef } from "../ports/conversation.ts";
import type { Held } from "../record/store.ts";
import type { Piece } from "./pieces.ts";

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
  failures: number;
}

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
