import { describe, expect, it } from "vitest";
import { RedisUnavailable } from "../../src/model/errors.ts";
import { step } from "../../src/requests/steps/step.ts";
import type { Committed, Extras, Transition } from "../../src/requests/record/store.ts";
import { aChange, anEngine, anIntake, ID } from "./an-engine.ts";

describe("a commit that is written and not confirmed by the replicas", () => {
  it.each([1, 2, 3, 4, 5])(
    "is found by the next step, and nothing is sent on it: commit %i of a request's life",
    async (which) => {
      const t = anEngine(aChange());
      const commit = t.store.commit.bind(t.store);
      let n = 0;
      /** How many effects had been sent when the unconfirmed commit was answered. */
      let sent: number | null = null;
      t.store.commit = async (moves: readonly Transition[], extras?: Extras): Promise<Committed> => {
        const committed = await commit(moves, extras);
        n += 1;
        if (n !== which || committed.is !== "ok") return committed;
        sent = t.effects.performed.length;
        throw new RedisUnavailable("a commit is not on its replicas yet", { maybeTaken: true });
      };
      const after: number[] = [];
      for (let i = 0; i < 60; i += 1) {
        const next = await step(t.engine, anIntake());
        if (sent !== null && after.length === 0) after.push(t.effects.performed.length);
        if (next.is === "done") break;
        t.store.clock += next.inMs;
      }
      // the step that met it sent nothing more
      expect(after).toEqual([sent]);
      expect(t.store.get(ID).end).toMatchObject({ ending: "ran", report: { outcome: "done" } });
      expect(t.effects.performed).toHaveLength(1);
      expect(t.store.claims.size).toBe(0);
    },
  );
});
