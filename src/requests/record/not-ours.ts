import type { Refusal } from "../../model/report.ts";
import { b, code, type Text, t } from "../../model/text.ts";
import type { NotOurs } from "../../platform/seal.ts";
import { shortId } from "./record.ts";

/** How many values are named; the rest is given as a number. */
const MOST_NAMED = 5;

const WHY: Readonly<Record<NotOurs["why"], string>> = {
  altered: "was altered",
  "unknown key": "is sealed with an unknown key",
  "no seal": "has no seal",
  older: "was older than one that flinkops had seen, which it wrote back",
};

/** The message about values in Redis that are not as flinkops wrote them. */
export function notOursWords(found: readonly NotOurs[]): Refusal {
  const named = found.slice(0, MOST_NAMED).map((one): Text => t`• ${what(one)} ${WHY[one.why]}`);
  const more = found.length - named.length;
  const [values, them] = found.length === 1 ? ["a value is", "it"] : [`${found.length} values are`, "them"];
  return {
    refuse: t`⚠️ ${b("Someone else writes to Redis, or an old copy was restored:")} ${values} not as flinkops wrote ${them}. flinkops has set ${them} aside and does nothing because of ${them}.`,
    instead: [
      ...named,
      ...(more > 0 ? [`… and ${more} more`] : []),
      t`Administrators: ${code("flinkops check")} lists them, docs/runbook.md says what to do.`,
    ],
  };
}

/** A request is named by the short id on its card, another value by its own id. */
const what = ({ kind, id }: NotOurs): Text =>
  kind === "record" || kind === "intake"
    ? t`request ${code(shortId(id))}: its ${kind}`
    : t`${kind} ${code(id)}`;
