import { describe, expect, it } from "vitest";
import { createLog } from "../../src/platform/log.ts";
import type { RequestRecord } from "../../src/requests/record/record.ts";
import { recalling } from "../../src/requests/record/recall.ts";
import { step } from "../../src/requests/steps/step.ts";
import { aRecord, aRun } from "../slack/a-record.ts";
import { aChange, anEngine, anIntake, ID, JOB_ID, type TestEngine } from "./an-engine.ts";

const CLAIM = `prod/id/${JOB_ID}`;
const HOLDER = "r0";

/** A request that is ready, while another one holds its job. */
function aWaiter(over: Partial<RequestRecord> = {}, row = aChange()): TestEngine {
  const t = anEngine(row);
  const target = { kind: "job", cluster: "prod", jobId: JOB_ID, name: "orders" } as const;
  const usual = { operation: "turn", target, args: {}, approval: null, askedAt: 1_000_000 };
  const holder = aRecord({ ...usual, id: HOLDER, state: "running", run: aRun(), claims: [CLAIM] });
  t.store.put(holder);
  t.store.claims.set(CLAIM, HOLDER);
  const { intent } = aRecord();
  const same = { ...intent, binds: null };
  t.store.put(
    aRecord({ ...usual, id: ID, state: "ready", intent: same, startBy: 2_000_000, parent: null, ...over }),
  );
  void t.store.drawn(ID, { channel: "C1", ts: "1.1" }, 1);
  return t;
}

const away = (): Promise<never> => Promise.reject(new Error("gone"));

const endOf = async (t: TestEngine): Promise<void> => {
  const next: RequestRecord = { ...t.store.get(HOLDER), state: "ended" };
  await t.engine.store.commit([{ rev: 1, next }], { release: [CLAIM] });
};

describe("a request whose job another one holds", () => {
  it("is in line and sleeps, so that waiting costs nothing", async () => {
    const t = aWaiter();
    expect(await step(t.engine, anIntake())).toEqual({ is: "again", inMs: 600_000 });
    expect(t.store.get(ID).waiting).toMatchObject({ holder: HOLDER, claims: [CLAIM] });
    expect([...(t.store.lines.standing.get(CLAIM)?.keys() ?? [])]).toEqual([ID]);
    expect(await step(t.engine, anIntake())).toEqual({ is: "again", inMs: 600_000 });
  });

  it("sleeps no longer than it may wait", async () => {
    const t = aWaiter({ startBy: 1_002_000 });
    expect(await step(t.engine, anIntake())).toEqual({ is: "again", inMs: 2001 });
    t.store.clock += 2001;
    await step(t.engine, anIntake());
    expect(t.store.get(ID).end?.ending).toBe("void");
    expect(t.store.lines.standing.size).toBe(0);
  });

  it("is woken by the commit that releases it, and starts", async () => {
    const t = aWaiter();
    const commit = t.store.commit.bind(t.store);
    const store = { commit, loadMany: t.store.loadMany.bind(t.store) };
    t.engine.store.commit = recalling(store, {
      wake: async (record) => await t.engine.wake(record),
      log: createLog("silent"),
    });
    await step(t.engine, anIntake());
    await endOf(t);
    await expect.poll(() => t.woken).toContain(ID);
    await step(t.engine, anIntake());
    expect(t.effects.performed).toHaveLength(1);
    expect(t.store.lines.standing.size).toBe(0);
  });

  it("comes back at once where it was released in that moment", async () => {
    const t = aWaiter();
    const commit = t.store.commit.bind(t.store);
    t.engine.store.commit = async (moves, extras) => {
      const done = await commit(moves, extras);
      if (done.is === "busy") {
        t.engine.store.commit = commit;
        await endOf(t);
      }
      return done;
    };
    expect(await step(t.engine, anIntake())).toMatchObject({ is: "again", inMs: 0 });
  });

  it("is put in line again if an older version has parked it", async () => {
    const t = aWaiter({ waiting: { holder: HOLDER, words: "Another change" } });
    await step(t.engine, anIntake());
    expect([...(t.store.lines.standing.get(CLAIM)?.keys() ?? [])]).toEqual([ID]);
  });

  it("sleeps on if it cannot be woken, and the commit is valid", async () => {
    const t = aWaiter();
    const warned: string[] = [];
    const log = { warn: (_: object, words: string) => void warned.push(words) };
    const store = { commit: t.store.commit.bind(t.store), loadMany: away };
    await step(t.engine, anIntake());
    t.engine.store.commit = recalling(store, { wake: async (record) => await t.engine.wake(record), log });
    await endOf(t);
    await expect.poll(() => warned).toEqual(["requests in line were not woken"]);
    expect(t.store.get(HOLDER).state).toBe("ended");
  });
});
