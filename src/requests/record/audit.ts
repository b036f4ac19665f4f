import type { Json } from "../../model/json.ts";
import { plain } from "../../model/text.ts";
import { canonical, sha256 } from "../../platform/canonical.ts";
import { jobIdOf, nameOf, type RequestRecord } from "./record.ts";

/** Events of the audit log. The names are stored. */
export type AuditEvent =
  | "asked"
  | "refused"
  | "approved"
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
  | "click refused";

/** One entry of the audit log. Chaining and signing entries is left to the reader of the stream. */
export interface AuditEntry {
  v: 1;
  at: number;
  event: AuditEvent;
  requestId: string;
  operation: string;
  args: Json;
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

/** When an event happened, ms by Redis's clock, and who caused it: without `actor`, flinkops itself. */
export interface Happened {
  at: number;
  actor?: string | null;
  detail: Json;
}

/** An entry as canonical JSON (keys sorted at every level), with the SHA-256 of that text as its last key `sha256`. */
export function auditLine(
  record: RequestRecord,
  event: AuditEvent,
  { at, actor = null, detail }: Happened,
): string {
  const entry: AuditEntry = {
    v: 1,
    at,
    event,
    requestId: record.id,
    operation: record.operation,
    args: record.args,
    cluster: record.target.cluster,
    jobId: jobIdOf(record.target),
    jobName: nameOf(record.target),
    path: record.target.kind === "path" ? record.target.path : null,
    parent: record.parent,
    requester: record.actor.user,
    actor,
    channel: record.place.channel,
    reason: record.reason,
    headline: plain(record.intent.headline),
    detail,
  };
  const body = canonical(entry);
  return `${body.slice(0, -1)},"sha256":"${sha256(body)}"}`;
}
