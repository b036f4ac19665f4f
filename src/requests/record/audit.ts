import { type AuditEvent, entryLine } from "../../model/audit-entry.ts";
import { type Effect, startedBy } from "../../model/effect.ts";
import type { Json } from "../../model/json.ts";
import { plain } from "../../model/text.ts";
import { canonical, sha256 } from "../../platform/canonical.ts";
import { scrub } from "../../platform/scrub.ts";
import { AUDIT_ENTRY, type Seal } from "../../platform/seal.ts";
import { goesWithout } from "./approval-words.ts";
import { digestOf } from "./binding.ts";
import { jobIdOf, nameOf, type RequestRecord, requirementsOf } from "./record.ts";

/** When an event happened, ms by Redis's clock, and who caused it: without `actor`, flinkops itself. */
export interface Happened {
  at: number;
  actor?: string | null;
  detail: Json;
}

/** The entry of an event of a request, to be committed with its record. */
export function auditLine(
  record: RequestRecord,
  event: AuditEvent,
  { at, actor = null, detail }: Happened,
): string {
  return entryLine({
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
  });
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
    ...glassIn(record),
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

/** Who has to review a use of break-glass, and what it goes without besides an approval. */
function glassIn(record: RequestRecord): { readonly [key: string]: Json } {
  if (record.breakGlass === undefined) return {};
  const { from, by } = record.breakGlass.review;
  const without = goesWithout(record);
  return { breakGlass: { review: [...from], ...by, ...(without !== undefined && { without }) } };
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
    // it was announced before, or it would not be sent
    ...glassIn(record),
  };
}

/** Arguments that a person typed are shown without secrets, and as their hash. */
function shownEffect(effect: Effect): Json {
  const typed = startedBy(effect)?.args;
  if (typed === undefined || !("map" in typed)) return { ...effect };
  const { args } = withoutSecrets({ args: typed });
  return { ...effect, args: args ?? null, argsSha256: sha256(canonical(typed)) };
}
