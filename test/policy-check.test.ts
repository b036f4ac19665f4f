import { expect, it } from "vitest";
import { stringify } from "yaml";
import { printed } from "../src/check.ts";
import { loadConfig } from "../src/config/load.ts";
import { operations } from "../src/operations/index.ts";
import { askable } from "../src/policy/askable.ts";
import { policyLines } from "../src/policy-check.ts";
import { demandTests } from "../src/policy-tests.ts";

function load(tests: readonly object[]) {
  const files: Record<string, string> = {
    "c.yml": stringify({ policy: "/p.yml", clusters: { prod: { url: "http://a" } } }),
    "/p.yml": stringify({ rules: [{ name: "never", operations: ["stop"], refuse: "Never." }], tests }),
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
const stop = { as: "member", say: "stop prod/orders" };

it.each<[string, readonly object[], string]>([
  ["without tests", [], "warn  policy HASH: 1 rule, 0 freezes, no tests - write tests into the policy file"],
  [
    "with tests that pass",
    [{ ...stop, expect: "refuse" }],
    "ok    policy HASH: 1 rule, 0 freezes, 1 test passed",
  ],
  [
    "with a test that fails",
    [
      { ...stop, expect: "refuse" },
      { ...stop, expect: "allow" },
    ],
    'FAIL  policy test tests.1: a member in no set: stop prod/orders: expected allow, got refuse by rule "never": Never. - correct the rules or the test; `flinkops policy test` shows the way through the rules',
  ],
])("check says of a policy file %s", (_, tests, expected) => {
  const config = load(tests);
  expect(printed(policyLines(config)).text.replace(config.policy.hash, "HASH")).toBe(expected);
});

it("does not start with a policy that does not do what its tests say", () => {
  expect(() => demandTests(load([{ ...stop, expect: "refuse" }]))).not.toThrow();
  expect(() => demandTests(load([{ ...stop, expect: "allow" }]))).toThrow(
    /^- policy test tests\.0: .*: expected allow, got refuse by rule "never": Never\.\n- `flinkops policy test`/u,
  );
});
