import type { Config } from "./config/config.ts";
import { ConfigError } from "./model/errors.ts";
import { plain } from "./model/text.ts";
import { requirementWords } from "./policy/approval.ts";
import { type Decision, explain, type Step } from "./policy/decide.ts";
import type { Requirement } from "./policy/policy.ts";
import type { PolicyTest } from "./policy/policy-test.ts";
import { questionFor, type Setup } from "./policy-question.ts";

/** One test of a policy, as it turned out. `way`: the rules that it went through, one line each. */
export type Tested = { title: string } & (
  | { is: "passed" }
  | { is: "failed"; why: string; way: readonly string[] }
);

/** Runs the tests of the policy file. */
export const runTests = (config: Setup & Pick<Config, "policyFile">): readonly Tested[] =>
  config.policyFile.tests.map((test, i) => ({ title: titleOf(test, i), ...runOne(config, test) }));

/** Throws ConfigError with each test that fails: a policy that does not do what its tests say does not start. */
export function demandTests(config: Setup & Pick<Config, "policyFile">): void {
  const failed = runTests(config).flatMap((one) =>
    one.is === "failed" ? [`- policy test ${one.title}: ${one.why}`] : [],
  );
  const todo = "- `flinkops policy test` shows the way through the rules";
  if (failed.length > 0) throw new ConfigError([...failed, todo].join("\n"));
}

const titleOf = ({ as, say }: PolicyTest, i: number): string => `tests.${i}: ${whoIs(as)}: ${say}`;

/** "U0123456789 in operators", "a member". */
export function whoIs({ user, in: sets }: PolicyTest["as"]): string {
  const who = user ?? (sets.length === 0 ? "a member in no set" : "somebody");
  return sets.length === 0 ? who : `${who} in ${sets.join(" and ")}`;
}

function runOne(
  setup: Setup,
  test: PolicyTest,
): { is: "passed" } | Omit<Extract<Tested, { is: "failed" }>, "title"> {
  const posing = questionFor(setup, test);
  if (posing.is === "problem") return { is: "failed", why: posing.why, way: [] };
  const { policy, question } = posing.posed;
  const { decision, steps } = explain(policy, question);
  const why = differences(test, decision);
  return why.length === 0
    ? { is: "passed" }
    : { is: "failed", why: why.join("; "), way: steps.map(stepWords) };
}

function differences({ expect, rule, because }: PolicyTest, decision: Decision): readonly string[] {
  const [wanted, got] = [asExpected(expect), asExpected(expectationOf(decision))];
  const reason = plain(decision.why);
  return [
    ...(wanted === got ? [] : [`expected ${wanted}, got ${got} by rule "${decision.rule}": ${reason}`]),
    ...(rule === null || rule === decision.rule ? [] : [`expected rule "${rule}", got "${decision.rule}"`]),
    ...(because === null || reason.includes(because)
      ? []
      : [`expected the reason to contain "${because}", got "${reason}"`]),
  ];
}

function expectationOf(decision: Decision): PolicyTest["expect"] {
  if (decision.is !== "needs approval") return { is: decision.is };
  return { is: "needs approval", from: decision.approval.requirements.flat() };
}

function asExpected(expect: PolicyTest["expect"]): string {
  if (expect.is === "break glass") return "break-glass";
  if (expect.is !== "needs approval") return expect.is;
  const sorted = expect.from
    .map((r): Requirement => ({ ...r, from: r.from.toSorted() }))
    .toSorted((a, b) => (JSON.stringify(a) < JSON.stringify(b) ? -1 : 1));
  // one by one, because equal ones are two
  return `approval by ${sorted.map((r) => plain(requirementWords([[r]]))).join(" and ")}`;
}

const STEP: Readonly<Record<Step["is"], string>> = {
  "no match": "does not match",
  decides: "decides",
  shadowed: "matches too, but an earlier rule has decided",
};

/** One rule on the way to a decision. */
export const stepWords = ({ rule, is, why }: Step): string => `${rule}: ${STEP[is]} (${why})`;
