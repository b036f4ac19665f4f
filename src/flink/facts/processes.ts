import type { Clock } from "../../platform/clock.ts";
import type { ProcessGroup } from "../../model/flink-cluster.ts";

/** Two ids seen in turn within this belong to two JobManagers that run side by side, ms. */
const TOGETHER_MS = 60_000;
/** A load balancer spreads requests: after so many samples a member of the group would have answered. */
const SAMPLES = 4;

/** Which JobManager processes stand behind one address. */
export interface Processes {
  /** Those that answer now. One request. Throws FlinkUnreachable. */
  now(): Promise<ProcessGroup>;
  /** Whether any of those of then still answers; `null`: they keep it to themselves. Up to four requests. Throws FlinkUnreachable. */
  stillThere(then: ProcessGroup): Promise<boolean | null>;
}

/** What is remembered of one cluster, over whichever connections it was heard. */
export interface ProcessMemory {
  /** In the order in which they answered, the last minute alone. */
  heard: { id: string; at: number }[];
  groups: Map<string, Set<string>>;
}
export const noProcesses = (): ProcessMemory => ({ heard: [], groups: new Map() });

/**
 * With several JobManagers behind one address (standby JobManagers, a load balancer) each answer may come from another
 * one. Ids that are seen in turn, one and then the other and then the first again within a minute, are one group; an id
 * that only came after another one is another group, for it may have replaced it. `ask` reads one id.
 */
export function createProcesses(
  ask: () => Promise<string | null>,
  clock: Pick<Clock, "monotonic">,
  memory: ProcessMemory = noProcesses(),
): Processes {
  const { groups } = memory;

  const note = (id: string): ReadonlySet<string> => {
    const at = clock.monotonic();
    memory.heard = memory.heard.filter((h) => at - h.at <= TOGETHER_MS);
    const before = memory.heard.findIndex((h) => h.id === id);
    const group = groups.get(id) ?? new Set([id]);
    // whoever answered between two answers of this one runs beside it
    if (before !== -1)
      for (const other of memory.heard.slice(before))
        for (const one of groups.get(other.id) ?? []) group.add(one);
    for (const one of group) groups.set(one, group);
    memory.heard.push({ id, at });
    for (const known of groups.keys())
      if (groups.size > 100 && !memory.heard.some((h) => h.id === known)) groups.delete(known);
    return group;
  };

  const sample = async (): Promise<ProcessGroup> => {
    const id = await ask();
    return id === null ? null : [...note(id)];
  };

  return {
    now: sample,
    async stillThere(then) {
      if (then === null) return null;
      for (let left = SAMPLES; left > 0; left -= 1) {
        const now = await sample();
        if (now === null) return null;
        if (now.some((id) => then.includes(id))) return true;
      }
      return false;
    },
  };
}
