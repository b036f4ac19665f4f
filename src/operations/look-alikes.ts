/** Letters that look like a Latin one or a digit, as they stand after lower-casing. Unicode TR 39 knows many more. */
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

/** Two names with the same skeleton are hard to tell apart by eye. */
export function skeleton(name: string): string {
  const folded = name
    .normalize("NFKD")
    .replace(/[\p{M}\p{Cf}\p{Cc}]/gu, "")
    .toLowerCase();
  return Array.from(folded, (c) => LIKE[c] ?? c)
    .join("")
    .replaceAll("rn", "m")
    .replaceAll("vv", "w");
}

/** For each name that another, different one resembles: that other name. */
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
