import type { Askable } from "../policy/askable.ts";
import type { ChangeFacts } from "../model/change-facts.ts";
import { parseMoment } from "../policy/freeze.ts";
import type { PolicyTest } from "../policy/policy-test.ts";
import type { Policy } from "../policy/policy.ts";
import { freezesOf } from "./policy-freezes.ts";
import { flatten, sameProblems } from "./policy-people.ts";
import { rulesOf, strayOperations, strayPatterns } from "./policy-rules.ts";
import type { PolicyFile } from "./policy-schema.ts";

/** What a policy file contributes to the policy, and its tests. */
export interface Rulebook extends Pick<Policy, "form" | "people" | "same" | "rules" | "freezes"> {
  tests: readonly PolicyTest[];
}

/** Checks the names in a policy file against each other, the clusters and the operations. Problems: `path: problem`. */
export function rulebookOf(
  file: PolicyFile,
  { clusters, askable }: { clusters: readonly { name: string; dev: boolean }[]; askable: readonly Askable[] },
): { rulebook: Rulebook; problems: readonly string[] } {
  const { people, problems: circles } = flatten(file.people);
  const { same } = file;
  const rules = rulesOf(file.rules, { clusters, askable, policy: { people, same } });
  const freezes = freezesOf(file.freezes);
  const tests = file.tests.map(testOf);
  return {
    rulebook: {
      form: "rules",
      people,
      same,
      rules: rules.rules,
      freezes: freezes.freezes,
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
      as: personOf(as),
      say,
      channel: channel ?? null,
      at: moment,
      change: changeOf(found?.change),
      labels: found?.labels ?? null,
      class: found?.class ?? null,
      expect: typeof expect === "string" ? { is: expect } : { is: "needs approval", from: expect.approve },
      rule: rule ?? null,
      because: because ?? null,
    },
    atProblem:
      at !== undefined && moment === null
        ? [".at: must be a date and time with its offset, like 2026-05-04T10:00Z"]
        : [],
  };
}

/** Somebody who is in no set. */
const MEMBER = "member";

function personOf(as: WrittenTest["as"]): PolicyTest["as"] {
  if (typeof as !== "string") return { user: as.user ?? null, in: as.in ?? [] };
  if (/^[UW][A-Z0-9]{2,}$/u.test(as)) return { user: as, in: [] };
  return { user: null, in: as === MEMBER ? [] : [as] };
}

function changeOf(change: NonNullable<WrittenTest["with"]>["change"] = {}): ChangeFacts {
  const { parallelism, state, ...rest } = change;
  return {
    ...rest,
    ...(parallelism !== undefined && { parallelism: { from: parallelism.from ?? null, to: parallelism.to } }),
    ...(state !== undefined && { state: { kind: state.kind, ageMs: state.age ?? null } }),
  };
}
