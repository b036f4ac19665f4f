import { beforeAll, describe, expect, it } from "vitest";
import { until } from "../../../playground/flink/session.ts";
import type { Cluster } from "../../../src/flink/clusters.ts";
import type { Anchor, FlinkEffect } from "../../../src/model/effect.ts";
import type { Bench } from "./bench.ts";
import { accepted, type Kit, newId, soon } from "./kit.ts";
import { stateNow } from "../../fakes/sighted.ts";
import { given } from "../../../src/model/flink-jobs.ts";

interface Asked<E extends FlinkEffect> {
  effect: E;
  id: string;
  anchor: Anchor;
}

/** What another JobManager process knows of what the one before was asked. The last of a suite: it costs seconds. */
export function failOverContract(on: () => { bench: Bench; flink: Cluster; kit: Kit }): void {
  const before = async <E extends FlinkEffect>(effect: E): Promise<Asked<E>> => ({
    effect,
    id: newId(),
    anchor: await on().flink.effects.anchor(effect),
  });
  const send = async (asked: Asked<FlinkEffect>): Promise<void> =>
    expect(await on().flink.effects.perform(asked.effect, asked.id, soon())).toEqual(accepted);
  const ask = async ({ effect, id, anchor }: Asked<FlinkEffect>) =>
    await on().flink.effects.ask(effect, id, { anchor, sent: "perhaps" });

  describe("after a fail-over", () => {
    let savepoints: Asked<Extract<FlinkEffect, { do: "savepoint" }>>[];
    let runs: {
      ended: Asked<Extract<FlinkEffect, { do: "run" }>>;
      alive: Asked<Extract<FlinkEffect, { do: "run" }>>;
    };
    let disposal: string;

    beforeAll(async () => {
      const { bench, flink, kit } = on();
      const own = await bench.jar("own");
      runs = { ended: await before(kit.runOf(own)), alive: await before(kit.runOf(own)) };
      for (const one of [runs.ended, runs.alive]) await send(one);
      await kit.cancelJob(runs.ended.effect.jobId);
      await kit.hasCheckpoint(runs.alive.effect.jobId);
      disposal = await kit.disposalOf(`${bench.savepoints}/nothing`);

      const ended = await before(kit.savepointOf(await bench.job({ name: "fail-over" })));
      const slow = await bench.job({ name: "slow fail-over", snapshotMs: 2_000 });
      const underWay = await before(kit.savepointOf(slow));
      await send(ended);
      expect(await kit.outcome(ended.effect.jobId, ended.id)).toMatchObject({ is: "completed" });
      await send(underWay);
      expect(await flink.reads.trigger(slow, underWay.id)).toEqual({ is: "in_progress" });
      savepoints = [ended, underWay];
      await bench.failOver();
    });

    it("admits that it cannot know of savepoints", async () => {
      const { flink, kit } = on();
      for (const one of savepoints) {
        const { effect, id, anchor } = one;
        const state = async () =>
          given(await flink.reads.job(effect.jobId).catch(() => "absent" as const))?.state;
        await until("the job is back", async () => (await state()) === "RUNNING");
        expect(await flink.reads.trigger(effect.jobId, id)).toEqual({ is: "forgotten" });
        expect(await ask(one)).toEqual({
          is: "unknown",
          looked: expect.stringContaining(effect.directory ?? "?"),
        });
        const fresh = await before(effect);
        expect(fresh.anchor.startTime).not.toBe(anchor.startTime);
        // what is asked anew from the new process is a clear no
        expect(await ask(fresh)).toEqual({ is: "not" });
        await kit.cancelJob(effect.jobId);
      }
    });

    it("knows a run whose job has come back, and not one whose job had ended", async () => {
      const { flink, kit } = on();
      const { ended, alive } = runs;
      await until(
        "the job is back",
        async () => (await stateNow(flink.reads, alive.effect.jobId)) === "RUNNING",
      );
      expect(await ask(alive)).toEqual(accepted);
      await until("it is restored from its checkpoint", async () => {
        const restored = given(await flink.reads.checkpoints(alive.effect.jobId))?.latestRestored;
        return restored?.isSavepoint === false;
      });
      expect(await ask(ended)).toEqual({ is: "unknown", looked: expect.stringContaining("was replaced") });
      const fresh = await before(ended.effect);
      expect(fresh.anchor.processes).not.toEqual(ended.anchor.processes);
      expect(await ask(fresh)).toEqual({ is: "not" });
      // its id is free again
      await send(fresh);
      for (const { effect } of [fresh, alive]) {
        await kit.allRun(effect.jobId);
        await kit.cancelJob(effect.jobId);
      }
    });

    it("has forgotten disposals", async () => {
      expect(await on().flink.reads.disposal(disposal)).toEqual({ is: "forgotten" });
    });
  });
}
