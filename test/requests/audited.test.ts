import { expect, it } from "vitest";
import { plain } from "../../src/model/text.ts";
import { MAY, mayNot } from "../../src/model/verdict.ts";
import type { RequestRecord } from "../../src/requests/record/record.ts";
import { step } from "../../src/requests/steps/step.ts";
import { aChange, anEngine, anIntake, aSendingTurn, aTurn, ID } from "./an-engine.ts";
import { withApprovers } from "../fakes/policy.ts";

const intake = anIntake();
const SIEM = mayNot("siem: https://siem.example.com answered 503");

/** Steps of a request whose entries are, or are not, in a required sink called siem. */
function waiting(record: RequestRecord, verdicts: (typeof MAY | typeof SIEM)[]) {
  const t = anEngine(aChange());
  const asked: { entry: string; withinMs: number }[] = [];
  t.engine.audited = async (entry, withinMs) => {
    asked.push({ entry, withinMs });
    return await Promise.resolve(verdicts.shift() ?? MAY);
  };
  t.store.put(record);
  return { t, asked };
}
const destructive = (change: Partial<RequestRecord> = {}) => ({
  ...aSendingTurn({ lease: null }),
  class: "destructive" as const,
  ...change,
});
const events = (t: ReturnType<typeof anEngine>): string[] =>
  t.store.audit.map((line) => (JSON.parse(line) as { event: string }).event);
const note = (t: ReturnType<typeof anEngine>): string => plain(t.store.get(ID).run?.note ?? "");

it("a destructive effect is sent once its own entry is in every required sink", async () => {
  const { t, asked } = waiting(destructive(), [MAY]);
  await step(t.engine, intake);
  expect(t.effects.performed).toHaveLength(1);
  // the entry of this very commit, within the lease
  expect(asked).toEqual([{ entry: "1-0", withinMs: 10_000 }]);
  expect(events(t)).toEqual(["calling", "called"]);
});

it("is not sent without, says why on the card, and is tried again", async () => {
  const { t } = waiting(destructive(), [SIEM, MAY]);
  expect(await step(t.engine, intake)).toEqual({ is: "again", inMs: 1000 });
  expect(t.effects.performed).toEqual([]);
  expect(note(t)).toBe(
    "Not sent yet: the audit log must have this first, and siem: https://siem.example.com answered 503. Nothing was changed by it; trying again. flinkops check shows the audit log.",
  );
  expect(t.store.get(ID).run?.unaudited).toBe("siem: https://siem.example.com answered 503");
  // not a byte was sent, so nobody has to wait for a lease
  expect(t.store.get(ID).run?.lease).toBeNull();
  t.store.clock += 1000;
  await step(t.engine, intake);
  expect(t.effects.performed).toHaveLength(1);
});

it("is no longer said to be unsent once it is sent", async () => {
  const { t } = waiting(destructive(), [SIEM, MAY]);
  t.store.clock += 100;
  await step(t.engine, intake);
  expect(note(t)).toContain("Not sent yet");
  t.store.clock += 1000;
  await step(t.engine, intake);
  expect(t.store.get(ID).run?.stage).toBe("sent");
  expect(note(t)).toBe("waiting for Flink");
  expect(t.store.get(ID).run?.unaudited).toBeUndefined();
});

it("ends when it is too late for the start, and its end names the sink", async () => {
  const { t } = waiting(destructive({ startBy: 1_005_000 }), [SIEM, SIEM, SIEM]);
  await step(t.engine, intake);
  t.store.clock = 1_006_000;
  await step(t.engine, intake);
  const { end } = t.store.get(ID);
  expect(t.effects.performed).toEqual([]);
  expect(end?.ending).toBe("void");
  expect(end?.report.lines.map(plain).join()).toContain(
    "it could not be sent in time: siem: https://siem.example.com answered 503",
  );
});

it("is known by what the record says, not by the words of its note, and no longer once Flink is away", async () => {
  const { run } = destructive({});
  if (run === null) throw new TypeError("a run");
  const kept = { ...run, visit: 1, note: "reworded", unaudited: "siem: away", notedAt: 0 };
  const { t } = waiting(destructive({ run: kept }), []);
  t.store.clock += 2000;
  t.effects.asked = ["unreachable"];
  await step(t.engine, intake);
  expect(note(t)).toContain("still asking");
  expect(t.store.get(ID).run).not.toHaveProperty("unaudited");
  const late = waiting(destructive({ run: kept }), []);
  late.t.store.clock += 10_000_000;
  await step(late.t.engine, intake);
  expect(late.t.store.get(ID).run?.sent).toMatchObject({
    reason: "it could not be sent in time: siem: away; nothing was sent",
  });
});

it("between two phases, ends by the phase's own deadline, in the same words", async () => {
  const later = destructive();
  const run = later.run === null ? null : { ...later.run, visit: 1 };
  const { t } = waiting({ ...later, run }, [SIEM]);
  await step(t.engine, intake);
  t.store.clock += 10_000_000;
  await step(t.engine, intake);
  expect(t.effects.performed).toEqual([]);
  expect(t.store.get(ID).run?.sent).toEqual({
    is: "refused",
    reason: "it could not be sent in time: siem: https://siem.example.com answered 503; nothing was sent",
  });
});

it("at the start waits for the entry of the start's own commit", async () => {
  const { t, asked } = waiting(aTurn({ state: "ready" }), [MAY]);
  await t.store.addCard(ID, { channel: "C1", ts: "1.2" });
  await step(t.engine, intake);
  expect(asked).toEqual([{ entry: "1-0", withinMs: 10_000 }]);
  expect(t.effects.performed).toHaveLength(1);
});

it("changes that destroy nothing wait for no sink", async () => {
  const t = anEngine(aChange());
  t.engine.audited = () => Promise.reject(new Error("asked"));
  const turn = aSendingTurn({ lease: null, effect: { do: "checkpoint", jobId: "j", full: false } });
  t.store.put(turn);
  await step(t.engine, intake);
  expect(t.effects.performed).toHaveLength(1);
});

it("a destructive request that has stopped its job starts it again without waiting; its first effect waits", async () => {
  const start = { do: "checkpoint", jobId: "j", full: false } as const;
  for (const [results, asks] of [
    [{ zero: null }, 0],
    [{}, 1],
  ] as const) {
    const turn = aSendingTurn({ lease: null, effect: start, results });
    const { t, asked } = waiting({ ...turn, class: "destructive" }, [SIEM]);
    t.engine.policy = withApprovers(t.engine.policy, { groups: [], users: ["U0BEN00001"] });
    await step(t.engine, intake);
    expect(asked).toHaveLength(asks);
    expect(t.effects.performed).toHaveLength(1 - asks);
  }
});

it("a cancel waits, in whatever class its request is", async () => {
  const { t, asked } = waiting(aSendingTurn({ lease: null }), [SIEM]);
  await step(t.engine, intake);
  expect(asked).toHaveLength(1);
  expect(t.effects.performed).toEqual([]);
});
