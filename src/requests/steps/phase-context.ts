import type { Lane } from "../../model/flink-reads.ts";
import { groupOf } from "../../model/effect.ts";
import type { Change, Context, PhaseContext } from "../../model/operation.ts";
import type { ChangeTarget } from "../../model/target.ts";
import type { Child } from "../../model/knowledge.ts";
import type { Cluster, Engine } from "../ports/engine.ts";
import type { RequestRecord, Run } from "../record/record.ts";
import type { Held } from "../record/store.ts";

/** A change whose argument type is erased, as the registry returns it. */
export type AnyChange = Change<unknown, string, ChangeTarget>;

/** The operation of a request, and its cluster. */
export interface On {
  operation: AnyChange;
  cluster: Cluster;
}

/** The change of a record; undefined where this version has none of that name. */
export function changeOf(engine: Pick<Engine, "operations">, record: RequestRecord): AnyChange | undefined {
  const operation = engine.operations.get(record.operation);
  return operation?.kind === "change" ? operation : undefined;
}

/** Whether neither a request nor its cards wait behind others. */
export const isUrgent = (
  operation: AnyChange | undefined,
  { args, breakGlass }: Pick<RequestRecord, "args" | "breakGlass">,
): boolean => breakGlass !== undefined || operation?.preempts?.(args) === true;

/**
 * The lane of a request's connections to Flink. Requests that end a job have their own lane, so that hanging requests
 * do not block them.
 */
export function laneOf(
  operation: AnyChange | undefined,
  { args, approval, breakGlass }: Pick<RequestRecord, "args" | "approval" | "breakGlass">,
): Lane {
  if (breakGlass !== undefined) return "break-glass";
  const isBrake = operation?.preempts?.(args) === true || (operation?.ends === true && approval !== null);
  return isBrake ? "brake" : "change";
}

export function contextOf(
  engine: Engine,
  { record, now }: Pick<Held, "record" | "now">,
  cluster: Cluster,
): Context<unknown, ChangeTarget> {
  return {
    args: record.args,
    target: record.target,
    actor: record.actor.user,
    requestId: record.id,
    now,
    flink: cluster.reads,
    known: engine.known,
  };
}

/** The context of the phase that `run` is in. */
export function phaseContextOf(
  context: Context<unknown, ChangeTarget>,
  record: RequestRecord,
  { run, phase, children }: { run: Run; phase: { deadlineMs: number }; children: readonly Child[] },
): PhaseContext<unknown, ChangeTarget> {
  const { results, effectId, effect, sent, enteredAt } = run;
  return {
    ...context,
    intent: record.intent,
    results,
    effectId,
    effect,
    sent,
    processes: groupOf(run.anchor),
    enteredAt,
    late: context.now > enteredAt + phase.deadlineMs,
    children,
  };
}
