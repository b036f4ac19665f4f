import { code, type Text, t } from "../model/text.ts";
import { enoughOthers } from "./approval.ts";
import { changesSomething } from "./guards.ts";
import { mismatch } from "./match.ts";
import { groupUnreadable, membership, TELL, united, who } from "./membership.ts";
import type { BreakGlassRule, Policy } from "./policy.ts";
import type { Question } from "./question.ts";
import { type Refused, refuse } from "./refused.ts";

/** It starts without approval and during a freeze. Another person reviews it afterwards. */
export interface BrokenGlass {
  is: "break glass";
  rule: string;
  why: Text;
  /** Names of the sets of which someone else reviews it. */
  review: readonly string[];
  /** Id of the channel where it is announced before it starts; null: where it was requested. */
  announce: string | null;
}

/** Begins the name of every break-glass rule in decisions. No other rule can have it. */
export const BREAK_GLASS = "break-glass ";
export const glassName = ({ name }: Pick<BreakGlassRule, "name">): string => `${BREAK_GLASS}${name}`;

/** Whether break-glass can make a difference. Reads need no approval, and no freeze stops them. */
export const isBreakingGlass = (q: Question): boolean => q.breakGlass && changesSomething(q);

/** Why a break-glass rule does not match; null where it matches. */
export const glassMismatch = ({ match }: BreakGlassRule, q: Question): string | null =>
  mismatch(match, {
    cluster: q.cluster?.name ?? null,
    job: null,
    operation: q.operation,
    class: q.class,
    channel: q.channel.id,
  });

/** Break-glass is for one job that is in trouble: nobody could review a long list. */
export const manyRefusal = (q: Question): Refused | null =>
  q.change.jobs === undefined && q.jobs.length < 2
    ? null
    : refuse("break_glass", "Break-glass is for one job. Name the job, or ask for all of them without it.");

/** The rule that names the person for break-glass, before the job and the change are known. */
export function glassRuleFor(policy: Policy, q: Question): { is: "named"; rule: BreakGlassRule } | Refused {
  if (!q.fitForBreakGlass) return refuse("break_glass", t`Break-glass is never for ${code(q.operation)}.`);
  const where = q.cluster === null ? "" : t` on ${code(q.cluster.name)}`;
  const rule = policy.breakGlass.find((one) => glassMismatch(one, q) === null);
  if (rule === undefined)
    return refuse("break_glass", t`Nobody may use break-glass for ${code(q.operation)}${where}.`);
  const found = membership(policy, q.person, rule.people);
  if (found.is === "unknown") return refuse("group_unreadable", groupUnreadable(found));
  if (found.is === "in") return { is: "named", rule };
  return refuse(
    glassName(rule),
    t`You are not allowed to use break-glass for ${code(q.operation)}${where}. ${who(united(policy, rule.people))}`,
  );
}

/** Whether break-glass passes the decision without it. `without`: that decision, in words. */
export function breakGlass(policy: Policy, q: Question, without: Text): BrokenGlass | Refused {
  const named = glassRuleFor(policy, q);
  if (named.is === "refuse") return refuse(named.rule, t`${named.why} Without it: ${without}`);
  const { rule } = named;
  // nobody knows whom the new policy names
  if (policy.nothingDestructive !== undefined)
    return refuse("not_loaded", t`Break-glass is not available: ${policy.nothingDestructive}`);
  if (q.change.catalogued === false)
    return refuse(
      glassName(rule),
      t`Break-glass does not start code that is not in the catalog. Without it: ${without}`,
    );
  if (q.jobs.length !== 1)
    return refuse(glassName(rule), "Break-glass is for one job, and this request names none.");
  const others = enoughOthers(policy, [[{ from: rule.review, count: 1 }]], q.person);
  if (others.is === "may not")
    return others.why.is === "unreadable"
      ? refuse("group_unreadable", groupUnreadable(others.why))
      : refuse(
          "no_reviewers",
          t`Break-glass needs another person's review afterwards, and you are the only reviewer (${rule.review.map((name) => `people.${name}`).join(", ")}). ${TELL}`,
        );
  return {
    is: "break glass",
    rule: glassName(rule),
    why: t`Break-glass rule ${code(rule.name)} lets you start it without approval. Without it: ${without}`,
    review: rule.review,
    announce: rule.announce,
  };
}
