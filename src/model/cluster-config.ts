/** A configured secret. A file is read again whenever it changes on disk, so that tokens can be rotated. */
export type Secret = { value: string } | { file: string };

/** How to authenticate to a cluster's REST endpoint, or to the proxy in front of it. */
export type ClusterAuth =
  | { kind: "none" }
  | { kind: "basic"; user: string; password: Secret }
  | { kind: "bearer"; token: Secret }
  /** Paths of PEM files. */
  | { kind: "mtls"; cert: string; key: string };

/** One Flink cluster from the configuration: validated, with secrets from the environment resolved. */
export interface ClusterConfig {
  /** The name that people type; unique. */
  name: string;
  /** The name shown on cards. */
  label: string;
  /** Base address of the REST API. A path prefix is allowed; user info and query are not. */
  url: string;
  /** A group of clusters reachable from one network. A worker serves one zone. */
  zone: string;
  /** False: the cluster is read-only. */
  changes: boolean;
  /** A savepoint directory must be under one of these; empty: only Flink's own default is used. */
  savepointRoots: readonly string[];
  /** What `hdfs:///` or `viewfs:///` means there, like `hdfs://namenode:8020`; null: learned from the cluster. */
  defaultFileSystem: string | null;
  auth: ClusterAuth;
  /** Sent with every request. */
  headers: Readonly<Record<string, string>>;
  /** Path of a PEM file with the certificate authorities to trust instead of Node's own; null: Node's own. */
  ca: string | null;
  /** The name that the server's certificate must carry, if it differs from the host of `url`. */
  servername: string | null;
  /** Null: detected from the cluster's own configuration. */
  managedBy: "none" | "operator" | null;
  /** The channel in which approvers are asked; absent: in the one of the request. */
  approvals?: string;
  /** Address of the Flink UI for people; null hides it, undefined means `url`. */
  uiUrl?: string | null;
  /**
   * A restart with other code needs a rehearsal of that code that was healthy and is not older than this, ms; null: it
   * needs none.
   */
  requireRehearsal?: number | null;
  /** Templates of further links, such as dashboards. `{cluster}`, `{job}` and `{jobId}` are filled in. */
  links?: readonly { label: string; url: string }[];
  /**
   * Milliseconds. `connectMs` covers TCP and TLS. The others run from sending to the end of the answer: of a read, a
   * change, the start of a job. A read waits up to another `readMs` for a free connection; a change waits until its
   * lease expires.
   */
  timeouts: { connectMs: number; readMs: number; changeMs: number; startMs: number };
}
