import { given, isTerminal, type JobState, stateOf } from "../../model/flink-jobs.ts";
import { LOST_AFTER_MS, PERHAPS_LOST_AFTER_MS, USUAL_MS } from "./phase.ts";
import { named, statusOffer } from "../wording/job.ts";
import { lineageOf, sightAll, type Sighted } from "../../model/lineage.ts";
import type { Context, Observation, PhaseContext } from "../../model/operation.ts";
import type { JobTarget } from "../../model/target.ts";
import type { Json } from "../../model/json.ts";
import type { Report } from "../../model/report.ts";
import { sawItComing, wayBack } from "../facts/application.ts";
import { optional } from "../../model/optional.ts";
import { SILENCE_MS } from "../phases/unreachable.ts";
import { b, code, type Text, t } from "../../model/text.ts";

/** A cancel is sent at most twice. If two cancels do not end a job, a third does not either. */
const MOST_TIMES = 2;

/** How often this request has sent each job a cancel. */
type Times = { readonly [jobId: string]: number };

/** The next step for one job of the lineage. */
type Step =
  | { is: "over"; state: JobState | null }
  | { is: "cancel" }
  | { is: "wait"; note: Text }
  /** Its outcome cannot be determined. */
  | { is: "lost"; why: Text }
  | { is: "failed"; why: Text };

/** The job and the jobs that have replaced it so far. Throws FlinkRefused, FlinkUnexpected. */
export async function sightLine(c: Context<unknown>): Promise<readonly Sighted[]> {
  const requests = await c.known.requestsOn(c.target.cluster, c.target.name);
  return await sightAll(c.flink, lineageOf(c.target, requests, c.requestId));
}

/** The job that the previous observation chose; at the beginning, the first job to cancel; null: none right now. */
export async function nextToCancel(c: PhaseContext<unknown>): Promise<string | null> {
  const chosen = chosenIn(c.results["cancel"] ?? c.results["begin"]);
  if (chosen !== null) return chosen;
  const times = timesIn(c);
  const line = await sightLine(c);
  return line.find((j) => stepOf(c, j, times[j.jobId] ?? 0).is === "cancel")?.jobId ?? null;
}

/** Observes until every job of the lineage has ended. Jobs that appear meanwhile are cancelled too. */
export async function observeLine(c: PhaseContext<unknown>): Promise<Observation<"cancel">> {
  const times = timesIn(c);
  const line = await sightLine(c);
  const steps = line.map((j) => ({ ...j, step: stepOf(c, j, times[j.jobId] ?? 0) }));
  const chosen = steps.find((j) => j.step.is === "cancel")?.jobId;
  if (chosen !== undefined)
    return {
      kind: "next",
      phase: "cancel",
      result: { times: { ...times }, jobId: chosen },
      ...((times[chosen] ?? 0) === 0
        ? {}
        : {
            milestone: t`Job ${code(chosen.slice(0, 8))} is still alive: the cancel was lost and is sent again.`,
          }),
    };
  for (const { step } of steps) if (step.is === "wait") return { kind: "pending", note: step.note };
  const failed = steps.flatMap(({ step }) => (step.is === "failed" ? [step.why] : []));
  if (failed.length > 0) return end(c, { outcome: "failed", words: "was not cancelled", lines: failed });
  const lost = steps.flatMap(({ step }) => (step.is === "lost" ? [step.why] : []));
  const isSilent = steps.some(({ step, seen }) => step.is === "lost" && seen.is === "unanswered");
  const lines = isSilent ? [...lost, "If it answers again, check what runs there."] : lost;
  if (lost.length > 0) return end(c, { outcome: "unknown", words: "can no longer be seen", lines });
  return over(c, steps, await others(c, steps));
}

function stepOf(c: PhaseContext<unknown>, job: Sighted, times: number): Step {
  const { seen } = job;
  const id = code(job.jobId.slice(0, 8));
  if (seen.is === "ended") return { is: "over", state: seen.state };
  if (sawItComing(c, seen)) return { is: "over", state: "CANCELED" };
  if (seen.is === "unanswered")
    return seen.forMs < SILENCE_MS
      ? { is: "wait", note: times === 0 ? UNSENT : "The cancel was sent; Flink has not answered since" }
      : { is: "lost", why: silent(c, job, times) };
  if (seen.is === "absent") {
    if (job.isReplaced) return { is: "over", state: null };
    if (job.fate === "coming")
      return { is: "wait", note: t`Job ${id} may still start; then it will be cancelled` };
    return seen.forMs < c.known.settings.absentFor
      ? { is: "wait", note: t`Flink does not list job ${id} at the moment` }
      : { is: "lost", why: t`Flink no longer lists job ${id}; it is unknown how it ended.` };
  }
  const { state } = seen;
  const waited = c.now - c.enteredAt;
  if (state === "CANCELLING" || state === "FAILING") {
    const long = waited > USUAL_MS ? ", longer than usual: a task has not stopped yet" : "";
    return { is: "wait", note: `Flink is stopping the tasks (${state})${long}` };
  }
  if (times === 0) return { is: "cancel" };
  const isLast = isLastOf(c, job);
  if (isLast && c.sent.is === "refused")
    return { is: "failed", why: t`${c.sent.reason} Job ${id} is ${b(state)}.` };
  const lostAfter = isLast && c.sent.is === "unknown" ? PERHAPS_LOST_AFTER_MS : LOST_AFTER_MS;
  if (waited < lostAfter) return { is: "wait", note: t`Job ${id} is still ${state}` };
  return times < MOST_TIMES
    ? { is: "cancel" }
    : {
        is: "failed",
        why: t`The cancel was sent twice; job ${id} is still ${b(state)}. Check it in Flink, or try again.`,
      };
}

