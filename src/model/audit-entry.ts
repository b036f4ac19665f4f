import { canonical, sha256 } from "../platform/canonical.ts";
import type { Json } from "./json.ts";

/** Events of the audit log that are about a request. The names are stored. */
export type AuditEvent =
  | "asked"
  | "refused"
  | "approved"
  | "suggested"
  | "denied"
  | "expired"
  | "withdrawn"
  | "void"
  | "superseded"
  | "calling"
  | "called"
  | "passed"
  | "ended"
  | "looked again"
  /**
   * Redis had an older revision of the record, or none, and the newer one was written back. `detail` says which
   * revisions.
   */
  | "put back"
  | "click refused"
  /** Someone else said whether a use of break-glass was justified. */
  | "reviewed";

/** Events that are about no request. The names are stored. */
export type NoticeEvent =
  /** A process decides by this policy from now on: at its start, and after each reload. */
  | "policy loaded"
  /** A newer policy could not be loaded. The one before stays, and refuses destructive operations. */
  | "policy not loaded"
  /** A person locked a cluster or a job, or lifted a lock. */
  | "locked"
  | "unlocked"
  /** A value in Redis that flinkops did not write was set aside. */
  | "forged"
  /** A click on a request that has no record, or one that flinkops did not write. */
  | "click refused"
  /** An entry in Redis that flinkops did not write is not chained. */
  | "set aside"
  /** Redis had an older end of the chain than flinkops had written. */
  | "went back";

/** One entry of the audit log, as it is committed. The sealer (src/audit) chains it. */
export interface AuditEntry {
  v: 1;
  at: number;
  event: AuditEvent | NoticeEvent;
  /** "" where the entry is about no request. */
  requestId: string;
  operation: string;
  /** Without secrets. */
  args: Json;
  /** The SHA-256 of the arguments as canonical JSON, before secrets were removed. */
  argsSha256: string;
  cluster: string;
  /** "" where the target is not an existing job. */
  jobId: string;
  jobName: string;
  /** The path of a saved state where the target is one; otherwise null. */
  path: string | null;
  /** The request that started this one; null: a person did. */
  parent: string | null;
  requester: string;
  /** The Slack user who caused the event; null: flinkops itself. */
  actor: string | null;
  channel: string;
  reason: string | null;
  headline: string;
  detail: Json;
}

/** An entry as canonical JSON (keys sorted at every level), with the SHA-256 of that text as its last key `sha256`. */
export function entryLine(entry: AuditEntry): string {
  const body = canonical(entry);
  return `${body.slice(0, -1)},"sha256":"${sha256(body)}"}`;
}

/** What happened where it is about no request. What is left out is "" or null in the entry. */
export interface Notice {
  /** ms by Redis's clock. */
  at: number;
  /** The Slack user who caused it; without, flinkops itself. */
  actor?: string;
  cluster?: string;
  jobName?: string;
  channel?: string;
  /** As the person typed it. */
  reason?: string;
  /** What happened, in one plain sentence. */
  headline: string;
  detail: Json;
}

/**
 * The entry of an event that is about no request, to be committed as `audit`. Two entries must not be the same to the
 * byte, or `verify` takes the second for a copy: whoever writes one again says so in `detail`.
 */
export function noticeLine(event: NoticeEvent, notice: Notice): string {
  return entryLine({
    v: 1,
    event,
    requestId: "",
    operation: "",
    args: {},
    argsSha256: sha256(canonical({})),
    cluster: "",
    jobId: "",
    jobName: "",
    path: null,
    parent: null,
    requester: "",
    actor: null,
    channel: "",
    reason: null,
    ...notice,
  });
}
