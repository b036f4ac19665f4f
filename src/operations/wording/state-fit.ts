import type { HeldState, StateFit } from "../facts/state-fit.ts";
import type { Refusal } from "../../model/report.ts";
import { b, code, shown, type Text, t } from "../../model/text.ts";
import { bytes } from "../../model/units.ts";

/** How many vertices are named in one line. */
const MOST_NAMED = 5;

const total = (held: readonly HeldState[]): string => bytes(held.reduce((sum, s) => sum + s.bytes, 0));

const withSizes = (held: readonly HeldState[]): Text =>
  list(held.map((s) => t`${b(shown(s.name))} (${bytes(s.bytes)})`));

function list(all: readonly Text[]): Text {
  const more = all.length - MOST_NAMED;
  const [first = "", ...rest] = all.slice(0, MOST_NAMED);
  const named = rest.reduce<Text>((sum, one) => t`${sum}, ${one}`, first);
  return more > 0 ? t`${named} and ${more} more` : named;
}

/** What the check cannot see, to follow what it says. */
const LIMIT =
  "Checked: the first operator of each vertex. Not checked: operators inside a chain, and types and serializers.";

/** For the details of a card: what becomes of the state. `limit`: with what the check cannot see. */
export function fitWords(
  { held, fresh }: Extract<StateFit, { is: "fits" }>,
  { limit = true }: { limit?: boolean } = {},
): readonly Text[] {
  const takes =
    held.length === 0
      ? "The job has no state to take."
      : t`The new version takes all of the state: ${held.length} of ${held.length === 1 ? "1 vertex" : `${held.length} vertices`}, ${total(held)}.${limit ? ` ${LIMIT}` : ""}`;
  return [takes, ...freshWords(fresh)];
}

export const freshWords = (fresh: readonly string[]): readonly Text[] =>
  fresh.length === 0 ? [] : [t`New, starts empty: ${list(fresh.map((name) => t`${b(shown(name))}`))}.`];

/** A warning for state that goes to an operator of another name. */
export const renamedWords = ({ renamed }: Extract<StateFit, { is: "fits" }>): readonly Text[] =>
  renamed.map(
    ({ state, to }) =>
      t`The state of ${b(shown(state.name))} (${bytes(state.bytes)}) goes to ${b(shown(to))}, which has its id. If that is another operator, give both a uid.`,
  );

/** A loss for the approver: state that is left out because the requester allows it. */
export const dropWords = ({ dropped }: Extract<StateFit, { is: "would drop" }>): Text =>
  t`The state of ${withSizes(dropped)} is dropped permanently: the new version has no vertex for it.`;

export const notTakenWords = ({ dropped }: Extract<StateFit, { is: "would drop" }>): Text =>
  t`The new version would not take the state of ${withSizes(dropped)}.`;

export const dropRefusal = (fit: Extract<StateFit, { is: "would drop" }>): Refusal => ({
  refuse: t`${notTakenWords(fit)} Nothing was changed.`,
  instead: [
    "It has no vertex with that id. Give the operator the uid that it had before.",
    t`To start without that state, use ${code("run")} with ${code("--allow-non-restored-state")}; a job that runs has to be stopped first.`,
  ],
});

export const tooWideWords = ({ name, parallelism, most }: Extract<StateFit, { is: "too wide" }>): Text =>
  t`Parallelism ${parallelism} is above the maximum of ${b(shown(name))}, ${most}, which belongs to its state.`;

export const tooWideRefusal = (fit: Extract<StateFit, { is: "too wide" }>): Refusal => ({
  refuse: t`${tooWideWords(fit)} Nothing was changed.`,
  instead: [`Possible: up to ${fit.most}.`],
});

/** A rehearsal is never started under a name that may be the job's own. */
export const nameNotTold = (why: string): Refusal => ({
  refuse: t`It cannot be rehearsed: Flink does not tell which name the program would give the job (${why}).`,
  instead: ["Nothing was started."],
});

export const otherName = (name: string, as: string): Refusal => ({
  refuse: t`The rehearsal would be called ${b(shown(name))}, not ${b(shown(as))}, so it could be taken for another job.`,
  instead: [
    t`Let the program take its name from an argument, and pass ${code("{name}")} there in ${code("rehearsal.args")}. A program that names no job needs nothing.`,
  ],
});

/** Says that the sizes are not those of now, and from when they are: "3 h before this was asked". */
export const seenWords = (when: Text): Text =>
  t`Flink no longer tells the size of the state of each vertex; the sizes are as last seen ${when}.`;

/** Why nothing is known, for the warnings of a card. */
export const movedWords = ({ moved }: Extract<StateFit, { is: "moved" }>): Text =>
  t`in the new version ${withSizes(moved)} is inside a chain, where a plan shows no ids`;

export const unknownWords = (why: Text): Text =>
  t`It is unknown whether the new version takes all of the state: ${why}.`;

export const cannotStart = (why: string): Refusal => ({
  refuse: t`The new version cannot be started: ${why}`,
  instead: ["Nothing was changed. Fix the jar, its class or its arguments, and try again."],
});
