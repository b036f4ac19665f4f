import { z } from "zod";
import { realArgs } from "../../model/catalog.ts";
import type { Launch } from "../../model/effect.ts";
import type { Launched } from "../../model/knowledge.ts";
import type { Context } from "../../model/operation.ts";
import { isRefusal, type Refusal } from "../../model/report.ts";
import { b, shown, type Text, t } from "../../model/text.ts";
import { given, type JobDetail } from "../../model/flink-jobs.ts";
import type { Planned } from "../../model/planned-job.ts";
import { samePath } from "../../model/state-path.ts";
import type { JobTarget, NameTarget } from "../../model/target.ts";
import { beforeAsked } from "../../model/units.ts";
import { type Before, beforeFrom, fitOf, type StateFit } from "../facts/state-fit.ts";
import {
  cannotStart,
  dropRefusal,
  dropWords,
  fitWords,
  freshWords,
  movedWords,
  nameNotTold,
  otherName,
  renamedWords,
  seenWords,
  tooWideRefusal,
  unknownWords,
} from "../wording/state-fit.ts";
import { type LaunchPlan, widthRefusal } from "./launch.ts";

/** What planning a launch tells before anything is stopped, for the card. */
export interface Preflight {
  details: readonly Text[];
  warnings: readonly Text[];
  losses: readonly Text[];
  /** The ids of the vertices that the program would have, to be bound; null: not known. */
  vertices: readonly string[] | null;
}

type Startable = Context<unknown, JobTarget | NameTarget>;
type Planable = Pick<LaunchPlan, "launch" | "catalogued" | "caps">;

const NOTHING: Preflight = { details: [], warnings: [], losses: [], vertices: null };

/** Whether a job was started with this jar, class and arguments. */
export const isSameCode = (launch: Launch, launched: Launched | null): boolean =>
  launched !== null &&
  launch.jar === launched.jar &&
  launch.entryClass === launched.entryClass &&
  JSON.stringify(launch.args) === JSON.stringify(launched.args);

/** Whether a job was started in exactly this way. */
const isAsBefore = (launch: Launch, launched: Launched | null): boolean =>
  isSameCode(launch, launched) && launch.parallelism === launched?.parallelism;

/**
 * Plans how a job is to be started and compares that with the state that it would start from. Planning runs the program's
 * main(), so code that is not in the catalog is planned only once someone has approved it: before the start. `own`: slots
 * that the job releases before it starts again. `isRehearsed`: a rehearsal follows, which shows what a plan cannot.
 * Throws what FlinkReads throws.
 */
export async function preflight(
  c: Startable,
  { launch, catalogued, caps }: Planable,
  from: {
    launched: Launched | null;
    state: () => Promise<Before | Text>;
    own: number;
    isRehearsed?: boolean;
  },
): Promise<Preflight | Refusal> {
  if (isAsBefore(launch, from.launched)) return NOTHING;
  if (!catalogued && c.before?.isApproved !== true)
    return unknown(
      "its code is not in the catalog, so it is checked only once this is approved, before the start",
    );
  const { as } = launch;
  const limit = as === undefined && from.isRehearsed !== true;
  const [planned, before] = await Promise.all([planOf(c, launch), from.state()]);
  if (planned.is === "cannot start") return cannotStart(planned.why);
  if (planned.is === "not told") return as === undefined ? unknown(planned.why) : nameNotTold(planned.why);
  // what was not known when it was asked for was not agreed on
  const vertices = wasUnknown(c) ? null : planned.graph.vertices.map((v) => v.id).toSorted();
  const { name } = planned.graph;
  const expected = as ?? c.target.name;
  if (name !== expected)
    return as === undefined
      ? { ...unknown(t`the first job of its main() is ${b(shown(name))}`), vertices }
      : otherName(name, as);
  const said = isText(before)
    ? unknown(before)
    : withAge(saidOf(fitOf(planned.graph, before), launch, { limit }), before, c.now);
  if (isRefusal(said)) return said;
  const slots = widthRefusal(planned.graph, caps, from.own);
  return slots.is === "may not" ? slots.why : { ...said, vertices };
}

/** Has Flink plan how a job is to be started, with the arguments in full. Throws what FlinkReads throws. */
export async function planOf(c: Startable, launch: Launch): Promise<Planned> {
  const { jar, entryClass, parallelism, as } = launch;
  const args = realArgs(c.known.catalogue, c.target.cluster, launch);
  return args === null
    ? { is: "not told", why: "its arguments are no longer in the catalog" }
    : await c.flink.planOf({ jar, entryClass, args, parallelism, ...(as !== undefined && { as }) });
}

