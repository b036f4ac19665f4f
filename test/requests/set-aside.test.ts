import { describe, expect, it } from "vitest";
import { plain } from "../../src/model/text.ts";
import type { RequestRecord } from "../../src/requests/record/record.ts";
import { aRecord, aRun } from "../slack/a-record.ts";
import { aChange, anEngine, anIntake, aSendingTurn, aTurn, ID, JOB_ID, runSteps } from "./an-engine.ts";

describe("a request of whose record Redis holds what is not ours", () => {
  it("is not continued, and not started again", async () => {
    const t = anEngine(aChange());
    t.store.put(aTurn({ state: "ready" }));
    t.store.forged.add(ID);
    expect(await runSteps(t, anIntake())).toEqual({ is: "done" });
    expect(t.effects.performed).toEqual([]);
    t.store.forged.clear();
    expect(t.store.get(ID).state).toBe("ready");
    expect(t.store.audit).toEqual([]);
  });

  it("as the holder of a job makes the others wait, and costs them nothing", async () => {
    const t = anEngine(aChange());
    t.store.put(
      aTurn({
        state: "ready",
        waiting: { holder: "r9", words: "waits for r9", claims: [`prod/id/${JOB_ID}`] },
      }),
    );
    t.store.put(aRecord({ id: "r9", state: "running" }));
    t.store.forged.add("r9");
    expect((await runSteps(t, anIntake())).is).toBe("again");
    expect(t.store.get(ID).state).toBe("ready");
    expect(t.people.looked).toEqual([]);
  });

  it("as one of many is waited for as long as it might have started, and then unknown", async () => {
    const t = anEngine(aChange());
    const parent = aSendingTurn({ stage: "sent" });
    const held = (now: number) => ({
      record: { ...parent, children: [{ id: "r-child", jobId: JOB_ID, name: "orders" }] },
      now,
    });
    const startWithin = t.engine.timings.startWithin;
    const [early] = await t.engine.children.of(held(1_000_000 + startWithin));
    expect(early).toMatchObject({ outcome: null, says: "queued" });
    const [late] = await t.engine.children.of(held(1_000_000 + startWithin + 61_000));
    expect(late?.outcome).toBe("unknown");
    expect(plain(late?.says ?? "")).toContain("nothing is known of it");
    t.store.put(aRecord({ id: "r-child", state: "running", run: aRun({ note: "goes on" }) }));
    const [known] = await t.engine.children.of(held(1_000_000 + startWithin + 61_000));
    expect(known).toMatchObject({ outcome: null, says: "goes on" });
  });
});

describe("what was perhaps sent by a worker that is gone, and Flink has not got", () => {
  const phase = {
    deadlineMs: 60_000,
    effect: () => Promise.resolve({ do: "cancel" as const, jobId: JOB_ID }),
    observe: (c: { sent: { is: string; looked?: string } }) =>
      Promise.resolve({
        kind: "end" as const,
        report: { outcome: "unknown" as const, headline: c.sent.looked ?? c.sent.is, lines: [] },
      }),
  };
  const row = () => ({ ...aChange(), phases: { ...aChange().phases, one: phase } });
  const lease = { holder: "w2", until: 1_001_000 };

  it.each<[what: string, change: Partial<RequestRecord>]>([
    ["it is too late to send it again", { startBy: 1_000_500 }],
    ["a brake has taken over", { supersededBy: { requestId: "r9", actor: "U0BEN00001" } }],
  ])("may still arrive where %s", async (_, change) => {
    const t = anEngine(row());
    t.store.clock = 1_100_000;
    t.store.put({ ...aSendingTurn({ lease }), ...change });
    await runSteps(t, anIntake());
    const { end } = t.store.get(ID);
    expect(end?.report.outcome).toBe("unknown");
    expect(end?.ending).not.toBe("void");
    expect(t.effects.performed).toEqual([]);
  });

  it("was certainly not sent where nobody held it", async () => {
    const t = anEngine(row());
    t.store.clock = 1_100_000;
    t.store.put({ ...aSendingTurn({ lease: null }), startBy: 1_000_500 });
    await runSteps(t, anIntake());
    expect(t.store.get(ID).end).toMatchObject({ ending: "void", report: { outcome: "failed" } });
  });
});
