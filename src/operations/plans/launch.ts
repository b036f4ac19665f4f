import type { ChangeFacts } from "../../model/change-facts.ts";
import { closest } from "../../command/closest.ts";
import { waysBack } from "../../model/application-cluster.ts";
import type { Jar, Capabilities } from "../../model/flink-cluster.ts";
import { secretIn } from "../../platform/redact.ts";
import {
  type CatalogueEntry,
  entryOf,
  fitsGlob,
  keptArgs,
  realArgs,
  shownArgs,
} from "../../model/catalog.ts";
import type { KeptArgs, Launch } from "../../model/effect.ts";
import { shown } from "../wording/job.ts";
import type { Context } from "../../model/operation.ts";
import type { JobTarget, NameTarget } from "../../model/target.ts";
import type { Refusal } from "../../model/report.ts";
import { b, code, type Text, t } from "../../model/text.ts";
import { count } from "../../model/units.ts";
import { MAY, mayNot, type Verdict } from "../../model/verdict.ts";
import type { Launched } from "../../model/knowledge.ts";
import type { JobGraph } from "../../model/planned-job.ts";

/** How a person wants the job started. Missing values come from the catalog. */
export interface Wanted {
  /** `same` as it ran with, `newest` of the catalog, or an upload's id or file name. */
  jar: string;
  entryClass?: string | undefined;
  arg?: readonly string[] | undefined;
  parallelism?: number | undefined;
  allowNonRestoredState?: boolean | undefined;
}

/** How a job will be started, checked against the cluster's jars and capabilities. */
export interface LaunchPlan {
  launch: Launch;
  jar: Jar;
  entry: CatalogueEntry | null;
  /** False: the code is not in the catalog, so someone else must approve it. */
  catalogued: boolean;
  /** The cluster's, when the launch was planned. */
  caps: Capabilities;
  warnings: readonly Text[];
  /** If the jar is not known for certain: why this one was assumed. */
  guess: readonly Text[];
}

/** What a start does, for the rules of the policy. `from`: the job's parallelism before; null: it does not run. */
export const startChange = (
  { launch, jar, catalogued }: Pick<LaunchPlan, "launch" | "jar" | "catalogued">,
  from: number | null,
): ChangeFacts => ({
  ...(launch.parallelism !== null && { parallelism: { from, to: launch.parallelism } }),
  jar: jar.name,
  catalogued,
  allowNonRestoredState: launch.allowNonRestoredState,
});

type Startable = Context<unknown, JobTarget | NameTarget>;

/** What is known about the last start of a job. */
export interface Before {
  /** Null: flinkops did not start it. */
  launched: Launched | null;
  /** Start time, ms; null: not known. */
  startedAt: number | null;
  /** Then a guess at its jar cannot replace a version that runs. */
  hasEnded: boolean;
}

/** Throws what FlinkReads throws. */
export async function planLaunch(
  c: Startable,
  wanted: Wanted,
  before: Before,
): Promise<LaunchPlan | Refusal> {
  const { cluster, name } = c.target;
  const [caps, jars] = await Promise.all([c.flink.capabilities(), c.flink.jars()]);
  if (caps.application) return await startsNoOther(c);
  if (jars === null || !caps.submit) return takesNoJars(cluster);
  const entry = entryOf(c.known.catalogue, cluster, name);
  const chosen = chooseJar(c, wanted.jar, { ...before, jars, entry });
  if ("refuse" in chosen) return chosen;
  const { jar, warnings = [], guess = [] } = chosen;
  const base = entry ?? before.launched;
  const args = argsOf(c, wanted.arg, { entry, launched: before.launched });
  if ("refuse" in args) return args;
  const launch: Launch = {
    jar: jar.id,
    entryClass: wanted.entryClass ?? base?.entryClass ?? null,
    args,
    parallelism: wanted.parallelism ?? base?.parallelism ?? null,
    allowNonRestoredState: (wanted.allowNonRestoredState ?? false) || (entry?.allowNonRestoredState ?? false),
  };
  const catalogued = entry !== null && fits(entry, jar) && isSaid(launch, entry);
  if (!catalogued && !c.known.catalogue.anyJarOn.includes(cluster)) return notCatalogued(c, entry, jar);
  return { launch, jar, entry, catalogued, caps, warnings, guess };
}

/** Whether class and arguments are the catalog's. Others would be other code. */
const isSaid = (launch: Launch, entry: CatalogueEntry): boolean =>
  launch.entryClass === entry.entryClass && "sha256" in launch.args;

/**
 * Arguments from the catalog are stored only as a reference. Others are stored as they are, so they must not contain
 * a secret.
 */
