import type { ClusterConfig } from "../model/cluster-config.ts";
import type { Catalogue } from "../model/catalog.ts";
import type { OtlpProtocol } from "../model/traces.ts";
import type { Organization } from "../policy/person.ts";
import type { Policy } from "../policy/policy.ts";
import type { PolicyTest } from "../policy/policy-test.ts";

/** The complete configuration of a process: read once, validated, frozen, and passed on as a value. */
export interface Config {
  deployment: {
    /** Workers accept only requests with their own deployment's id. */
    id: string;
    /** Shown on cards when several installations post to one workspace; null: not shown. */
    label: string | null;
    /** A development installation: Redis without persistence is accepted. */
    dev: boolean;
  };
  slack: SlackConfig;
  redis: RedisConfig;
  seal: {
    /** The first key seals what is written to Redis; all keys verify. Never log them. */
    keys: readonly [string, ...string[]];
    /** The keys were configured. Otherwise the only key is derived from the bot token. */
    isOwn: boolean;
    /** Channel for notices about values in Redis that flinkops did not write; null: no notices. */
    channel: string | null;
  };
  /** In the order of the file. */
  clusters: readonly ClusterConfig[];
  /** By channel id; `cluster` is the default for a command that names no cluster. */
  channels: Readonly<Record<string, { cluster: string | null }>>;
  /** The jobs that may be started. */
  catalogue: Catalogue;
  policy: Policy;
  /** `path`: of the file that the policy is in, the configuration or one of its own; null: there is none. */
  policyFile: { path: string | null; tests: readonly PolicyTest[] };
  audit: {
    /** Older entries are deleted from Redis, ms. */
    keep: number;
    /** Signs the chain. Never log it. Null: none, or this process does not chain. */
    signingKey: string | null;
    /** Gets the head of the chain once a day; null: no channel. */
    channel: string | null;
    sinks: readonly SinkConfig[];
  };
  /** How many jobs of one bulk request are changed at the same time. */
  atOnce: number;
  /** How many open requests one person may have at a time. */
  mostOpen: number;
  timings: Timings;
  /**
   * The health server. `port` 0: any free port. `metrics`: it has a page for Prometheus. `bullBoard`: the port of Bull
   * Board on the loopback address.
   */
  http: { host: "127.0.0.1" | "0.0.0.0"; port: number; metrics: boolean; bullBoard: number | null };
  /** How traces and metrics are sent by OTLP, as `OTEL_*` says; null: they are not. */
  otlp: { traces: OtlpProtocol | null; metrics: OtlpProtocol | null };
}

export interface RedisConfig {
  /** May contain a password: never log it. With sentinels its host is the name of the master. */
  url: string;
  /** A hash tag with its braces, so that all keys hash to one Redis Cluster slot. */
  prefix: string;
  /** How many replicas must confirm a write before flinkops treats it as accepted. */
  waitReplicas: number;
  /** Sentinels to ask who is the master; none: the URL names the server. */
  sentinels: readonly { host: string; port: number }[];
  sentinelUsername: string | null;
  /** Never log it. */
  sentinelPassword: string | null;
  /** Nodes of a Redis Cluster besides the one of the URL; none: it is no cluster. */
  cluster: readonly { host: string; port: number }[];
  /** Paths of PEM files, and the name in the servers' certificates; null: the system's defaults. */
  tls: { ca: string | null; cert: string | null; key: string | null; servername: string | null } | null;
}

/** Where chained audit entries go besides Redis. */
export type SinkConfig = {
  name: string;
  /** Destructive effects wait for this sink. */
  required: boolean;
} & (
  | { kind: "stdout" }
  | { kind: "file"; path: string }
  /** `url` and `headers` may contain secrets: never log them. */
  | { kind: "http"; url: string; headers: Readonly<Record<string, string>> }
);

export interface SlackConfig {
  botToken: string;
  /** Ends in `/api/`; https, or loopback. */
  apiUrl: string;
  /** The name of the slash command in Slack, `/flink`. */
  command: string;
  organization: Organization;
  /** How Slack reaches the bot. Null in a process without the bot: a worker only posts. */
  door:
    | { mode: "socket"; appToken: string }
    | { mode: "http"; signingSecret: string; host: string; port: number }
    | null;
}

/** All in ms. config.example.yml documents each one. */
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
  followUp: number;
  drain: number;
}

/** The roles of one process: the bot, a worker of one zone (`zone` null: of all zones), or both. */
export interface Roles {
  bot: boolean;
  worker: { zone: string | null } | null;
}

/** Whether a process with these roles talks to the clusters of `zone`; the bot alone talks to none. */
export const isServed = (zone: string, roles: Roles): boolean =>
  roles.worker !== null && (roles.worker.zone === null || roles.worker.zone === zone);
