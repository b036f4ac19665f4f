import { code, type Text, t } from "../model/text.ts";
import { MAY, mayNot, type Verdict } from "../model/verdict.ts";
import { enoughOthers, type Requirements, requirementWords } from "./approval.ts";
import {
  breakGlass,
  type BrokenGlass,
  glassMismatch,
  glassName,
  glassRuleFor,
  isBreakingGlass,
  manyRefusal,
} from "./break-glass.ts";
import type { ConditionFacts } from "./condition.ts";
import { changesSomething, clusterRefusal, freezeRefusal, placeRefusal } from "./guards.ts";
import { groupsOf, groupUnreadable, membership, TELL, united, who } from "./membership.ts";
import { mayMatch, type Matched, mismatch } from "./match.ts";
import type { Policy, Requirement, Rule } from "./policy.ts";
import type { JobFacts, Question } from "./question.ts";
import { type Refused, refuse } from "./refused.ts";

/** Every decision carries the name of the rule, and its reason in words for the requester. */
export type Decision =
  | { is: "allow"; rule: string; why: Text }
  | { is: "needs approval"; rule: string; why: Text; approval: Needed }
  | BrokenGlass
  | Refused;
export type { Refused };

/** What an approval takes, and how long it may. Times in ms; null: as configured for all. */
export interface Needed {
  requirements: Requirements;
  within: number | null;
  remind: number | null;
  escalate: readonly { after: number; to: string }[];
}

/** One rule on the way to a decision, for `explain`. `shadowed`: it matches too, but an earlier rule has decided. */
export interface Step {
  rule: string;
  is: "no match" | "decides" | "shadowed";
  why: string;
}

/** Decides whether an operation is allowed, needs approval, or is refused. The default is to refuse changes. */
export const decide = (policy: Policy, q: Question): Decision =>
  through(policy, q, "to the decision").decision;

/**
 * Whether the person could be allowed to ask, before the job and the change are known. It keeps people without rights
 * from making flinkops read Flink.
 */
export function admit(policy: Policy, q: Question): Verdict<Refused> {
  const outside = placeRefusal(policy, q);
  if (outside !== null) return mayNot(outside);
  const rules = policy.rules.filter((r) => mayMatch(r.match, matchedOf(q, null)));
  const answers = rules.map((rule) => askRefusal(policy, q, rule));
  if (answers.length === 0) {
    const none = unmatched(policy, q);
    return none.is === "refuse" ? mayNot(none) : MAY;
  }
  // the reason that counts is the one for the class that the operation is in, whatever it may turn out to be
  const own = rules.findIndex(({ match }) => match.classes?.includes(q.class) ?? true);
  const refused = answers[own] ?? answers[0];
  if (refused != null && answers.every((a) => a !== null)) {
    const stranger = isBreakingGlass(q) ? glassRuleFor(policy, q) : refused;
    if (stranger.is === "refuse") return mayNot(stranger);
  }
  const guard = clusterRefusal(policy, q);
  return guard === null ? MAY : mayNot(guard);
}

/** A decision, and the way to it through the rules. */
interface Way {
  decision: Decision;
  steps: readonly Step[];
}

/** How far the rules are gone through: those after the deciding one matter only to people who read the way. */
type HowFar = "to the decision" | "to the end";

/** The decision, and the way through all rules. */
export const explain = (policy: Policy, q: Question): Way => through(policy, q, "to the end");

function through(policy: Policy, q: Question, howFar: HowFar): Way {
  const outside = placeRefusal(policy, q);
  if (outside !== null) return { decision: outside, steps: [] };
  const many = isBreakingGlass(q) ? manyRefusal(q) : null;
  if (many !== null) return { decision: many, steps: [] };
  const each = (q.jobs.length === 0 ? [null] : q.jobs).map((job) => forJob(policy, q, { job, howFar }));
  const decision = strictest(each.map((one) => one.decision));
  const deciding = each.find((one) => one.decision.rule === decision.rule) ?? each[0];
  return { decision, steps: deciding?.steps ?? [] };
}

const matchedOf = (q: Question, job: JobFacts | null): Matched => ({
  cluster: q.cluster?.name ?? null,
  job: job?.name ?? null,
  operation: q.operation,
  class: q.class,
  channel: q.channel.id,
});

