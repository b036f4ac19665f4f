import { type Text, t } from "../../model/text.ts";
import { reviewRefusal } from "../../policy/approval.ts";
import { membership } from "../../policy/membership.ts";
import type { Person } from "../../policy/person.ts";
import type { Policy } from "../../policy/policy.ts";
import { auditLine } from "../record/audit.ts";
import { isUnreviewed } from "../record/claims.ts";
import type { BreakGlass, RequestRecord, Review } from "../record/record.ts";
import type { Moved } from "../record/transitions.ts";

/** `glass`: what is reviewed. `why` and `rule`: why the review does not count, and the rule that says so. */
type ReviewVerdict = { is: "may"; glass: BreakGlass } | { is: "may not"; why: { rule: string; why: Text } };

const no = (rule: string, why: Text): ReviewVerdict => ({ is: "may not", why: { rule, why } });

/** Whether a review of this request by this person counts. Pure. */
export function reviewVerdict(policy: Policy, record: RequestRecord, person: Person): ReviewVerdict {
  const { actor, breakGlass, end } = record;
  if (breakGlass === undefined) return no("no_break_glass", "This request was not made with break-glass.");
  const { reviewed, review } = breakGlass;
  const may = reviewRefusal(policy, review.from, { person, requester: actor.user });
  if (may.is === "may not") return no("may_not_review", may.why);
  if (reviewed !== null)
    return no(
      "reviewed",
      t`It has already been reviewed by ${{ person: reviewed.actor.user }} ${{ at: reviewed.at }}.`,
    );
  if (end === null) return no("not_over", "It has not ended yet. Review it when its outcome is known.");
  if (!isUnreviewed(record)) return no("not_started", "It was never started, so there is nothing to review.");
  return { is: "may", glass: breakGlass };
}

/** The record with its review, and what is committed with it: the person may use break-glass again. */
export function reviewed(
  policy: Policy,
  { record, glass }: { record: RequestRecord; glass: BreakGlass },
  { person, ...review }: Review & { person: Person },
): Moved {
  const next: RequestRecord = { ...record, breakGlass: { ...glass, reviewed: review } };
  const { justified, why, at, actor } = review;
  const sets = glass.review.from.filter((set) => membership(policy, person, [set]).is === "in");
  const detail = { justified, why, in: sets, name: person.displayName };
  return {
    next,
    extras: {
      release: [glass.claim],
      audit: [auditLine(next, "reviewed", { at, actor: actor.user, detail })],
    },
  };
}
