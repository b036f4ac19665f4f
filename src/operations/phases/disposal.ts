import type { AsyncOperation } from "../../model/flink-reads.ts";
import type { ChangeTarget } from "../../model/target.ts";
import type { PhaseContext } from "../../model/operation.ts";

/** How often a deletion is sent if its outcome is lost each time. */
export const MOST_DISPOSALS = 3;

/** Status of a savepoint's deletion. */
export type Disposed =
  | { is: "pending"; until: AsyncOperation }
  | { is: "gone"; wasMissing: boolean }
  | { is: "failed"; reason: string }
  /** Flink's answer did not arrive, or Flink forgot the outcome. Sending it again does no harm. */
  | { is: "lost" };

/** Reads the status once. Throws what FlinkReads throws. */
export async function readDisposal(c: PhaseContext<unknown, ChangeTarget>): Promise<Disposed> {
  if (c.sent.is === "refused") return { is: "failed", reason: c.sent.reason };
  if (c.sent.is === "unknown") return { is: "lost" };
  const triggerId = c.sent.is === "accepted" ? idIn(c.sent.answer) : "";
  const seen = await c.flink.disposal(triggerId);
  switch (seen.is) {
    case "forgotten":
      return { is: "lost" };
    case "in_progress":
      return { is: "pending", until: { kind: "disposal", triggerId } };
    case "done":
      return { is: "gone", wasMissing: false };
    case "failed":
      return seen.missing ? { is: "gone", wasMissing: true } : { is: "failed", reason: seen.reason };
  }
}

function idIn(answer: unknown): string {
  const value = typeof answer === "object" && answer !== null && "disposal" in answer ? answer.disposal : "";
  return typeof value === "string" ? value : "";
}
