import { code, type Span, type Text } from "../operations/text.ts";
import type { NotOurs } from "../seal.ts";

/** So many are named; the rest is a number. */
const MOST_NAMED = 5;

const WHY: Readonly<Record<NotOurs["why"], string>> = {
  altered: "was altered",
  "unknown key": "is sealed with a key that is not among ours",
  "no seal": "carries no seal of ours",
  older: "was older than one seen before, which was put back",
};

/** What people are told of values in Redis that are not as we wrote them. */
export function notOursWords(found: readonly NotOurs[]): Text {
  const head = found.length === 1 ? "A value in Redis is" : `${found.length} values in Redis are`;
  const named = found
    .slice(0, MOST_NAMED)
    .flatMap(({ kind, id, why }): Span[] => [`\n• ${kind} `, code(id), ` ${WHY[why]}`]);
  const more = found.length - Math.min(found.length, MOST_NAMED);
  return [
    `${head} not as flinkops wrote it: somebody else writes there, or an old copy was restored. What is not ours is set aside, and nothing is done on it.`,
    ...named,
    ...(more === 0 ? [] : [`\n… and ${more} more`]),
    "\nWhoever runs flinkops: ",
    code("flinkops check"),
    " lists them, docs/runbook.md says what to do.",
  ];
}
