import { FlinkProblem } from "../../model/errors.ts";
import { shownArgs } from "../../model/catalog.ts";
import type { FlinkEffect, FlinkEffects, Lease } from "../../model/effect.ts";
import { type Access, readMoment } from "../facts/settings.ts";
import type { Performed } from "./change.ts";
import * as cancel from "./cancel.ts";
import * as checkpoint from "./checkpoint.ts";
import * as dispose from "./dispose.ts";
import * as rescale from "./rescale.ts";
import * as run from "./run.ts";
import * as savepoint from "./savepoint.ts";
import * as stop from "./stop.ts";

/** The processes may stay unknown after a Flink problem; any other error is thrown. */
function unknown(error: unknown): null {
  if (error instanceof FlinkProblem) return null;
  throw error;
}

/** The changes to one cluster. */
export function createEffects(access: Access): FlinkEffects {
  return {
    async anchor(effect) {
      const nobody = { startTime: null, flinkNow: access.clock.now() };
      // `ask` for a cancel reads only the job's state, and a cancel must not wait for data it does not use
      if (effect.do === "cancel") return { ...nobody, processes: await access.hurried.now().catch(unknown) };
      if (effect.do === "run" || effect.do === "dispose")
        return { ...nobody, processes: await access.processes.now() };
      const [moment, processes] = await Promise.all([
        readMoment(access, effect.jobId),
        access.processes.now(),
      ]);
      if (moment === null) return { ...nobody, processes };
      // no time means that the job has just vanished; then no age is judged by this value
      return { startTime: moment.startTime, flinkNow: moment.now ?? nobody.flinkNow, processes };
    },

    call(effect, effectId) {
      if (effect.do === "savepoint") return savepoint.call(effect, effectId);
      if (effect.do === "stop") return stop.call(effect, effectId);
      if (effect.do === "checkpoint") return checkpoint.call(effect, effectId);
      if (effect.do === "cancel") return cancel.call(effect);
      if (effect.do === "run") return run.call({ ...effect, args: shownArgs(effect.args) });
      if (effect.do === "dispose") return dispose.call(effect);
      return rescale.call(effect);
    },

    mayTakeMs: (effect) => (effect.do === "run" ? run.mayTakeMs(access) : access.config.timeouts.changeMs),

    async ask(effect, effectId, saved) {
      if (effect.do === "savepoint") return savepoint.ask(access, effect, { effectId, ...saved });
      if (effect.do === "stop") return stop.ask(access, effect, { effectId, ...saved });
      if (effect.do === "checkpoint") return checkpoint.ask(access, effect, { effectId, ...saved });
      if (effect.do === "cancel") return cancel.ask(access, effect);
      if (effect.do === "run") return run.ask(access, effect, saved);
      if (effect.do === "dispose") return dispose.ask(saved.sent);
      return rescale.ask(access, effect);
    },

    async perform(effect, effectId, lease) {
      const sent = await perform(access, effect, { effectId, lease });
      if (sent.is === "accepted") access.known.ends.accepted(effect, effectId);
      return sent;
    },
  };
}

async function perform(
  access: Access,
  effect: FlinkEffect,
  { effectId, lease }: { effectId: string; lease: Lease },
): Promise<Performed> {
  if (effect.do === "savepoint") return savepoint.perform(access, effect, { effectId, lease });
  if (effect.do === "stop") return stop.perform(access, effect, { effectId, lease });
  if (effect.do === "checkpoint") return checkpoint.perform(access, effect, { effectId, lease });
  if (effect.do === "cancel") return cancel.perform(access, effect, lease);
  if (effect.do === "run") return run.perform(access, effect, lease);
  if (effect.do === "dispose") return dispose.perform(access, effect, lease);
  return rescale.perform(access, effect, lease);
}
