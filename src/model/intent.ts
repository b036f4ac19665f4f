import type { Json } from "./json.ts";
import type { Offer } from "./report.ts";
import type { OperationClass } from "./target.ts";
import type { Text } from "./text.ts";

/** What the approver sees and what is bound. */
export interface Intent {
  /** "Scale orders to 8": verb and object. */
  headline: Text;
  /** What it costs: what is lost, or happens again. */
  losses: readonly Text[];
  warnings: readonly Text[];
  /** Neutral facts worth reading before agreeing: from -> to, last checkpoint's age. */
  details: readonly Text[];
  /** Compared again (deep equality) before the start; if it moved, the request is void. Facts that move by themselves stay out. */
  binds: Json;
  /** For later phases: the way back, frozen lists, directories. */
  facts: { readonly [key: string]: Json };
  /** What may be wanted instead: cancel offers stop. */
  offers?: readonly Offer[];
  /** Where what was asked turns out to be more than its row says, by its arguments and what is there. */
  class?: OperationClass;
}
