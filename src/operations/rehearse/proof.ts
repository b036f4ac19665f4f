import type { Context } from "../../model/operation.ts";
import type { Launched, RequestOnName } from "../../model/knowledge.ts";
import type { Intent, Lack } from "../../model/intent.ts";
import { code, type Span, type Text, t } from "../../model/text.ts";
import { ago, beforeAsked, bytes, duration } from "../../model/units.ts";
import { jobRef, named, shown } from "../wording/job.ts";
import type { LaunchPlan } from "../plans/launch.ts";
import { isSameCode } from "../plans/preflight.ts";
import { digestOf } from "./plan.ts";

/** What a card says of the rehearsal of a start, and whether the start lacks one that its cluster requires. */
export type Proof = Pick<Intent, "details" | "warnings" | "lacks">;

const NONE: Proof = { details: [], warnings: [] };

/** Of code that the job already runs with nothing has to be proved. Throws what Knowledge throws. */
export async function proofOf(
  c: Context<unknown>,
  there: LaunchPlan,
  launched: Launched | null,
): Promise<Proof> {
  const last = await lastRehearsal(c, there);
  const isOther = !isSameCode(there.launch, launched);
  const within = isOther ? c.flink.requireRehearsal : null;
  const lacks = lackOf(c, there, { last, within });
  const proof = { ...NONE, ...(lacks !== null && { lacks }) };
  // before the start nobody reads the words
  if (c.before !== undefined) return proof;
  if (last === null)
    return isOther && there.entry?.rehearsal != null
      ? { ...proof, warnings: [notRehearsed(c, there)] }
      : proof;
  const words = rehearsedWords(c, last);
  if (last.rehearsed.is !== "healthy") return { ...proof, warnings: [words] };
  const until =
    within === null || lacks !== null ? "" : t` It counts until ${{ at: last.rehearsed.at + within }}.`;
  return { ...proof, details: [t`${words}${until}`] };
}

/** `within`: how old it may be, ms; null: the cluster requires none. */
function lackOf(
  c: Context<unknown>,
  there: LaunchPlan,
  { last, within }: { last: Rehearsal | null; within: number | null },
): Lack | null {
  if (within === null || (last?.rehearsed.is === "healthy" && last.rehearsed.at >= c.now - within))
    return null;
  const jar = shown(there.jar.name, 60);
  const but =
    last === null
      ? t`there is none of ${jar}`
      : last.rehearsed.is === "healthy"
        ? t`the last one of ${jar} ended ${ago(last.rehearsed.at, c.now)}`
        : t`the last one of ${jar} was not healthy`;
  return {
    what: "the rehearsal that this cluster requires",
    refusal: {
      refuse: t`On ${code(c.target.cluster)} a new version of ${named(c.target)} needs a healthy rehearsal of the last ${duration(within)}, and ${but}.`,
      instead: [t`Rehearse it first: ${commandFor(c, there)}; or in one request: ${inOne(c, there)}.`],
    },
  };
}

type Rehearsal = RequestOnName & { rehearsed: NonNullable<RequestOnName["rehearsed"]> };

/** The last rehearsal of the same jar, class and arguments; null: none is known. */
async function lastRehearsal(c: Context<unknown>, { launch }: LaunchPlan): Promise<Rehearsal | null> {
  const requests = await c.known.requestsOn(c.target.cluster, c.target.name);
  const isOfIt = (r: RequestOnName): r is Rehearsal =>
    r.rehearsed !== undefined &&
    r.rehearsed.jar === launch.jar &&
    r.rehearsed.entryClass === launch.entryClass &&
    r.rehearsed.argsSha256 === digestOf(launch);
  const [last = null] = requests.filter(isOfIt).toSorted((a, z) => z.rehearsed.at - a.rehearsed.at);
  return last;
}

function rehearsedWords(c: Context<unknown>, { id, link, actor, rehearsed }: Rehearsal): Text {
  const request: Span = link === null ? code(id.slice(0, 8)) : { link, label: id.slice(0, 8) };
  const state = rehearsed.bytes === null ? "" : `, ${bytes(rehearsed.bytes)} restored`;
  const how =
    rehearsed.is === "healthy" ? `healthy after ${duration(rehearsed.tookMs)}${state}` : "not healthy";
  return t`Rehearsed ${beforeAsked(rehearsed.at, c.now)} by ${{ person: actor }}: ${how} (request ${request}).`;
}

const commandFor = (c: Context<unknown>, there: LaunchPlan): Span =>
  code(`rehearse ${jobRef(c.target)} --jar ${there.jar.name}`);
const inOne = (c: Context<unknown>, there: LaunchPlan): Span =>
  code(`restart ${jobRef(c.target)} --jar ${there.jar.name} --rehearse`);

const notRehearsed = (c: Context<unknown>, there: LaunchPlan): Text =>
  t`It was not rehearsed; ${commandFor(c, there)} would show whether it runs.`;
