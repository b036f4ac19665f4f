import { REFUSED_MS } from "../../model/application-cluster.ts";
import type { Effect } from "../../model/effect.ts";
import { isTerminal, type JobState } from "../../model/flink-jobs.ts";

/** How many jobs are remembered; the oldest are dropped. */
const MOST = 1000;

/** What this process knows of how jobs of one cluster ended: an application cluster may be gone before a list shows it. */
export interface Ends {
  saw(jobId: string, state: JobState): void;
  /** Flink has accepted it. `effectId`: the trigger id of a stop. */
  accepted(effect: Pick<Effect, "do"> & { jobId?: string }, effectId: string): void;
  /** The savepoint of a stop is complete. */
  saved(triggerId: string): void;
  /** The state that a job ended in; null: not known. `refusedMs`: for how long nobody has listened there. */
  of(jobId: string, refusedMs: number): JobState | null;
}

export function createEnds(): Ends {
  const seen = new Map<string, JobState>();
  const agreed = new Map<string, JobState>();
  /** Stops whose savepoint is not known to be complete, by trigger id. */
  const stops = new Map<string, string>();
  return {
    saw(jobId, state) {
      if (isTerminal(state)) keep(seen, jobId, state);
      else if (state === "RUNNING") seen.delete(jobId);
    },
    accepted(effect, effectId) {
      if (effect.jobId === undefined) return;
      if (effect.do === "cancel") keep(agreed, effect.jobId, "CANCELED");
      if (effect.do === "stop") keep(stops, effectId, effect.jobId);
    },
    saved(triggerId) {
      const jobId = stops.get(triggerId);
      if (jobId !== undefined) keep(agreed, jobId, "FINISHED");
    },
    of: (jobId, refusedMs) =>
      seen.get(jobId) ?? (refusedMs >= REFUSED_MS ? (agreed.get(jobId) ?? null) : null),
  };
}

function keep<V>(map: Map<string, V>, key: string, value: V): void {
  map.set(key, value);
  const [oldest] = map.keys();
  if (map.size > MOST && oldest !== undefined) map.delete(oldest);
}
