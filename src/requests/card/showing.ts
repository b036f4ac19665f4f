import type { Held } from "../record/store.ts";
import type { Piece } from "./missing.ts";

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
