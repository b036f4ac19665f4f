import { code, type Text, t } from "../model/text.ts";
import type { Report } from "../model/report.ts";
import { approversOf, type Ending, requestRef, type RequestRecord } from "../requests/record/record.ts";

/** A symbol is always shown with a word that says the same. */
export interface StateWord {
  symbol: string;
  word: string;
}

const outcomes: Readonly<Record<Report["outcome"], StateWord>> = {
  done: { symbol: "✅", word: "Done" },
  partly: { symbol: "⚠️", word: "Partly done" },
  failed: { symbol: "❌", word: "Failed" },
  unknown: { symbol: "❓", word: "Outcome unknown" },
};
const endings: Readonly<Record<Exclude<Ending, "ran">, StateWord>> = {
  refused: { symbol: "⛔", word: "Refused" },
  denied: { symbol: "⛔", word: "Denied" },
  expired: { symbol: "⌛", word: "Expired" },
  withdrawn: { symbol: "↩️", word: "Withdrawn" },
  void: { symbol: "⚠️", word: "Void, not started" },
  superseded: { symbol: "↪️", word: "Superseded" },
};

/** The word for an outcome without a request's state. */
export const outcomeWord = (outcome: Report["outcome"]): StateWord => outcomes[outcome];

/** The state of the request, in a few words. */
export function stateWord(record: RequestRecord): StateWord {
  if (record.end !== null)
    return record.end.ending === "ran" ? outcomes[record.end.report.outcome] : endings[record.end.ending];
  if (record.state === "awaiting") return { symbol: "⏳", word: "Waiting for approval" };
  if (record.state === "ready")
    return { symbol: "🕒", word: record.waiting === null ? "Queued" : "Waiting to start" };
  return record.supersededBy === null
    ? { symbol: "🔄", word: "Running" }
    : { symbol: "↪️", word: "Superseded, finishing what it had sent" };
}

/** What people can wait for or act on now; empty once the request has ended. */
export function standing(record: RequestRecord): Text[] {
  if (record.end !== null) return [];
  const lines: Text[] = [];
  for (const { requestId, link } of record.supersedes)
    lines.push(t`Takes over from request ${requestRef(requestId, link)}, which sends nothing more.`);
  if (record.state === "awaiting" && record.approval !== null) lines.push(...awaiting(record.approval));
  if (record.state === "ready") lines.push(...ready(record));
  if (record.run !== null) lines.push(...running(record.run));
  if (record.supersededBy !== null)
    lines.push(
      t`Taken over by request ${requestRef(record.supersededBy.requestId, record.supersededBy.link)} of ${{ person: record.supersededBy.actor }}. It sends nothing more and reports what it had already sent.`,
    );
  return lines;
}

function awaiting(approval: NonNullable<RequestRecord["approval"]>): Text[] {
  const given = approversOf(approval).length;
  const who =
    approval.needed === 1
      ? "Needs approval from someone other than the requester"
      : `Needs approval from ${approval.needed} people other than the requester, ${given} so far`;
  return [t`${who}: ${approvers(approval.by)}. Expires ${{ at: approval.expiresAt }}.`];
}

function approvers(by: { groups: readonly string[]; users: readonly string[] }): Text {
  const all = [...by.groups.map((group) => ({ group })), ...by.users.map((person) => ({ person }))];
  if (all.length === 0) return "nobody";
  return all.slice(0, 20).flatMap((who, i) => (i === 0 ? [who] : [", ", who]));
}

function ready(record: RequestRecord): Text[] {
  const lines: Text[] = [];
  if (record.waiting !== null) {
    const holder = record.waiting.holder;
    lines.push(
      holder === null
        ? record.waiting.words
        : t`${record.waiting.words} (request ${code(holder.slice(0, 8))})`,
    );
  }
  if (record.startBy !== null) lines.push(t`Starts by ${{ at: record.startBy }}, or not at all.`);
  return lines;
}

function running(run: NonNullable<RequestRecord["run"]>): Text[] {
  if (run.progress === null) return [run.note];
  const progress = `${run.progress[0]} of ${run.progress[1]}`;
  const note =
    typeof run.note === "string" ? run.note : run.note.filter((s) => typeof s === "string").join("");
  return note.includes(progress) ? [run.note] : [t`${run.note} (${progress})`];
}

/** The votes with their times. */
export const decisions = (record: RequestRecord): Text[] =>
  (record.approval?.votes ?? []).map((vote) =>
    vote.kind === "approve"
      ? t`✅ Approved by ${{ person: vote.actor.user }} ${{ at: vote.at }}`
      : t`⛔ Denied by ${{ person: vote.actor.user }} ${{ at: vote.at }}${vote.reason === undefined ? "" : `: ${vote.reason}`}`,
  );

/** The approvals in short, for the line that says who is responsible. */
export const approvedBy = ({ approval }: RequestRecord): Text[] =>
  (approval?.votes ?? [])
    .filter((vote) => vote.kind === "approve")
    .map((vote) => t`approved by ${{ person: vote.actor.user }} ${{ at: vote.at }}`);
