import { FlinkProblem } from "../../model/errors.ts";
import type { FlinkReads, Lane } from "../../model/flink-reads.ts";
import type { Log } from "../../platform/log.ts";
import type { FlinkEffects } from "../../model/effect.ts";
import type { Operation } from "../../model/operation.ts";
import type { Knowledge } from "../../model/knowledge.ts";
import type { People } from "../../policy/person.ts";
import type { Policy } from "../../policy/policy.ts";
import type { Conversation } from "./conversation.ts";
import type { Intake, RequestRecord } from "../record/record.ts";
import type { Held, Store } from "../record/store.ts";

/** All in ms. */
export interface Timings {
  /** From asking to start, where nobody has to agree. */
  startWithin: number;
  /** From approval to start. */
  startAfterApproval: number;
  approvalExpires: number;
  /** How long an effect may be sent after it was saved; below half the BullMQ lock. */
  lease: number;
  /** How long one HTTP request to Flink may take. */
  flinkTimeout: number;
  /** Parked steps sleep in slices of this. */
  parkSlice: number;
  pollMin: number;
  pollMax: number;
  /** From a good end to the second look at what came of it. */
  secondLook: number;
}

/** One cluster of this worker's zone, over the connections of one lane. */
export interface Cluster {
  reads: FlinkReads;
  effects: FlinkEffects;
  config: { name: string; changes: boolean; managedBy: "none" | "operator" | null };
}

/** Everything a step may touch. */
export interface Engine {
  store: Store;
  operations: ReadonlyMap<string, Operation>;
  policy: Policy;
  people: People;
  conversation: Conversation;
  /** Has Slack shown what has changed of a request, or may be missing. Returns at once: no step waits for Slack. */
  present(held: Held): void;
  /** Undefined: not in this worker's zone or not configured any more. */
  cluster(name: string, lane: Lane): Cluster | undefined;
  /** Since when a cluster does not answer, from the directory; null: unknown, or it does. */
  unreachableSince(cluster: string): Promise<number | null>;
  responseUrl: (requestId: string) => Promise<string | null>;
  /** To a request's first card; null: there is none, or its address is not known. */
  link(requestId: string): Promise<string | null>;
  /** Makes the next step of another request due now. Never throws; what it misses comes in its own time. */
  wake(record: RequestRecord): Promise<void>;
  known: Knowledge;
  /** Starts further requests on a cluster; those that were started already stay as they are. */
  spawn(cluster: string, intakes: readonly Intake[]): Promise<void>;
  /** Whether all of them were started. */
  spawned(cluster: string, ids: readonly string[]): Promise<boolean>;
  timings: Timings;
  log: Log;
  /** Unique per worker process. */
  worker: string;
}

/** What the queue does next with this request. */
export type Next = { is: "again"; inMs: number } | { is: "done" };
export const again = (inMs: number): Next => ({ is: "again", inMs: Math.max(0, Math.round(inMs)) });
export const done: Next = { is: "done" };

/**
 * Null where policy need not know: the cluster is asked only when the file does not say. A brake needs no more of Flink than
 * its job's id and state, so where this cannot be read it is not held up by it.
 */
export async function operatorManaged(cluster: Cluster, how: { isBrake: boolean }): Promise<string | null> {
  if (cluster.config.managedBy !== null) return null;
  if (!how.isBrake) return await cluster.reads.managed();
  return await cluster.reads.decoration.managed().catch((error: unknown) => {
    if (error instanceof FlinkProblem) return null;
    throw error;
  });
}
