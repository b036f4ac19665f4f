import { becoming } from "./command/becoming.ts";
import { parse } from "./command/parse.ts";
import type { Config } from "./config/config.ts";
import { labelsOf } from "./model/catalog.ts";
import { type Operation, shownName } from "./model/operation.ts";
import { isRefusal, type Refusal } from "./model/report.ts";
import { plain } from "./model/text.ts";
import type { Find, OperationClass } from "./model/target.ts";
import { operations } from "./operations/index.ts";
import { askable } from "./policy/askable.ts";
import { imagine } from "./policy/imagined.ts";
import type { Policy } from "./policy/policy.ts";
import type { PolicyTest } from "./policy/policy-test.ts";
import { actsOnCluster, type Question, questionOf } from "./policy/question.ts";
import { whichCluster, whichScope } from "./queue/which-cluster.ts";

/** The parts of the configuration that a decision depends on. */
export type Setup = Pick<Config, "policy" | "clusters" | "channels" | "catalogue">;

/** A request that is made up, with the facts that flinkops would find out. */
export type MadeUp = Omit<PolicyTest, "expect" | "rule" | "because">;

/** A decision that can be asked for. */
export interface Posed {
  policy: Policy;
  question: Question;
}

/** A moment at which a test without a time is decided, for conditions that ask for it. A Monday, 12:00 UTC. */
const NO_TIME = Date.UTC(2026, 0, 5, 12);
/** No rule names this channel. */
const ANY_CHANNEL = "another channel";

export type Posing = { is: "posed"; posed: Posed } | { is: "problem"; why: string };

const problem = (why: string): Posing => ({ is: "problem", why });

/**
 * The question that a typed command is to the policy, from the configuration alone, or why it is none, in words. What
 * stops changes for reasons outside the rules (no seal, a policy that was not loaded) is left out.
 */
export function questionFor(setup: Setup, asked: MadeUp): Posing {
  const somebody = imagine(setup.policy, asked.as);
  if (somebody.is === "nobody") return problem(somebody.why);
  const parsed = becoming(parse(asked.say, operations), operations, "/flink");
  if (parsed.is === "problem") return problem(`it is not a command: ${plain(parsed.refusal.refuse)}`);
  const { operation, args, common } = parsed;
  if (asked.class !== null && !canBe(operation, asked.class))
    return problem(`${operation.name} is never of class ${asked.class}`);
  const channel = asked.channel ?? ANY_CHANNEL;
  const where = located(setup, operation, { find: operation.find(args), flag: common.cluster, channel });
  if (isRefusal(where)) return problem(plain(where.refuse));
  const config = setup.clusters.find((c) => c.name === where.cluster);
  const labels = (job: string) => asked.labels ?? labelsOf(setup.catalogue, where.cluster ?? "", job);
  const question = questionOf(operation, {
    person: somebody.person,
    channel: { id: channel, externallyShared: false, unreadable: null },
    cluster: config === undefined ? null : { ...config, operatorManaged: null },
    now: asked.at ?? NO_TIME,
    jobs: (asked.change.jobs ?? where.jobs).map((name) => ({ name, labels: labels(name) })),
    change: asked.change,
    breakGlass: common.breakGlass === true,
    ...(asked.class !== null && { class: asked.class }),
  });
  const { noChanges: _seal, nothingDestructive: _reload, ...policy } = setup.policy;
  return {
    is: "posed",
    posed: { question, policy: asked.at === null ? { ...policy, freezes: [] } : policy },
  };
}

/** The cluster and the jobs that a command names. */
function located(
  setup: Setup,
  operation: Operation,
  { find, flag, channel }: { find: Find; flag: string | null; channel: string },
): { cluster: string | null; jobs: readonly string[] } | Refusal {
  if (!actsOnCluster(operation) || find.find === "none" || find.find === "request")
    return { cluster: null, jobs: [] };
  if (operation.kind === "local" && find.find === "name") {
    const scope = whichScope(setup, find.name, { channel });
    return isRefusal(scope) ? scope : { ...scope, jobs: scope.job === null ? [] : [scope.job] };
  }
  const where = whichCluster(setup, find, { flag, channel });
  if (isRefusal(where)) return where;
  return { ...where, jobs: find.find === "job" || find.find === "name" ? [where.what] : [] };
}

const canBe = (operation: Operation, is: OperationClass): boolean =>
  askable([operation]).some((one) => one.name === shownName(operation) && one.classes.includes(is));
