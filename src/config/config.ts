import type { ClusterConfig } from "../model/cluster-config.ts";
import type { Catalogue } from "../model/catalog.ts";
import type { Policy } from "../policy/policy.ts";

/** Everything a process is told from outside: read once, validated, frozen, passed on as a value. */
export interface Config {
  deployment: {
    /** Workers accept only requests that carry their own deployment's id. */
    id: string;
    /** Shown on cards, where several installations post into one workspace; null: not shown. */
    label: string | null;
    /** A Redis without persistence is accepted. */
    dev: boolean;
  };
  slack: SlackConfig;
  redis: {
    /** May hold a password: never to be logged. */
    url: string;
    /** A hash tag with its braces, so that all keys lie in one Redis Cluster slot. */
    prefix: string;
    /** How many replicas must have a write before it counts as taken. */
    waitReplicas: number;
  };
  seal: {
    /** The first seals what is written to Redis, all verify; never to be logged. */
    keys: readonly [string, ...string[]];
    /** They were configured. Otherwise there is one that goes with the bot token. */
    isOwn: boolean;
    /** Where people are told of values in Redis that are not ours; null: nowhere. */
    channel: string | null;
  };
  /** In the order of the file. */
  clusters: readonly ClusterConfig[];
  /** By channel id; what a command means that names no cluster. */
  channels: Readonly<Record<string, { cluster: string | null }>>;
  /** What may be started. */
  catalogue: Catalogue;
  policy: Policy;
  /** `keep`, ms: older entries of the audit stream go. */
  audit: { keep: number };
  /** How many jobs of one request for many are changed at once. */
  atOnce: number;
  timings: Timings;
  /** Health answers. `port` 0: any free one. */
  http: { host: "127.0.0.1" | "0.0.0.0"; port: number };
}

export interface SlackConfig {
  botToken: string;
  /** Ends in `/api/`; https, or loopback. */
  apiUrl: string;
  /** The slash command as installed, `/flink`. */
  command: string;
  /** How Slack reaches the bot. Null in a process without the bot: a worker only posts. */
  door:
    | { mode: "socket"; appToken: string }
    | { mode: "http"; signingSecret: string; host: string; port: number }
    | null;
}

/** All in ms. What each means stands in config.example.yml. */
export interface Timings {
  startWithin: number;
  startAfterApproval: number;
  approvalExpires: number;
  mentionMaxAge: number;
  lock: number;
  stalled: number;
  lease: number;
  flinkConnect: number;
  flinkTimeout: number;
  flinkChangeTimeout: number;
  flinkStartTimeout: number;
  directoryIdle: number;
  directoryWatched: number;
  directoryStates: number;
  parkSlice: number;
  pollMin: number;
  pollMax: number;
  sweep: number;
  healthyWithin: number;
  steadyFor: number;
  staleState: number;
  absentFor: number;
  secondLook: number;
  drain: number;
}

/** What one process is: the bot, a worker of one zone (null: of all zones), or both. */
export interface Roles {
  bot: boolean;
  worker: { zone: string | null } | null;
}

/** The clusters that a process with these roles talks to; the bot alone talks to none. */
export const isServed = (zone: string, roles: Roles): boolean =>
  roles.worker !== null && (roles.worker.zone === null || roles.worker.zone === zone);
