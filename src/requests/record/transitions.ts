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
import type { Committed, Extras, Held, NotHeld, Store } from "./store.ts";

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

/** The record as a commit left it, dated now; null: it was not committed. */
export const asCommitted = (
  store: Pick<Store, "later">,
  { held, next, committed }: { held: Held; next: RequestRecord; committed: Committed },
): Held | null => (committed.is === "ok" ? store.later({ ...held, record: next, rev: held.rev + 1 }) : null);

/**
 * Writes a fact that only this process knows (Flink's answer to our call) into a record that others may move
 * meanwhile. `last` is the record as this process committed or read it last; it is read again only where the commit is
 * fenced. `change` returns null where the write no longer applies. Returns the record as committed; null: it was not.
 */
export async function amend(
  store: Store,
  last: Held,
  change: (held: Held) => Moved | null,
): Promise<Held | null> {
  let held: Held | NotHeld = store.later(last);
  while (held.record !== null) {
    const changed = change(held);
    if (changed === null) return null;
    const committed = await transition(store, held, changed);
    if (committed.is !== "fenced") return asCommitted(store, { held, next: changed.next, committed });
    held = await store.load(last.record.id);
  }
  return null;
}

/** The run of a running record. Throws TypeError where there is none. */
export function runOf(record: RequestRecord): Run {
  if (record.run === null) throw new TypeError("a running record without a run");
  return record.run;
}

export const withMilestone = (r: RequestRecord, milestone: Milestone): readonly Milestone[] =>
  [...r.milestones, milestone].slice(-20);
