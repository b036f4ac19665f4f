import type { Facts } from "./facts.ts";
import type { Help } from "./help.ts";
import type { Text } from "../../model/text.ts";

/** What a rule has found: the figures that led to it, and what to ask for next. */
export interface Finding {
  /** 3: it does not work; 2: it will not for long; 1: worth knowing. */
  weight: 1 | 2 | 3;
  says: Text;
  helps: Help;
}

export interface Rule {
  name: string;
  /** For "nothing found": what was looked at. */
  looksAt: string;
  find(f: Facts): readonly Finding[];
}

/** One finding, as a rule returns it. */
export const finding = (weight: Finding["weight"], says: Text, helps: Help): Finding[] => [
  { weight, says, helps },
];
