import type { Row } from "../model/operation.ts";
import type { Intake } from "../requests/record/record.ts";

/**
 * One queue per lane and zone, so that a worker runs where its clusters are, a slow read never delays a change, and a
 * change that takes over from others never waits behind fifty of them.
 */
export type Lane = "brakes" | "changes" | "reads";
export const LANES: readonly Lane[] = ["brakes", "changes", "reads"];

export const queueName = (lane: Lane, zone: string): string => `${lane}-${zone}`;

/** Which lane a request goes through, as its row says; one whose row is not known is ended among the changes. */
export const lanesOf =
  (rows: readonly Row[]) =>
  ({ operation, args }: Pick<Intake, "operation" | "args">): Lane => {
    const row = rows.find((r) => r.name === operation);
    if (row?.kind === "read") return "reads";
    return row?.kind === "change" && row.preempts?.(args) === true ? "brakes" : "changes";
  };

/** Where to look for it: versions without a lane for brakes put those among the changes. */
export const lanesToSearch = (lane: Lane): readonly Lane[] =>
  lane === "reads" ? ["reads"] : ["brakes", "changes"];