function forJob(policy: Policy, q: Question, { job, howFar }: { job: JobFacts | null; howFar: HowFar }): Way {
  const facts: ConditionFacts = {
    change: q.change,
    job,
    cluster: q.cluster === null ? null : { name: q.cluster.name, dev: isDev(policy, q) },
    channel: q.channel.id,
    now: q.now,
  };
  const steps: Step[] = [];
  let way: Way | null = null;
  for (const rule of policy.rules) {
    if (way !== null && howFar === "to the decision") break;
    const isNot = mismatch(rule.match, matchedOf(q, job));
    const holds = isNot === null ? rule.when?.holds(facts) : undefined;
    if (isNot !== null || holds?.is === "no") {
      steps.push({ rule: rule.name, is: "no match", why: isNot ?? `when: ${rule.when?.text ?? ""}` });
      continue;
    }
    const why = rule.when === null ? "it matches" : `when: ${rule.when.text}`;
    steps.push({ rule: rule.name, is: way === null ? "decides" : "shadowed", why });
    way ??=
      holds?.is === "failed"
        ? atOnce(
            refuse(
              rule.name,
              t`The condition of rule ${code(rule.name)} has no answer: ${holds.why}. ${TELL}`,
            ),
          )
        : byRule(policy, q, rule);
  }
  way ??= atOnce(unmatched(policy, q));
  return { ...way, steps: [...steps, ...way.steps] };
}

const isDev = (policy: Policy, q: Question): boolean =>
  q.cluster !== null && policy.devClusters.includes(q.cluster.name);

/** Where no rule matches: every full member may look, and nobody may change anything. */
function unmatched({ form }: Policy, q: Question): Decision {
  if (q.class === "view") return { is: "allow", rule: "default", why: "Every full member may look." };
  if (form === "rules")
    return refuse("default", t`No rule of the policy allows ${code(q.operation)} here. ${TELL}`);
  return refuse(
    "read_only",
    q.readsOnly
      ? t`Only operators may use ${code(q.operation)}, and none are configured (people.operate).`
      : "flinkops is read-only here: no operators are configured (people.operate).",
  );
}

/** Whether this rule lets the person ask. */
function askRefusal(policy: Policy, q: Question, rule: Rule): Refused | null {
  if (rule.ask === null) return null;
  const found = membership(policy, q.person, rule.ask);
  if (found.is === "unknown") return refuse("group_unreadable", groupUnreadable(found));
  if (found.is === "in") return null;
  const set = united(policy, rule.ask);
  return refuse(
    rule.name,
    q.class === "view"
      ? t`You are not allowed to view jobs here. ${who(set)}`
      : t`You are not allowed to use ${code(q.operation)}. ${who(set)}`,
  );
}

/** Without rules for break-glass on the way. */
const atOnce = (decision: Decision): Way => ({ decision, steps: [] });

function byRule(policy: Policy, q: Question, rule: Rule): Way {
  const { name, verdict } = rule;
  if (verdict.is === "refuse")
    return atOnce(
      refuse(
        name,
        isBreakingGlass(q) ? t`${verdict.why} Break-glass does not pass rule ${code(name)}.` : verdict.why,
      ),
    );
  const allowed: Decision = { is: "allow", rule: name, why: t`Rule ${code(name)} allows it.` };
  const stranger = askRefusal(policy, q, rule);
  if (!changesSomething(q)) return atOnce(stranger ?? allowed);
  const cluster = clusterRefusal(policy, q);
  const freeze = freezeRefusal(policy, q);
  const destructive = destructiveRefusal(policy, q, rule);
  const byVerdict = (): Decision =>
    verdict.is === "allow" ? allowed : needsApproval(policy, q, { name, verdict });
  if (!q.breakGlass) return atOnce(stranger ?? cluster ?? freeze ?? destructive ?? byVerdict());
  const guard = cluster ?? destructive;
  if (guard !== null) return atOnce(guard);
  const without = stranger ?? freeze ?? byVerdict();
  if (without.is === "allow") return atOnce(without);
  return { decision: breakGlass(policy, q, without.why), steps: glassSteps(policy, q) };
}

function glassSteps(policy: Policy, q: Question): readonly Step[] {
  const deciding = policy.breakGlass.find((rule) => glassMismatch(rule, q) === null);
  return policy.breakGlass.map((rule) => {
    const isNot = glassMismatch(rule, q);
    const is = isNot !== null ? "no match" : rule === deciding ? "decides" : "shadowed";
    return { rule: glassName(rule), is, why: isNot ?? "it matches" };
  });
}

