import type { Context } from "../../model/operation.ts";
import type { Launched, RequestOnName } from "../../model/knowledge.ts";
import type { Refusal } from "../../model/report.ts";
import { code, type Span, type Text, t } from "../../model/text.ts";
import { beforeAsked, bytes, duration } from "../../model/units.ts";
import { MAY, mayNot, type Verdict } from "../../model/verdict.ts";
import { jobRef, named, shown } from "../wording/job.ts";
import type { LaunchPlan } from "../plans/launch.ts";
import { isSameCode } from "../plans/preflight.ts";
import { digestOf } from "./plan.ts";

/** What a card says of the rehearsal of a start, and whether the start may be asked for without a newer one. */
export interface Proof {
  details: readonly Text[];
  warnings: readonly Text[];
  verdict: Verdict<Refusal>;
}

const NONE: Proof = { details: [], warnings: [], verdict: MAY };

/** Of code that the job already runs with nothing has to be proved. Throws what Knowledge throws. */
export async function proofOf(
  c: Context<unknown>,
  there: LaunchPlan,
  launched: Launched | null,
): Promise<Proof> {
  // it is checked when it is asked for: an approval may take longer than the rehearsal counts, and nobody reads the words
  if (c.before !== undefined) return NONE;
  const last = await lastRehearsal(c, there);
  const within = c.flink.requireRehearsal;
  const isOther = !isSameCode(there.launch, launched);
  const isFresh = last?.rehearsed.is === "healthy" && last.rehearsed.at >= c.now - (within ?? 0);
  const verdict = within !== null && isOther && !isFresh ? mayNot(required(c, there, within)) : MAY;
  if (last === null)
    return isOther && there.entry?.rehearsal != null
      ? { ...NONE, warnings: [notRehearsed(c, there)], verdict }
      : { ...NONE, verdict };
  const words = rehearsedWords(c, last);
  return last.rehearsed.is === "healthy"
    ? { ...NONE, details: [words], verdict }
    : { ...NONE, warnings: [words], verdict };
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

const notRehearsed = (c: Context<unknown>, there: LaunchPlan): Text =>
  t`It was not rehearsed; ${commandFor(c, there)} would show whether it runs.`;

const required = (c: Context<unknown>, there: LaunchPlan, within: number): Refusal => ({
  refuse: t`On ${code(c.target.cluster)} a new version of ${named(c.target)} needs a healthy rehearsal of the last ${duration(within)}, and there is none of ${shown(there.jar.name, 60)}.`,
  instead: [
    t`Rehearse it first: ${commandFor(c, there)}; or in one request: ${code("restart ... --rehearse")}.`,
  ],
});
