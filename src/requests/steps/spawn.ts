import { withArgs } from "../../model/catalog.ts";
import type { Effect, FlinkEffects, Spawned } from "../../model/effect.ts";
import { sha256 } from "../../platform/canonical.ts";
import type { Cluster, Engine } from "../ports/engine.ts";
import type { Intake, RequestRecord } from "../record/record.ts";

/** A child's id, derived from its parent and its job, so that repeating the spawn gives the same child. */
export const childIdOf = (parent: string, jobId: string): string =>
  `r${sha256(`${parent} ${jobId}`).slice(0, 31)}`;

/**
 * Sends effects to a cluster or, for `spawn`, to our own queue. Starting further requests is an effect like any
 * other.
 */
export interface Effects {
  anchor(effect: Effect): ReturnType<FlinkEffects["anchor"]>;
  ask(
    effect: Effect,
    effectId: string,
    saved: Parameters<FlinkEffects["ask"]>[2],
  ): ReturnType<FlinkEffects["ask"]>;
  perform(
    effect: Effect,
    effectId: string,
    lease: Parameters<FlinkEffects["perform"]>[2],
  ): ReturnType<FlinkEffects["perform"]>;
}

/**
 * How long one attempt to send an effect may take, ms; 0 for `spawn`, because our own queue answers at once or not at
 * all.
 */
export const mayTakeMs = (cluster: Cluster, effect: Effect): number =>
  effect.do === "spawn" ? 0 : cluster.effects.mayTakeMs(effect);

/** `record`: the request that the effects belong to. */
export function effectsOf(engine: Engine, cluster: Cluster, record: RequestRecord): Effects {
  const intakes = (children: readonly Spawned[], now: number): Intake[] =>
    children.map((child) => intakeOf(record, child, now));
  return {
    async anchor(effect) {
      if (effect.do !== "spawn") return await cluster.effects.anchor(effect);
      return { startTime: null, flinkNow: await engine.store.now() };
    },
    async ask(effect, effectId, saved) {
      if (effect.do !== "spawn") return await cluster.effects.ask(effect, effectId, saved);
      const ids = effect.children.map((c) => childIdOf(record.id, c.jobId));
      return (await engine.spawned(cluster.config.name, ids))
        ? { is: "accepted", answer: { children: ids } }
        : { is: "not" };
    },
    async perform(effect, effectId, lease) {
      if (effect.do !== "spawn") {
        const sent = withArgs(effect, engine.known.catalogue, cluster.config.name);
        if (sent === null) return { is: "refused", reason: ARGUMENTS_CHANGED };
        return await cluster.effects.perform(sent, effectId, lease);
      }
      const all = intakes(effect.children, await engine.store.now());
      await engine.spawn(cluster.config.name, all);
      return { is: "accepted", answer: { children: all.map((i) => i.requestId) } };
    },
  };
}

const ARGUMENTS_CHANGED =
  "the arguments of this job in the catalog have changed since this was approved; nothing was sent";

const intakeOf = (parent: RequestRecord, child: Spawned, now: number): Intake => ({
  v: 1,
  requestId: childIdOf(parent.id, child.jobId),
  operation: child.operation,
  args: child.args,
  cluster: parent.target.cluster,
  find: "job",
  // Found by its id, because a job of the same name that appeared meanwhile is a different job.
  job: child.jobId,
  bound: { jobId: child.jobId, name: child.name },
  actor: parent.actor,
  place: parent.place,
  reason: parent.reason,
  askedAt: now,
  parent: parent.id,
});
