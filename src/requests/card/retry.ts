import { NotOurTurn, SlackUnavailable } from "../../model/errors.ts";
import type { Log } from "../../platform/log.ts";
import { nameOf } from "./pieces.ts";
import type { Run } from "./showing.ts";

/** The first wait after a failure, ms; doubled with each further one. */
export const RETRY_MS = 250;
const RETRY_MOST_MS = 5000;

/** Logs why a message is not shown yet; returns how long to wait before the next try, ms. */
export function inTheWay(
  log: Pick<Log, "debug" | "warn" | "error">,
  { id, piece }: Run,
  { failures, error }: { failures: number; error: unknown },
): number {
  const asked = error instanceof SlackUnavailable ? error.retryAfterMs : 0;
  const waitMs = Math.max(asked, Math.min(RETRY_MOST_MS, RETRY_MS * 2 ** (failures - 1)));
  const fields = { requestId: id, piece: nameOf(piece), waitMs };
  if (error instanceof NotOurTurn) log.debug(fields, "not our turn yet");
  else if (error instanceof SlackUnavailable)
    log.warn({ ...fields, problem: error.message }, "slack is not available");
  else log.error({ ...fields, err: error }, "cannot be shown");
  return waitMs;
}

/** Slack asked to wait, or our rate limit did not allow the call: nothing was posted. */
export const isPutOff = (error: unknown): boolean =>
  error instanceof SlackUnavailable && error.retryAfterMs > 0;
