import type { Head } from "../chain.ts";

/**
 * Where chained entries go besides Redis. Every sink gets every entry at least once, in order; an entry that was sent
 * twice is the same line twice.
 */
export interface Sink {
  /** As the configuration names it. */
  name: string;
  /** Destructive effects are not sent before this sink has their entry. */
  required: boolean;
  /** The newest entry that the sink itself knows to have; null: it has none, or cannot tell. Throws SinkProblem. */
  newest(): Promise<(Head & { sig: string | null }) | null>;
  /** Resolves once the entries are safe there. Throws SinkProblem: some or none of them are. */
  push(batch: Batch, signal: AbortSignal): Promise<void>;
  close(): Promise<void>;
}

/** Consecutive entries. */
export interface Batch {
  first: number;
  last: number;
  /** Without line breaks. */
  lines: readonly string[];
}

/** A sink did not take the entries. The message is for people: what happened, without secrets. */
export class SinkProblem extends Error {
  override readonly name = "SinkProblem";
}
