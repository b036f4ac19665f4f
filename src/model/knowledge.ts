import type { Capabilities } from "./flink-cluster.ts";
import type { JobState, JobSummary } from "./flink-jobs.ts";
import type { Catalogue } from "./catalog.ts";
import type { Launch } from "./effect.ts";
import type { Intent } from "./intent.ts";
import type { Json } from "./json.ts";
import type { LocksView } from "./lock.ts";
import type { SeenVertices } from "./planned-job.ts";
import type { RehearsedFacts } from "./rehearsal.ts";
import type { Report } from "./report.ts";
import type { FileSystem } from "./state-path.ts";
import type { Text } from "./text.ts";

/** What flinkops itself knows, as it is passed to operations. */

/** One cluster as its worker last read it. */
export interface ClusterSnapshot {
  cluster: string;
  label: string;
  /** When it was last read, ms; null: never. */
  readAt: number | null;
  /** Null while the cluster answers. */
  unreachableSince: number | null;
  problem: string | null;
  /** Since when every read has succeeded, ms; null: not known. */
  answeringSince: number | null;
  /** The cluster's capabilities when they were last read; null: never. */
  facts: Capabilities | null;
  jobs: readonly JobSummary[];
  /** It does not answer because it is an application cluster that has ended with its last job. */
  isOver: boolean;
}

/** A cluster that does not answer. Times in ms by Redis's clock. */
export interface Silence {
  since: number;
  /** It is an application cluster that has ended with its last job. */
  isOver: boolean;
}

export interface JobCacheView {
  /** In the order of the configuration. */
  clusters(): Promise<readonly ClusterSnapshot[]>;
  /** The same snapshots one by one, so that the process can do other work in between. */
  inTurn(): AsyncIterable<ClusterSnapshot>;
}

/**
 * A state that a job can be started from. The report of a change describes one in its facts `location`, `drained`,
 * `format` and `savedAt` (ms; absent: at its end); `ended: "stop"` says that the change ended its job in another phase than its last.
 */
export interface RestorableState {
  /** False: one of Flink's own checkpoints. */
  isSavepoint: boolean;
  path: string;
  /** When it was completed, ms by Redis's clock. */
  at: number;
  sizeBytes: number | null;
  format: string | null;
  cluster: string;
  jobId: string;
  jobName: string;
  /** The job's state when its cluster last listed it; null: never listed. */
  jobState: JobState | null;
  /** Slack user id of the person who requested it through flinkops; null: nobody did. */
  by: string | null;
  /** Link to the request's thread, if known. */
  link: string | null;
  /**
   * Drained: everything was flushed and the end of time was announced, so it must not be resumed from. Null: not
   * known.
   */
  drained: boolean | null;
  /** How long the state is kept. A savepoint belongs to the user (`yours`); a checkpoint belongs to Flink. */
  kept: "yours" | "retained" | "unless cancelled" | "while it runs";
}

export interface RestorableView {
  /**
   * Known states of a job by name, id, id prefix or `cluster/job`, whether or not the job still exists; newest first.
   */
  of(typed: string): Promise<readonly RestorableState[]>;
  /** The known state at this path; null: none is known. */
  at(cluster: string, path: string): Promise<RestorableState | null>;
  /** What is known of a cluster's file systems, for comparing paths. */
  fileSystem(cluster: string): Promise<FileSystem>;
  /** The vertices of a job, whether or not it still exists. Null: they were never seen with a checkpoint. */
  vertices(cluster: string, jobId: string): Promise<SeenVertices | null>;
}

export interface RequestSummary {
  id: string;
  operation: string;
  headline: Text;
  cluster: string | null;
  jobId: string | null;
  jobName: string | null;
  actor: string;
  askedAt: number;
  /** Status in words for a person: "waiting for approval", "running: savepoint 2 of 4", "done". */
  state: string;
  open: boolean;
  /** Link to its thread, if known. */
  link: string | null;
}

/** One request with its full terms: everything that an approver agrees to, even if a card has no room for it. */
export interface RequestTerms extends RequestSummary {
  intent: Intent;
}

export interface RequestSummaries {
  /** Null: it is no longer stored. */
  one(requestId: string): Promise<RequestTerms | null>;
  /** Newest first. */
  recent(filter: {
    actor?: string;
    job?: string;
    open?: boolean;
    /** Only uses of break-glass that nobody has reviewed. */
    unreviewed?: boolean;
    most: number;
  }): Promise<readonly RequestSummary[]>;
}

