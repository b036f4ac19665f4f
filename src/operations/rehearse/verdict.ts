import { z } from "zod";
import type { Json } from "../../model/json.ts";
import type { PhaseContext } from "../../model/operation.ts";
import type { Text } from "../../model/text.ts";
import type { Restored } from "./restored.ts";

type Context = PhaseContext<unknown>;

/** What became of a rehearsal. */
export interface Rehearsed {
  /** `unknown`: Flink did not tell. */
  is: "healthy" | "failed" | "unknown";
  /** For the report: what was seen, the reason first. */
  lines: readonly Text[];
  tookMs: number;
  restored: Restored | null;
  /** The job that was started; null: none was. */
  jobId: string | null;
  /** The rehearsal may still run; the words say what is known of it. Null: it has ended. */
  left: { alive: boolean; words: readonly Text[] } | null;
  savepoint: (Located & { isDeleted: boolean; words: Text }) | null;
}

/** The savepoint of a rehearsal, and when it was seen to be complete, ms; null: not known. */
export interface Located {
  path: string;
  at: number | null;
}

/** What is known of a rehearsal before it has ended. */
export type Verdict = Pick<Rehearsed, "is" | "lines" | "restored">;

/** A rehearsal that did not begin: there is no savepoint for it, or none that is known. */
export const noSavepoint = (is: "failed" | "unknown", line: Text): Rehearsed => ({
  is,
  lines: [line],
  tookMs: 0,
  restored: null,
  jobId: null,
  left: null,
  savepoint: null,
});

const located = z
  .object({ location: z.string(), savedAt: z.number().nullable().default(null) })
  .catch({ location: "", savedAt: null });
/** The savepoint that the rehearsal starts from. */
export function locatedIn(c: Context): Located {
  const { location, savedAt } = located.parse(c.results["rehearsal-savepoint"]);
  return { path: location, at: savedAt };
}
export const savepointOf = (c: Context): string => locatedIn(c).path;

const visited = z.object({ visit: z.number() }).catch({ visit: 1 });
/** How often its deletion was sent, in the result of the phase before. */
export const visitIn = (result: Json | undefined): { visit: number } => visited.parse(result);

const restored = z.object({
  bytes: z.number().nullable(),
  vertices: z.number(),
  recordsPerSecond: z.number().nullable(),
  originalRecordsPerSecond: z.number().nullable(),
});
const verdict = z.object({
  is: z.enum(["healthy", "failed", "unknown"]),
  // written by `toCancel` and `toDispose`; the record keeps its shape
  lines: z.array(z.custom<Text>()),
  tookMs: z.number(),
  restored: restored.nullable().default(null),
  jobId: z.string().nullable().default(null),
});

/** The verdict as it was stored. */
export function verdictOf(c: Context): Omit<Rehearsed, "left" | "savepoint"> {
  const seen = verdict.safeParse(c.results["rehearsal"]);
  return seen.success ? seen.data : noSavepoint("unknown", "Its verdict was lost.");
}

/** The job that was started; "": none. */
export const startedOf = (c: Context): string => verdictOf(c).jobId ?? "";
