import type { z } from "zod";
import type { Askable } from "../policy/askable.ts";
import type { ChangeFacts } from "../model/change-facts.ts";
import { parseMoment } from "../policy/freeze.ts";
import type { Imagined } from "../policy/imagined.ts";
import type { PolicyTest } from "../policy/policy-test.ts";
import type { Policy } from "../policy/policy.ts";
import { breakGlassOf } from "./policy-break-glass.ts";
import { freezesOf } from "./policy-freezes.ts";
import { flatten, sameProblems } from "./policy-people.ts";
import { rulesOf, strayOperations, strayPatterns } from "./policy-rules.ts";
import { changeSchema, type PolicyFile } from "./policy-schema.ts";
import { problemsOf } from "./problems.ts";
import { parseYaml } from "./yaml-file.ts";

/** What a policy file contributes to the policy, and its tests. */
export interface Rulebook
  extends Pick<Policy, "form" | "people" | "same" | "rules" | "freezes" | "breakGlass"> {
  tests: readonly PolicyTest[];
}

/** Checks the names in a policy file against each other, the clusters and the operations. Problems: `path: problem`. */
export function rulebookOf(
  file: PolicyFile,
  { clusters, askable }: { clusters: readonly { name: string; dev: boolean }[]; askable: readonly Askable[] },
): { rulebook: Rulebook; problems: readonly string[] } {
  const { people, problems: circles } = flatten(file.people);
  const { same } = file;
  const known = { clusters, askable, policy: { people, same } };
  const rules = rulesOf(file.rules, known);
  const { breakGlass, problems: glass } = breakGlassOf(file.breakGlass, known);
  const freezes = freezesOf(file.freezes);
  const tests = file.tests.map(testOf);
  return {
    rulebook: {
      form: "rules",
      people,
      same,
      rules: rules.rules,
      freezes: freezes.freezes,
      breakGlass,
      tests: tests.map((one) => one.test),
    },
    problems: [
      ...circles,
      ...sameProblems(same),
      ...rules.problems,
      ...freezes.problems,
      ...file.freezes.flatMap((freeze, i) =>
        [
          ...strayPatterns(freeze.clusters, clusters),
          ...strayOperations("except", freeze.except, askable),
        ].map((problem) => `freezes.${i} (${freeze.name})${problem}`),
      ),
      ...glass,
      ...tests.flatMap(({ test, atProblem }, i) => [
        ...atProblem.map((problem) => `tests.${i}${problem}`),
        ...[
          ...test.as.in,
          ...(test.expect.is === "needs approval" ? test.expect.from.flatMap((r) => r.from) : []),
        ]
          .filter((name) => !(name in people))
          .map(
            (name) =>
              `tests.${i}: ${name} is not one of the sets of people: ${Object.keys(people).join(", ")}`,
          ),
      ]),
    ],
  };
}

type WrittenTest = PolicyFile["tests"][number];

function testOf(written: WrittenTest): { test: PolicyTest; atProblem: readonly string[] } {
  const { as, say, in: channel, at, with: found, expect, rule, because } = written;
  const moment = at === undefined ? null : parseMoment(at, null);
  return {
    test: {
      as: typeof as === "string" ? personIn(as) : { user: as.user ?? null, in: as.in ?? [] },
      say,
      channel: channel ?? null,
      at: moment,
      change: changeOf(found?.change),
      labels: found?.labels ?? null,
      class: found?.class ?? null,
      expect: expectationOf(expect),
      rule: rule ?? null,
      because: because ?? null,
    },
    atProblem:
      at !== undefined && moment === null
        ? [".at: must be a date and time with its offset, like 2026-05-04T10:00Z"]
        : [],
  };
}

function expectationOf(expect: WrittenTest["expect"]): PolicyTest["expect"] {
  if (typeof expect !== "string") return { is: "needs approval", from: expect.approve };
  return { is: expect === "break-glass" ? "break glass" : expect };
}

/** Somebody who is in no set. */
const MEMBER = "member";

/** A user id, the name of a set, or `member`. */
export function personIn(word: string): Imagined {
  if (/^[UW][A-Z0-9]{2,}$/u.test(word)) return { user: word, in: [] };
  return { user: null, in: word === MEMBER ? [] : [word] };
}

/** What a change does, from YAML that somebody typed. */
export function changeIn(
  yaml: string,
): { is: "change"; change: ChangeFacts } | { is: "wrong"; problems: readonly string[] } {
  const read = parseYaml(yaml);
  if ("problems" in read)
    return { is: "wrong", problems: ["is not YAML; write it like { parallelism: { from: 4, to: 8 } }"] };
  const parsed = changeSchema.safeParse(read.value);
  return parsed.success
    ? { is: "change", change: changeOf(parsed.data) }
    : { is: "wrong", problems: problemsOf(parsed.error, "policy.example.yml") };
}

function changeOf(change: z.infer<typeof changeSchema> = {}): ChangeFacts {
  const { parallelism, state, ...rest } = change;
  return {
    ...rest,
    ...(parallelism !== undefined && { parallelism: { from: parallelism.from ?? null, to: parallelism.to } }),
    ...(state !== undefined && { state: { kind: state.kind, ageMs: state.age ?? null } }),
  };
}
