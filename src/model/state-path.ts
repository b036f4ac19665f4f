/**
 * Paths of savepoints and checkpoints: how they are compared. Flink spells one path in several ways: `file:///a` is
 * answered as `file:/a`, and `hdfs:///a` as `hdfs://namenode:8020/a` (savepoints) or `hdfs:/a` (checkpoints).
 */

/** What is known of a cluster's file systems. */
export interface FileSystem {
  /** What `hdfs:///` or `viewfs:///` means, like `hdfs://namenode:8020`; null: not known. */
  default: string | null;
  /** `s3.entropy.key`: Flink may leave this text out of the paths that it answers; null: not set. */
  entropyKey: string | null;
}

/** Nothing is known: two spellings are one path only by their text. */
export const UNKNOWN_FILE_SYSTEM: FileSystem = { default: null, entropyKey: null };

/** A path, split. `authority` is "" where the path has none, or the default one. */
export interface Location {
  scheme: string;
  authority: string;
  segments: readonly string[];
}

/** An empty authority means the default file system of Hadoop's configuration (`fs.defaultFS`). */
const DEFAULTED: ReadonlySet<string> = new Set(["hdfs", "viewfs"]);

/** Whether a path of this scheme may leave its authority out. */
export const hasDefault = (scheme: string): boolean => DEFAULTED.has(scheme);

/** Splits a path as Flink answers it; such a path may contain anything. Null: it is none, or leads elsewhere. */
export function locationOf(path: string, on: FileSystem = UNKNOWN_FILE_SYSTEM): Location | null {
  const parts = /^([a-z][a-z0-9+.-]*):(?:\/\/([^/]*))?(\/.*)?$/isu.exec(path.trim());
  if (parts === null) return null;
  const [, scheme = "", authority = "", rest = ""] = parts;
  const segments = rest.split("/").filter((s) => s !== "");
  if (segments.some((s) => s === "." || s === "..")) return null;
  return withDefault({ scheme: scheme.toLowerCase(), authority, segments }, on);
}

/** The same location; an authority that is the default one is left out. */
export function withDefault(at: Location, on: FileSystem): Location {
  const isDefault = hasDefault(at.scheme) && on.default === `${at.scheme}://${at.authority}`;
  return isDefault ? { ...at, authority: "" } : at;
}

/** One spelling per path, for comparing and as a key. Flink answers this one for local disks and for checkpoints. */
export function plainPath(path: string, on: FileSystem = UNKNOWN_FILE_SYSTEM): string {
  const at = locationOf(path, on);
  if (at === null) return path.trim().replace(/\/+$/u, "");
  const { scheme, authority, segments } = at;
  const start = authority === "" ? `${scheme}:` : `${scheme}://${authority}`;
  return segments.length === 0 ? start : `${start}/${segments.join("/")}`;
}

/** Whether two paths name the same state. */
export const samePath = (a: string, z: string, on: FileSystem = UNKNOWN_FILE_SYSTEM): boolean =>
  plainPath(a, on) === plainPath(z, on);

/** Whether `path` is `directory` or below it, both as Flink reports or uses them. A path that is none is below nothing. */
export function liesUnder(path: string, directory: string, on: FileSystem = UNKNOWN_FILE_SYSTEM): boolean {
  const child = locationOf(path, on);
  const root = locationOf(directory, on);
  return child !== null && root !== null && contains(root, child);
}

/** Segment by segment. */
export const contains = (root: Location, child: Location): boolean =>
  root.scheme === child.scheme &&
  root.authority === child.authority &&
  root.segments.length <= child.segments.length &&
  root.segments.every((s, i) => s === child.segments[i]);

/**
 * Learns what an empty authority means from Flink's own answers: `answered` are paths of savepoints, `directories`
 * where savepoints are written. Null: none of them tells, or they tell different things.
 */
export function learnedDefault(directories: readonly string[], answered: readonly string[]): string | null {
  const unnamed = directories
    .map((directory) => locationOf(directory))
    .filter((at) => at !== null && at.authority === "" && hasDefault(at.scheme));
  const found = new Set<string>();
  for (const path of answered) {
    const at = locationOf(path);
    if (at === null || at.authority === "") continue;
    const isBelow = unnamed.some((root) => root !== null && contains(root, { ...at, authority: "" }));
    if (isBelow) found.add(`${at.scheme}://${at.authority}`);
  }
  const [only = null] = found;
  return found.size === 1 ? only : null;
}

/**
 * Whether a path has a key and its secret before the bucket, as Hadoop once allowed. Such a path is never stored or
 * shown.
 */
export const holdsCredentials = (path: string): boolean => /^[a-z][a-z0-9+.-]*:\/\/[^/]*:[^/]*@/iu.test(path);
