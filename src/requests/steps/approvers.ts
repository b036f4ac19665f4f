import { code, type Text, t } from "../../model/text.ts";
import { MAY, mayNot, type Verdict } from "../../model/verdict.ts";
import { filled, type Requirements, setsIn, setsWith, voteRefusal } from "../../policy/approval.ts";
import { groupsOf } from "../../policy/membership.ts";
import type { Freshness } from "../../policy/person.ts";
import type { Engine } from "../ports/engine.ts";
import type { Approval } from "../record/record.ts";

/** The votes of one approval, and what they have to fulfil. */
export interface Votes {
  requester: string;
  approval: Approval;
  requirements: Requirements;
  fresh: Freshness;
}

/**
 * Whether enough distinct voters may still approve. Somebody may have lost the right between the click and the start.
 */
export async function approvalStillHolds(
  { policy, people }: Pick<Engine, "policy" | "people">,
  { requester, approval, requirements, fresh }: Votes,
): Promise<Verdict<Text>> {
  const approved = approval.votes.filter((v) => v.kind === "approve" && v.digest === approval.digest);
  const sets = setsIn(requirements);
  const voters = await Promise.all(
    approved.map(
      async ({ actor }) =>
        await people.lookup(actor, { ...fresh, groups: groupsOf(policy, sets, actor.user) }),
    ),
  );
  const counted = voters.filter(
    (person) => voteRefusal(policy, requirements, { person, requester }).is === "may",
  );
  const approvers = counted.map((person) => ({
    user: person.user,
    in: setsWith(policy, requirements, person),
  }));
  if (filled(policy, requirements, approvers).all) return MAY;
  // Where Slack no longer returns an account or group, nobody has lost a right; the message names it, so that it can
  // be repaired.
  for (const { user, unknown, unreadable } of voters) {
    if (unknown !== null) return mayNot(t`the account of ${{ person: user }} ${unknown}`);
    const [group] = unreadable;
    if (group !== undefined)
      return mayNot(t`the user group ${code(group[0])} (people.${setOfGroup(policy, group[0])}) ${group[1]}`);
  }
  return mayNot(
    counted.length < voters.length
      ? "the approver is no longer allowed to approve"
      : "it now needs more approvals than it has",
  );
}

const setOfGroup = (policy: Engine["policy"], group: string): string =>
  Object.entries(policy.people).find(([, set]) => set.groups.includes(group))?.[0] ?? "";

/** When the last vote was given, ms; 0: there is none. */
export const lastVote = (approval: Approval): number => Math.max(0, ...approval.votes.map((v) => v.at));
