import { compileCondition, type ConditionFacts } from "../../../src/policy/condition.ts";
import type { Random } from "../../simulate/random.ts";
import { alteredText, nastyNumber, nastyText } from "../nasty.ts";
import { must, refused, type Subject, subject, understood } from "../subject.ts";

const EXAMPLES = [
  "has(change.drain) && change.drain",
  'change.parallelism.to > 64 || (has(job.labels.tier) && job.labels.tier == "gold")',
  "change.parallelism.to > change.parallelism.from * 2",
  'state.kind == "savepoint" && state.age < duration("24h")',
  'job.name.startsWith("orders") && !cluster.dev',
  'channel == "C0123456789" || now.getHours("Europe/Berlin") >= 18',
  'change.jobs > 3 && change.jar.contains("orders")',
  '["a", "b"].exists(x, x == job.name)',
  "true",
];
const OPERANDS = [
  "change.parallelism.to",
  "change.parallelism.from",
  "change.jobs",
  "change.drain",
  "state.age",
  "state.kind",
  "job.name",
  "job.labels",
  "job.labels.tier",
  "cluster.name",
  "cluster.dev",
  "channel",
  "now",
  "1",
  "-1",
  "0",
  "1.5",
  '"x"',
  "true",
  "null",
  "[1, 2]",
  '{"a": 1}',
  'duration("1h")',
  "size(job.name)",
  "x",
  "__proto__",
  "job.constructor",
  'timestamp("2026-01-01T00:00:00Z")',
];
const JOINS = ["&&", "||", "==", "!=", "<", ">", "<=", ">=", "+", "-", "*", "/", "%", "in", "?", ":"];
const CALLS = [
  "has",
  "size",
  "!",
  "string",
  "int",
  "double",
  "type",
  "dyn",
  "matches",
  "duration",
  "timestamp",
  "bool",
];

function composed(random: Random, depth: number): string {
  if (depth <= 0 || random.happens(0.3)) return random.pick(OPERANDS);
  switch (random.whole(0, 4)) {
    case 0:
      return `${random.pick(CALLS)}(${composed(random, depth - 1)})`;
    case 1:
      return `(${composed(random, depth - 1)})`;
    case 2:
      return `${composed(random, depth - 1)}.${random.pick(["startsWith", "contains", "exists", "all", "map", "getHours", "size", "matches"])}(${composed(random, depth - 1)})`;
    default:
      return `${composed(random, depth - 1)} ${random.pick(JOINS)} ${composed(random, depth - 1)}`;
  }
}

function text(random: Random): string {
  const chance = random.next();
  if (chance < 0.35) return alteredText(random.pick(EXAMPLES), random);
  if (chance < 0.45) return random.pick(EXAMPLES);
  if (chance < 0.9) return composed(random, 3);
  return random.pick([
    () => nastyText(random),
    () => `${"(".repeat(random.whole(1, 900))}true${")".repeat(random.whole(1, 900))}`,
    () => Array.from({ length: random.whole(2, 300) }, () => random.pick(EXAMPLES)).join(" && "),
    () => `${"!".repeat(random.whole(1, 1_900))}true`,
    () => `[${"1,".repeat(random.whole(1, 900))}1].all(x, x == 1)`,
    () => `"${"a".repeat(random.whole(0, 1_900))}" == job.name`,
  ])();
}

interface Conditional {
  text: string;
  facts: ConditionFacts;
}

/** The product's side, so that a test can break it. */
const product = { compileCondition };

/** Conditions of rules, and the facts that they see. */
export const condition = (door: typeof product = product): Subject =>
  subject({
    name: "condition",
    make(random): Conditional {
      const number = (): number => (random.happens(0.5) ? random.whole(1, 128) : nastyNumber(random));
      return {
        text: text(random).slice(0, 2_000),
        facts: {
          change: {
            ...(random.happens(0.6) && {
              parallelism: { from: random.pick([null, number()]), to: number() },
            }),
            ...(random.happens(0.5) && { drain: random.happens(0.5) }),
            ...(random.happens(0.3) && { jar: nastyText(random), jobs: ["a", "b"] }),
            ...(random.happens(0.4) && {
              state: { kind: "savepoint", ageMs: random.pick([null, number()]) },
            }),
          },
          job: random.happens(0.2)
            ? null
            : { name: nastyText(random), labels: random.pick([{}, { tier: "gold" }]) },
          cluster: random.happens(0.2) ? null : { name: "prod", dev: random.happens(0.5) },
          channel: "C0123456789",
          now: 1_795_341_600_000,
        },
      };
    },
    judge({ text: written, facts }) {
      const compiled = door.compileCondition(written);
      if (compiled.is === "may not") {
        must(
          compiled.why.trim() !== "" && !compiled.why.includes("\n"),
          () => `no line of words: ${compiled.why}`,
        );
        must(
          !/call stack|Cannot read|is not a function/u.test(compiled.why),
          () => `a machine's words: ${compiled.why}`,
        );
        return refused(compiled.why.replaceAll(/'[^']*'|"[^"]*"/gu, "…").slice(0, 40));
      }
      must(compiled.condition !== undefined, () => "a condition that may be used is missing");
      const answer = compiled.condition?.holds(facts);
      const again = compiled.condition?.holds(facts);
      must(answer?.is === again?.is, () => `the same facts give ${answer?.is} and ${again?.is}`);
      if (answer?.is !== "failed") return understood(answer?.is ?? "");
      must(
        answer.why.trim() !== "" && !/call stack|Cannot read|is not a function/u.test(answer.why),
        () => `no words: ${answer.why}`,
      );
      return understood(`failed: ${answer.why.replaceAll(/'[^']*'|"[^"]*"/gu, "…").slice(0, 30)}`);
    },
  });
