import { z } from "zod";
import { type Observation, type PhaseContext, defineChange } from "../../model/operation.ts";
import { type Text, t } from "../../model/text.ts";
import { type RehearsalPhase, rehearsalPhases } from "../rehearse/phases.ts";
import type { Rehearsed } from "../rehearse/verdict.ts";
import { leftOffers, linesOf, outcomeOf, savedFacts } from "../rehearse/report.ts";
import { flinkFormat } from "../wording/arguments.ts";
import { named, statusOffer } from "../wording/job.ts";
import type { RestartPhase } from "./phases.ts";
import { openRehearsed, type RestartArgs } from "./plan.ts";
import { followUp, phases, sharedArgs } from "./change.ts";

/** A restart after a rehearsal: only if that was healthy, the job is stopped. */
export const rehearsedRestart = defineChange<RestartArgs, RestartPhase | RehearsalPhase>({
  kind: "change",
  name: "rehearsed-restart",
  under: "restart",
  typedWith: { rehearse: true },
  summary: "Rehearse a new version of a job, and restart it if the rehearsal was healthy",
  examples: [],
  args: z.strictObject(sharedArgs),
  positionals: ["job", "directory"],
  class: "destructive",
  find: (a) => ({ find: "job", job: a.job }),
  allowedIn: ["RUNNING"],
  holds: (c) => [{ job: c.target.jobId }, { name: c.target.name }],
  open: openRehearsed,

  first: "rehearsal-savepoint",
  phases: {
    ...phases,
    ...rehearsalPhases<RestartArgs, RestartPhase>((a) => flinkFormat(a.format), afterRehearsal),
  },
  followUp,
});

async function afterRehearsal(
  c: PhaseContext<RestartArgs>,
  seen: Rehearsed,
): Promise<Observation<RestartPhase>> {
  const { left, savepoint } = seen;
  if (seen.is === "healthy" && left === null)
    return {
      kind: "next",
      phase: "stop",
      result: savedFacts(seen),
      milestone: t`The rehearsal has ended.${savepoint?.isDeleted === false ? t` ${savepoint.words}` : ""}`,
    };
  const why: Text =
    left !== null
      ? "its rehearsal may still run"
      : seen.is === "failed"
        ? "its rehearsal failed"
        : "its rehearsal showed nothing";
  return {
    kind: "end",
    report: {
      outcome: outcomeOf(seen),
      headline: t`${named(c.target)} was not restarted: ${why}`,
      lines: linesOf(c, seen),
      facts: savedFacts(seen),
      offers: [...leftOffers(c, seen), statusOffer(c.target)],
    },
  };
}
