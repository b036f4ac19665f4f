import { b, code, type Span, type Text, t } from "../model/text.ts";
import type { Report } from "../model/report.ts";
import {
  anyOf,
  isOne,
  listed,
  neededInAll,
  stillNeeded,
  withoutWhat,
} from "../requests/record/approval-words.ts";
import { isUnreviewed } from "../requests/record/claims.ts";
import {
  type Approval,
  approversOf,
  type Ending,
  requestRef,
  type RequestRecord,
  requirementsOf,
  type Vote,
} from "../requests/record/record.ts";
import { joined } from "./text.ts";

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

function awaiting(approval: Approval): Text[] {
  const expires = t`Expires ${{ at: approval.expiresAt }}.`;
  if (isOne(approval))
    return [t`Needs approval from someone other than the requester: ${approvers(approval.by)}. ${expires}`];
  // with several lists one person may count in each of them, so there is no total
  const total = requirementsOf(approval).length === 1 ? `${approval.needed} approvals` : "approvals";
  const needs = t`Needs ${total}: ${listed(neededInAll(approval))}, who are not the requester. ${expires}`;
  const given = approversOf(approval);
  if (given.length === 0) return [needs];
  const by = given.flatMap((person, i): Span[] => (i === 0 ? [{ person }] : [", ", { person }]));
  return [needs, t`Approved by ${by}; still needs ${listed(stillNeeded(approval))}.`];
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
export const decisions = (record: RequestRecord): Text[] => (record.approval?.votes ?? []).map(voteWords);

const voteWords = ({ kind, actor, at, reason }: Vote): Text =>
  kind === "approve"
    ? t`✅ Approved by ${{ person: actor.user }} ${{ at }}`
    : t`⛔ Denied by ${{ person: actor.user }} ${{ at }}${reason === undefined ? "" : `: ${reason}`}`;

/** The votes, and for which sets each of them counted. */
export const votesInFull = (record: RequestRecord): Text[] =>
  (record.approval?.votes ?? []).map((vote) =>
    vote.in === undefined || vote.in.length === 0
      ? voteWords(vote)
      : t`${voteWords(vote)} · as ${joined(
          vote.in.map((set) => [code(set)]),
          ", ",
        )}`,
  );

/** The rule that decided the request; empty for requests of versions that had no rules. */
export const decidedBy = ({ decided }: RequestRecord): Text[] =>
  decided === undefined ? [] : [t`Rule ${code(decided.rule)} · policy ${code(decided.policy)}`];

/** The approvals in short, for the line that says who is responsible. */
export function approvedBy({ approval }: RequestRecord): Text[] {
  const votes = (approval?.votes ?? []).filter((vote) => vote.kind === "approve");
  if (votes.length === 0) return [];
  const each = votes.map((vote) => t`${{ person: vote.actor.user }} ${{ at: vote.at }}`);
  return [t`approved by ${joined(each, ", ")}`];
}

/** That nobody approved it, and who reviews or has reviewed that. Empty where it was not made with break-glass. */
export function glassWords(record: RequestRecord): Text[] {
  const { breakGlass } = record;
  if (breakGlass === undefined) return [];
  const { reviewed, review } = breakGlass;
  if (reviewed === null)
    return isUnreviewed(record)
      ? [t`${b("Break-glass")}: ${withoutWhat(record)}, to be reviewed by ${anyOf(review.by)}`]
      : [t`${b("Break-glass")}, never started`];
  const { actor, at, justified, why } = reviewed;
  const verdict = justified ? "justified" : b("not justified");
  return [t`${b("Break-glass")}, reviewed by ${{ person: actor.user }} ${{ at }} as ${verdict}: ${why}`];
}
