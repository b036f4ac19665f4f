import { isLive, type RequestRecord } from "./record.ts";

/** Whether it was started without approval and nobody has reviewed that. What was never started needs no review. */
export const isUnreviewed = ({ state, run, breakGlass }: RequestRecord): boolean =>
  breakGlass !== undefined && breakGlass.reviewed === null && (run !== null || state === "ready");

/** The claims of the request: those that it holds now, and those that it has held. */
export function claimsOf(record: RequestRecord): { held: readonly string[]; free: readonly string[] } {
  const { claims, breakGlass } = record;
  const isHeld = isUnreviewed(record);
  const glass = breakGlass === undefined ? [] : [breakGlass.claim];
  const own = isLive(record);
  return {
    held: [...(own ? claims : []), ...(isHeld ? glass : [])],
    free: [...(own ? [] : claims), ...(isHeld ? [] : glass)],
  };
}
