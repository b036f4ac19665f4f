import { type ASTNode, Environment } from "@marcbachmann/cel-js";
import { Duration } from "@marcbachmann/cel-js/evaluator";
import type { ChangeFacts } from "../model/change-facts.ts";
import { mayNot, type Verdict } from "../model/verdict.ts";

/** The facts of a request that a condition can see. */
export interface ConditionFacts {
  change: ChangeFacts;
  /** Null: the request acts on a whole cluster, or on a path. */
  job: { name: string; labels: Readonly<Record<string, string>> } | null;
  cluster: { name: string; dev: boolean } | null;
  channel: string;
  /** ms by Redis's clock. */
  now: number;
}

/** A condition of a rule, in CEL (https://cel.dev): typed, without side effects, and bounded in size. */
export interface Condition {
  /** As written. */
  text: string;
  /** Whether it is true. Throws nothing: `failed` says why it has no answer, such as a fact that the request lacks. */
  holds(facts: ConditionFacts): { is: "yes" | "no" } | { is: "failed"; why: string };
}

/** Bounds of one condition. CEL has no loops but those over lists, which are short here. */
const LIMITS = {
  maxAstNodes: 200,
  maxDepth: 20,
  maxListElements: 50,
  maxMapEntries: 20,
  maxCallArguments: 8,
};

const environment = new Environment({ unlistedVariablesAreDyn: false, limits: LIMITS })
  .registerVariable({
    name: "change",
    schema: {
      parallelism: { from: "int", to: "int" },
      drain: "bool",
      jar: "string",
      catalogued: "bool",
      allowNonRestoredState: "bool",
      jobs: "int",
    },
  })
  .registerVariable({ name: "state", schema: { age: "google.protobuf.Duration", kind: "string" } })
  .registerVariable({ name: "job", schema: { name: "string", labels: "map<string, string>" } })
  .registerVariable({ name: "cluster", schema: { name: "string", dev: "bool" } })
  .registerVariable("channel", "string")
  .registerVariable("now", "google.protobuf.Timestamp");

/** Checks a condition and its types. A refusal says what is wrong, in the words of CEL. */
export function compileCondition(text: string): Verdict<string> & { condition?: Condition } {
  const checked = environment.check(text);
  if (!checked.valid) return mayNot(firstLine(checked.error?.message ?? "is not a condition"));
  if (checked.type !== "bool") return mayNot(`must be true or false, but is ${String(checked.type)}`);
  const program = environment.parse(text);
  // A regular expression can take minutes for a short text.
  if (calls(program.ast, "matches"))
    return mayNot("may not use matches(); use startsWith(), endsWith(), contains(), or patterns under jobs");
  const holds: Condition["holds"] = (facts) => {
    try {
      return { is: program(variables(facts)) === true ? "yes" : "no" };
    } catch (error) {
      return { is: "failed", why: firstLine(error instanceof Error ? error.message : String(error)) };
    }
  };
  return { is: "may", condition: { text, holds } };
}

/** CEL's messages go on with a drawing of the place. */
const firstLine = (message: string): string => message.split("\n")[0] ?? "";

function calls(node: ASTNode, name: string): boolean {
  if ((node.op === "call" || node.op === "rcall") && node.args[0] === name) return true;
  const inner: readonly unknown[] = [node.args].flat(3);
  return inner.some((part) => isNode(part) && calls(part, name));
}

const isNode = (part: unknown): part is ASTNode =>
  typeof part === "object" && part !== null && "op" in part && "args" in part;

/** CEL's integers are BigInt. What is not known is left out, so that `has(...)` can tell. */
function variables({ change, job, cluster, channel, now }: ConditionFacts): Record<string, unknown> {
  const { parallelism, state, jobs, ...rest } = change;
  const from = parallelism?.from ?? null;
  const age = state?.ageMs ?? null;
  return {
    change: {
      ...rest,
      ...(parallelism !== undefined && {
        parallelism: { ...(from !== null && { from: BigInt(from) }), to: BigInt(parallelism.to) },
      }),
      ...(jobs !== undefined && { jobs: BigInt(jobs.length) }),
    },
    state:
      state === undefined
        ? {}
        : { kind: state.kind, ...(age !== null && { age: Duration.fromMilliseconds(age) }) },
    // without a job there are no labels, which `has(job.labels.tier)` can tell
    job: job ?? { labels: {} },
    cluster: cluster ?? {},
    channel,
    now: new Date(now),
  };
}
