import type { ProcessGroup } from "./flink-cluster.ts";
import type { Requirements } from "./flink-jobs.ts";
import type { Json } from "./json.ts";
import type { Meaning } from "./report.ts";

/** A change of the outside world, as data: the engine saves, audits, asks about and performs it. Names are persisted. */
export type Effect =
  | { do: "savepoint"; jobId: string; directory: string | null; format: SavepointFormat }
  | { do: "stop"; jobId: string; directory: string | null; drain: boolean; format: SavepointFormat }
  | { do: "checkpoint"; jobId: string; full: boolean }
  | { do: "cancel"; jobId: string }
  | { do: "rescale"; jobId: string; before: Requirements; target: Requirements }
  /** A new job under an id of our choosing; it owns nothing of the state that it starts from (NO_CLAIM). */
  | ({ do: "run"; jobId: string; from: string | null } & Launch)
  /** Deletes a savepoint, through Flink. */
  | { do: "dispose"; path: string }
  /** Further requests, each on one job, under ids that follow from ours. */
  | { do: "spawn"; children: readonly Spawned[] };

/** What a cluster can be asked about, as it is kept. */
export type KeptEffect = Exclude<Effect, { do: "spawn" }>;

/** What a cluster is told: the same with all that Flink is sent. */
export type FlinkEffect =
  | Exclude<KeptEffect, { do: "run" }>
  | (Omit<Extract<KeptEffect, { do: "run" }>, "args"> & { args: readonly string[] });

/** A request to be started by another one. */
export type Spawned = Meaning & { jobId: string; name: string };

/** The job that an effect brings into being; null: none. */
export const startedBy = (effect: Effect | null): Extract<Effect, { do: "run" }> | null =>
  effect?.do === "run" ? effect : null;

/** Where an effect writes a savepoint to, as it was asked; null: nowhere, or to Flink's own directory. */
export const writesTo = (effect: Effect | null): string | null =>
  effect?.do === "savepoint" || effect?.do === "stop" ? effect.directory : null;
/**
 * Arguments that stand in the catalog, as records and the audit log keep them: without what looks secret, and with a
 * digest of all of them. The real ones are taken from the catalog at the moment in which they are sent.
 */
export type CatalogArgs = { entry: string; shown: readonly string[]; sha256: string };

/** In full where a person has typed them, or where an older version of flinkops wrote them down. */
export type KeptArgs = readonly string[] | CatalogArgs;

/** How a job is started: everything of it but from where. */
export interface Launch {
  /** The id of an uploaded jar. */
  jar: string;
  /** Null: the one that the jar's manifest names. */
  entryClass: string | null;
  args: KeptArgs;
  /** Null: the program's own, else the cluster's. */
  parallelism: number | null;
  allowNonRestoredState: boolean;
}

export type SavepointFormat = "CANONICAL" | "NATIVE";

/** What is known of an effect. */
export type Sent =
  /** The phase has no effect. */
  | { is: "none" }
  /** Flink has it. `answer` is what it said, if anything. */
  | { is: "accepted"; answer: Json }
  /** Flink said no, in its own first sentence; nothing changed. */
  | { is: "refused"; reason: string }
  /** It may or may not have arrived, and Flink cannot tell; `looked` says where we looked. */
  | { is: "unknown"; looked: string };

/** Flink's answer to "do you have this already?". */
export type Asked = Extract<Sent, { is: "accepted" | "unknown" }> | { is: "not" };

/** Taken just before an effect is saved: what later asking is judged against. */
export interface Anchor {
  /** The job's start-time; a fail-over gives it a new one and Flink forgets its trigger ids. Null: no such job. */
  startTime: number | null;
  /** Flink's own clock, ms; ours may differ. */
  flinkNow: number;
  /** The JobManagers that were there; null: they keep that to themselves. */
  processes?: ProcessGroup;
  /** The same of a record that was saved before there were groups. */
  process?: string | null;
}

/** The JobManagers that were there when an effect was saved. */
export const groupOf = (anchor: Anchor | null): ProcessGroup =>
  anchor?.processes ?? (anchor?.process == null ? null : [anchor.process]);

/** How long a sender may still start the HTTP request: an instant of this process's monotonic clock. */
export interface Lease {
  untilMonotonicMs: number;
}

/** The changing side of one cluster. Every kind of effect has an `ask` beside its `perform`. */
export interface FlinkEffects {
  /** Throws FlinkUnreachable, FlinkUnexpected. */
  anchor(effect: KeptEffect): Promise<Anchor>;
  /** How long one attempt to send it may take until Flink has it or never will, ms. */
  mayTakeMs(effect: KeptEffect): number;
  /**
   * Never changes anything. `sent`: whether anybody may have sent it; what nobody has needs no proof from Flink. Throws
   * FlinkUnreachable when nobody answers.
   */
  ask(
    effect: KeptEffect,
    effectId: string,
    saved: { anchor: Anchor; sent: "no" | "perhaps" },
  ): Promise<Asked>;
  /**
   * Sends the effect once. Throws LeaseExpired (nothing sent), FlinkUnreachable (`reached` says whether it may have
   * arrived); a refusal by Flink is a value.
   */
  perform(
    effect: FlinkEffect,
    effectId: string,
    lease: Lease,
  ): Promise<Extract<Sent, { is: "accepted" | "refused" }>>;
}
