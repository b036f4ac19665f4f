import { loadConfig } from "./config/load.ts";
import { changeIn, personIn } from "./config/policy-file.ts";
import type { Sources } from "./config/secrets.ts";
import type { Config } from "./config/config.ts";
import { ConfigError } from "./model/errors.ts";
import { isOperationClass, OPERATION_CLASSES } from "./model/target.ts";
import { plain } from "./model/text.ts";
import { count, duration } from "./model/units.ts";
import { neededOf, requirementWords } from "./policy/approval.ts";
import type { Askable } from "./policy/askable.ts";
import type { BrokenGlass } from "./policy/break-glass.ts";
import { type Decision, explain } from "./policy/decide.ts";
import { parseMoment } from "./policy/freeze.ts";
import { united } from "./policy/membership.ts";
import type { Policy } from "./policy/policy.ts";
import type { OnPolicy, PolicyExplaining } from "./policy-arguments.ts";
import { type MadeUp, type Posed, questionFor } from "./policy-question.ts";
import { runTests, stepWords, whoIs } from "./policy-tests.ts";
import { scrubText } from "./platform/scrub.ts";

/** What the commands about a policy need. `now`: ms. */
export interface PolicyWorld extends Sources {
  operations: readonly Askable[];
  print(text: string): void;
  complain(text: string): void;
  now(): number;
}

/** Runs the tests of a policy, or explains a decision, without Slack, Flink and Redis. Returns the exit code. */
export function policyCommand(asked: OnPolicy, world: PolicyWorld): 0 | 1 {
  try {
    const { env, readFile, operations } = world;
    const roles = { bot: false, worker: null };
    const config = loadConfig({ env, readFile, operations, roles, file: asked.file, only: "policy" });
    return asked.do === "policy test" ? test(config, world) : explained(config, asked, world);
  } catch (error) {
    if (!(error instanceof ConfigError)) throw error;
    world.complain(`configuration:\n${scrubText(error.message)}`);
    return 1;
  }
}

function test(config: Config, world: PolicyWorld): 0 | 1 {
  const tested = runTests(config);
  for (const one of tested) {
    if (one.is === "passed") world.print(`ok    ${one.title}`);
    else
      world.print([`FAIL  ${one.title}: ${one.why}`, ...one.way.map((line) => `        ${line}`)].join("\n"));
  }
  const failed = tested.filter((one) => one.is === "failed").length;
  if (tested.length === 0) world.print("The policy has no tests; policy.example.yml shows some.");
  else world.print(`${count(tested.length, "test")}, ${failed === 0 ? "all passed" : `${failed} failed`}`);
  return failed === 0 ? 0 : 1;
}

function explained(config: Config, asked: PolicyExplaining, world: PolicyWorld): 0 | 1 {
  const made = madeUp(asked, world.now());
  const posing =
    "problem" in made ? { is: "problem" as const, why: made.problem } : questionFor(config, made);
  if (posing.is === "problem" || "problem" in made) {
    world.complain(posing.is === "problem" ? posing.why : "");
    return 1;
  }
  world.print([headline(made, posing.posed), "", ...wayTo(posing.posed)].join("\n"));
  return 0;
}

function madeUp(asked: PolicyExplaining, now: number): MadeUp | { problem: string } {
  const { as, in: channel, at, class: is, change: typed, say } = asked;
  const moment = at === null ? now : parseMoment(at, null);
  if (moment === null)
    return { problem: "--at must be a date and time with its offset, like 2026-05-04T10:00Z" };
  if (is !== null && !isOperationClass(is))
    return { problem: `--class must be one of ${OPERATION_CLASSES.join(", ")}` };
  const change = changeIn(typed ?? "{}");
  if (change.is === "wrong") return { problem: change.problems.map((p) => `--change: ${p}`).join("\n") };
  const people = as.map(personIn);
  const users = people.flatMap(({ user }) => user ?? []);
  if (users.length > 1) return { problem: "--as names two users; name one, and the sets that they are in" };
  return {
    as: { user: users[0] ?? null, in: people.flatMap((one) => one.in) },
    say,
    channel,
    at: moment,
    change: change.change,
    labels: null,
    class: is,
  };
}

function headline({ as, at, channel }: MadeUp, { question }: Posed): string {
  const { operation, class: is, cluster, jobs, breakGlass } = question;
  const job = jobs.map(({ name, labels }) => {
    const all = Object.entries(labels).map(([key, value]) => `${key}: ${value}`);
    return `, job ${name}${all.length === 0 ? "" : ` (${all.join(", ")})`}`;
  });
  const where = cluster === null ? "" : `, cluster ${cluster.name}`;
  const when = new Date(at ?? question.now).toISOString().slice(0, 16);
  return `${operation}, class ${is}${where}${job.join("")}${channel === null ? "" : `, in ${channel}`}, at ${when}Z, by ${whoIs(as)}${breakGlass ? ", with break-glass" : ""}`;
}

function wayTo({ policy, question }: Posed): readonly string[] {
  const { decision, steps } = explain(policy, question);
  const width = Math.max(0, ...steps.map((s) => s.rule.length));
  const lines = steps.map((step) => `  ${stepWords({ ...step, rule: step.rule.padEnd(width) })}`);
  return [...lines, ...(lines.length === 0 ? [] : [""]), ...endOf(policy, decision)];
}

function endOf(policy: Policy, decision: Decision): readonly string[] {
  const is = decision.is === "break glass" ? "break-glass" : decision.is;
  const words = `${is} ("${decision.rule}"): ${plain(decision.why)}`;
  if (decision.is === "break glass") return [words, ...reviewOf(policy, decision)];
  if (decision.is !== "needs approval") return [words];
  const { requirements, within, remind, escalate } = decision.approval;
  const sets = new Set(requirements.flatMap((list) => list.flatMap((r) => r.from)));
  return [
    words,
    ...requirements.map(
      (list) =>
        `  needed: ${plain(requirementWords([list]))}${neededOf([list]) > 1 ? ", all different people" : ""}, not the requester`,
    ),
    ...membersOfAll(policy, [...sets]),
    ...(within === null ? [] : [`  within: ${duration(within)}`]),
    ...(remind === null ? [] : [`  reminded after: ${duration(remind)}`]),
    ...escalate.map(({ after, to }) => `  after ${duration(after)}: ${to} too (${membersOf(policy, to)})`),
  ];
}

const reviewOf = (policy: Policy, { review, announce }: BrokenGlass): readonly string[] => [
  `  announced first in: ${announce ?? "the channel of the request"}`,
  `  reviewed afterwards by: ${plain(requirementWords([[{ from: review, count: 1 }]]))}, not the requester`,
  ...membersOfAll(policy, review),
];

const membersOfAll = (policy: Policy, sets: readonly string[]): readonly string[] =>
  sets.map((name) => `  ${name}: ${membersOf(policy, name)}`);

function membersOf(policy: Policy, name: string): string {
  const { groups, users } = united(policy, [name]);
  return [...groups, ...users].join(", ");
}
