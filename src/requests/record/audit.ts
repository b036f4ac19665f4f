import { createHash } from "node:crypto";
import type { Json } from "../../model/json.ts";
import { plain } from "../../model/text.ts";
import { jobIdOf, nameOf, type RequestRecord } from "./record.ts";

/** What happened, in the past tense of the field's own words. Persisted. */
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
  /** Redis had an older revision of the record, or none: what `detail` says was so before. */
  | "put back"
  | "click refused";

/** One line of the audit log. Chaining and signing are a sealer's work behind the stream. */
export interface AuditEntry {
  v: 1;
  at: number;
  event: AuditEvent;
  requestId: string;
  operation: string;
  args: Json;
  cluster: string;
  /** "" where it acts on no job that is there. */
  jobId: string;
  jobName: string;
  /** Of what acts on some state. */
  path: string | null;
  /** The request that has started this one. */
  parent: string | null;
  requester: string;
  /** Who did this; null: flinkops itself. */
  actor: string | null;
  channel: string;
  reason: string | null;
  headline: string;
  detail: Json;
}

/** Canonical JSON (keys sorted at every level) with its own SHA-256 as `sha256`. */
export function auditLine(
  record: RequestRecord,
  event: AuditEvent,
  at: number,
  actor: string | null,
  detail: Json,
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

/** The same text for the same value, whatever the order its keys were written in. */
export function canonical(value: unknown): string {
  if (Array.isArray(value)) return `[${value.map(canonical).join(",")}]`;
  if (typeof value !== "object" || value === null) return JSON.stringify(value ?? null);
  const entries = Object.entries(value).filter(([, v]) => v !== undefined);
  entries.sort(([a], [b]) => (a < b ? -1 : 1));
  return `{${entries.map(([k, v]) => `${JSON.stringify(k)}:${canonical(v)}`).join(",")}}`;
}

export const sha256 = (text: string): string => createHash("sha256").update(text).digest("hex");
