import { isTerminal, type JobSummary } from "../../model/flink-jobs.ts";
import { shown } from "../wording/job.ts";
import {
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
import type { NameTarget } from "../../model/target.ts";
import { type Preflight, preflightFrom } from "../plans/preflight.ts";
import { predecessorWarnings, uncertainPredecessors } from "../plans/predecessors.ts";
import { chooseState, type StartState } from "../plans/start-state.ts";
import { startFacts } from "../phases/steady.ts";
import { b, code, type Text, t } from "../../model/text.ts";
import type { Launched } from "../../model/knowledge.ts";

export interface RunArgs extends Wanted {
  job: string;
  from: string;
}

/**
 * Checks that the job does not run already, plans its jar and state, and decides whether someone else must approve.
 * Throws what FlinkReads throws.
 */
export async function openRun(c: Context<RunArgs, NameTarget>): Promise<Intent | Refusal> {
  const { name, cluster } = c.target;
  const all = await c.flink.overview();
  const live = all.filter((j) => j.name === name && !isTerminal(j.state));
  if (live.length > 0)
    return {
      refuse: t`${b(shown(name))} is already running on ${code(cluster)}; it was not started a second time.`,
      instead: live.map((j) => t`• ${code(j.jobId)} ${j.state}, started ${{ at: j.startedAt }}`),
    };
  const listed = all.filter((j) => j.name === name).toSorted((a, z) => z.startedAt - a.startedAt);
  const ids = await lastRuns(c, listed);
  const before = {
    launched: await lastLaunch(c, ids),
    startedAt: listed[0]?.startedAt ?? null,
    hasEnded: true,
  };
  const plan = await planLaunch(c, c.args, before);
  if (isRefusal(plan)) return plan;
  const state = await chooseState(c, c.args.from);
  if (isRefusal(state)) return state;
  const uncertain = await uncertainPredecessors(c, all);
  const slots = slotRefusal(plan.launch.parallelism ?? 1, plan.caps);
  if (slots.is === "may not") return slots.why;
  const checked = await preflightFrom(c, plan, { path: state.path, own: 0 });
  if (isRefusal(checked)) return checked;
  const limits = await startFacts(c, ids[0] ?? null);
  return intent(c, { plan, state, uncertain, limits, checked });
}

/** Known jobs that have had this name, newest first. `listed`: those that Flink lists. */
async function lastRuns(
  c: Context<RunArgs, NameTarget>,
  listed: readonly JobSummary[],
): Promise<readonly string[]> {
  const states = await c.known.restorable.of(`${c.target.cluster}/${c.target.name}`);
  return [...new Set([...listed, ...states].map((j) => j.jobId))];
}

/** How flinkops started the newest of these jobs that it has started; null: it has started none. */
async function lastLaunch(c: Context<RunArgs, NameTarget>, ids: readonly string[]): Promise<Launched | null> {
  for (const jobId of ids) {
    const launched = await c.known.launched(c.target.cluster, jobId);
    if (launched !== null) return launched;
  }
  return null;
}

interface Start {
  plan: LaunchPlan;
  state: StartState;
  uncertain: readonly string[];
  limits: { longestStart: number };
  checked: Preflight;
}

function intent(c: Context<RunArgs, NameTarget>, { plan, state, uncertain, limits, checked }: Start): Intent {
  // if the catalog allows it, dropping state is normal for that job; if only the requester does, someone else must
  // approve
  const drops =
    state.path !== null &&
    c.args.allowNonRestoredState === true &&
    plan.entry?.allowNonRestoredState !== true;
  const others: readonly Text[] =
    state.needsAnother === null || state.path === null
      ? []
      : [t`Needs someone else's approval: ${state.needsAnother}.`];
  const { jar, entryClass, args: own, parallelism, allowNonRestoredState } = plan.launch;
  const launch = { jar, entryClass, args: own, parallelism, allowNonRestoredState };
  return {
    headline:
      state.path === null
        ? t`Start ${b(shown(c.target.name))} with empty state`
        : t`Start ${b(shown(c.target.name))} again`,
    losses: [
      ...(state.path === null ? ["It starts with empty state: its earlier state is not used."] : []),
      ...(state.path !== null && plan.launch.allowNonRestoredState
        ? ["State that the program does not use is dropped permanently."]
        : []),
      ...checked.losses,
    ],
    warnings: [
      ...checked.warnings,
      ...predecessorWarnings(uncertain),
      ...others,
      ...plan.guess,
      ...plan.warnings,
      ...state.warnings,
      ...(plan.catalogued ? [] : codeWords(plan)),
    ],
    details: [
      ...(state.path === null ? [] : [t`It continues ${state.words}.`]),
      ...launchWords(plan),
      ...checked.details,
    ],
    binds: { name: c.target.name, from: state.path, launch, plannedVertices: checked.vertices },
    facts: { launch, from: state.path, ...limits },
    change: { ...startChange(plan, null), state: state.facts },
    ...(plan.catalogued && state.needsAnother === null && !drops && uncertain.length === 0
      ? {}
      : { class: "destructive" as const }),
  };
}
