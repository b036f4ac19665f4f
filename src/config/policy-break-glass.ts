import type { BreakGlassRule } from "../policy/policy.ts";
import { shadowed } from "../policy/shadowed.ts";
import { listedIn } from "./policy-people.ts";
import { type Known, nameProblems, straySets, strayOperations, strayPatterns } from "./policy-rules.ts";
import type { PolicyFile } from "./policy-schema.ts";

type Written = PolicyFile["breakGlass"][number];

/** The rules for break-glass, and the problems of those that are wrong, as `path: problem`. */
export function breakGlassOf(
  written: readonly Written[],
  known: Known,
): { breakGlass: readonly BreakGlassRule[]; problems: readonly string[] } {
  const breakGlass = written.map(ruleOf);
  const problems = written.flatMap((rule, i) =>
    [
      ...nameProblems(written, i),
      ...straySets("people", rule.people, known.policy),
      ...straySets("review", rule.review, known.policy),
      ...strayPatterns(rule.clusters, known.clusters),
      ...strayOperations("operations", rule.operations, known.askable),
      ...unfit(rule, known),
      ...unreviewed(rule, known),
    ].map((problem) => `breakGlass.${i} (${rule.name})${problem}`),
  );
  // a rule that is wrong itself would be reported a second time
  return { breakGlass, problems: problems.length > 0 ? problems : unreachable(breakGlass, known) };
}

const ruleOf = ({ name, people, clusters, operations, review, announce }: Written): BreakGlassRule => ({
  name,
  match: { operations, ...(clusters !== undefined && { clusters }) },
  people,
  review,
  announce: announce ?? null,
});

function unfit({ operations }: Written, { askable }: Known): readonly string[] {
  const fit = askable.filter((one) => one.fitForBreakGlass).map((one) => one.name);
  const known = operations.filter((name) => askable.some((one) => one.name === name));
  return known
    .filter((name) => !fit.includes(name))
    .map((name) => `.operations: break-glass is never for ${name}; it may be for ${fit.join(", ")}`);
}

/** Of user groups, only Slack knows the members: there, it is found out when somebody asks. */
function unreviewed({ people, review }: Written, { policy }: Known): readonly string[] {
  const isClosed = (sets: readonly string[]): boolean =>
    sets.every((name) => policy.people[name]?.groups.length === 0);
  if (!isClosed(review)) return [];
  const [first, ...others] = new Set(listedIn(policy, review).map((one) => one.user));
  if (others.length > 0) return [];
  if (first === undefined) return [`.review: ${review.join(" and ")} list nobody`];
  const isOnlyThey = isClosed(people) && listedIn(policy, people).every((one) => one.user === first);
  return isOnlyThey
    ? [
        `.review: ${review.join(" and ")} list one person only, who cannot review their own use; add someone else`,
      ]
    : [];
}

function unreachable(rules: readonly BreakGlassRule[], { clusters, askable }: Known): readonly string[] {
  const unconditional = rules.map(({ name, match }) => ({ name, match, when: null }));
  const found = shadowed(unconditional, { clusters: clusters.map((c) => c.name), askable });
  return found.map(
    ({ rule, by }) =>
      `breakGlass.${rules.findIndex((r) => r.name === rule)} (${rule}): never decides, because ${by.map((name) => `"${name}"`).join(" and ")} before it match all its requests; list its people there, or delete it`,
  );
}
