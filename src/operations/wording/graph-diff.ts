import { changedIn, type GraphDiff, type Input, type VertexChange } from "../facts/graph-diff.ts";
import type { Fate, HeldState } from "../facts/state-fit.ts";
import type { PlannedVertex } from "../../model/planned-job.ts";
import { shown } from "../../model/text.ts";
import { bytes } from "../../model/units.ts";

type Inputs = Extract<VertexChange, { is: "inputs" }>;

/** Length of an operator's name inside a sentence. */
const LONGEST_NAME = 40;
/** How many operators or inputs are named in one sentence. */
const MOST_NAMED = 3;

/** "1 vertex added, 1 removed, 2 changed"; "no vertex differs". */
export function sumWords(diff: GraphDiff): string {
  const figures: readonly (readonly [number, string])[] = [
    [diff.added.length, "added"],
    [diff.removed.length, "removed"],
    [changedIn(diff).length, "changed"],
  ];
  const parts = figures.filter(([n]) => n > 0);
  if (parts.length === 0) return "no vertex differs";
  return parts
    .map(([n, word], i) => `${i > 0 ? n : n === 1 ? "1 vertex" : `${n} vertices`} ${word}`)
    .join(", ");
}

/** "parallelism 2 → 4", "also runs Filter", "input from Source: hash → rebalance". */
export function changeWords(change: VertexChange): string {
  switch (change.is) {
    case "parallelism":
      return `parallelism ${change.from} → ${change.to}`;
    case "operators":
      return exchange("runs", change.gone.map(nameWords), change.added.map(nameWords));
    case "inputs":
      return inputChange(change);
  }
}

/** The same in a picture, whose arrows show where inputs come from. */
export function briefly(change: VertexChange): string {
  if (change.is !== "inputs") return changeWords(change);
  const ships = shipChange(change);
  return ships === null ? "other inputs" : `input ${ships}`;
}

/** If only the way of sending differs: "hash → rebalance". */
function shipChange({ gone, added }: Inputs): string | null {
  const [was, is] = [gone[0], added[0]];
  const isOne = gone.length === 1 && added.length === 1 && was?.from === is?.from;
  return isOne ? `${shipWords(was?.ship ?? "")} → ${shipWords(is?.ship ?? "")}` : null;
}

function inputChange(change: Inputs): string {
  const ships = shipChange(change);
  return ships === null
    ? exchange("reads", change.gone.map(inputWords), change.added.map(inputWords))
    : `input from ${nameWords(change.gone[0]?.from ?? "")}: ${ships}`;
}

function exchange(verb: string, gone: readonly string[], added: readonly string[]): string {
  if (gone.length === 0) return `also ${verb} ${list(added)}`;
  if (added.length === 0) return `no longer ${verb} ${list(gone)}`;
  return `${verb} ${list(added)} instead of ${list(gone)}`;
}

const nameWords = (name: string): string => shown(name, LONGEST_NAME);
const inputWords = ({ from, ship }: Input): string =>
  ship === "" ? nameWords(from) : `${nameWords(from)} (${shipWords(ship)})`;

/** Flink's term as people say it: `hash`. */
const shipWords = (ship: string): string =>
  ship === "" ? "unknown" : shown(ship, LONGEST_NAME).toLowerCase().replaceAll("_", " ");

function list(all: readonly string[]): string {
  const more = all.length - MOST_NAMED;
  return `${all.slice(0, MOST_NAMED).join(", ")}${more > 0 ? ` and ${more} more` : ""}`;
}

/** "parallelism 4"; a batch job's is decided at the start. */
export const parallelismWords = ({ parallelism }: Pick<PlannedVertex, "parallelism">): string =>
  parallelism > 0 ? `parallelism ${parallelism}` : "parallelism set at the start";

/** The size of a vertex's state and what becomes of it. */
export function fateWords({ state, fate }: { state: HeldState; fate: Fate }): string {
  const size = bytes(state.bytes);
  switch (fate.is) {
    case "taken":
      return `${size}, taken`;
    case "renamed":
      return `${size}, goes to ${nameWords(fate.to)}`;
    case "too wide":
      return `${size}, at most parallelism ${fate.most}`;
    case "moved":
      return `${size}, unknown: inside a chain`;
    case "dropped":
      return `${size}, dropped`;
  }
}
