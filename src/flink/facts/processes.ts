import type { Clock } from "../../platform/clock.ts";
import type { ProcessGroup } from "../../model/flink-cluster.ts";

/** Two ids that alternate within this time belong to two JobManagers that run at the same time, ms. */
const TOGETHER_MS = 60_000;
/** A load balancer spreads requests, so within this many samples a member of the group would have answered. */
const SAMPLES = 4;

/** The JobManager processes behind one address. */
export interface Processes {
  /** The processes that answer now. One request. Throws FlinkUnreachable. */
  now(): Promise<ProcessGroup>;
  /** Whether a process of `then` still answers; null: unknown. Up to four requests. Throws FlinkUnreachable. */
  stillThere(then: ProcessGroup): Promise<boolean | null>;
}

/** The known processes of one cluster, shared by all its connections. */
export interface ProcessMemory {
  /** In the order of their answers, last minute only. */
  heard: { id: string; at: number }[];
  groups: Map<string, Set<string>>;
}
export const noProcesses = (): ProcessMemory => ({ heard: [], groups: new Map() });

/**
 * With several JobManagers behind one address (standby JobManagers, a load balancer), each answer may come from
 * another one. Ids that alternate within a minute (A, B, A again) form one group. An id that only followed another one
 * forms its own group, because its process may have replaced the other. `ask` reads one id.
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
    // a process that answered between two answers of this one runs at the same time
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
