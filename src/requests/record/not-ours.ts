import { noticeLine } from "../../model/audit-entry.ts";
import type { Refusal } from "../../model/report.ts";
import { b, code, type Text, t } from "../../model/text.ts";
import type { NotOurs } from "../../platform/seal.ts";
import { shortId } from "./record.ts";

/** How many characters of an id are kept: someone else chose it. */
const LONGEST_ID = 200;
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

/** The audit entry about a value that is not ours; null: it has another one. */
export function notOursLine({ kind, id, why }: NotOurs, at: number): string | null {
  // the store writes `put back` with the newer record, the sealer `set aside` in place of an entry
  if (why === "older" || (kind === "audit" && id.startsWith("entry"))) return null;
  return noticeLine("forged", {
    at,
    headline: "A value in Redis that flinkops did not write was set aside",
    detail: { kind, id: id.slice(0, LONGEST_ID), why },
  });
}

/** A request is named by the short id on its card, another value by its own id. */
const what = ({ kind, id }: NotOurs): Text =>
  kind === "record" || kind === "intake"
    ? t`request ${code(shortId(id))}: its ${kind}`
    : t`${kind} ${code(id)}`;
