import { asTyped, tokenize } from "../../command/tokenize.ts";
import { shown, visible } from "../../model/text.ts";

/** The share of the shown text that comes before the first difference between names, for context. */
const BEFORE = 1 / 6;
const LONGEST_NAME = 80;

/** The displayed form of each name. Different names stay distinct, even if they are too long to be shown in full. */
export function shownApart(
  names: readonly string[],
  most: number = LONGEST_NAME,
): ReadonlyMap<string, string> {
  const found = new Map<string, string>();
  const split = (some: readonly string[], at: number | null): void => {
    const show = (name: string): string => (at === null ? shown(name, most) : around(name, at, most));
    for (const [as, alike] of grouped(some, show)) {
      const next = alike.length === 1 ? null : firstDifference(alike);
      // the name is unique, or no visible character tells the names apart
      if (next === null || next === at) for (const name of alike) found.set(name, as);
      else split(alike, next);
    }
  };
  split([...new Set(names)], null);
  return found;
}

/**
 * The displayed name of each vertex, by its id. Vertices with the same name get the first 8 characters of their id
 * appended.
 */
export function vertexNames(
  vertices: readonly { id: string; name: string }[],
  most: number = LONGEST_NAME,
): ReadonlyMap<string, string> {
  const names = shownApart(
    vertices.map((v) => v.name),
    most,
  );
  const shownAs = (v: { name: string }): string => names.get(v.name) ?? shown(v.name, most);
  const times = grouped(vertices, shownAs);
  return new Map(
    vertices.map((v) => {
      const as = shownAs(v);
      return [v.id, (times.get(as)?.length ?? 1) === 1 ? as : `${as} (${v.id.slice(0, 8)})`];
    }),
  );
}

/**
 * Whether a person can type this name so that it arrives unchanged: no line break, no typographic quotes, no leading
 * or trailing blank.
 */
export function canBeTyped(name: string): boolean {
  const escaped = name.replaceAll("&", "&amp;").replaceAll("<", "&lt;").replaceAll(">", "&gt;");
  const read = tokenize(asTyped(escaped));
  const [word, ...more] = read.is === "words" ? read.words : [];
  return word?.text === name && more.length === 0 && name.trim() === name;
}

function grouped<T>(all: readonly T[], by: (one: T) => string): ReadonlyMap<string, readonly T[]> {
  const groups = new Map<string, T[]>();
  for (const one of all) groups.set(by(one), [...(groups.get(by(one)) ?? []), one]);
  return groups;
}

function firstDifference(names: readonly string[]): number | null {
  const all = names.map((name) => Array.from(visible(name)));
  const longest = Math.max(...all.map((points) => points.length));
  for (let at = 0; at < longest; at += 1) if (new Set(all.map((points) => points[at])).size > 1) return at;
  return null;
}

/** The beginning of the name, and the part around the point `at`. */
function around(name: string, at: number, most: number): string {
  const points = Array.from(visible(name));
  if (points.length <= most) return points.join("");
  const head = Math.floor(most / 3);
  const rest = most - head - 1;
  const from = Math.min(at - Math.floor(most * BEFORE), points.length - rest);
  if (from <= head) return shown(name, most);
  const end = from + rest >= points.length;
  const tail = points.slice(from, end ? undefined : from + rest - 1).join("");
  return `${points.slice(0, head).join("")}…${tail}${end ? "" : "…"}`;
}
