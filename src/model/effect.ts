import type { ProcessGroup } from "./flink-cluster.ts";
import type { Requirements } from "./flink-jobs.ts";
import type { Json } from "./json.ts";
import type { Meaning } from "./report.ts";

/**
 * A change of the outside world, as data. The engine saves it, audits it, asks Flink about it and performs it. The
 * names are persisted.
 */
export type Effect =
  | { do: "savepoint"; jobId: string; directory: string | null; format: SavepointFormat }
  | { do: "stop"; jobId: string; directory: string | null; drain: boolean; format: SavepointFormat }
  | { do: "checkpoint"; jobId: string; full: boolean }
  | { do: "cancel"; jobId: string }
  | { do: "rescale"; jobId: string; before: Requirements; target: Requirements }
  /** Starts a new job under an id that flinkops chooses. The job does not own the state it starts from (NO_CLAIM). */
  | ({ do: "run"; jobId: string; from: string | null } & Launch)
  /** Deletes a savepoint through Flink. */
  | { do: "dispose"; path: string }
  /** Starts further requests, one per job, under ids derived from this request's id. */
  | { do: "spawn"; children: readonly Spawned[] };

/** An effect on a cluster, as it is stored. */
export type KeptEffect = Exclude<Effect, { do: "spawn" }>;

/** An effect as it is sent to a cluster: the stored one with the full arguments. */
export type FlinkEffect =
  | Exclude<KeptEffect, { do: "run" }>
  | (Omit<Extract<KeptEffect, { do: "run" }>, "args"> & { args: readonly string[] });

/** A request that another request starts. */
export type Spawned = Meaning & { jobId: string; name: string };

/** The `run` effect, if this effect starts a job; else null. */
export const startedBy = (effect: Effect | null): Extract<Effect, { do: "run" }> | null =>
  effect?.do === "run" ? effect : null;

/** The effect, if it ends its job; else null. */
export const endedBy = (effect: Effect | null): Extract<Effect, { do: "stop" | "cancel" }> | null =>
  effect?.do === "stop" || effect?.do === "cancel" ? effect : null;

/** Whether an effect takes something away that cannot be given back: a running job, or a stored state. */
export const destroys = (effect: Effect | null): boolean =>
  endedBy(effect) !== null || effect?.do === "dispose";

/** The effect that ended the job, if a report's facts say so (`ended`): its last phase may have had none. Else null. */
export const endedAsReported = (facts: { readonly [key: string]: Json }): "stop" | "cancel" | null =>
  facts["ended"] === "stop" || facts["ended"] === "cancel" ? facts["ended"] : null;

/** The requested savepoint directory; null: the effect writes no savepoint, or writes it to Flink's own directory. */
export const writesTo = (effect: Effect | null): string | null =>
  effect?.do === "savepoint" || effect?.do === "stop" ? effect.directory : null;
/**
 * Arguments from the catalog, as records and the audit log store them: with secrets hidden, and a digest of all of
 * them. The real ones are read from the catalog when they are sent.
 */
export type CatalogArgs = { entry: string; shown: readonly string[]; sha256: string };

/** In full if a person typed them or an older version of flinkops stored them; else by reference to the catalog. */
export type KeptArgs = readonly string[] | CatalogArgs;

/** How a job is started, except for the state that it starts from. */
export interface Launch {
  /** The id of an uploaded jar. */
  jar: string;
  /** Null: the entry class from the jar's manifest. */
  entryClass: string | null;
  args: KeptArgs;
  /** Null: the program's own parallelism, or the cluster's default. */
  parallelism: number | null;
  allowNonRestoredState: boolean;
  /** The name of a rehearsal, which its program has to give the job; absent: the job starts under its own name. */
  as?: string;
}

export type SavepointFormat = "CANONICAL" | "NATIVE";

/** What is known about sending an effect. */
export type Sent =
  /** The phase has no effect. */
  | { is: "none" }
  /** Flink accepted it. `answer` is Flink's response, if any. */
  | { is: "accepted"; answer: Json }
  /** Flink refused it; `reason` is the first sentence of Flink's error. Nothing changed. */
  | { is: "refused"; reason: string }
  /** It may or may not have arrived, and Flink cannot tell; `looked` says what was checked. */
  | { is: "unknown"; looked: string };

/** Flink's answer to the question whether it already has an effect. */
export type Asked = Extract<Sent, { is: "accepted" | "unknown" }> | { is: "not" };

/** Recorded just before an effect is saved. Later answers are compared with it. */
export interface Anchor {
  /**
   * The job's start-time. A fail-over gives the job a new one, and Flink forgets its trigger ids. Null: no such job.
   */
  startTime: number | null;
  /** Flink's clock, ms; it may differ from ours. */
  flinkNow: number;
  /** The JobManagers that answered; null: they do not reveal their identity. */
  processes?: ProcessGroup;
  /** The only JobManager, in a record saved before groups were introduced. */
  process?: string | null;
}

/** The JobManagers that answered when an effect was saved; null: not known. */
export const groupOf = (anchor: Anchor | null): ProcessGroup =>
  anchor?.processes ?? (anchor?.process == null ? null : [anchor.process]);

/** Until when a sender may start the HTTP request: an instant of this process's monotonic clock, ms. */
export interface Lease {
  untilMonotonicMs: number;
}

/** A call of Flink's REST API that changes something. */
export interface FlinkCall {
  method: "POST" | "PUT" | "PATCH";
  /** With its query, below the cluster's address. */
  path: string;
  body: { readonly [key: string]: Json };
}

/** The changing side of one cluster. Every kind of effect can be asked about and performed. */
export interface FlinkEffects {
  /** Throws FlinkUnreachable, FlinkUnexpected. */
  anchor(effect: KeptEffect): Promise<Anchor>;
  /** The call that performs it, as people see it: without what is hidden of its arguments. Throws RangeError. */
  call(effect: KeptEffect, effectId: string): FlinkCall;
  /** The longest time, ms, until one attempt to send it has either reached Flink or never will. */
  mayTakeMs(effect: KeptEffect): number;
  /**
   * Asks Flink whether it has the effect; never changes anything. `sent`: whether anyone may have sent it. An effect
   * that nobody has sent needs no proof from Flink. Throws FlinkUnreachable when Flink does not answer.
   */
  ask(
    effect: KeptEffect,
    effectId: string,
    saved: { anchor: Anchor; sent: "no" | "perhaps" },
  ): Promise<Asked>;
  /**
   * Sends the effect once. Throws LeaseExpired (nothing was sent) and FlinkUnreachable (`reached` says whether it may
   * have arrived). A refusal by Flink is a return value.
   */
  perform(
    effect: FlinkEffect,
    effectId: string,
    lease: Lease,
  ): Promise<Extract<Sent, { is: "accepted" | "refused" }>>;
}
