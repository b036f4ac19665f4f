import { NotOurTurn, OpsError, SlackUnavailable, StoredDataInvalid } from "../../model/errors.ts";
import { code, t } from "../../model/text.ts";
import { isRedisProblem } from "../../redis/connect.ts";
import { begin } from "./begin.ts";
import { changeOf, laneOf } from "./phase-context.ts";
import { deliver } from "./deliver.ts";
import { again, done, type Engine, type Next } from "../ports/engine.ts";
import { closeMoot } from "./moot.ts";
import { end, runOf, says, whereToLook } from "../record/transitions.ts";
import { observe } from "./observe.ts";
import type { Intake } from "../record/record.ts";
import { close } from "./close.ts";
import { start } from "./start.ts";
import type { Held } from "../record/store.ts";
import { awaitApproval } from "./await-approval.ts";

const RETRY_MS = 1000;

/**
 * One step of one request: reads the record, sends at most one effect, commits. Returns when to run the next step. `last`:
 * the record as the step before had it, which is then not read: the fence of the next commit tells whether another
 * process has moved it.
 */
export async function step(engine: Engine, intake: Intake, last?: Held): Promise<Next> {
  const held = last === undefined ? await engine.store.load(intake.requestId) : engine.store.later(last);
  try {
    if (held.record !== null) return await advance(engine, held);
    // The store reports a forged record. Nothing is done with it, and its request is not begun again.
    return held.forged ? done : await begin(engine, intake, held.now);
  } catch (error) {
    return await problem(engine, intake, error);
  }
}

async function advance(engine: Engine, held: Held): Promise<Next> {
  const { record } = held;
  engine.traces.note({ "flinkops.state": record.state });
  if (record.state === "closed") return done;
  if (record.state === "ended") return await close(engine, held);
  const operation = changeOf(engine, record);
  const cluster = engine.cluster(record.target.cluster, laneOf(operation, record));
  if (operation === undefined || cluster === undefined) return await orphan(engine, held);
  const on = { operation, cluster };
  if (record.state === "awaiting")
    return (await closeMoot(engine, held, on)) ?? (await awaitApproval(engine, held));
  if (record.state === "ready") return await start(engine, held, operation);
  return runOf(record).stage === "sending"
    ? await deliver(engine, held, { ...on, sender: "anyone" })
    : await observe(engine, held, on);
}

/** The operation or the cluster is no longer configured. */
async function orphan(engine: Engine, held: Held): Promise<Next> {
  const { record } = held;
  const sent = record.state === "running";
  const why = t`${code(record.operation)} on ${code(record.target.cluster)} is no longer configured.`;
  const report = sent
    ? says("unknown", "It is unknown how it ended", why, whereToLook(record))
    : says("failed", "It was not sent; nothing was changed", why);
  await end(engine.store, held, { ending: sent ? "ran" : "void", report });
  return again(0);
}

/** A retryable error delays the step and keeps the queue job; any other error ends the request with an explanation. */
async function problem(engine: Engine, intake: Intake, error: unknown): Promise<Next> {
  const requestId = intake.requestId;
  if (error instanceof SlackUnavailable) {
    // Waiting for our own rate limit is normal and not logged.
    if (!(error instanceof NotOurTurn))
      engine.log.warn({ requestId, waitMs: error.retryAfterMs }, "slack is not available");
    return again(Math.max(error.retryAfterMs, RETRY_MS / 4));
  }
  if (error instanceof OpsError && error.retryable) {
    engine.log.warn({ requestId, code: error.code }, "step is retried");
    return again(RETRY_MS);
  }
  if (isRedisProblem(error)) throw error;
  const held = await engine.store.load(requestId);
  engine.log.error({ requestId, err: error }, "step failed");
  if (held.record === null || held.record.state === "ended") throw error;
  const sent = held.record.state === "running";
  const reference = t`Reference: ${code(requestId)} in the log.`;
  const wrong =
    error instanceof StoredDataInvalid
      ? "This version of flinkops cannot read the record of this request"
      : "flinkops failed with an internal error";
  const report = sent
    ? says("unknown", `${wrong}; the outcome is unknown`, whereToLook(held.record), reference)
    : says("failed", `${wrong}; nothing was sent`, reference);
  await end(engine.store, held, { ending: sent ? "ran" : "void", report });
  return again(0);
}
