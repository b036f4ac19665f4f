/** Characters that look like a Latin letter or a digit, after lower-casing. Unicode TR 39 lists many more. */
const LIKE: Readonly<Record<string, string>> = {
  а: "a",
  е: "e",
  о: "o",
  р: "p",
  с: "c",
  у: "y",
  х: "x",
  і: "i",
  ј: "j",
  ѕ: "s",
  һ: "h",
  ԁ: "d",
  к: "k",
  м: "m",
  т: "t",
  в: "b",
  н: "h",
  α: "a",
  ο: "o",
  ρ: "p",
  ν: "v",
  ι: "i",
  κ: "k",
  τ: "t",
  υ: "u",
  ı: "i",
  "0": "o",
  "1": "l",
  i: "l",
  "|": "l",
  "–": "-",
  "—": "-",
  "‐": "-",
  "‑": "-",
  "−": "-",
  " ": "-",
  _: "-",
};

/**
 * Removes invisible format characters, and turns every run of whitespace into one blank and every kind of quote into
 * a plain one.
 */
const plainly = (name: string): string =>
  name
    .normalize("NFKD")
    .replace(/\p{Cf}/gu, "")
    .replace(/[\s\p{Z}\p{Cc}]+/gu, " ")
    .trim()
    .replace(/[“”„‟«»″]/gu, '"')
    .replace(/[‘’‚‛′]/gu, "'");

/** Printable ASCII without blanks, as most names are: only case and look-alike characters need folding. */
const PLAIN = /^[\x21-\x7e]*$/u;

/** Folds a name so that two names with the same skeleton are hard to tell apart by eye. */
export function skeleton(name: string): string {
  if (PLAIN.test(name))
    return name
      .toLowerCase()
      .replace(/[01i|_]/gu, (c) => LIKE[c] ?? c)
      .replaceAll("rn", "m")
      .replaceAll("vv", "w");
  const folded = plainly(name).replace(/\p{M}/gu, "").toLowerCase();
  return Array.from(folded, (c) => LIKE[c] ?? c)
    .join("")
    .replaceAll("rn", "m")
    .replaceAll("vv", "w");
}

/** Maps each name that resembles a different one to that other name. */
export function lookAlikes(names: readonly string[]): ReadonlyMap<string, string> {
  const bySkeleton = new Map<string, Set<string>>();
  for (const name of names) {
    const key = skeleton(name);
    bySkeleton.set(key, (bySkeleton.get(key) ?? new Set()).add(name));
  }
  const found = new Map<string, string>();
  for (const group of bySkeleton.values()) {
    for (const name of group) {
      const other = [...group].find((n) => n !== name);
      if (other !== undefined) found.set(name, other);
    }
  }
  return found;
}

/** How a name differs from the typed one, if the two look alike; null: they are equal or do not look alike. */
export function difference(typed: string, name: string): string | null {
  if (typed === name || skeleton(typed) !== skeleton(name)) return null;
  const hidden = /[\p{Cc}\p{Cf}\u2028\u2029]/u.exec(name)?.[0];
  if (hidden !== undefined) return `it has ${HIDDEN[hidden] ?? "an invisible character"} in it`;
  if (name.trim() !== name) return "it begins or ends with a space";
  if (/[\s\p{Z}]{2}/u.test(name) && !/[\s\p{Z}]{2}/u.test(typed)) return "it has several spaces in a row";
  if (plainly(typed) === plainly(name)) return "its spaces or quotes are different characters";
  if (plainly(typed).toLowerCase() === plainly(name).toLowerCase()) return "it differs in case";
  return "its letters differ";
}

const HIDDEN: Readonly<Record<string, string>> = {
  "\n": "a line break",
  "\r": "a line break",
  "\t": "a tab",
};
