import { expect, it } from "vitest";
import { stringify } from "yaml";
import { GUARDED, placesConfig } from "../../../playground/demo/guarded.ts";
import { DEMO_JOBS } from "../../../playground/demo/jobs.ts";
import { demoPolicy } from "../../../playground/demo/policy.ts";
import { BILLING, FINANCE, NIA } from "../../../playground/demo/workspace.ts";
import { ANA, APPROVERS, BEN, DORA, FLINK_OPS, OPERATORS } from "../../../playground/slack/workspace-seed.ts";
import type { Config } from "../../../src/config/config.ts";
import { loadConfig } from "../../../src/config/load.ts";
import type { Operation } from "../../../src/model/operation.ts";
import { operations } from "../../../src/operations/index.ts";
import { askable } from "../../../src/policy/askable.ts";
import { decide, type Decision } from "../../../src/policy/decide.ts";
import { fullMember } from "../../../src/policy/person.ts";
import { shownName } from "../../../src/model/operation.ts";
import { questionOf } from "../../../src/policy/question.ts";
import { questionFor } from "../../../src/policy-question.ts";
import { runTests } from "../../../src/policy-tests.ts";

const NOW = Date.parse("2026-12-30T17:00Z");
const place = { url: "http://127.0.0.1:1", savepoints: "file:///savepoints" };
const places = placesConfig(
  { ...place, jobs: DEMO_JOBS },
  GUARDED.map((one) => ({ ...one, flink: { ...place, jobs: one.jobs } })),
);

/** As the demo starts flinkops, or with another way to say who may do what. */
function load(rules: object = { policy: "/policy.yml" }): Config {
  const files: Record<string, string> = {
    "c.yml": stringify({ ...places, ...rules }),
    "/policy.yml": demoPolicy(NOW),
  };
  return loadConfig({
    env: {},
    file: "c.yml",
    roles: { bot: false, worker: null },
    operations: askable(operations),
    only: "policy",
    readFile: (path) => files[path] ?? "",
  });
}

function decided(say: string, at: number): Decision {
  const config = load();
  const asked = { as: { user: ANA, in: ["operators"] }, say, channel: BILLING, at };
  const posing = questionFor(config, { ...asked, change: {}, labels: null, class: null });
  if (posing.is === "problem") throw new Error(posing.why);
  return decide(posing.posed.policy, posing.posed.question);
}

it("passes its own tests", () => {
  const tested = runTests(load());
  expect(tested.length).toBeGreaterThan(5);
  expect(tested.filter((one) => one.is === "failed")).toEqual([]);
});

it("asks two sets of people in billing, and has a freeze at any time", () => {
  expect(decided("stop ledger", NOW)).toMatchObject({
    is: "needs approval",
    approval: {
      requirements: [
        [
          { from: ["approvers"], count: 1 },
          { from: ["finance"], count: 1 },
        ],
      ],
    },
  });
  expect(decided("scale reports/statements 2", NOW)).toMatchObject({
    is: "refuse",
    rule: "freeze month-end closing",
  });
  expect(decided("savepoint reports/statements", NOW)).toMatchObject({ is: "allow" });
});

const groups: Readonly<Record<string, readonly string[]>> = {
  [ANA]: [OPERATORS],
  [BEN]: [OPERATORS, APPROVERS],
  [DORA]: [],
  [NIA]: [FINANCE],
};

const classesOf = (operation: Operation) =>
  askable([operation]).find((one) => one.name === shownName(operation))?.classes ?? [];

const stops: Readonly<Record<string, Decision["is"]>> = {
  [ANA]: "needs approval",
  [BEN]: "needs approval",
  [DORA]: "refuse",
  [NIA]: "refuse",
};

it.each(Object.keys(groups))("decides as three sets of people would on the first cluster: %s", (user) => {
  const simple = load({ people: { operate: { groups: [OPERATORS] }, approve: { groups: [APPROVERS] } } });
  const person = { ...fullMember({ user, team: "T0" }), groups: new Set(groups[user]) };
  const channel = { id: FLINK_OPS, externallyShared: false, unreadable: null };
  const outcomes = ({ policy: { noChanges: _noSeal, ...policy }, clusters }: Config): readonly object[] =>
    operations.flatMap((operation) =>
      classesOf(operation).map((is) => {
        const [demo] = clusters;
        const cluster = demo === undefined ? null : { ...demo, operatorManaged: null };
        const asked = { person, channel, cluster, now: NOW, class: is };
        const decision = decide(policy, questionOf(operation, asked));
        const counts =
          decision.is === "needs approval" ? decision.approval.requirements.flat().map((r) => r.count) : [];
        return { operation: operation.name, class: is, is: decision.is, counts };
      }),
    );
  expect(outcomes(load())).toEqual(outcomes(simple));
  expect(outcomes(simple)).toContainEqual(expect.objectContaining({ operation: "stop", is: stops[user] }));
});
