import { FlinkProblem, FlinkUnreachable } from "../../model/errors.ts";
import { plain, type Text } from "../../model/text.ts";
import { auditLine } from "../record/audit.ts";
import { changeOf, contextOf } from "./phase-context.ts";
import { again, type Engine, type Next } from "../ports/engine.ts";
import { transition } from "../record/transitions.ts";
import type { Held } from "../record/store.ts";

/** How long a cluster that does not answer is asked again for the follow-up, ms. */
const PATIENCE_MS = 120_000;
const RETRY_MS = 5000;

/**
 * The follow-up, some minutes after the end. The request has ended and holds no claims; only its card gets one more
 * line. Null:
 * there is no follow-up, or it is done.
 */
export async function followUp(engine: Engine, held: Held): Promise<Next | null> {
  const { record, now } = held;
  const { second } = record;
  if (second === null || second.line !== null) return null;
  if (now < second.dueAt) return again(second.dueAt - now);
  const seen = await look(engine, held);
  if (seen === "unreachable" && now < second.dueAt + PATIENCE_MS) return again(RETRY_MS);
  const { line, worse } = seen === "unreachable" ? SILENT : seen;
  const next = { ...record, second: { ...second, line, worse } };
  const audit = [auditLine(next, "looked again", { at: now, detail: { line: plain(line), worse } })];
  await transition(engine.store, held, { next, extras: { audit } });
  return again(0);
}

const SILENT: { line: Text; worse: boolean } = {
  line: "it could not be checked, because its cluster did not answer.",
  worse: false,
};

async function look(engine: Engine, held: Held): Promise<{ line: Text; worse: boolean } | "unreachable"> {
  const { record } = held;
  const operation = changeOf(engine, record);
  const cluster = engine.cluster(record.target.cluster, "background");
  const report = record.end?.report;
  if (operation?.followUp === undefined || cluster === undefined || report === undefined)
    return {
      line: "it is no longer checked: its operation or cluster is not configured.",
      worse: false,
    };
  const context = contextOf(engine, held, cluster);
  try {
    return await operation.followUp({ ...context, intent: record.intent, report });
  } catch (error) {
    if (error instanceof FlinkUnreachable) return "unreachable";
    if (error instanceof FlinkProblem) return { line: `its cluster ${error.sentence}`, worse: false };
    throw error;
  }
}
