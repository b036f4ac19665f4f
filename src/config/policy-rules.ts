import { fitsGlob } from "../model/catalog.ts";
import { mayNot, type Verdict } from "../model/verdict.ts";
import { redact } from "../platform/redact.ts";
import { filled } from "../policy/approval.ts";
import type { Askable } from "../policy/askable.ts";
import { compileCondition, type Condition } from "../policy/condition.ts";
import type { Match, Policy, Requirement, Rule, RuleVerdict } from "../policy/policy.ts";
import { shadowed } from "../policy/shadowed.ts";
import { listedIn } from "./policy-people.ts";
import type { PolicyFile } from "./policy-schema.ts";

/** What the names in rules may refer to. */
export interface Known {
  clusters: readonly { name: string; dev: boolean }[];
  askable: readonly Askable[];
  policy: Pick<Policy, "people" | "same">;
}

type Written = PolicyFile["rules"][number];

/** The rules, and the problems of those that are wrong, as `path: problem`. */
export function rulesOf(
  written: readonly Written[],
  known: Known,
): { rules: readonly Rule[]; problems: readonly string[] } {
  const parsed = written.map((rule, i) => {
    const at = `rules.${i} (${rule.name})`;
    const { rule: built, problems } = ruleOf(rule, known);
    return {
      built,
      problems: [...nameProblems(written, i), ...problems].map((problem) => `${at}${problem}`),
    };
  });
  const rules = parsed.flatMap(({ built }) => built ?? []);
  const problems = parsed.flatMap((one) => one.problems);
  // a rule that is wrong itself would be reported a second time
  return { rules, problems: problems.length > 0 ? problems : unreachable(rules, known) };
}

function ruleOf(written: Written, known: Known): { rule: Rule | null; problems: readonly string[] } {
  const match = matchOf(written);
  const verdict = verdictOf(written);
  const condition = conditionOf(written);
  const problems = [
    ...namesIn(written, known),
    ...(verdict.is === "may not" ? [verdict.why] : []),
    ...(condition.is === "may not" ? [condition.why] : []),
    ...timesIn(written),
    ...(verdict.made === undefined ? [] : powerOf(match, verdict.made, known)),
  ];
  if (verdict.made === undefined) return { rule: null, problems };
  const { name, ask } = written;
  return {
    rule: { name, match, when: condition.made ?? null, ask: ask ?? null, verdict: verdict.made },
    problems,
  };
}

function matchOf({ clusters, jobs, operations, classes, channels }: Written): Match {
  return {
    ...(clusters !== undefined && { clusters }),
    ...(jobs !== undefined && { jobs }),
    ...(operations !== undefined && { operations }),
    ...(classes !== undefined && { classes }),
    ...(channels !== undefined && { channels }),
  };
}

type Made<T> = Verdict<string> & { made?: T };

function verdictOf({ allow, refuse, approve, within, remind, escalate }: Written): Made<RuleVerdict> {
  const given = [allow, refuse, approve].filter((one) => one !== undefined);
  if (given.length !== 1)
    return mayNot(
      `: has ${given.length === 0 ? "none" : "several"} of allow, refuse and approve; write exactly one of them`,
    );
  if (approve === undefined && [within, remind, escalate].some((one) => one !== undefined))
    return mayNot(": within, remind and escalate are only for rules that approve; remove them");
  // refusals reach people, Redis and the audit log as they are
  if (refuse !== undefined) return { is: "may", made: { is: "refuse", why: redact(refuse) } };
  if (approve === undefined) return { is: "may", made: { is: "allow" } };
  return {
    is: "may",
    made: {
      is: "approve",
      from: approve,
      within: within ?? null,
      remind: remind ?? null,
      escalate: escalate ?? null,
    },
  };
}

function conditionOf({ when }: Written): Made<Condition> {
  if (when === undefined) return { is: "may" };
  const compiled = compileCondition(when);
  if (compiled.is === "may not") return mayNot(`.when: ${compiled.why}`);
  return { is: "may", ...(compiled.condition && { made: compiled.condition }) };
}

function namesIn(written: Written, { clusters, askable, policy }: Known): readonly string[] {
  const { ask = [], approve = [], escalate } = written;
  const stray = (path: string, names: readonly string[]) => straySets(path, names, policy);
  return [
    ...strayPatterns(written.clusters, clusters),
    ...strayOperations("operations", written.operations, askable),
    ...stray("ask", ask),
    ...approve.flatMap(({ from }, i) => stray(`approve.${i}.from`, from)),
    ...stray("escalate.to", escalate === undefined ? [] : [escalate.to]),
  ];
}

