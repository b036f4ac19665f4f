/**
 * A rehearsal is a second start of a job, from a copy of its state, while it runs. It has a name of its own, so that
 * nothing takes it for the job.
 */

/** In the catalog's arguments of a rehearsal, this stands for its name. */
export const NAME_PLACEHOLDER = "{name}";

/** Digits of the request's id that are part of the name, after its `r`. */
const DIGITS = 7;

/** `orders rehearsal r212ef36` */
export const rehearsalName = (job: string, requestId: string): string =>
  `${job} rehearsal ${requestId.slice(0, 1 + DIGITS)}`;

const REHEARSAL = new RegExp(`^.+ rehearsal r[0-9a-f]{${DIGITS}}$`, "su");

/** Whether a job of this name is a rehearsal of another one. */
export const isRehearsalName = (name: string): boolean => REHEARSAL.test(name);

/** How a rehearsal ended, as the facts of its report tell it (`rehearsed`). Later cards show it. */
export interface RehearsedFacts {
  is: "healthy" | "failed";
  /** What was rehearsed: the id of the jar, its class, and a digest of the arguments of the real start. */
  jar: string;
  entryClass: string | null;
  argsSha256: string;
  /** From the start to the verdict, ms. */
  tookMs: number;
  /** The size of the state that it started from; null: not known. */
  bytes: number | null;
}
