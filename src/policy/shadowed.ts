import { fitsGlob } from "../model/catalog.ts";
import type { OperationClass } from "../model/target.ts";
import type { Askable } from "./askable.ts";
import { mismatch } from "./match.ts";
import type { Match, Rule } from "./policy.ts";

/** Of a rule, what decides whether it matches. */
type Matching = Pick<Rule, "name" | "match" | "when">;

/** A rule that never decides. `by`: the earlier rules that match everything that it matches; empty: it matches nothing. */
export interface Shadowed {
  rule: string;
  by: readonly string[];
}

/** What exists: a finite number of clusters and operations. Channels and jobs are those that rules name, and others. */
export interface Surroundings {
  clusters: readonly string[];
  askable: readonly Askable[];
}

/** One kind of request. `job`: a pattern that stands for all names that fit it; null: the request names no job. */
interface Kind {
  cluster: string | null;
  operation: string;
  class: OperationClass;
  channel: string;
  job: string | null;
}

/** Stands for any text between the fixed parts of a pattern. No pattern can name it, so only a `*` fits it. */
const ANYTHING = "\u0000";
/** Stands for every channel that no rule names. */
const OTHER_CHANNEL = "";

/**
 * The rules that can never decide, because earlier rules without a condition match each of their requests. Pure; the
 * rules are those of one policy, in order.
 */
export function shadowed(
  rules: readonly Matching[],
  { clusters, askable }: Surroundings,
): readonly Shadowed[] {
  const channels = [...new Set(rules.flatMap((r) => r.match.channels ?? [])), OTHER_CHANNEL];
  const distinct = distinctFor(rules, clusters);
  return rules.flatMap((rule, i): readonly Shadowed[] => {
    const earlier = rules.slice(0, i).filter((r) => r.when === null);
    const by = new Set<string>();
    for (const kind of kindsOf(rule.match, { clusters: distinct, channels, askable })) {
      const first = earlier.find((r) => covers(r.match, kind));
      if (first === undefined) return [];
      by.add(first.name);
    }
    return [{ rule: rule.name, by: [...by] }];
  });
}

/** One cluster of each group that the rules do not tell apart. */
function distinctFor(rules: readonly Matching[], clusters: readonly string[]): readonly string[] {
  const alike = (cluster: string): string =>
    rules.map(({ match }) => (isNamed(match.clusters, cluster) ? "1" : "0")).join("");
  return [...new Map(clusters.map((cluster) => [alike(cluster), cluster])).values()];
}

const isNamed = (globs: readonly string[] | undefined, name: string): boolean =>
  globs?.some((glob) => fitsGlob(name, glob)) ?? true;

/** The kinds of requests that a rule matches. */
function* kindsOf(
  match: Match,
  { clusters, channels, askable }: Surroundings & { channels: readonly string[] },
): Iterable<Kind> {
  const jobs = match.jobs ?? ["*", null];
  for (const { name: operation, classes, onCluster } of askable) {
    const on = [...(onCluster === "never" ? [] : clusters), ...(onCluster === "always" ? [] : [null])];
    for (const cluster of on)
      for (const is of classes)
        for (const channel of channels) {
          const kind = { cluster, operation, class: is, channel, job: null };
          if (isOutside(match, kind)) continue;
          for (const job of jobs) yield { ...kind, job };
        }
  }
}

/** Whether a rule does not match for a reason other than the job. */
function isOutside({ jobs: _any, ...match }: Match, kind: Kind): boolean {
  return mismatch(match, kind) !== null;
}

function covers(match: Match, kind: Kind): boolean {
  if (isOutside(match, kind)) return false;
  const { job } = kind;
  if (match.jobs === undefined) return true;
  return job !== null && isNamed(match.jobs, job.replaceAll("*", ANYTHING));
}
