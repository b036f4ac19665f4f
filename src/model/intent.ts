import type { ChangeFacts } from "./change-facts.ts";
import type { Json } from "./json.ts";
import type { Offer, Refusal } from "./report.ts";
import type { OperationClass } from "./target.ts";
import type { Text } from "./text.ts";

/** What a cluster requires of a change, and a change does not have. */
export interface Lack {
  /** In words that follow "without". */
  what: string;
  refusal: Refusal;
}

/** The plan of a change: what the approver sees, and what the approval is bound to. */
export interface Intent {
  /** Verb and object: "Scale orders to 8". */
  headline: Text;
  /** What will be lost or repeated. */
  losses: readonly Text[];
  warnings: readonly Text[];
  /** Neutral facts for the approver: the change from and to, the age of the last checkpoint. */
  details: readonly Text[];
  /**
   * Compared again (deep equality) before the start. If it has changed, the request is void. Facts that change by
   * themselves must not be included.
   */
  binds: Json;
  /** For later phases: how to roll back, frozen lists, directories. */
  facts: { readonly [key: string]: Json };
  /** Alternatives that the requester may want: cancel offers stop. */
  offers?: readonly Offer[];
  /** Set if the arguments or the current state put the request in another class than its operation declares. */
  class?: OperationClass;
  /**
   * What its cluster requires of it and it does not have. Only break-glass passes that, and says so. Decided again at the
   * start.
   */
  lacks?: Lack;
  /** What it does, for the rules of the policy; absent: nothing that a rule may ask for. */
  change?: ChangeFacts;
}
