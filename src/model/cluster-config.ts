/** A secret as it is configured. A file is read again whenever it changes on disk (rotating tokens). */
export type Secret = { value: string } | { file: string };

/** How a cluster's REST endpoint (or the proxy before it) wants to be convinced. */
export type ClusterAuth =
  | { kind: "none" }
  | { kind: "basic"; user: string; password: Secret }
  | { kind: "bearer"; token: Secret }
  /** Paths of PEM files. */
  | { kind: "mtls"; cert: string; key: string };

/** One Flink cluster, as the configuration hands it over: already validated, secrets from the environment resolved. */
export interface ClusterConfig {
  /** The word people type; unique. */
  name: string;
  /** What a card shows. */
  label: string;
  /** Base address of the REST API; a path prefix is allowed, user info and query are not. */
  url: string;
  /** Group of clusters reachable from one network; a worker serves one zone. */
  zone: string;
  /** False: read-only. */
  changes: boolean;
  /** A savepoint directory must lie under one of these; empty: only Flink's own default. */
  savepointRoots: readonly string[];
  auth: ClusterAuth;
  /** Sent with every request. */
  headers: Readonly<Record<string, string>>;
  /** Path of a PEM file with the certificate authorities to trust instead of Node's own; null: Node's own. */
  ca: string | null;
  /** The name that the server's certificate must carry, where it is not the host of `url`. */
  servername: string | null;
  /** Null: look at the cluster's own configuration. */
  managedBy: "none" | "operator" | null;
  /** Where people open Flink's page: null hides it, undefined means `url`. */
  uiUrl?: string | null;
  /** Templates of further places to look: `{cluster}`, `{job}` and `{jobId}` are filled in. */
  links?: readonly { label: string; url: string }[];
  /**
   * Milliseconds. `connectMs` for TCP and TLS, the others from sending to the end of the answer: a read, a change, a start of
   * a job. For a free connection a read waits at most `readMs` more, a change until its lease is over.
   */
  timeouts: { connectMs: number; readMs: number; changeMs: number; startMs: number };
}
