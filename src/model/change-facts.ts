/** Kinds of state that a job is started from. `unknown`: a path that flinkops knows nothing of. */
export const STATE_KINDS = ["savepoint", "checkpoint", "none", "unknown"] as const;

/**
 * What a change does, resolved, as far as the rules of a policy may ask for it. A part that does not apply to the
 * change, or that is not known, is absent.
 */
export interface ChangeFacts {
  /** Of the vertex that changes most, or of the whole job. `from` null: not known. */
  parallelism?: { from: number | null; to: number };
  /** Everything is flushed and the job ends for good. */
  drain?: boolean;
  /** File name of the jar that is started. */
  jar?: string;
  /** Whether the catalog names the code that is started. */
  catalogued?: boolean;
  /** State that the program does not use may be dropped. */
  allowNonRestoredState?: boolean;
  /** The state that a job is started from. `ageMs` null: not known. */
  state?: { kind: (typeof STATE_KINDS)[number]; ageMs: number | null };
  /** Names of the jobs of a request for many. */
  jobs?: readonly string[];
}