/** The same for a start from the state at a path; null: from nothing, so nothing is planned. */
export const preflightFrom = async (
  c: Startable,
  plan: Planable,
  { path, own }: { path: string | null; own: number },
): Promise<Preflight | Refusal> =>
  path === null
    ? NOTHING
    : await preflight(c, plan, { launched: null, state: async () => await stateAt(c, path), own });

const asked = z.object({ plannedVertices: z.null() });
const wasUnknown = ({ before }: Startable): boolean => asked.safeParse(before?.binds).success;

const isText = (x: Before | Text): x is Text => typeof x === "string" || Array.isArray(x);

/** The state of a job that runs, by its last checkpoint or as last seen; in words why it is not known. */
export async function stateOf(c: Startable, job: JobDetail): Promise<Before | Text> {
  const newest = given(await c.flink.checkpoints(job.jobId))?.latestCompleted ?? null;
  return await stateIn(c, job, newest?.id ?? null);
}

/** The state at a path, from Flink or as last seen of the job that wrote it; in words why it is not known. */
async function stateAt(c: Startable, path: string): Promise<Before | Text> {
  const { cluster } = c.target;
  const [state, fileSystem] = await Promise.all([
    c.known.restorable.at(cluster, path),
    c.known.restorable.fileSystem(cluster),
  ]);
  if (state === null) return "flinkops does not know which job wrote that state";
  const job = await c.flink.job(state.jobId);
  if (job === "absent")
    return await lastSeen(c, state.jobId, "Flink no longer lists the job that wrote that state");
  const seen = given(await c.flink.checkpoints(job.jobId));
  const isIt = (one: { path: string | null }): boolean =>
    one.path !== null && samePath(one.path, path, fileSystem);
  // Flink's list is some seconds old and has ten entries; the vertices with state are those of any checkpoint of the job
  const found = seen?.history.find(isIt) ?? seen?.latestCompleted ?? null;
  return await stateIn(c, job, found?.id ?? null);
}

const NO_SIZES = "no checkpoint tells how large the state of each vertex is";

/** `checkpointId` null: Flink lists no checkpoint of the job, as after its JobManager was replaced. */
async function stateIn(c: Startable, job: JobDetail, checkpointId: number | null): Promise<Before | Text> {
  if (checkpointId === null) return await lastSeen(c, job.jobId, NO_SIZES);
  const [graph, sizes] = await Promise.all([
    c.flink.graphOf(job.jobId),
    c.flink.stateSizes(job.jobId, checkpointId),
  ]);
  return graph === null || sizes === null
    ? await lastSeen(c, job.jobId, NO_SIZES)
    : { vertices: job.vertices, graph, sizes };
}

/** The state of a job as the job cache last saw it; `otherwise` if it did not. */
async function lastSeen(
  { known, target }: Startable,
  jobId: string,
  otherwise: Text,
): Promise<Before | Text> {
  const seen = await known.restorable.vertices(target.cluster, jobId);
  if (seen === null) return otherwise;
  const { at, vertices } = seen;
  return vertices === null
    ? t`${otherwise}, and it has more vertices than flinkops stores`
    : beforeFrom({ at, vertices });
}

/** The same, with the age of sizes that Flink does not tell now. */
function withAge(said: Preflight | Refusal, { seenAt }: Before, now: number): Preflight | Refusal {
  if (seenAt === undefined) return said;
  const age = seenWords(beforeAsked(seenAt, now));
  return isRefusal(said)
    ? { ...said, instead: [age, ...(said.instead ?? [])] }
    : { ...said, details: [...said.details, age] };
}

const unknown = (why: Text): Preflight => ({ ...NOTHING, warnings: [unknownWords(why)] });

function saidOf(
  fit: StateFit,
  { allowNonRestoredState: mayDrop }: Launch,
  words: { limit: boolean },
): Preflight | Refusal {
  switch (fit.is) {
    case "fits":
      return { ...NOTHING, details: fitWords(fit, words), warnings: renamedWords(fit) };
    case "would drop":
      return mayDrop
        ? { ...NOTHING, details: freshWords(fit.fresh), losses: [dropWords(fit)] }
        : dropRefusal(fit);
    case "too wide":
      return tooWideRefusal(fit);
    case "moved":
      return unknown(movedWords(fit));
  }
}