function argsOf(
  c: Startable,
  typed: readonly string[] | undefined,
  { entry, launched }: { entry: CatalogueEntry | null; launched: Launched | null },
): KeptArgs | Refusal {
  if (entry !== null && (typed ?? entry.args).join("\0") === entry.args.join("\0")) return keptArgs(entry);
  const args = typed ?? launched?.args ?? [];
  if ("sha256" in args)
    return realArgs(c.known.catalogue, c.target.cluster, { args }) === null ? argsGone(c, args.entry) : args;
  const secret = secretIn(args);
  return secret === null
    ? args
    : {
        refuse: t`${code(shown(secret))} looks like a secret.`,
        instead: [
          t`Put it in the catalog (${code("jobs")} in the configuration), as an environment variable or a file.`,
        ],
      };
}

const argsGone = (c: Startable, entry: string): Refusal => ({
  refuse: t`The arguments that ${b(shown(c.target.name))} ran with are no longer in the catalog.`,
  instead: [
    t`Add ${code(shown(entry))} under ${code("jobs")} in the configuration, or give them with ${code("--arg")}.`,
  ],
});

const fits = (entry: CatalogueEntry, jar: Jar): boolean =>
  "id" in entry.jar ? entry.jar.id === jar.id : fitsGlob(jar.name, entry.jar.newest);

async function startsNoOther({ known, target, now }: Startable): Promise<Refusal> {
  const { cluster, name } = target;
  const states = await known.restorable.of(`${cluster}/${name}`);
  return {
    refuse: t`${code(cluster)} is an application cluster: it ends with its jobs and cannot start another one.`,
    instead: waysBack(states, now),
  };
}

const takesNoJars = (cluster: string): Refusal => ({
  refuse: t`${code(cluster)} does not accept jars.`,
  instead: [t`To start jobs there, set ${code("web.submit.enable")} to true.`],
});

type Chosen = { jar: Jar; warnings?: readonly Text[]; guess?: readonly Text[] };

function chooseJar(
  c: Startable,
  wanted: string,
  {
    jars,
    entry,
    launched,
    startedAt,
    hasEnded,
  }: Before & { jars: readonly Jar[]; entry: CatalogueEntry | null },
): Chosen | Refusal {
  if (wanted !== "same" && wanted !== "newest") return named(c, wanted, jars);
  const same = wanted === "same" ? jars.find((j) => j.id === launched?.jar) : undefined;
  if (same !== undefined) return { jar: same, warnings: newer(same, jars, entry) };
  if (entry === null) return launched === null ? unknownJob(c) : jarGone(c, launched);
  const fitting = jars.filter((j) => fits(entry, j));
  const [newest] = fitting;
  if (newest === undefined) return noUpload(c, entry);
  if (wanted === "newest") return { jar: newest };
  if (launched !== null) return { jar: newest, guess: guessed(newest, entry, GONE) };
  // the person who started it is assumed to have used the newest jar at that time
  const then = startedAt === null ? newest : fitting.find((j) => j.uploadedAt <= startedAt);
  if (then === undefined)
    return hasEnded ? { jar: newest, guess: guessed(newest, entry, GONE) } : noneThen(c);
  return { jar: then, guess: guessed(then, entry, UNKNOWN), warnings: newer(then, jars, entry) };
}

const GONE = " (the newest matching upload). The jar that it ran with was deleted";
const UNKNOWN =
  " (the newest matching upload when the job started). Flink does not record which jar a job came from";

const guessed = (jar: Jar, entry: CatalogueEntry, why: string): readonly Text[] =>
  "id" in entry.jar ? [] : [t`Assuming jar ${code(shown(jar.name))}${why}.`];

const noneThen = (c: Startable): Refusal => ({
  refuse: t`It is unknown which jar ${b(shown(c.target.name))} runs from: every matching upload is newer than the job.`,
  instead: ["Upload that jar again, or start the job once through flinkops."],
});

/** A newer jar is not used, but the card mentions it. */
function newer(same: Jar, jars: readonly Jar[], entry: CatalogueEntry | null): readonly Text[] {
  const newest = entry === null ? undefined : jars.find((j) => fits(entry, j));
  return newest === undefined || newest.id === same.id
    ? []
    : [t`There is a newer jar, ${code(shown(newest.name))}; ${code("--jar newest")} uses it.`];
}

