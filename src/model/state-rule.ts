import { isTerminal, type JobState } from "./flink-jobs.ts";
import type { Refusal } from "./report.ts";
import { isTyped, type Operation, shownName } from "./operation.ts";
import { b, code, type Text, t } from "./text.ts";
import { MAY, mayNot, type Verdict } from "./verdict.ts";

/** Whether the job's state allows this operation. The refusal names the operations that it does allow. */
export function stateRefusal(
  operation: Operation,
  state: JobState,
  operations: readonly Operation[] = [],
): Verdict<Refusal> {
  if (allows(operation, state)) return MAY;
  return mayNot({
    refuse: t`The job is ${b(state)}; ${needsOf(operation)}`,
    instead: [...wait(operation, state), ...possible(operations, state)],
  });
}

/** "stop needs RUNNING." */
export function needsOf(operation: Operation): Text {
  const states = operation.kind === "change" && operation.allowedIn !== "any" ? operation.allowedIn : [];
  const needs = states.length > 3 ? "a job that has not ended" : states.join(" or ");
  return t`${code(shownName(operation))} needs ${needs}.`;
}

const allows = (operation: Operation, state: JobState): boolean =>
  operation.kind !== "change" || operation.allowedIn === "any" || operation.allowedIn.includes(state);

function wait(operation: Operation, state: JobState): readonly Text[] {
  if (isTerminal(state)) return [];
  return operation.kind === "change" && operation.allowedIn.includes("RUNNING") && state !== "CANCELLING"
    ? ["Try again when it is RUNNING."]
    : [];
}

function possible(operations: readonly Operation[], state: JobState): readonly Text[] {
  const names = operations
    .filter((r) => r.kind === "change" && isTyped(r) && isAboutStates(r) && allows(r, state))
    .map((r) => r.name);
  return names.length === 0 ? [] : [`Possible now: ${names.join(", ")}.`];
}

/** Whether to suggest the operation. A cancel, which is allowed in any state, is never suggested. */
const isAboutStates = (operation: Extract<Operation, { kind: "change" }>): boolean =>
  operation.allowedIn !== "any";
