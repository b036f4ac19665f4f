import type { Capabilities } from "./flink-cluster.ts";
import type { JobState, JobSummary } from "./flink-jobs.ts";
import type { Catalogue } from "./catalog.ts";
import type { Launch } from "./effect.ts";
import type { Intent } from "./intent.ts";
import type { Json } from "./json.ts";
import type { Report } from "./report.ts";
import type { Text } from "./text.ts";

/** What flinkops itself knows, as rows are handed it. */

/** One cluster as last seen by its worker. */
export interface ClusterSnapshot {
  cluster: string;
  label: string;
  /** When it was last read, ms; null: never yet. */
  readAt: number | null;
  /** Null while it answers. */
  unreachableSince: number | null;
  problem: string | null;
  /** Since when every reading got through, ms; null where that is not known. */
  answeringSince: number | null;
  /** What the cluster is, as of the last time that could be read. */
  facts: Capabilities | null;
  jobs: readonly JobSummary[];
}

export interface JobCacheView {
  /** In the order of the configuration. */
  clusters(): Promise<readonly ClusterSnapshot[]>;
  /** The same one by one, for what takes a while with each: the process does other work in between. */
  inTurn(): AsyncIterable<ClusterSnapshot>;
}

/** A state that a job can be started from. A report of a change names one by its facts `location`, `drained`, `format`. */
export interface RestorableState {
  /** Else a checkpoint of Flink's own. */
  isSavepoint: boolean;
  path: string;
  /** When it was complete, ms by Redis's clock. */
  at: number;
  sizeBytes: number | null;
  format: string | null;
  cluster: string;
  jobId: string;
  jobName: string;
  /** As its cluster last showed it; null: it did not. */
  jobState: JobState | null;
  /** Slack user id of who asked flinkops for it. */
  by: string | null;
  /** To the request's thread, when known. */
  link: string | null;
  /** Everything was flushed and the end of time announced: not to be resumed from. Null: not known. */
  drained: boolean | null;
  /** A savepoint is yours; a checkpoint is Flink's, and kept as long as this says. */
  kept: "yours" | "retained" | "unless cancelled" | "while it runs";
}

export interface RestorableView {
  /** Of a job by name, id, id prefix or `cluster/job`, whether or not it still exists; newest first. */
  of(typed: string): Promise<readonly RestorableState[]>;
  /** What lies at this path; null: nothing that is known. */
  at(cluster: string, path: string): Promise<RestorableState | null>;
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
  /** "waiting for approval", "running: savepoint 2 of 4", "done": words for a person. */
  state: string;
  open: boolean;
  /** Link to its thread, when known. */
  link: string | null;
}

/** One request with its terms: all that whoever approves it agrees to, however much a card has room for. */
export interface RequestTerms extends RequestSummary {
  intent: Intent;
}

export interface RequestsView {
  /** Null: it is not kept any more. */
  one(requestId: string): Promise<RequestTerms | null>;
  /** Newest first. */
  recent(filter: {
    actor?: string;
    job?: string;
    open?: boolean;
    most: number;
  }): Promise<readonly RequestSummary[]>;
}

/** A request that another one has started, as that one sees it. */
export interface Child {
  jobId: string;
  jobName: string;
  /** Null while it is not over. */
  outcome: Report["outcome"] | null;
  /** Where it stands, or how it ended. */
  says: Text;
  /** More of how it ended. */
  lines: readonly Text[];
  facts: { readonly [key: string]: Json };
}

/** A job that a request has started, or may have. */
export interface StartedJob {
  jobId: string;
  /** `coming`: it may still be on its way to Flink; `never`: Flink has not got it and will not. */
  fate: "sent" | "coming" | "never";
}

/** A job that was alive when the job cache saw it last. */
export interface SeenJob {
  jobId: string;
  /** For so long, ms, and in so many readings since, Flink has not listed it; 0: it was listed in the last one. */
  absentMs: number;
  answers: number;
}

/** One of our requests about jobs of one name, as other requests look at it. */
export interface RequestOnName {
  id: string;
  headline: Text;
  actor: string;
  state: "open" | "running" | "over";
  /** The job that it acts on; "" where it starts one by its name. */
  jobId: string;
  jobName: string;
  /** When it was asked for, ms. */
  askedAt: number;
  /** In the order of their start. */
  launched: readonly StartedJob[];
  /** A savepoint that it has written, or the directory where it writes one; null: none. */
  savepoint: string | null;
  /** To its card, when known. */
  link: string | null;
}

/** How flinkops started a job. */
export interface Launched extends Launch {
  jobId: string;
  /** The state it started from; null: from nothing. */
  from: string | null;
}

/** Beside the cluster: what was configured, and what flinkops remembers. */
export interface Knowledge {
  catalogue: Catalogue;
  restorable: RestorableView;
  /** Jobs of this name that the job cache has seen alive and not seen to end. */
  lastSeen(cluster: string, name: string): Promise<readonly SeenJob[]>;
  /** Our requests about jobs of this name, newest first. */
  requestsOn(cluster: string, name: string): Promise<readonly RequestOnName[]>;
  /** Our requests that are under way on a cluster. */
  underWayOn(cluster: string): Promise<readonly RequestOnName[]>;
  /** Null: it was not flinkops that started this job. */
  launched(cluster: string, jobId: string): Promise<Launched | null>;
  settings: OperationSettings;
}

export interface OperationSettings {
  /** How many jobs of a request for many are changed at once. */
  atOnce: number;
  /** How long a job that was started may take until it is healthy, ms. */
  healthyWithin: number;
  /** How long it then has to run without a failure to count as healthy, ms; with rare checkpoints up to three times as long. */
  steadyFor: number;
  /** State older than this is not started from without another person, ms. */
  staleState: number;
  /** A job that Flink does not list for so long is gone: longer than a fail-over takes, ms. */
  absentFor: number;
}
