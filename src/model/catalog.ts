import { HIDDEN, redactArguments } from "../platform/redact.ts";
import type { CatalogArgs, FlinkEffect, KeptArgs, KeptEffect } from "./effect.ts";

/** Which upload is meant: this one, or the newest whose file name fits (`*` stands for anything). */
export type JarChoice = { id: string } | { newest: string };

/** A job that may be started, as the configuration describes it. */
export interface CatalogueEntry {
  /** The name that its program gives the Flink job. */
  name: string;
  cluster: string;
  jar: JarChoice;
  /** Null: the one that the jar's manifest names. */
  entryClass: string | null;
  args: readonly string[];
  /** Places in `args` of those that come from the environment or a file: secret, whatever they look like. */
  secretArgs?: readonly number[];
  /** Null: the program's own, else the cluster's. */
  parallelism: number | null;
  /** Where its savepoints go that name no directory; null: the cluster's own. */
  savepointDirectory: string | null;
  allowNonRestoredState: boolean;
  /** What stands for its arguments in records, under each key of the seal: the first is written, all are known. */
  digests: readonly [string, ...string[]];
}

/** What digests are made of, with the job's name in it: equal arguments of two jobs do not look equal. */
export const digested = ({
  cluster,
  name,
  args,
}: Pick<CatalogueEntry, "cluster" | "name" | "args">): string => JSON.stringify([cluster, name, args]);

/** What may be started. A jar that is not in it is somebody's code: off unless its cluster allows it. */
export interface Catalogue {
  entries: readonly CatalogueEntry[];
  /** Clusters on which any uploaded jar may be started, as a destructive operation. */
  anyJarOn: readonly string[];
}

/** The entry for a job; null: it is not in the catalogue. */
export const entryOf = (catalogue: Catalogue, cluster: string, name: string): CatalogueEntry | null =>
  catalogue.entries.find((e) => e.cluster === cluster && e.name === name) ?? null;

/** Whether a file name fits a pattern with stars. */
export function fitsGlob(name: string, glob: string): boolean {
  const pattern = glob
    .split("*")
    .map((part) => part.replaceAll(/[.+?^${}()|[\]\\]/gu, "\\$&"))
    .join(".*");
  return new RegExp(`^${pattern}$`, "u").test(name);
}

/** How the arguments of an entry are kept and shown. */
export const keptArgs = (entry: CatalogueEntry): CatalogArgs => ({
  entry: entry.name,
  shown: redactArguments(entry.args).map((arg, i) => (entry.secretArgs?.includes(i) === true ? HIDDEN : arg)),
  sha256: entry.digests[0],
});

/** For people. */
export const shownArgs = (args: KeptArgs): readonly string[] => ("sha256" in args ? args.shown : args);

/** In full; null: the catalog does not have these arguments any more. */
export function realArgs(catalogue: Catalogue, cluster: string, args: KeptArgs): readonly string[] | null {
  if (!("sha256" in args)) return args;
  const entry = entryOf(catalogue, cluster, args.entry);
  return entry !== null && entry.digests.includes(args.sha256) ? entry.args : null;
}

/** An effect with all that Flink is sent; null: its arguments in the catalog are not those that were agreed to. */
export function withArgs(effect: KeptEffect, catalogue: Catalogue, cluster: string): FlinkEffect | null {
  if (effect.do !== "run") return effect;
  const args = realArgs(catalogue, cluster, effect.args);
  return args === null ? null : { ...effect, args };
}
