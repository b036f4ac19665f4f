import { isTerminal, type JobDetail } from "../../model/flink-jobs.ts";
import type { BothWays } from "../facts/intent-facts.ts";
import { healthFacts, healthOf } from "../facts/job-health.ts";
import { aliveBinds, gone, hadBeen, named, shown } from "../wording/job.ts";
import { lastCheckpoint } from "../facts/last-checkpoint.ts";
import {
  type Before,
  codeWords,
  type LaunchPlan,
  launchWords,
  planLaunch,
  slotRefusal,
  type Wanted,
  startChange,
} from "../plans/launch.ts";
import type { Context } from "../../model/operation.ts";
import type { Intent } from "../../model/intent.ts";
import { isRefusal, type Refusal } from "../../model/report.ts";
import { type Preflight, preflight, stateOf } from "../plans/preflight.ts";
import { planSavepoint } from "../plans/savepoint.ts";
import { planRehearsal, type Rehearsable, rehearsalFacts } from "../rehearse/plan.ts";
import { proofOf } from "../rehearse/proof.ts";
import type { Launched } from "../../model/knowledge.ts";
import { startFacts } from "../phases/steady.ts";
import { b, code, type Text, t } from "../../model/text.ts";
import { duration } from "../../model/units.ts";

export interface RestartArgs {
  job: string;
  directory?: string | undefined;
  parallelism?: number | undefined;
  jar: string;
  format: "canonical" | "native";
}

/** Length of a jar's name in a headline, UTF-16 units. */
export const LONGEST_JAR = 60;

/** The parallelism of a job or a plan: that of its widest vertex. */
export const widest = ({ vertices }: { vertices: readonly { parallelism: number }[] }): number =>
  Math.max(1, ...vertices.map((v) => v.parallelism));

/** How a restart with these arguments starts the job again. Throws what FlinkReads throws. */
export const nextLaunch = async (
  c: Context<Pick<RestartArgs, "jar" | "parallelism">>,
  job: JobDetail,
  before: Before,
): Promise<LaunchPlan | Refusal> =>
  await planLaunch(c, { jar: c.args.jar, parallelism: c.args.parallelism ?? widest(job) }, before);

/**
 * Checks, before anything is stopped, that both the restart and the way back are possible. Throws what FlinkReads
 * throws.
 */
export async function openRestart(c: Context<RestartArgs>): Promise<Intent | Refusal> {
  const r = await planRestart(c, { isRehearsed: false });
  if (isRefusal(r)) return r;
  const { lacks, ...proof } = await proofOf(c, r.there, r.launched);
  return { ...(await intent(c, r, proof)), ...(lacks !== undefined && { lacks }) };
}

/** The same with a rehearsal before the stop, which proves the new version. */
export async function openRehearsed(c: Context<RestartArgs>): Promise<Intent | Refusal> {
  const r = await planRestart(c, { isRehearsed: true });
  if (isRefusal(r)) return r;
  const first = await planRehearsal({ ...c, args: {} }, r);
  if (isRefusal(first)) return first;
  const stopped = t`If the rehearsal is healthy, ${named(c.target)} is stopped`;
  const then = await intent(c, r, { details: first.details, warnings: [], stopped });
  const binds = {
    restart: then.binds,
    rehearsal: { ...first.rehearsal.launch },
    vertices: first.checked.vertices,
  };
  return {
    ...then,
    headline: t`${then.headline}, if a rehearsal is healthy`,
    binds: { ...binds, plannedVertices: r.checked.vertices },
    facts: { ...then.facts, ...rehearsalFacts(first.rehearsal) },
  };
}

