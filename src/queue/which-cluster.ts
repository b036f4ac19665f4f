import { closest } from "../command/closest.ts";
import { asTyped } from "../command/tokenize.ts";
import type { Catalogue } from "../model/catalog.ts";
import type { LockScope } from "../model/lock.ts";
import { isRefusal, type Refusal } from "../model/report.ts";
import type { Find } from "../model/target.ts";
import { code, t } from "../model/text.ts";

/** What decides which cluster a command means. */
export interface Clusters {
  /** In the order of the configuration. */
  clusters: readonly { name: string; zone: string }[];
  channels: Readonly<Record<string, { cluster: string | null }>>;
  catalogue: Catalogue;
}

/** What a command acts on, where that is on a cluster. */
export type FoundOnCluster = Exclude<Find, { find: "none" | "request" }>;

const typedOf = (find: FoundOnCluster): string => {
  if (find.find === "job") return find.job;
  return find.find === "name" ? find.name : find.find === "path" ? find.path : "";
};

/**
 * Chooses the cluster from, in this order: `--cluster`, `cluster/job`, the channel's cluster, the only catalog entry
 * of that name, and the only cluster configured.
 * Returns a refusal that asks for the cluster where none of these decides.
 */
export function whichCluster(
  options: Clusters,
  find: FoundOnCluster,
  { flag, channel }: { flag: string | null; channel: string },
): { cluster: string; zone: string; what: string } | Refusal {
  const names = options.clusters.map((c) => c.name);
  const typed = typedOf(find);
  const slash = find.find === "path" ? -1 : typed.indexOf("/");
  const before = slash > 0 ? typed.slice(0, slash) : null;
  const [prefix, what] =
    before !== null && names.includes(before) ? [before, typed.slice(slash + 1)] : [null, typed];
  if (flag !== null && prefix !== null && flag !== prefix)
    return { refuse: t`Which cluster: ${code(prefix)} or ${code(flag)}? Name only one.` };
  const listed = find.find === "name" ? options.catalogue.entries.filter((e) => e.name === what) : [];
  const its = listed.length === 1 ? listed[0]?.cluster : undefined;
  const only = names.length === 1 ? names[0] : undefined;
  const name = flag ?? prefix ?? options.channels[channel]?.cluster ?? its ?? only ?? null;
  const cluster = options.clusters.find((c) => c.name === name);
  if (cluster !== undefined) return { cluster: cluster.name, zone: cluster.zone, what };
  if (name !== null)
    return {
      refuse: t`There is no cluster ${code(name)}.`,
      instead: [
        t`The closest: ${(closest(name, names).length > 0 ? closest(name, names) : names).join(", ")}.`,
      ],
    };
  return {
    refuse: "Which cluster? There are several, and this channel has no cluster of its own.",
    instead: [
      find.find === "cluster" || find.find === "path"
        ? t`Name one with ${code(`--cluster ${names[0] ?? "prod"}`)}.`
        : t`Write ${code(asTyped(`<cluster>/${typed}`))}, for example ${code(asTyped(`${names[0] ?? "prod"}/${typed}`))}.`,
      t`The clusters: ${names.join(", ")}.`,
    ],
  };
}

/** A cluster by its name, or a job on the cluster that `whichCluster` chooses. The names of clusters go first. */
export function whichScope(
  options: Clusters,
  name: string,
  { channel }: { channel: string },
): LockScope | Refusal {
  if (options.clusters.some((one) => one.name === name)) return { cluster: name, job: null };
  const where = whichCluster(options, { find: "name", name }, { flag: null, channel });
  return isRefusal(where) ? where : { cluster: where.cluster, job: where.what };
}
