import { FlinkProblem } from "../../model/errors.ts";
import type { AsyncOperation, FlinkReads, Lane } from "../../model/flink-reads.ts";
import type { ClusterConfig } from "../../model/cluster-config.ts";
import type { Log } from "../../platform/log.ts";
import type { FlinkEffects } from "../../model/effect.ts";
import type { Measures } from "../../model/measures.ts";
import type { Traces } from "../../model/traces.ts";
import type { Operation } from "../../model/operation.ts";
import type { Child, Knowledge } from "../../model/knowledge.ts";
import type { Text } from "../../model/text.ts";
import type { Verdict } from "../../model/verdict.ts";
import type { People } from "../../policy/person.ts";
import type { Policy } from "../../policy/policy.ts";
import type { Conversation } from "./conversation.ts";
import type { Intake, RequestRecord } from "../record/record.ts";
import type { Held, Store } from "../record/store.ts";

/** All values in ms. */
export interface Timings {
  /** From asking to start, where no approval is needed. */
  startWithin: number;
  /** From approval to start. */
  startAfterApproval: number;
  approvalExpires: number;
  /** How long an effect may be sent after it was saved. Below half the BullMQ lock. */
  lease: number;
  /** Time limit of one HTTP request to Flink. */
  flinkTimeout: number;
  /** The longest sleep of a parked step. */
  parkSlice: number;
  pollMin: number;
  pollMax: number;
  /** From a successful end to the follow-up. */
  followUp: number;
}

/** One cluster of this worker's zone, over the connections of one lane. */
export interface Cluster {
  reads: FlinkReads;
  effects: FlinkEffects;
  config: Pick<ClusterConfig, "name" | "changes" | "managedBy" | "approvals">;
}

/** The requests that a request has started, and the request that has started one. */
export interface Children {
  /**
   * As their operation sees them. Reads only children that this process has not seen end, because a request for many
   * jobs checks its children often. One round trip; none where all of them have ended.
   */
  of(held: Pick<Held, "record" | "now">): Promise<readonly Child[]>;
  /**
   * The current record of a child's parent; null: there is none. Concurrent calls share one read, because children
   * check it at the same time and the record is large.
   */
  parent(id: string): Promise<RequestRecord | null>;
}

/** Everything that a step may use. */
export interface Engine {
  store: Store;
  operations: ReadonlyMap<string, Operation>;
  policy: Policy;
  people: People;
  conversation: Conversation;
  /** Makes Slack show what has changed or is missing of a request. Returns at once: no step waits for Slack. */
  present(held: Held): void;
  /** Undefined: the cluster is not in this worker's zone, or not configured any more. */
  cluster(name: string, lane: Lane): Cluster | undefined;
  responseUrl: (requestId: string) => Promise<string | null>;
  /** The link to a request's first card; null: there is no card, or its link is unknown. */
  link(requestId: string): Promise<string | null>;
  /** Makes the next step of another request due now. Never throws; a missed step runs at its own time. */
  wake(record: RequestRecord): Promise<void>;
  known: Knowledge;
  /**
   * Waits until an audit entry (its stream id, from the commit) is in every sink that the configuration requires, at
   * most 5 s and `withinMs`; the reason names the sink. Null: no sink is required.
   */
  audited: ((entry: string, withinMs: number) => Promise<Verdict<Text>>) | null;
  /** The name of a person as last read from Slack by this process; null: not read yet. */
  nameOf(user: string): string | null;
  children: Children;
  /** Starts further requests on a cluster. Requests that were started already are unchanged. */
  spawn(cluster: string, intakes: readonly Intake[]): Promise<void>;
  /** Whether all of these requests were started. */
  spawned(cluster: string, ids: readonly string[]): Promise<boolean>;
  timings: Timings;
  /** How many open requests one person may have at a time. */
  mostOpen: number;
  log: Log;
  measures: Measures;
  traces: Traces;
  /** The cluster's label, by which people recognise the environment. */
  labelOf: (cluster: string) => string;
  /** Unique per worker process. */
  worker: string;
}

/** What a request waits for that the process which parks it can watch, so that its next step may be later. */
export interface Watched {
  cluster: string;
  until: AsyncOperation;
  /** How long it has been in progress, ms. */
  ageMs: number;
  /** The latest that the next step may be, ms from now. */
  atMostMs: number;
}

/**
 * When the queue runs the next step of a request. `held`: the record as this step has read or committed it, for a step that
 * follows at once. `watched`: the step may be later, if it is at once when the watched operation is no longer in progress.
 */
export type Next = { is: "again"; inMs: number; held?: Held; watched?: Watched } | { is: "done" };
/** The poll interval, ms: a quarter of the age, from `pollMin` (default 50 ms) to `pollMax` (default 5 s). */
export const pollMs = ({ pollMin, pollMax }: Pick<Timings, "pollMin" | "pollMax">, ageMs: number): number =>
  Math.min(pollMax, Math.max(pollMin, ageMs / 4));
export const again = (inMs: number): Extract<Next, { is: "again" }> => ({
  is: "again",
  inMs: Math.max(0, Math.round(inMs)),
});
/** The next step at once, from the record as just committed; null: it was not, so the record is read again. */
export const onward = (held: Held | null): Next => (held === null ? again(0) : { ...again(0), held });
/** Runs a step; `last` is the `held` of the one before, where this one follows at once. */
export type Stepping = (intake: Intake, last?: Held) => Promise<Next>;
export const done: Next = { is: "done" };

/**
 * The Flink Kubernetes operator that manages the cluster, as the cluster itself says. Null: none, or not asked
 * because the configuration says it.
 * A brake needs only its job's id and state from Flink, so an unreadable answer counts as null for it.
 */
export async function operatorManaged(cluster: Cluster, how: { isBrake: boolean }): Promise<string | null> {
  if (cluster.config.managedBy !== null) return null;
  if (!how.isBrake) return await cluster.reads.managed();
  return await cluster.reads.decoration.managed().catch((error: unknown) => {
    if (error instanceof FlinkProblem) return null;
    throw error;
  });
}
