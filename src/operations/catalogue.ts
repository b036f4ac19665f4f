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
  /** Null: the program's own, else the cluster's. */
  parallelism: number | null;
  /** Where its savepoints go that name no directory; null: the cluster's own. */
  savepointDirectory: string | null;
  allowNonRestoredState: boolean;
}

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
