import type { Operation } from "../model/operation.ts";
import type { Intake } from "../requests/record/record.ts";

/**
 * One queue per lane and zone, so that a worker runs where its clusters are, a slow read never delays a change, and a
 * change that takes over from others never waits behind fifty of them.
 */
export type Lane = "brakes" | "changes" | "reads";
export const LANES: readonly Lane[] = ["brakes", "changes", "reads"];

export const queueName = (lane: Lane, zone: string): string => `${lane}-${zone}`;

/** Which lane a request goes through, as its operation says; one whose operation is not known is ended among the changes. */
export const lanesOf =
  (operations: readonly Operation[]) =>
  ({ operation: name, args }: Pick<Intake, "operation" | "args">): Lane => {
    const operation = operations.find((o) => o.name === name);
    if (operation?.kind === "read") return "reads";
    return operation?.kind === "change" && operation.preempts?.(args) === true ? "brakes" : "changes";
  };

/** Where to look for it: versions without a lane for brakes put those among the changes. */
export const lanesToSearch = (lane: Lane): readonly Lane[] =>
  lane === "reads" ? ["reads"] : ["brakes", "changes"];
