import { distance } from "fastest-levenshtein";

/** Names similar to `word`, best match first: prefix matches, then substring matches, then names a few edits away. */
export function closest(word: string, names: readonly string[], most = 3): readonly string[] {
  const wanted = word.toLowerCase();
  if (wanted === "") return [];
  const allowed = Math.max(2, Math.floor(wanted.length / 3));
  return names
    .map((name) => ({ name, far: farness(wanted, name.toLowerCase()) }))
    .filter((n) => n.far <= allowed)
    .sort((a, b) => a.far - b.far || a.name.length - b.name.length || (a.name < b.name ? -1 : 1))
    .slice(0, most)
    .map((n) => n.name);
}

function farness(wanted: string, name: string): number {
  if (name === wanted) return 0;
  if (wanted.length >= 2 && (name.startsWith(wanted) || wanted.startsWith(name))) return 0.5;
  if (wanted.length >= 3 && name.includes(wanted)) return 1;
  return distance(wanted, name);
}