async function planRestart(
  c: Context<RestartArgs>,
  { isRehearsed }: { isRehearsed: boolean },
): Promise<Restart | Refusal> {
  const job = await c.flink.job(c.target.jobId);
  if (job === "absent" || isTerminal(job.state)) return gone(c.target);
  const launched = await c.known.launched(c.target.cluster, c.target.jobId);
  const before: Before = { launched, startedAt: job.startedAt, hasEnded: false };
  const now = widest(job);
  const parallelism = c.args.parallelism ?? now;
  const there = await nextLaunch(c, job, before);
  if (isRefusal(there)) return there;
  const back = await wayBack(c, before, now);
  if (isRefusal(back)) return back;
  const slots = slotRefusal(parallelism, there.caps, now);
  if (slots.is === "may not") return slots.why;
  const plan = await planSavepoint(c);
  if (isRefusal(plan)) return plan;
  // read at most once, also for a rehearsal before it
  let read: ReturnType<typeof stateOf> | null = null;
  const state = async () => await (read ??= stateOf(c, job));
  const checked = await preflight(c, there, { launched, state, own: now, isRehearsed });
  if (isRefusal(checked)) return checked;
  const guess = back.jar.id === there.jar.id ? there.guess : [...there.guess, ...back.guess];
  const ways: BothWays = { forward: there.launch, back: back.launch, backJar: back.jar.name };
  return { job, launched, there, guess, plan, ways, now, state, checked };
}

/** The way back: the job's own jar at its current parallelism. */
async function wayBack(
  c: Context<RestartArgs>,
  before: Before,
  parallelism: number,
): Promise<LaunchPlan | Refusal> {
  const wanted: Wanted = { jar: "same", parallelism };
  const back = await planLaunch(c, wanted, before);
  if (!isRefusal(back)) return back;
  return {
    ...back,
    refuse: t`It could not be rolled back, so it was not restarted. ${back.refuse}`,
  };
}

/** Other jobs of the same name that run already and may continue to run. */
async function besideOf({ flink, target }: Context<RestartArgs>): Promise<readonly string[]> {
  const alive = (await flink.overview()).filter((j) => j.name === target.name && !isTerminal(j.state));
  return alive.map((j) => j.jobId).filter((id) => id !== target.jobId);
}

interface Restart extends Rehearsable {
  job: JobDetail;
  launched: Launched | null;
  guess: readonly Text[];
  ways: BothWays;
  checked: Preflight;
}

async function intent(
  c: Context<RestartArgs>,
  r: Restart,
  { stopped = "It is stopped", ...rehearsal }: Pick<Intent, "details" | "warnings"> & { stopped?: Text },
): Promise<Intent> {
  const { job, there, plan, ways, now, checked } = r;
  // at the same time, so that both share one list of jobs
  const [beside, before] = await Promise.all([besideOf(c), healthOf(c.flink, c.target.jobId)]);
  const { healthyWithin } = c.known.settings;
  const to = ways.forward.parallelism ?? now;
  const width = to === now ? `parallelism ${now} (unchanged)` : t`parallelism ${now} → ${b(String(to))}`;
  const jar = c.args.jar === undefined ? "" : ` with ${shown(there.jar.name, LONGEST_JAR)}`;
  return {
    headline: t`Restart ${named(c.target)}${jar}${to === now ? "" : t` at parallelism ${to}`}`,
    losses: checked.losses,
    warnings: [
      ...rehearsal.warnings,
      ...checked.warnings,
      ...plan.warnings,
      ...r.guess,
      ...there.warnings,
      ...(there.catalogued ? [] : codeWords(there)),
    ],
    details: [
      t`It ${hadBeen(job)}. ${(await lastCheckpoint(c)).words}`,
      ...rehearsal.details,
      t`${stopped} with a savepoint to ${code(plan.directory)} and started from there, ${width}.`,
      ...launchWords({ ...there, launch: { ...there.launch, parallelism: null } }),
      ...checked.details,
      backWords(ways, now, healthyWithin),
    ],
    change: { ...startChange(there, now), parallelism: { from: now, to } },
    binds: {
      ...aliveBinds(job),
      directory: plan.directory,
      parallelism: now,
      there: { ...ways.forward },
      back: { ...ways.back },
      plannedVertices: checked.vertices,
    },
    facts: {
      ...plan.facts,
      ways: { forward: { ...ways.forward }, back: { ...ways.back }, backJar: ways.backJar },
      beside,
      before: healthFacts(before),
      ...(await startFacts(c, c.target.jobId)),
    },
  };
}

const backWords = (ways: BothWays, now: number, healthyWithin: number): Text =>
  t`If the new job is not healthy within ${duration(healthyWithin)} and has completed no checkpoint, it is cancelled, and ${code(shown(ways.backJar))} at parallelism ${now} runs from the same savepoint again.`;
