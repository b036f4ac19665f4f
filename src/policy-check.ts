import { type CheckLine, fail, ok, warn } from "./check-line.ts";
import type { Config } from "./config/config.ts";
import { count } from "./model/units.ts";
import { runTests } from "./policy-tests.ts";

/** What `flinkops check` says about the policy. */
export function policyLines(config: Config): readonly CheckLine[] {
  if (config.policy.form === "rules") return fullLines(config);
  const { operate, approve } = config.policy.people;
  if (operate === undefined) return [ok("policy: read-only, people.operate is not set")];
  if (approve === undefined)
    return [warn("policy: nobody may approve, so destructive operations are refused", "set people.approve")];
  if (approve.groups.length === 0 && approve.users.length === 1)
    return [
      warn(
        "policy: a single approver, who cannot approve their own requests",
        "add a second person to people.approve",
      ),
    ];
  return [];
}

function fullLines(config: Config): readonly CheckLine[] {
  const { rules, freezes, breakGlass, hash } = config.policy;
  const tested = runTests(config);
  const failed = tested.flatMap((one): readonly CheckLine[] =>
    one.is === "passed"
      ? []
      : [
          fail(
            `policy test ${one.title}: ${one.why}`,
            "correct the rules or the test; `flinkops policy test` shows the way through the rules",
          ),
        ],
  );
  const glass = breakGlass.length === 0 ? "" : `, ${count(breakGlass.length, "break-glass rule")}`;
  const what = `policy ${hash}: ${count(rules.length, "rule")}, ${count(freezes.length, "freeze")}${glass}`;
  if (tested.length === 0) return [warn(`${what}, no tests`, "write tests into the policy file")];
  return failed.length > 0 ? failed : [ok(`${what}, ${count(tested.length, "test")} passed`)];
}
