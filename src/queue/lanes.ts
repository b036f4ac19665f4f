import type { Operation } from "../model/operation.ts";
import type { Intake } from "../requests/record/record.ts";

/**
 * One queue per lane and zone. A worker runs where its clusters are, a slow read never delays a change, a brake never
 * waits behind fifty changes, and break-glass behind nothing.
 */
export type Lane = "break-glass" | "brakes" | "changes" | "reads";
export const LANES: readonly Lane[] = ["break-glass", "brakes", "changes", "reads"];

export const queueName = (lane: Lane, zone: string): string => `${lane}-${zone}`;

/** What decides the lane of a request. */
export type Sorted = Pick<Intake, "operation" | "args" | "dryRun" | "breakGlass">;

/**
 * The lane of a request, as its operation says. A request of an unknown operation is ended in the lane of the
 * changes.
 */
export const lanesOf =
  (operations: readonly Operation[]) =>
  ({ operation: name, args, dryRun, breakGlass }: Sorted): Lane => {
    if (dryRun !== undefined) return "reads";
    if (breakGlass === true) return "break-glass";
    const operation = operations.find((o) => o.name === name);
    if (operation?.kind === "read") return "reads";
    return operation?.kind === "change" && operation.preempts?.(args) === true ? "brakes" : "changes";
  };

/** The lanes to search for a request. Versions without a `brakes` lane put brakes among the changes. */
export const lanesToSearch = (lane: Lane): readonly Lane[] =>
  lane === "reads" || lane === "break-glass" ? [lane] : ["brakes", "changes"];
