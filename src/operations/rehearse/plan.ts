import { z } from "zod";
import { StoredDataInvalid } from "../../model/errors.ts";
import type { CatalogueEntry, CatalogueRehearsal } from "../../model/catalog.ts";
import { keptRehearsalArgs } from "../../model/catalog.ts";
import type { Launch } from "../../model/effect.ts";
import type { Context } from "../../model/operation.ts";
import type { Intent } from "../../model/intent.ts";
import type { Json } from "../../model/json.ts";
import { rehearsalName } from "../../model/rehearsal.ts";
import { isRefusal, type Refusal } from "../../model/report.ts";
import { b, code, t } from "../../model/text.ts";
import { duration } from "../../model/units.ts";
import { named, shown } from "../wording/job.ts";
import { launchOf } from "../facts/intent-facts.ts";
import { type LaunchPlan, slotRefusal } from "../plans/launch.ts";
import { type Preflight, preflight } from "../plans/preflight.ts";
import type { SavepointPlan } from "../plans/savepoint.ts";
import { startFacts } from "../phases/steady.ts";

/** What a rehearsal needs of its request. */
export interface RehearsalArgs {
  parallelism?: number | undefined;
  /** Its savepoint stays. */
  keep?: boolean | undefined;
}

/** One slot less than are free: a job that loses its own needs another. */
const NOT_THE_LAST = -1;

/** A rehearsal, bound when it was asked for. */
export interface Rehearsal {
  launch: Launch;
  /** The directory of its savepoint. */
  directory: string;
  /** How long it may take to become healthy, ms. */
  healthyWithin: number;
  /** The longest time until its verdict, ms. */
  longestStart: number;
  /** A digest of the arguments that the job itself would be started with. */
  argsSha256: string;
}

/** What is planned for the job itself. `now`: its parallelism; `state`: what it holds. */
export interface Rehearsable {
  there: LaunchPlan;
  plan: SavepointPlan;
  now: number;
  state: Parameters<typeof preflight>[2]["state"];
}

/** The parts of an intent that a rehearsal adds. */
export interface RehearsalPlan extends Pick<Intent, "details"> {
  rehearsal: Rehearsal;
  checked: Preflight;
}

/**
 * Plans to start `there` next to the job that runs, with the catalog's arguments for that. Refuses what could be taken for
 * the job, what the plan shows to fail, and what would take the last slots. Throws what FlinkReads throws.
 */
export async function planRehearsal(
  c: Context<RehearsalArgs>,
  { there, plan, now, state }: Rehearsable,
): Promise<RehearsalPlan | Refusal> {
  const { entry } = there;
  const how = entry?.rehearsal ?? null;
  if (entry === null || how === null) return notSaid(c, entry);
  const as = rehearsalName(c.target.name, c.requestId);
  const parallelism = c.args.parallelism ?? how.parallelism ?? there.launch.parallelism ?? now;
  const launch: Launch = { ...there.launch, args: keptRehearsalArgs(entry, how, as), parallelism, as };
  const slots = slotRefusal(parallelism, there.caps, NOT_THE_LAST);
  if (slots.is === "may not") return takesTheLast(parallelism, slots.why);
  const checked = await preflight(c, { ...there, launch }, { launched: null, state, own: NOT_THE_LAST });
  if (isRefusal(checked)) return checked;
  const rehearsal: Rehearsal = {
    launch,
    directory: `${plan.directory}-rehearsal`,
    argsSha256: digestOf(there.launch),
    ...(await timesOf(c, how)),
  };
  return {
    rehearsal,
    checked,
    details: [
      t`The rehearsal runs as ${b(shown(as))} at parallelism ${b(String(parallelism))}, from a savepoint to ${code(rehearsal.directory)}, with the catalog's arguments for it. Once it is healthy, or is not within ${duration(rehearsal.healthyWithin)}, it is cancelled${c.args.keep === true ? "; its savepoint is kept" : " and its savepoint deleted"}. ${named(c.target)} continues meanwhile.`,
    ],
  };
}

/** The settings for a start that may take as long as the catalog says. */
export const withTime = <C extends Pick<Context<unknown>, "known">>(c: C, healthyWithin: number): C => ({
  ...c,
  known: { ...c.known, settings: { ...c.known.settings, healthyWithin } },
});

async function timesOf(
  c: Context<unknown>,
  { healthyWithin }: CatalogueRehearsal,
): Promise<Pick<Rehearsal, "healthyWithin" | "longestStart">> {
  const within = healthyWithin ?? c.known.settings.healthyWithin;
  return { healthyWithin: within, ...(await startFacts(withTime(c, within), c.target.jobId)) };
}

/** The digest of a start's arguments; "" if they are not the catalog's. */
export const digestOf = ({ args }: Pick<Launch, "args">): string => ("sha256" in args ? args.sha256 : "");

const notSaid = (c: Context<unknown>, entry: CatalogueEntry | null): Refusal => ({
  refuse: t`${named(c.target)} cannot be rehearsed: ${entry === null ? "it is not in the catalog" : t`its catalog entry has no ${code("rehearsal")}`}, so a second one would write where the job writes.`,
  instead: [
    t`Add to the entry of ${b(shown(c.target.name))} under ${code("jobs")} in the configuration, with arguments that write nowhere else and read under a consumer group and ids of their own:`,
    code('rehearsal: { args: [--name, "{name}", --sink, none], parallelism: 1, healthyWithin: 2m }'),
  ].map((line) => t`${line}`),
});

const takesTheLast = (parallelism: number, { refuse, instead = [] }: Refusal): Refusal => ({
  refuse: t`A rehearsal at parallelism ${parallelism} must leave a slot free for the jobs that run. ${refuse}`,
  instead: [...instead, t`Fewer are enough with ${code("--parallelism 1")}.`],
});

/** For the facts of the intent. */
export const rehearsalFacts = (r: Rehearsal): { readonly [key: string]: Json } => ({
  rehearsal: { ...r, launch: { ...r.launch } },
});

const stored = z.object({
  launch: launchOf,
  directory: z.string(),
  healthyWithin: z.number(),
  longestStart: z.number(),
  argsSha256: z.string(),
});

/** Reads it back. Throws StoredDataInvalid. */
export function rehearsalIn({ facts }: Intent): Rehearsal {
  const parsed = stored.safeParse(facts["rehearsal"]);
  if (parsed.success) return parsed.data;
  throw new StoredDataInvalid(`reading the rehearsal of a request: ${z.prettifyError(parsed.error)}`);
}
