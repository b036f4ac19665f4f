import type { Text } from "../model/text.ts";

/** A refusal, with the rule that refuses and the reason in words for the requester. */
export interface Refused {
  is: "refuse";
  rule: string;
  why: Text;
}

export const refuse = (rule: string, why: Text): Refused => ({ is: "refuse", rule, why });