/** Loading a policy refuses such rules; this holds for whatever is decided all the same. */
function destructiveRefusal(policy: Policy, q: Question, { name, verdict }: Rule): Refused | null {
  if (q.class !== "destructive") return null;
  if (policy.nothingDestructive !== undefined) return refuse("not_loaded", policy.nothingDestructive);
  if (verdict.is !== "allow" || isDev(policy, q)) return null;
  return refuse(
    name,
    t`${code(q.operation)} is destructive here, and rule ${code(name)} asks for no approval. ${TELL}`,
  );
}

function needsApproval(
  policy: Policy,
  q: Question,
  { name, verdict }: { name: string; verdict: Extract<Rule["verdict"], { is: "approve" }> },
): Decision {
  const requirements = [verdict.from];
  const others = enoughOthers(policy, requirements, q.person);
  if (others.is === "may not") {
    if (others.why.is === "unreadable") return refuse("group_unreadable", groupUnreadable(others.why));
    return refuse("no_approvers", nobodyElse(policy, q, verdict.from));
  }
  const { within, remind, escalate } = verdict;
  return {
    is: "needs approval",
    rule: name,
    why: t`Rule ${code(name)} asks for the approval of ${requirementWords(requirements)}.`,
    approval: { requirements, within, remind, escalate: escalate === null ? [] : [escalate] },
  };
}

function nobodyElse(policy: Policy, q: Question, from: readonly Requirement[]): Text {
  const sets = from.flatMap((r) => r.from);
  const set = united(policy, sets);
  const where = sets.map((name) => `people.${name}`).join(", ");
  if (set.groups.length + set.users.length === 0)
    return `${q.operation} needs another person's approval, and no approvers are configured (${where}).`;
  const count = from.reduce((sum, r) => sum + r.count, 0);
  return count === 1
    ? `${q.operation} needs another person's approval, and you are the only approver (${where}).`
    : `${q.operation} needs the approval of ${count} other people, and there are not as many (${where}).`;
}

const RANK: Readonly<Record<Decision["is"], number>> = {
  allow: 0,
  "break glass": 1,
  "needs approval": 2,
  refuse: 3,
};

/** One decision for all jobs of a request: a refusal of one refuses all, and all approvals are needed. */
function strictest(decisions: readonly Decision[]): Decision {
  const [first, ...others] = decisions.toSorted((a, b) => RANK[b.is] - RANK[a.is]);
  if (first === undefined) throw new TypeError("no decision");
  if (first.is !== "needs approval") return first;
  const needed = [first, ...others].flatMap((d) => (d.is === "needs approval" ? [d.approval] : []));
  const lists = needed.flatMap((n) => n.requirements);
  return {
    ...first,
    approval: {
      requirements: [...new Map(lists.map((list) => [JSON.stringify(list), list])).values()],
      within: least(needed.map((n) => n.within)),
      remind: least(needed.map((n) => n.remind)),
      escalate: [...new Map(needed.flatMap((n) => n.escalate).map((e) => [JSON.stringify(e), e])).values()],
    },
  };
}

const least = (values: readonly (number | null)[]): number | null => {
  const known = values.filter((v) => v !== null);
  return known.length === 0 ? null : Math.min(...known);
};

/** The groups whose members are needed to tell whether a user may ask for this. `operation` null: not known. */
export function askGroups(
  policy: Policy,
  {
    cluster,
    breakGlass: isGlass,
    ...asked
  }: { operation: string | null; class: Question["class"]; cluster: string | null; breakGlass?: boolean },
  user: string,
): readonly string[] {
  const matches = ({ match }: Pick<Rule, "match">): boolean =>
    mayMatch(match, { ...asked, job: null, channel: null, cluster });
  const glass = isGlass === true ? policy.breakGlass.filter(matches) : [];
  return groupsOf(policy, askSets({ rules: policy.rules.filter(matches), breakGlass: glass }), user);
}

/** The groups whose members are needed to tell what a user may ask for at all, without break-glass. */
export const allAskGroups = ({ rules, ...policy }: Policy, user: string): readonly string[] =>
  groupsOf(policy, askSets({ rules, breakGlass: [] }), user);

const askSets = ({ rules, breakGlass: glass }: Pick<Policy, "rules" | "breakGlass">): readonly string[] => [
  ...new Set([...rules.flatMap((r) => r.ask ?? []), ...glass.flatMap((r) => r.people)]),
];
