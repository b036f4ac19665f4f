import { isTerminal, type JobState } from "./flink-jobs.ts";
import type { Refusal } from "./report.ts";
import type { Row } from "./operation.ts";
import { b, code, type Text, t } from "./text.ts";

/** Whether the job's state lets this row begin; null: it does. The refusal names what would be possible instead. */
export function stateRefusal(row: Row, state: JobState, rows: readonly Row[] = []): Refusal | null {
  if (allows(row, state)) return null;
  const states = row.kind === "change" && row.allowedIn !== "any" ? row.allowedIn : [];
  const needs = states.length > 3 ? "a job that has not ended" : states.join(" or ");
  return {
    refuse: t`The job is ${b(state)}; ${code(row.name)} needs ${needs}.`,
    instead: [...wait(row, state), ...possible(rows, state)],
  };
}

const allows = (row: Row, state: JobState): boolean =>
  row.kind !== "change" || row.allowedIn === "any" || row.allowedIn.includes(state);

function wait(row: Row, state: JobState): readonly Text[] {
  if (isTerminal(state))
    return [t`It has ended for good. ${code("resume")} starts it again, under another id.`];
  return row.kind === "change" && row.allowedIn.includes("RUNNING") && state !== "CANCELLING"
    ? ["Ask again once it is RUNNING."]
    : [];
}

function possible(rows: readonly Row[], state: JobState): readonly Text[] {
  const names = rows
    .filter((r) => r.kind === "change" && isAboutStates(r, state) && allows(r, state))
    .map((r) => r.name);
  return names.length === 0 ? [] : [`Possible now: ${names.join(", ")}.`];
}

/** What is allowed whatever the state is acts on something else, unless it ends the job that is there. */
const isAboutStates = (row: Extract<Row, { kind: "change" }>, state: JobState): boolean =>
  row.allowedIn !== "any" || (row.ends === true && !isTerminal(state));