function named(c: Startable, wanted: string, jars: readonly Jar[]): Chosen | Refusal {
  const jar = jars.find((j) => j.id === wanted) ?? jars.find((j) => j.name === wanted);
  if (jar !== undefined) return { jar };
  const names = [...new Set(jars.map((j) => j.name))];
  const near = closest(wanted, names);
  return {
    refuse: t`There is no jar ${code(shown(wanted))} on ${code(c.target.cluster)}.`,
    instead: [
      ...closest(wanted, ["newest", "same"], 1).map((word) => t`Did you mean ${code(`--jar ${word}`)}?`),
      names.length === 0
        ? "No jars are uploaded there."
        : t`Uploaded jars: ${(near.length > 0 ? near : names.slice(0, 5)).map((n) => shown(n)).join(", ")}.`,
    ],
  };
}

const jarGone = (c: Startable, before: Launched): Refusal => ({
  refuse: t`The jar that ${b(shown(c.target.name))} ran with is no longer on ${code(c.target.cluster)}: ${code(shown(before.jar, 200))}.`,
  instead: ["Upload it again, or name another with --jar."],
});

const noUpload = (c: Startable, entry: CatalogueEntry): Refusal => ({
  refuse: t`No jar on ${code(c.target.cluster)} matches the catalog's ${code("id" in entry.jar ? entry.jar.id : entry.jar.newest)}.`,
  instead: [t`Upload it first; ${code("jars")} lists the uploaded jars.`],
});

function unknownJob(c: Startable): Refusal {
  const { cluster, name } = c.target;
  const names = c.known.catalogue.entries.filter((e) => e.cluster === cluster).map((e) => e.name);
  const near = closest(name, names);
  return {
    refuse: t`${b(shown(name))} is not in the catalog of ${code(cluster)}, so its jar and arguments are unknown.`,
    instead: [
      ...(names.length === 0
        ? []
        : [
            t`Jobs in the catalog: ${(near.length > 0 ? near : names.slice(0, 5)).map((n) => shown(n)).join(", ")}.`,
          ]),
      t`Add it under ${code("jobs")} in the configuration.`,
    ],
  };
}

function notCatalogued(c: Startable, entry: CatalogueEntry | null, jar: Jar): Refusal {
  const { cluster, name } = c.target;
  const what =
    entry === null
      ? t`${b(shown(name))} is not in the catalog`
      : t`${code(shown(jar.name))} with that class and those arguments differs from the catalog entry of ${b(shown(name))}`;
  return {
    refuse: t`${what}, and on ${code(cluster)} only jobs of the catalog may be started.`,
    instead: [
      t`Add it under ${code("jobs")} in the configuration; or set ${code("jars: any")} on the cluster to allow any jar, with another person's approval.`,
    ],
  };
}

/** Whether there are enough slots. `own`: slots that the job releases before it starts again. */
export function slotRefusal(parallelism: number, caps: Capabilities, own = 0): Verdict<Refusal> {
  const free = caps.slotsFree + own;
  if (parallelism <= free || caps.elastic) return MAY;
  const most = Math.max(0, free);
  return mayNot({
    refuse: `It needs ${count(parallelism, "slot")}; ${most} of ${caps.slotsTotal} ${most === 1 ? "is" : "are"} free for it.`,
    instead: [
      most > 0
        ? `Possible now: up to ${most}.`
        : "Stop or scale down another job first, or add task managers.",
    ],
  });
}

/**
 * The same for a program that was planned: it needs as many slots as its widest vertex has subtasks, since the others share
 * them. A program may set a parallelism of its own, above the one that was asked for.
 */
export function widthRefusal(graph: JobGraph, caps: Capabilities, own: number): Verdict<Refusal> {
  const [widest] = graph.vertices.toSorted((a, z) => z.parallelism - a.parallelism);
  if (widest === undefined) return MAY;
  const slots = slotRefusal(widest.parallelism, caps, own);
  if (slots.is === "may") return MAY;
  return mayNot({
    refuse: t`In the program, ${b(shown(widest.operators.join(" -> ")))} has parallelism ${widest.parallelism}. ${slots.why.refuse}`,
    instead: ["Stop or scale down another job first, or add task managers."],
  });
}

/** Details of the start for the card. */
export const launchWords = ({ jar, launch }: LaunchPlan): readonly Text[] => [
  t`Jar ${code(shown(jar.name))}, uploaded ${{ at: jar.uploadedAt }}${launch.parallelism === null ? "" : t`, parallelism ${b(String(launch.parallelism))}`}.`,
];

/** A warning that shows the approver exactly which code outside the catalog will run. */
export const codeWords = ({ jar, launch }: LaunchPlan): readonly Text[] => [
  t`Not in the catalog: an approval lets this code run. Jar id ${code(shown(jar.id, 200))}, class ${code(launch.entryClass ?? "of its manifest")}, arguments ${code(shownArgs(launch.args).length === 0 ? "none" : shown(shownArgs(launch.args).join(" "), 600))}.`,
];
