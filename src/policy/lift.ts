import { fitsGlob } from "../model/catalog.ts";
import type { LockScope } from "../model/lock.ts";
import { type Text, t } from "../model/text.ts";
import { MAY, mayNot, type Verdict } from "../model/verdict.ts";
import { mayMatch } from "./match.ts";
import { groupUnreadable, membership, oneAccount, united, who } from "./membership.ts";
import type { Person } from "./person.ts";
import type { Policy } from "./policy.ts";

/**
 * Whether a person who may unlock at all may lift this lock: their own, and as an approver of changes there those of
 * others. Where nobody approves changes, everyone who may unlock may lift all.
 */
export function liftRefusal(
  policy: Policy,
  { holder, person, scope }: { holder: string; person: Person; scope: LockScope },
): Verdict<Text> {
  if (oneAccount(policy, person.user) === oneAccount(policy, holder)) return MAY;
  const sets = approvingOn(policy, scope);
  const approvers = united(policy, sets);
  if (approvers.groups.length + approvers.users.length === 0) return MAY;
  const found = membership(policy, person, sets);
  if (found.is === "in") return MAY;
  return mayNot(
    found.is === "unknown"
      ? groupUnreadable(found)
      : t`Only ${{ person: holder }}, who locked it, and those who approve changes there may unlock it. ${who(approvers)}`,
  );
}

/** The sets whose members approve some change there. */
function approvingOn(policy: Policy, { cluster, job }: LockScope): readonly string[] {
  const change = { cluster, job, operation: null, class: "operate" as const, channel: null };
  const sets = policy.rules.flatMap(({ match, verdict }) => {
    const isThere =
      mayMatch(match, change) && (job === null || (match.jobs?.some((g) => fitsGlob(job, g)) ?? true));
    return verdict.is === "approve" && isThere ? verdict.from.flatMap((r) => r.from) : [];
  });
  return [...new Set(sets)];
}
