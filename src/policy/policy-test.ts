import type { ChangeFacts } from "../model/change-facts.ts";
import type { OperationClass } from "../model/target.ts";
import type { Imagined } from "./imagined.ts";
import type { Requirement } from "./policy.ts";

/** An example in a policy file: a request, and how the policy must decide it. */
export interface PolicyTest {
  as: Imagined;
  /** The command, without the leading `/flink`. */
  say: string;
  /** Null: a channel that no rule names. */
  channel: string | null;
  /** ms; null: a time without freezes. */
  at: number | null;
  /** What flinkops would find out about the change. */
  change: ChangeFacts;
  /** Null: those of the catalog. */
  labels: Readonly<Record<string, string>> | null;
  /** Null: that of the operation. */
  class: OperationClass | null;
  expect: { is: "allow" | "refuse" | "break glass" } | { is: "needs approval"; from: readonly Requirement[] };
  /** The rule that must decide; null: any. */
  rule: string | null;
  /** Words that the reason must contain; null: any. */
  because: string | null;
}