/** A name that an earlier one of these rules has, as `.name: problem`. */
export const nameProblems = (rules: readonly { name: string }[], i: number): readonly string[] =>
  rules.findIndex((other) => other.name === rules[i]?.name) < i
    ? [".name: an earlier rule has this name; choose another"]
    : [];

/** Names that are no set of people, as `.key: problem`. */
export function straySets(
  key: string,
  names: readonly string[],
  { people }: Pick<Policy, "people">,
): readonly string[] {
  const sets = Object.keys(people);
  return names
    .filter((name) => !sets.includes(name))
    .map((name) => `.${key}: ${name} is not one of the sets of people: ${sets.join(", ")}`);
}

/** Patterns that fit no configured cluster, as `.clusters: problem`. */
export const strayPatterns = (
  patterns: readonly string[] = [],
  clusters: readonly { name: string }[],
): readonly string[] =>
  patterns
    .filter((pattern) => !clusters.some(({ name }) => fitsGlob(name, pattern)))
    .map(
      (pattern) =>
        `.clusters: ${pattern} fits no configured cluster; they are ${clusters.map((c) => c.name).join(", ")}`,
    );

/** Names that are no operation, as `.key: problem`. */
export const strayOperations = (
  key: string,
  names: readonly string[] = [],
  askable: readonly Askable[],
): readonly string[] =>
  names
    .filter((name) => !askable.some((one) => one.name === name))
    .map(
      (name) => `.${key}: ${name} is not one of the operations: ${askable.map((one) => one.name).join(", ")}`,
    );

function timesIn({ within, remind, escalate }: Written): readonly string[] {
  if (within === undefined) return [];
  return [
    ...(remind !== undefined && remind >= within ? [".remind: must be shorter than within"] : []),
    ...(escalate !== undefined && escalate.after >= within
      ? [".escalate.after: must be shorter than within"]
      : []),
  ];
}

/** Whether the verdict may be given to what the rule matches, and can be fulfilled. */
function powerOf(match: Match, verdict: RuleVerdict, known: Known): readonly string[] {
  if (verdict.is === "approve") return tooMany(verdict.from, known);
  if (verdict.is === "refuse" || match.classes?.includes("destructive") === false) return [];
  const named = known.askable.filter((one) => match.operations?.includes(one.name) ?? true);
  if (!named.some((one) => one.classes.includes("destructive"))) return [];
  const guarded = known.clusters.filter(
    ({ name, dev }) => !dev && (match.clusters?.some((glob) => fitsGlob(name, glob)) ?? true),
  );
  if (guarded.length === 0) return [];
  return [
    `: allows destructive requests without approval on ${guarded.map((c) => c.name).join(", ")}; write approve, or classes: [view, operate], or allow it only on clusters with dev: true`,
  ];
}

/** Requirements that the people whom the sets list cannot fill. Of user groups, only Slack knows the members. */
function tooMany(from: readonly Requirement[], { policy }: Known): readonly string[] {
  const closed = from.filter((r) => r.from.every((name) => policy.people[name]?.groups.length === 0));
  if (closed.length === 0) return [];
  const people = listedIn(
    policy,
    closed.flatMap((r) => r.from),
  );
  return filled(policy, [closed], people).missing.map(
    (r) =>
      `.approve: ${r.from.join(" and ")} list too few people; ${r.count} more must be in them, or lower count`,
  );
}

function unreachable(rules: readonly Rule[], { clusters, askable }: Known): readonly string[] {
  const found = shadowed(rules, { clusters: clusters.map((c) => c.name), askable });
  return found.map(({ rule, by }) => {
    const at = `rules.${rules.findIndex((r) => r.name === rule)} (${rule})`;
    if (by.length === 0)
      return `${at}: matches no request, because no such operation is in these classes or acts on these clusters; delete it, or correct operations, classes and clusters`;
    const names = by.map((name) => `"${name}"`).join(" and ");
    return `${at}: never decides, because ${by.length === 1 ? "rule" : "the rules"} ${names} before it match all its requests; move it up, or delete it`;
  });
}
