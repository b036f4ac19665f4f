import { expect, it } from "vitest";
import { plain } from "../../src/model/text.ts";
import type { Next } from "../../src/requests/ports/engine.ts";
import { step } from "../../src/requests/steps/step.ts";
import { aChange, anEngine, anIntake, aSendingTurn, ID } from "./an-engine.ts";

const intake = anIntake();
const heldOf = (next: Next) => (next.is === "again" ? next.held : undefined);

/** A request whose effect is saved and unsent, and how often its record is read. */
function sending() {
  const t = anEngine(aChange());
  t.store.put(aSendingTurn({ lease: null }));
  const loads: string[] = [];
  const load = t.store.load.bind(t.store);
  t.store.load = async (id) => {
    loads.push(id);
    return await load(id);
  };
  return { t, loads };
}

it("reads the record once from the call to the end: each step has what the one before committed", async () => {
  const { t, loads } = sending();
  const sent = await step(t.engine, intake);
  expect(t.effects.performed).toHaveLength(1);
  expect(heldOf(sent)?.record.run?.stage).toBe("sent");
  const ended = await step(t.engine, intake, heldOf(sent));
  expect(heldOf(ended)?.record.state).toBe("ended");
  expect(heldOf(ended)?.rev).toBe((await t.store.load(ID)).record === null ? 0 : heldOf(sent)!.rev + 1);
  expect(loads.filter((id) => id === ID)).toHaveLength(2);
});

it("notices what another process has moved meanwhile, and reads it again", async () => {
  const { t } = sending();
  const sent = await step(t.engine, intake);
  const by = { requestId: "r2", actor: "U0BEN00001", link: null };
  t.store.put({ ...t.store.get(ID), supersededBy: by }, 9);
  const next = await step(t.engine, intake, heldOf(sent));
  expect(next).toEqual({ is: "again", inMs: 0 });
  expect(t.store.get(ID).state).toBe("running");
  await step(t.engine, intake);
  expect(t.store.get(ID).end?.ending).toBe("superseded");
});

it("writes Flink's answer into a record that another process has moved during the call", async () => {
  const { t } = sending();
  const perform = t.effects.perform.bind(t.effects);
  t.effects.perform = async (effect, effectId) => {
    const by = { requestId: "r2", actor: "U0BEN00001", link: null };
    t.store.put({ ...t.store.get(ID), supersededBy: by }, 9);
    return await perform(effect, effectId);
  };
  const sent = await step(t.engine, intake);
  expect(heldOf(sent)?.rev).toBe(10);
  expect(t.store.get(ID).run?.stage).toBe("sent");
  expect(t.store.get(ID).supersededBy?.requestId).toBe("r2");
});

it.each([
  [undefined, ["one had completed", "two was not sent.", "Savepoint: file:/sp/1"]],
  ["Complete: file:/sp/1", ["Complete: file:/sp/1", "two was not sent."]],
])("names the savepoint that stays, once, where another one takes over (%s)", async (milestone, lines) => {
  const next = { kind: "next" as const, phase: "two", result: null };
  const t = anEngine(aChange([{ ...next, ...(milestone !== undefined && { milestone }) }]));
  const turn = aSendingTurn({
    stage: "sent",
    sent: { is: "accepted", answer: null },
    results: { zero: { location: "file:/sp/1" } },
  });
  t.store.put({ ...turn, supersededBy: { requestId: "r2", actor: "U0BEN00001", link: null } });
  await step(t.engine, intake);
  const { ending, report } = t.store.get(ID).end ?? {};
  expect([ending, plain(report?.headline ?? "")]).toEqual(["superseded", "Stopped halfway"]);
  expect(report?.lines.map(plain).slice(1)).toEqual(lines);
  expect(report?.facts).toEqual({ location: "file:/sp/1" });
});

it("finds the savepoint that the last phase wrote, and says what the operation says of it", async () => {
  const result = { location: "file:/sp/2" };
  const offers = [{ label: "Delete it", operation: "dispose", args: {} }];
  const unsent = { lines: ["It is kept."], facts: { ...result, drained: false }, offers };
  const superseded = { supersededBy: { requestId: "r2", actor: "U0BEN00001", link: null } };
  const reportOf = async (more: { unsent?: typeof unsent }) => {
    const t = anEngine(aChange([{ kind: "next", phase: "two", result, ...more }]));
    t.store.put({
      ...aSendingTurn({ stage: "sent", sent: { is: "accepted", answer: null } }),
      ...superseded,
    });
    await step(t.engine, intake);
    expect(t.effects.performed).toEqual([]);
    return t.store.get(ID).end?.report;
  };
  const own = await reportOf({});
  expect(own?.lines.map(plain).at(-1)).toBe("Savepoint: file:/sp/2");
  expect(own?.facts).toEqual(result);
  const said = await reportOf({ unsent });
  expect(said?.lines.map(plain).at(-1)).toBe("It is kept.");
  expect(said).toMatchObject({ outcome: "partly", facts: unsent.facts, offers });
});
