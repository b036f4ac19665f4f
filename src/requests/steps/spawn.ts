import { withArgs } from "../../model/catalog.ts";
import type { Effect, FlinkEffects, Spawned } from "../../model/effect.ts";
import { sha256 } from "../record/audit.ts";
import type { Cluster, Engine } from "../ports/engine.ts";
import type { Intake, RequestRecord } from "../record/record.ts";

/** The same job of the same request is the same child. */
export const childIdOf = (parent: string, jobId: string): string =>
  `r${sha256(`${parent} ${jobId}`).slice(0, 31)}`;

/** The changing side of a cluster, and of our own queue: starting further requests is an effect like any other. */
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

/** How long one attempt to send it may take, ms; our own queue answers at once or not at all. */
export const mayTakeMs = (cluster: Cluster, effect: Effect): number =>
  effect.do === "spawn" ? 0 : cluster.effects.mayTakeMs(effect);

/** `record`: the request whose effects they are. */
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
  // by its id: a job of the same name that came meanwhile is another one
  job: child.jobId,
  bound: { jobId: child.jobId, name: child.name },
  actor: parent.actor,
  place: parent.place,
  reason: parent.reason,
  askedAt: now,
  parent: parent.id,
});
