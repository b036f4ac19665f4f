import { stringify } from "yaml";
import type { Random } from "../simulate/random.ts";

/** Nobody writes a longer file, and the parser takes a quarter of a second for twice as much. Characters. */
const LONGEST = 32_000;

/** As a file: mostly in JSON's notation, which is YAML too, and takes any depth. */
export const yamlText = (value: unknown, random: Random): string => written(value, random).slice(0, LONGEST);

function written(value: unknown, random: Random): string {
  if (random.happens(0.7)) return JSON.stringify(value);
  try {
    return stringify(value, { aliasDuplicateObjects: false });
  } catch {
    return JSON.stringify(value);
  }
}

/** What YAML gives a meaning to besides. */
const PIECES = [
  "&a ",
  "*a",
  "*b",
  "<<: *a",
  "? ",
  "!!binary ",
  "!!set ",
  "!x ",
  "| ",
  "> ",
  "---",
  "...",
  "%YAML 1.1",
  "\t",
  "#",
  ": ",
  "- ",
  "{",
  "}",
  "[",
  "]",
  "~",
  "0x1f",
  ".inf",
  ".nan",
  "2026-01-01",
  "&a [*a, *a]",
];

/** Pieces of YAML at places of their own. */
export function withYamlPieces(text: string, random: Random): string {
  let out = text;
  for (let n = random.whole(1, 3); n > 0; n -= 1) {
    const ends = [...out.matchAll(/[:,[{\n-] ?/gu)];
    const at = ends.length === 0 ? 0 : random.pick(ends).index + 1;
    out = `${out.slice(0, at)}${random.pick([" ", "\n", ""])}${random.pick(PIECES)}${out.slice(at)}`;
  }
  return random.happens(0.05) ? BOMB : out;
}

/** Aliases of aliases: few bytes, many values. */
const BOMB = [
  "a: &a [x, x, x, x, x, x, x, x, x]",
  ...["b", "c", "d", "e", "f", "g"].map((name, i) => {
    const before = `*${"abcdef"[i] ?? "a"}`;
    return `${name}: &${name} [${Array.from({ length: 9 }, () => before).join(", ")}]`;
  }),
].join("\n");
