import type { Facts } from "./facts.ts";
import type { Help } from "./help.ts";
import type { Text } from "../../model/text.ts";

/** The result of a rule: the figures that led to it, and the operation to try next. */
export interface Finding {
  /** 3: it does not work; 2: it will soon stop working; 1: worth knowing. */
  weight: 1 | 2 | 3;
  says: Text;
  helps: Help;
}

export interface Rule {
  name: string;
  /** What the rule checks, for the "nothing found" answer. */
  looksAt: string;
  find(f: Facts): readonly Finding[];
}

/** Wraps one finding in the list that a rule returns. */
export const finding = (weight: Finding["weight"], says: Text, helps: Help): Finding[] => [
  { weight, says, helps },
];
