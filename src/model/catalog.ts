import { HIDDEN, redactArguments } from "../platform/redact.ts";
import type { CatalogArgs, FlinkEffect, KeptArgs, KeptEffect, Launch } from "./effect.ts";
import { NAME_PLACEHOLDER } from "./rehearsal.ts";

/** Selects an uploaded jar: by id, or the newest whose file name matches a pattern (`*` matches any characters). */
export type JarChoice = { id: string } | { newest: string };

/** A catalog entry: a job that may be started, as the configuration describes it. */
export interface CatalogueEntry {
  /** The job name that the program passes to Flink. */
  name: string;
  cluster: string;
  jar: JarChoice;
  /** Null: the entry class from the jar's manifest. */
  entryClass: string | null;
  args: readonly string[];
  /**
   * Indexes into `args` of values that come from the environment or a file. They are secret, whatever they look like.
   */
  secretArgs?: readonly number[];
  /** Null: the program's own parallelism, or the cluster's default. */
  parallelism: number | null;
  /** Directory for savepoints requested without a directory; null: the cluster's own. */
  savepointDirectory: string | null;
  allowNonRestoredState: boolean;
  /** What people call the job by in rules: `tier: gold`. */
  labels?: Readonly<Record<string, string>>;
  /** How to start a second one without harm; null: it cannot be rehearsed. */
  rehearsal?: CatalogueRehearsal | null | undefined;
  /** Digests of the arguments, one per sealing key. Records store the first; each of them is accepted when read. */
  digests: readonly [string, ...string[]];
}

/** A start that writes nowhere that the job itself writes to. */
export interface CatalogueRehearsal extends Pick<CatalogueEntry, "args" | "secretArgs" | "digests"> {
  /** Null: that of the start which is rehearsed. */
  parallelism: number | null;
  /** How long it may take to become healthy, ms; null: as long as every start. */
  healthyWithin: number | null;
}

/**
 * The input of a digest. It includes the cluster and the job name, so equal arguments of two jobs have different
 * digests.
 */
export const digested = ({
  cluster,
  name,
  args,
}: Pick<CatalogueEntry, "cluster" | "name" | "args">): string => JSON.stringify([cluster, name, args]);

/** The same for the arguments of its rehearsal, which are never taken for those of the job. */
export const digestedRehearsal = ({
  cluster,
  name,
  args,
}: Pick<CatalogueEntry, "cluster" | "name" | "args">): string =>
  JSON.stringify([cluster, name, "rehearsal", args]);

/**
 * The catalog: the jobs that may be started. A jar outside it is unknown code, and refused unless its cluster allows
 * any jar.
 */
export interface Catalogue {
  entries: readonly CatalogueEntry[];
  /** Clusters where any uploaded jar may be started, as a destructive operation. */
  anyJarOn: readonly string[];
}

/** The catalog entry of a job; null: the job is not in the catalog. */
export const entryOf = (catalogue: Catalogue, cluster: string, name: string): CatalogueEntry | null =>
  catalogue.entries.find((e) => e.cluster === cluster && e.name === name) ?? null;

/**
 * Whether a name matches a pattern in which `*` stands for any characters. Without a regular expression, which takes
 * hours for a long name and a pattern with many stars.
 */
export function fitsGlob(name: string, glob: string): boolean {
  const [start = "", ...others] = glob.split("*");
  const end = others.pop();
  if (end === undefined) return name === glob;
  if (name.length < start.length + end.length || !name.startsWith(start) || !name.endsWith(end)) return false;
  let at = start.length;
  for (const part of others) {
    const found = name.indexOf(part, at);
    if (found === -1) return false;
    at = found + part.length;
  }
  return at <= name.length - end.length;
}

/** A job's labels; empty where the catalog does not name it. */
export const labelsOf = (
  catalogue: Catalogue,
  cluster: string,
  name: string,
): Readonly<Record<string, string>> => entryOf(catalogue, cluster, name)?.labels ?? {};

/** The form in which an entry's arguments are stored and shown: secrets hidden, with a digest of all of them. */
export const keptArgs = (entry: CatalogueEntry): CatalogArgs => kept(entry.name, entry);

/** The same of the arguments of its rehearsal, which has this name. */
export const keptRehearsalArgs = (
  { name }: CatalogueEntry,
  rehearsal: CatalogueRehearsal,
  as: string,
): CatalogArgs => {
  const { shown, ...rest } = kept(name, rehearsal);
  return { ...rest, shown: named(shown, as) };
};

const kept = (
  entry: string,
  { args, secretArgs, digests: [sha256] }: Pick<CatalogueEntry, "args" | "secretArgs" | "digests">,
): CatalogArgs => ({
  entry,
  shown: redactArguments(args).map((arg, i) => (secretArgs?.includes(i) === true ? HIDDEN : arg)),
  sha256,
});

const named = (args: readonly string[], as: string): readonly string[] =>
  args.map((arg) => arg.replaceAll(NAME_PLACEHOLDER, () => as));

/** The arguments as people see them. */
export const shownArgs = (args: KeptArgs): readonly string[] => ("sha256" in args ? args.shown : args);

/** The arguments of a start in full; null: the catalog no longer has the arguments with this digest. */
export function realArgs(
  catalogue: Catalogue,
  cluster: string,
  { args, as }: Pick<Launch, "args" | "as">,
): readonly string[] | null {
  if (!("sha256" in args)) return args;
  const entry = entryOf(catalogue, cluster, args.entry);
  const from = as === undefined ? entry : (entry?.rehearsal ?? null);
  if (from?.digests.includes(args.sha256) !== true) return null;
  return as === undefined ? from.args : named(from.args, as);
}

/**
 * The effect with the full arguments, ready to send to Flink; null: the catalog's arguments are no longer the
 * approved ones.
 */
export function withArgs(effect: KeptEffect, catalogue: Catalogue, cluster: string): FlinkEffect | null {
  if (effect.do !== "run") return effect;
  const args = realArgs(catalogue, cluster, effect);
  return args === null ? null : { ...effect, args };
}
