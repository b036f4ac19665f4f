import { z } from "zod";
import { jobArgument } from "../wording/arguments.ts";
import { gatherFacts } from "./facts.ts";
import type { Finding } from "./finding.ts";
import { diagnosed, rules } from "./rules.ts";
import { gone, jobRef, named, statusOffer } from "../wording/job.ts";
import { defineRead } from "../../model/operation.ts";
import type { JobTarget } from "../../model/target.ts";
import type { Offer } from "../../model/report.ts";
import { jobGraph } from "../facts/picture-data.ts";
import { b, code, type Text, t } from "../../model/text.ts";
import { count } from "../../model/units.ts";
import { LOAD_NOT_READ } from "../facts/vertex-load.ts";

/** As many findings as fit on one screen. */
const MOST = 12;
const MOST_OFFERS = 4;

export const diagnose = defineRead({
  kind: "read",
  name: "diagnose",
  summary: "Find out what is wrong with a job, worst first, with figures and what helps",
  examples: ["diagnose orders"],
  args: z.strictObject({ job: jobArgument }),
  positionals: ["job"],
  class: "view",
  find: (args) => ({ find: "job", job: args.job }),

  async read(c) {
    const facts = await gatherFacts(c);
    if (facts === null) return gone(c.target);
    const found = diagnosed(facts);
    const late = facts.loads.length === 0 && facts.job.vertices.length > 0 ? [LOAD_NOT_READ] : [];
    const graph = jobGraph(facts.job, { loads: facts.loads, edges: facts.edges }, c.now);
    const picture = graph === null ? {} : { picture: graph };
    const again: Offer = { label: "Diagnose again", operation: "diagnose", args: { job: jobRef(c.target) } };
    const status = statusOffer(c.target);
    const [worst] = found;
    if (worst === undefined)
      return {
        outcome: "done",
        headline: t`🟢 Nothing found: ${named(c.target)} is ${b(facts.job.state)}`,
        lines: [`Checked: ${rules.map((r) => r.looksAt).join(", ")}.`, ...late],
        facts: { findings: 0 },
        offers: [again, status],
        ...picture,
      };
    const buttons = helping(found, c.target);
    return {
      outcome: "done",
      headline: t`${SIGNS[worst.weight].sign} ${named(c.target)} is ${b(facts.job.state)}: ${count(found.length, "problem")}`,
      lines: [
        ...found.slice(0, MOST).map((f) => line(f, c.target, buttons)),
        ...(found.length > MOST ? [`and ${found.length - MOST} more`] : []),
        ...late,
      ],
      facts: { findings: found.length },
      offers: [...buttons.filter((o) => o.operation !== status.operation), again, status],
      ...picture,
    };
  },
});

/** Each sign has a word, because some readers cannot tell the colours apart. */
const SIGNS = {
  3: { sign: "🔴", word: "Critical" },
  2: { sign: "🟠", word: "Warning" },
  1: { sign: "🟡", word: "Note" },
} as const;

/** Names the command that helps where no button does it. */
function line(f: Finding, target: JobTarget, buttons: readonly Offer[]): Text {
  const job = `${target.cluster}/${target.jobId.slice(0, 8)}`;
  const button = JSON.stringify(f.helps.offer(jobRef(target)));
  const next = buttons.some((o) => JSON.stringify(o) === button) ? "" : t` Next: ${code(f.helps.typed(job))}`;
  const { sign, word } = SIGNS[f.weight];
  return t`${sign} ${word}: ${f.says}${next}`;
}

/** The suggested operations as buttons, without duplicates. */
function helping(found: readonly Finding[], target: JobTarget): readonly Offer[] {
  const all = found.map((f) => f.helps.offer(jobRef(target)));
  return [...new Map(all.map((offer) => [JSON.stringify(offer), offer])).values()].slice(0, MOST_OFFERS);
}
