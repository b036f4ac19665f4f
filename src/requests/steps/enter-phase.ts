import { type Effect, startedBy } from "../../model/effect.ts";
import { type AnyChange, contextOf, type On, phaseContextOf } from "./phase-context.ts";
import type { Engine } from "../ports/engine.ts";
import { effectIdOf } from "../record/identity.ts";
import type { RequestRecord, Run } from "../record/record.ts";
import { unlocked } from "./locked.ts";
import { childIdOf, effectsOf } from "./spawn.ts";
import { claimOn, type Extras, jobIndex } from "../record/store.ts";

/** A phase that is being entered, and what must be committed with it. */
export interface Entered {
  next: RequestRecord;
  effect: Effect | null;
  /** Claims to take, indexes to write and locks to respect in the same commit. */
  extras: Pick<Extras, "index" | "take" | "unlocked">;
}

/** A run at the start of a phase's next visit. `before`: the run so far; null at the start. */
export function freshRun(
  record: RequestRecord,
  phase: string,
  { now, before }: { now: number; before: Run | null },
): Run {
  const visit = (before?.visits[phase] ?? -1) + 1;
  return {
    phase,
    visit,
    visits: { ...before?.visits, [phase]: visit },
    stage: "sent",
    effect: null,
    effectId: effectIdOf(record.id, phase, visit),
    lease: null,
    // The anchor of the last effect: a phase that only observes still needs it.
    anchor: before?.anchor ?? null,
    sent: { is: "none" },
    results: before?.results ?? {},
    startedAt: before?.startedAt ?? now,
    enteredAt: now,
    note: before?.note ?? "starting",
    progress: null,
    table: null,
    notedAt: now,
  };
}

/** Whether a run is at its start: nothing of it was sent before. */
export const isFirst = ({ first }: AnyChange, { phase, visit }: Run): boolean =>
  phase === first && visit === 0;

/** The locks that an effect which was saved before respects when it is sent. */
export async function respected(
  engine: Engine,
  { operation, cluster }: On,
  { record, run, now }: { record: RequestRecord; run: Run; now: number },
): Promise<Pick<Extras, "unlocked">> {
  const phase = operation.phases[run.phase];
  const finishes = finishing(operation, run);
  if (phase === undefined || finishes === undefined) return unlocked(engine, record);
  const held = { record, now };
  const children = await engine.children.of(held);
  const context = phaseContextOf(contextOf(engine, held, cluster), record, { run, phase, children });
  return finishes(context) ? {} : unlocked(engine, record);
}

/** Tells whether a phase finishes what is half done, which no lock stops. Undefined: it does not, as at the start. */
const finishing = (operation: AnyChange, run: Run): AnyChange["phases"][string]["finishes"] =>
  isFirst(operation, run) ? undefined : operation.phases[run.phase]?.finishes;

/**
 * Asks the operation for the phase's effect, and records in advance what it will create: a job that it starts belongs
 * to this request before the job exists. Throws what the operation's `effect` throws.
 */
export async function enterPhase(
  engine: Engine,
  { operation, cluster }: On,
  { record, run }: { record: RequestRecord; run: Run },
): Promise<Entered> {
  const phase = operation.phases[run.phase];
  const held = { record, now: run.enteredAt };
  const children = await engine.children.of(held);
  if (phase?.effect === undefined) return { next: { ...record, run }, effect: null, extras: {} };
  const context = phaseContextOf(contextOf(engine, held, cluster), record, { run, phase, children });
  const effect = await phase.effect(context);
  if (effect === null) return { next: { ...record, run }, effect, extras: {} };
  const free = finishing(operation, run)?.(context) === true ? {} : unlocked(engine, record);
  const anchor = await effectsOf(engine, cluster, record).anchor(effect);
  const next: RequestRecord = { ...record, run: { ...run, stage: "sending", effect, anchor } };
  const job = startedBy(effect);
  if (job !== null) {
    const claim = claimOn(cluster.config.name, { job: job.jobId });
    const { do: _, ...launched } = job;
    return {
      next: { ...next, launched: [...record.launched, launched], claims: [...record.claims, claim] },
      effect,
      extras: { ...free, take: [claim], index: [jobIndex(cluster.config.name, job.jobId)] },
    };
  }
  if (effect.do === "spawn") {
    const spawned = effect.children.map(({ jobId, name }) => ({
      id: childIdOf(record.id, jobId),
      jobId,
      name,
    }));
    return { next: { ...next, children: [...record.children, ...spawned] }, effect, extras: free };
  }
  return { next, effect, extras: free };
}
