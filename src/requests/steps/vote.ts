import { code, type Span, type Text, t } from "../../model/text.ts";
import { filled, setsWith, voteRefusal } from "../../policy/approval.ts";
import { oneAccount } from "../../policy/membership.ts";
import type { Person } from "../../policy/person.ts";
import type { Policy } from "../../policy/policy.ts";
import type { AuditEvent } from "../../model/audit-entry.ts";
import type { Click } from "../ports/inbox.ts";
import { listed, stillNeeded } from "../record/approval-words.ts";
import { ended, says } from "../record/transitions.ts";
import { type Approval, isLive, type RequestRecord, requirementsOf, type Vote } from "../record/record.ts";
import type { Extras } from "../record/store.ts";

/** The result of a click: one move of the record, or an answer to the person and the rule that refused the click. */
export type Judged =
  /** `tell`: what the person is told besides; absent where the card says it all. */
  | { is: "move"; next: RequestRecord; extras: Extras; event: AuditEvent | null; tell?: Text }
  | { is: "tell"; text: Text; rule: string };

const tell = (rule: string, text: Text): Judged => ({ is: "tell", rule, text });

export interface Clicked {
  record: RequestRecord;
  click: Pick<Click, "kind" | "actor" | "digest" | "reason">;
  person: Person;
  /** ms, by Redis's clock. */
  now: number;
  /**
   * When the click arrived, ms by Redis's clock. A click counts only on facts about the person that were read after
   * that.
   */
  arrivedAt: number;
}

/**
 * Decides what a click does. Pure. Votes are counted by distinct people, the requester never approves, and the
 * deciding vote moves the state.
 */
export function vote(policy: Policy, startAfterApproval: number, clicked: Clicked): Judged {
  const { record, click, person, now, arrivedAt } = clicked;
  const { approval } = record;
  if (click.kind === "withdraw") return withdraw(clicked);
  if (approval === null) return tell("no_approval", "This request needs no approval.");
  const requirements = requirementsOf(approval);
  const verdict = voteRefusal(policy, requirements, { person, requester: record.actor.user });
  if (verdict.is === "may not") return tell("may_not_vote", verdict.why);
  if (record.state !== "awaiting") return tell("decided", decidedWords(record));
  if (now >= approval.expiresAt) return tell("expired", "This request has expired; nothing was changed.");
  if (click.digest !== approval.digest)
    return tell("other_digest", "This button belongs to another version of the card; use the newest card.");
  const { decided } = record;
  if (click.kind === "approve" && decided !== undefined && decided.policy !== policy.hash)
    return tell("other_policy", otherPolicy(decided.policy, policy.hash));
  const voted = votedAlready(policy, approval, click.actor.user);
  if (voted !== null) return tell("voted", voted);
  const { reason } = click;
  const why = click.kind === "deny" && reason !== undefined ? { reason } : {};
  const cast: Vote = {
    actor: click.actor,
    kind: click.kind,
    at: arrivedAt,
    digest: click.digest,
    in: setsWith(policy, requirements, person),
    ...why,
  };
  const counted: Approval = { ...approval, votes: [...approval.votes, cast] };
  if (click.kind === "deny") {
    const by = t`Denied by ${{ person: click.actor.user }}`;
    const headline = reason === undefined ? by : t`${by}: ${reason}`;
    const report = says("failed", headline, "Nothing was changed.");
    return {
      is: "move",
      event: null,
      ...ended(
        { ...record, approval: counted },
        { ending: "denied", report },
        {
          at: now,
          actor: click.actor.user,
          more: { ...why, digest: click.digest, name: person.displayName },
        },
      ),
    };
  }
  const approved = counted.votes.filter((v) => v.kind === "approve");
  const approvers = approved.map((v) => ({ user: v.actor.user, in: v.in }));
  const { all, missing } = filled(policy, requirements, approvers);
  const next: RequestRecord = { ...record, approval: counted };
  if (!all)
    return {
      is: "move",
      next,
      extras: {},
      event: "approved",
      tell: t`Your approval counts. Still needed: ${listed(missing)}.`,
    };
  const ready: RequestRecord = { ...next, state: "ready", startBy: now + startAfterApproval };
  return { is: "move", next: ready, extras: {}, event: "approved" };
}

/** What a person is told who has voted, with this account or another one; null: they have not. */
function votedAlready(policy: Policy, approval: Approval, user: string): Text | null {
  const own = oneAccount(policy, user);
  const vote = approval.votes.find((v) => oneAccount(policy, v.actor.user) === own);
  if (vote === undefined) return null;
  const other = vote.actor.user === user ? "" : t` with your other account ${{ person: vote.actor.user }}`;
  return t`You have already voted${other}. Still needed: ${listed(stillNeeded(approval))}.`;
}

function withdraw({ record, click, now }: Clicked): Judged {
  if (click.actor.user !== record.actor.user)
    return tell(
      "not_requester",
      t`Only ${{ person: record.actor.user }}, who requested it, can withdraw it. An approver can deny it.`,
    );
  if (record.state !== "awaiting" && record.state !== "ready") return tell("started", decidedWords(record));
  const report = says("failed", t`Withdrawn by ${{ person: click.actor.user }}`, "Nothing was changed.");
  const by = { at: now, actor: click.actor.user };
  return { is: "move", event: null, ...ended(record, { ending: "withdrawn", report }, by) };
}

/** An approval is given under the rules that decided the request; other rules may ask for more. */
const otherPolicy = (then: string, now: string): Text =>
  t`The policy has changed since this was requested, or bot and worker have different ones (${code(then)}, here ${code(now)}), so nobody can approve it any more. Ask again.`;

/** The answer to a late click: that it was decided, by whom and when. */
export function decidedWords(record: RequestRecord): Text {
  const votes = record.approval?.votes ?? [];
  const last = votes.at(-1);
  const same = votes.filter((v) => v.kind === last?.kind);
  const by = same.flatMap(({ actor }, i): Span[] => [...(i === 0 ? [] : [", "]), { person: actor.user }]);
  const who: Text =
    last === undefined
      ? ""
      : t` ${last.kind === "approve" ? "Approved" : "Denied"} by ${by} at ${{ at: last.at }}.`;
  if (isLive(record)) return t`Too late: it has already been decided.${who}`;
  const headline = record.end === null ? "" : record.end.report.headline;
  return t`Too late: this request has ended (${headline}).${who}`;
}