/** One request as the audit log tells it. People are Slack user ids. */
export interface PastRequest {
  id: string;
  headline: string;
  cluster: string;
  jobName: string | null;
  requester: string;
  approvedBy: readonly string[];
  /** Null: it was not made with break-glass. `reviewed`: by whom and with which result; null: not yet. */
  breakGlass: { reviewed: { by: string; justified: boolean } | null } | null;
  /** When it was asked, ms by Redis's clock. */
  at: number;
  /** "done", "failed", "denied", "refused"...; "open": it has not ended. */
  outcome: string;
  /** Link to its thread, if known. */
  link: string | null;
}

export interface AuditHistory {
  /**
   * Newest first. `about`: a job (name, id, `cluster/job`), a cluster, or a person (`@name` or id); null: all but
   * children. `since`: ms by Redis's clock.
   */
  past(filter: { about: string | null; since: number; most: number }): Promise<{
    requests: readonly PastRequest[];
    /** False: there are more. */
    isAll: boolean;
    /** False: the log was altered in Redis, and what is before that place is left out. */
    isWhole: boolean;
  }>;
}

/** A request started by another request, as the parent sees it. */
export interface Child {
  jobId: string;
  jobName: string;
  /** Null until it ends. */
  outcome: Report["outcome"] | null;
  /** Its progress, or its result. */
  says: Text;
  /** More lines of its result. */
  lines: readonly Text[];
  facts: { readonly [key: string]: Json };
}

/** A job that a request has started, or may have started. */
export interface StartedJob {
  jobId: string;
  /** It was started next to the job, not in its place. */
  isRehearsal?: true;
  /** `coming`: it may still reach Flink. `never`: Flink does not have it and never will. */
  fate: "sent" | "coming" | "never";
}

/** A job that was alive when the job cache last saw it. */
export interface SeenJob {
  jobId: string;
  /** Flink has not listed it for this long, ms, in `answers` reads since; 0: the last read listed it. */
  absentMs: number;
  answers: number;
}

/** A flinkops request about jobs of one name, as other requests see it. */
export interface RequestOnName {
  id: string;
  headline: Text;
  actor: string;
  state: "open" | "running" | "over";
  /** The job that it acts on; "" if it starts one by its name. */
  jobId: string;
  jobName: string;
  /** When it was requested, ms. */
  askedAt: number;
  /** Jobs that it started, in the order of their start. */
  launched: readonly StartedJob[];
  /** A savepoint that it has written, or the directory that it writes to; null: none. */
  savepoint: string | null;
  /** The job that its last change ended: Flink accepted the change at that time; null: it has ended none. */
  ended: { jobId: string; by: "stop" | "cancel"; drained: boolean; at: number } | null;
  /** The brake that has taken its job over, and what it has started. */
  supersededBy?: string;
  /** How it ended as a rehearsal, and when, ms; absent: it was none, or has not ended. */
  rehearsed?: RehearsedFacts & { at: number };
  /** Link to its card, if known. */
  link: string | null;
}

/** How flinkops started a job. */
export interface Launched extends Launch {
  jobId: string;
  /** The state it started from; null: empty state. */
  from: string | null;
}

/** Knowledge besides the cluster itself: the configuration, and what flinkops remembers. */
export interface Knowledge {
  catalogue: Catalogue;
  restorable: RestorableView;
  locks: LocksView;
  /** How the job cache sees that a cluster does not answer; null: it answers, or was never read. */
  silence(cluster: string): Promise<Silence | null>;
  /** Jobs of this name that the job cache has seen alive and has not seen end. */
  lastSeen(cluster: string, name: string): Promise<readonly SeenJob[]>;
  /** flinkops requests about jobs of this name, newest first. */
  requestsOn(cluster: string, name: string): Promise<readonly RequestOnName[]>;
  /** flinkops requests that are under way on a cluster. */
  underWayOn(cluster: string): Promise<readonly RequestOnName[]>;
  /** How flinkops started this job; null: flinkops did not start it. */
  launched(cluster: string, jobId: string): Promise<Launched | null>;
  settings: OperationSettings;
}

export interface OperationSettings {
  /** How many jobs a request for many jobs changes at once. */
  atOnce: number;
  /** How long a started job may take to become healthy, ms. */
  healthyWithin: number;
  /**
   * How long the job then has to run without a failure to count as healthy, ms; with rare checkpoints up to three
   * times as long.
   */
  steadyFor: number;
  /** Starting from state older than this needs approval by someone else, ms. */
  staleState: number;
  /** A job that Flink has not listed for this long is gone, ms. It must be longer than a fail-over takes. */
  absentFor: number;
}
