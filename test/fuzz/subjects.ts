import type { Subject } from "./subject.ts";
import { answers } from "./subjects/answers.ts";
import { audit } from "./subjects/audit.ts";
import { command } from "./subjects/command.ts";
import { condition } from "./subjects/condition.ts";
import { config } from "./subjects/config.ts";
import { flink } from "./subjects/flink.ts";
import { path } from "./subjects/path.ts";
import { policy } from "./subjects/policy.ts";
import { slack } from "./subjects/slack.ts";
import { stored } from "./subjects/stored.ts";
import { text } from "./subjects/text.ts";
import { webApi } from "./subjects/web-api.ts";

/** Every subject, with its share of the cases: a file takes a hundred times as long as a line. */
const SHARES: readonly (readonly [Subject, number])[] = [
  [command(), 240],
  [slack(), 200],
  [webApi(), 90],
  [flink(), 160],
  [answers(), 40],
  [stored(), 90],
  [config(), 15],
  [policy(), 10],
  [condition(), 70],
  [audit(), 20],
  [path(), 35],
  [text(), 30],
];

export const subjects: readonly Subject[] = SHARES.map(([one]) => one);

/** How many of all cases each subject gets. */
export function sharesOf(cases: number, only: readonly Subject[]): ReadonlyMap<string, number> {
  const shares = SHARES.filter(([one]) => only.includes(one));
  const whole = shares.reduce((sum, [, share]) => sum + share, 0);
  return new Map(shares.map(([{ name }, share]) => [name, Math.ceil((cases * share) / whole)]));
}
