import type { Observation, PhaseContext, Unsent } from "../../model/operation.ts";
import type { Json } from "../../model/json.ts";
import type { RehearsedFacts } from "../../model/rehearsal.ts";
import type { Offer, Report } from "../../model/report.ts";
import { code, type Text, t } from "../../model/text.ts";
import { duration } from "../../model/units.ts";
import { jobRef, named, statusOffer } from "../wording/job.ts";
import { type Located, locatedIn, type Rehearsed } from "./verdict.ts";
import { type RehearsalArgs, rehearsalIn } from "./plan.ts";
import { restoredWords } from "./restored.ts";

type Context = PhaseContext<RehearsalArgs>;

/** The end of a request that only rehearses. */
export function rehearsedReport(c: Context, seen: Rehearsed): Observation<never> {
  const proved = provedBy(c, seen);
  return {
    kind: "end",
    report: {
      outcome: outcomeOf(seen),
      headline: headlineOf(c, seen),
      lines: linesOf(c, seen),
      facts: { ...(proved !== null && { rehearsed: { ...proved } }), ...savedFacts(seen) },
      offers: offers(c, seen),
    },
  };
}

/** What later cards tell of it; null: nothing was proved. */
function provedBy(c: Context, seen: Rehearsed): RehearsedFacts | null {
  if (seen.is === "unknown" || seen.jobId === null) return null;
  const { launch, argsSha256 } = rehearsalIn(c.intent);
  return {
    is: seen.is,
    jar: launch.jar,
    entryClass: launch.entryClass,
    argsSha256,
    tookMs: seen.tookMs,
    bytes: seen.restored?.bytes ?? null,
  };
}

/** The savepoint of the rehearsal, for the lists of what a job can be started from. */
export function savedFacts({ savepoint }: Pick<Rehearsed, "savepoint">): { readonly [key: string]: Json } {
  if (savepoint === null) return {};
  return savepoint.isDeleted ? { disposed: savepoint.path } : locatedFacts(savepoint);
}

const locatedFacts = ({ path, at }: Located): { readonly [key: string]: Json } => ({
  location: path,
  drained: false,
  ...(at !== null && { savedAt: at }),
});

/**
 * For a request that sends no more: nobody deletes its savepoint. Whoever took over has perhaps cancelled the job, and
 * then this is the newest state of it.
 */
export const unsent = (
  c: Context,
  savepoint = locatedIn(c),
  line: Text = t`Its savepoint is kept, ${WHY_KEPT}: ${code(savepoint.path)}`,
): Unsent => ({
  lines: [line],
  facts: locatedFacts(savepoint),
  offers: [disposeOffer(c, savepoint)],
});

export const WHY_KEPT = "because it may be the newest state of the job";

const disposeOffer = ({ target }: Context, { path }: Located): Offer => ({
  label: "Delete its savepoint",
  operation: "dispose",
  args: { savepoint: path, cluster: target.cluster },
  danger: true,
});

/** What became of it, where the job was not touched. */
export const linesOf = (c: Context, { lines, restored, left, savepoint }: Rehearsed): readonly Text[] => [
  ...lines,
  ...(restored === null ? [] : restoredWords(restored)),
  ...(left === null ? [] : [...left.words, END_IT]),
  ...(savepoint === null ? [] : [savepoint.words]),
  t`${named(c.target)} was not touched.`,
];

/** What to do about a rehearsal that was not seen to end. */
const END_IT: Text = "End it before you go on: it reads what the job reads.";

/** Ends a rehearsal that may still run, and deletes a savepoint that nobody wanted to keep. */
export const leftOffers = (c: Context, { left, jobId, savepoint }: Rehearsed): readonly Offer[] => [
  ...(left === null || jobId === null
    ? []
    : [
        {
          label: "Cancel the rehearsal",
          operation: "cancel",
          args: { job: `${c.target.cluster}/${jobId}` },
          danger: true,
        },
      ]),
  ...(savepoint === null || savepoint.isDeleted || c.args.keep === true ? [] : [disposeOffer(c, savepoint)]),
];

/** The outcome of a request that its rehearsal ends. */
export function outcomeOf({ is, left }: Rehearsed): Report["outcome"] {
  if (left !== null) return left.alive ? "partly" : "unknown";
  return is === "healthy" ? "done" : is;
}

function headlineOf(c: Context, { is, left, tookMs }: Rehearsed): Text {
  const what = t`rehearsal of ${named(c.target)}`;
  if (left !== null)
    return left.alive ? t`The ${what} was not ended` : t`It is unknown whether the ${what} still runs`;
  if (is === "healthy") return t`The ${what} was healthy after ${duration(tookMs)}`;
  return is === "failed" ? t`The ${what} failed` : t`The ${what} showed nothing`;
}

function offers(c: Context, seen: Rehearsed): readonly Offer[] {
  const left = leftOffers(c, seen);
  if (seen.left !== null) return left;
  const { jar } = rehearsalIn(c.intent).launch;
  return seen.is === "healthy"
    ? [
        {
          label: "Restart with it",
          operation: "restart",
          args: { job: jobRef(c.target), jar },
          danger: true,
        },
        ...left,
      ]
    : [statusOffer(c.target), ...left];
}
