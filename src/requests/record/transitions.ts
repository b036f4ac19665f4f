import type { Json } from "../../model/json.ts";
import type { Report } from "../../model/report.ts";
import { code, plain, type Text, t } from "../../model/text.ts";
import type { AuditEvent } from "../../model/audit-entry.ts";
import { auditLine } from "./audit.ts";
import { claimsOf } from "./claims.ts";
import {
  type Ending,
  jobIdOf,
  locationOf,
  type Milestone,
  requestRef,
  type RequestRecord,
  type Run,
} from "./record.ts";
import type { Committed, Extras, Held, Store } from "./store.ts";

/** Tells the person where to check an outcome that flinkops does not know. */
export function whereToLook(r: RequestRecord): Text {
  const ids = [jobIdOf(r.target), ...r.launched.map((l) => l.jobId)].filter((id) => id !== "");
  if (ids.length === 0)
    return t`Look at ${code(r.target.kind === "path" ? r.target.path : r.target.cluster)} itself.`;
  const jobs = ids.flatMap((id, i) => (i === 0 ? [code(id)] : [" and ", code(id)]));
  return t`Look at job ${jobs} on ${code(r.target.cluster)}.`;
}

/** A short report by the engine itself. */
export const says = (outcome: Report["outcome"], headline: Text, ...lines: Text[]): Report => ({
  outcome,
  headline,
  lines,
});

/** A line that names the request that took over; empty where none did. */
export function supersededBy({ supersededBy: by }: RequestRecord): readonly Text[] {
  if (by === null) return [];
  return [t`Superseded by request ${requestRef(by.requestId, by.link)} of ${{ person: by.actor }}.`];
}

/**
 * The report of a request that another one took over: its own outcome, who stopped it, and its savepoint. The other
 * request reports what happens to the job.
 */
export function supersededReport(record: RequestRecord, own: Report): Report {
  const location = locationOf(record, own);
  const saved: readonly Text[] = location === null ? [] : [t`Savepoint: ${code(location)}`];
  const isTrueStill = own.outcome === "done" || record.run?.stage !== "sent";
  return {
    outcome: own.outcome,
    headline: isTrueStill ? own.headline : t`${plain(record.intent.headline)}: stopped half way`,
    lines: [...supersededBy(record), ...saved],
    ...(own.facts === undefined ? {} : { facts: own.facts }),
  };
}

/** What a record becomes, and what is committed with it. */
export interface Moved {
  next: RequestRecord;
  extras?: Extras;
}

/** Moves one record. For any answer but `ok` the caller reads the record again and decides. */
export async function transition(store: Store, held: Held, { next, extras = {} }: Moved): Promise<Committed> {
  return await store.commit([{ rev: held.rev, next }], extras);
}

/** How a request ends. `second`: the follow-up that is planned; without it there is none. */
export interface Ended {
  ending: Ending;
  report: Report;
  second?: RequestRecord["second"];
}

const EVENT_OF: Record<Ending, AuditEvent> = {
  refused: "refused",
  denied: "denied",
  expired: "expired",
  withdrawn: "withdrawn",
  void: "void",
  superseded: "superseded",
  ran: "ended",
};

/**
 * The record at its end, with the claims to release and the audit entry to write in the same commit. `more` is added
 * to the entry's detail.
 */
export function ended(
  record: RequestRecord,
  { ending, report, second = null }: Ended,
  {
    at,
    actor = null,
    more = {},
  }: { at: number; actor?: string | null; more?: { readonly [key: string]: Json } },
): { next: RequestRecord; extras: Extras } {
  const end = { ending, report, at };
  const next: RequestRecord = { ...record, state: "ended", waiting: null, end, second };
  const detail: Json = {
    outcome: report.outcome,
    headline: plain(report.headline),
    lines: report.lines.map(plain),
    facts: report.facts ?? {},
    launched: record.launched.map(({ jobId, jar, from }) => ({ jobId, jar, from })),
    ...more,
  };
  return {
    next,
    extras: {
      release: claimsOf(next).free,
      audit: [auditLine(next, EVENT_OF[ending], { at, actor, detail })],
    },
  };
}

/** Ends a held record. */
export async function end(store: Store, held: Held, how: Ended): Promise<Committed> {
  return await transition(store, held, ended(held.record, how, { at: held.now }));
}

/**
 * Writes a fact that only this process knows (Flink's answer to our call) into a record that others may move
 * meanwhile.
 * Reads and retries until the commit is not fenced. `change` returns null where the write no longer applies.
 */
export async function amend(
  store: Store,
  requestId: string,
  change: (held: Held) => Moved | null,
): Promise<void> {
  for (;;) {
    const held = await store.load(requestId);
    if (held.record === null) return;
    const changed = change(held);
    if (changed === null) return;
    const committed = await transition(store, held, changed);
    if (committed.is !== "fenced") return;
  }
}

/** The run of a running record. Throws TypeError where there is none. */
export function runOf(record: RequestRecord): Run {
  if (record.run === null) throw new TypeError("a running record without a run");
  return record.run;
}

export const withMilestone = (r: RequestRecord, milestone: Milestone): readonly Milestone[] =>
  [...r.milestones, milestone].slice(-20);
