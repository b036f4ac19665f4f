import { type Effect, startedBy } from "../../model/effect.ts";
import type { Json } from "../../model/json.ts";
import { plain } from "../../model/text.ts";
import { canonical, sha256 } from "../../platform/canonical.ts";
import { scrub } from "../../platform/scrub.ts";
import { AUDIT_ENTRY, type Seal } from "../../platform/seal.ts";
import { digestOf } from "./binding.ts";
import { jobIdOf, nameOf, type RequestRecord, requirementsOf } from "./record.ts";

/** Events of the audit log. The names are stored. */
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
  | "click refused";

/** One entry of the audit log, as it is committed with its record. The sealer (src/audit) chains it. */
export interface AuditEntry {
  v: 1;
  at: number;
  event: AuditEvent;
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
    args: withoutSecrets(record.args),
    argsSha256: sha256(canonical(record.args)),
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

/** The seal of an entry in Redis, until it is chained. */
export const auditSeal = (seal: Seal, line: string): string => seal.of(AUDIT_ENTRY, line);

const withoutSecrets = (fields: { readonly [key: string]: Json }): { readonly [key: string]: Json } =>
  JSON.parse(JSON.stringify(scrub(fields)));

/** What the approvers are asked, word for word, and by whom; `digest` is what their votes refer to. */
export function askedDetail(record: RequestRecord, name: string | null): Json {
  const { intent, approval } = record;
  return {
    name,
    class: record.class,
    ...record.decided,
    binds: intent.binds,
    digest: approval?.digest ?? digestOf(record),
    seen: {
      headline: plain(intent.headline),
      losses: intent.losses.map(plain),
      warnings: intent.warnings.map(plain),
      details: intent.details.map(plain),
    },
    approval:
      approval === null
        ? null
        : {
            needed: approval.needed,
            requirements: requirementsOf(approval).map((list) =>
              list.map((r) => ({ ...r, by: { ...r.by } })),
            ),
            groups: approval.by.groups,
            users: approval.by.users,
            expiresAt: approval.expiresAt,
          },
  };
}

/** The effect that is about to be sent, and who agreed to it. For a child request, its parent has the votes. */
export function callingDetail(record: RequestRecord): { readonly [key: string]: Json } {
  const { run, approval } = record;
  const votes = (approval?.votes ?? []).map(({ actor, kind, at, digest }) => ({
    user: actor.user,
    kind,
    at,
    digest,
  }));
  return {
    phase: run?.phase ?? "",
    visit: run?.visit ?? 0,
    effectId: run?.effectId ?? "",
    effect: run?.effect == null ? null : shownEffect(run.effect),
    approval: approval === null ? null : { needed: approval.needed, digest: approval.digest, votes },
  };
}

/** Arguments that a person typed are shown without secrets, and as their hash. */
function shownEffect(effect: Effect): Json {
  const typed = startedBy(effect)?.args;
  if (typed === undefined || !("map" in typed)) return { ...effect };
  const { args } = withoutSecrets({ args: typed });
  return { ...effect, args: args ?? null, argsSha256: sha256(canonical(typed)) };
}