const UNSENT: Text = "Flink does not answer; the cancel is sent once it does";

/** For longer than a fail-over takes, after which the job may have come back. */
function silent(c: PhaseContext<unknown>, job: Sighted, times: number): Text {
  const id = code(job.jobId.slice(0, 8));
  const what = job.isRehearsal === true ? t`rehearsal ${id}` : t`job ${id}`;
  if (times === 0) return t`Flink does not answer, and no cancel of ${what} was sent.`;
  return isLastOf(c, job) && c.sent.is === "accepted"
    ? t`Flink accepted the cancel of ${what} and has not answered since.`
    : t`Flink does not answer and did not confirm the cancel of ${what}.`;
}

/** Whether the current effect is the cancel of this job. */
const isLastOf = ({ effect }: PhaseContext<unknown>, { jobId }: { jobId: string }): boolean =>
  effect?.do === "cancel" && effect.jobId === jobId;

function timesIn(c: PhaseContext<unknown>): Times {
  const before = numbers(c.results["cancel"] ?? c.results["begin"]);
  return c.effect?.do === "cancel"
    ? { ...before, [c.effect.jobId]: (before[c.effect.jobId] ?? 0) + 1 }
    : before;
}

/** The choice depended on how long the phase had taken, so it cannot be made again in a phase that has just begun. */
const chosenIn = (result: Json | undefined): string | null =>
  typeof result === "object" && result !== null && "jobId" in result && typeof result["jobId"] === "string"
    ? result["jobId"]
    : null;

function numbers(result: Json | undefined): Times {
  if (typeof result !== "object" || result === null || !("times" in result)) return {};
  const { times } = result;
  const all = typeof times === "object" && times !== null ? Object.entries(times) : [];
  return Object.fromEntries(all.flatMap(([id, n]) => (typeof n === "number" ? [[id, n]] : [])));
}

/** Lists other jobs of that name outside the lineage, so that "cancelled" is not mistaken for "no such job runs". */
async function others(c: PhaseContext<unknown>, line: readonly Sighted[]): Promise<readonly Text[]> {
  const ours = new Set([c.target.jobId, ...line.map((j) => j.jobId)]);
  const listed = (await optional(c.flink.decoration.overview())) ?? [];
  return listed
    .filter((j) => j.name === c.target.name && !isTerminal(j.state) && !ours.has(j.jobId))
    .map(
      (j) => t`Another job of that name is ${b(j.state)}: ${code(j.jobId)}. This request did not touch it.`,
    );
}

async function over(
  c: PhaseContext<unknown>,
  line: readonly Sighted[],
  beside: readonly Text[],
): Promise<Observation<never>> {
  const times = timesIn(c);
  const ended = line.map((j) => ({
    id: j.jobId,
    isRehearsal: j.isRehearsal === true,
    state: stateOf(j.seen),
    sent: (times[j.jobId] ?? 0) > 0,
  }));
  const last = ended.findLast((j) => !j.isRehearsal);
  const cancelled = ended.filter((j) => j.state === "CANCELED");
  const alone = ended.filter((j) => j.state !== "CANCELED" && j.state !== null && j.sent);
  const words: Text =
    cancelled.length > 0 || last === undefined || last.state === null
      ? "is cancelled"
      : t`is no longer running: ${b(last.state)}`;
  const target: JobTarget = { ...c.target, jobId: last?.id ?? c.target.jobId };
  const several = ended.length > 1 && cancelled.length > 0;
  return end(
    { ...c, target },
    {
      kept: await newestKept(c, target),
      outcome: "done",
      words,
      lines: [
        ...(several ? [t`Cancelled: ${cancelled.map((j) => j.id.slice(0, 8)).join(", ")}.`] : []),
        ...alone.map(
          ({ id, state }) => t`Job ${code(id.slice(0, 8))} ended by itself meanwhile (${state ?? ""}).`,
        ),
        ...beside,
      ],
    },
  );
}

/** A checkpoint that Flink retains. `isLast`: no newer one can have followed it. */
interface KeptCheckpoint {
  path: string;
  isLast: boolean;
}

/** As known when the request was made; null: none was retained then. */
function keptWhenAsked({ intent }: PhaseContext<unknown>): KeptCheckpoint | null {
  const { retained } = intent.facts;
  return typeof retained === "string" ? { path: retained, isLast: false } : null;
}

/** As Flink lists it now that the job has ended: by default it has deleted all older ones. */
async function newestKept(
  c: PhaseContext<unknown>,
  { jobId }: Pick<JobTarget, "jobId">,
): Promise<KeptCheckpoint | null> {
  const before = keptWhenAsked(c);
  if (before === null) return null;
  const read = await optional(c.flink.decoration.checkpoints(jobId));
  const path = (read === null ? null : given(read))?.latestCompleted?.path ?? null;
  return path === null ? before : { path, isLast: true };
}

const keptWords = ({ path, isLast }: KeptCheckpoint): Text =>
  isLast
    ? t`Retained checkpoint: ${code(path)}`
    : t`Retained checkpoint when this was asked (there may be a newer one): ${code(path)}`;

interface Ending {
  outcome: Report["outcome"];
  words: Text;
  lines: readonly Text[];
  kept?: KeptCheckpoint | null;
}

function end(
  c: PhaseContext<unknown>,
  { outcome, words, lines, kept = keptWhenAsked(c) }: Ending,
): Observation<never> {
  const back = outcome === "done" ? wayBack(c, kept?.path ?? null) : { lines: [], offers: [] };
  return {
    kind: "end",
    report: {
      outcome,
      headline: t`${named(c.target)} ${words}`,
      lines: [...lines, ...(kept === null || outcome === "failed" ? [] : [keptWords(kept)]), ...back.lines],
      offers: [...back.offers, statusOffer(c.target)],
    },
  };
}
