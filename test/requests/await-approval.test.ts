import { expect, it } from "vitest";
import { step } from "../../src/requests/steps/step.ts";
import { aRecord, AT } from "../slack/a-record.ts";
import { record, shown } from "./a-showing.ts";
import { aChange, ANA, anEngine, anIntake, ID } from "./an-engine.ts";

const TARGET = {
  kind: "job",
  cluster: "prod",
  jobId: "3f9c0000111122223333444455556666",
  name: "orders",
} as const;

it.each([
  [900_000, "15 m"],
  [30_000, "30 s"],
])("an approval that expires says how long it waited, and offers to ask again: %d ms", async (ms, waited) => {
  const t = anEngine(aChange());
  const { approval } = aRecord();
  if (approval === null) throw new Error("it needs approval");
  const expiring = { ...approval, expiresAt: AT + ms };
  t.store.put(aRecord({ id: ID, operation: "turn", actor: ANA, target: TARGET, approval: expiring }));
  t.store.clock = AT + ms - 1;
  await step(t.engine, anIntake());
  expect(t.store.get(ID).state).toBe("awaiting");
  t.store.clock = AT + ms;
  await step(t.engine, anIntake());
  expect(t.store.get(ID).end).toMatchObject({
    ending: "expired",
    report: {
      headline: `It was not approved within ${waited}`,
      offers: [
        {
          label: "Ask again",
          operation: "turn",
          args: { job: "orders", cluster: "prod", reason: "drain before schema change" },
        },
      ],
    },
  });
});

it("wakes when somebody is to be mentioned next, and when it expires", async () => {
  const { approval } = record();
  if (approval === null) throw new Error("it needs approval");
  const escalations = [{ at: AT + 300_000, by: { groups: ["S0LEADS"], users: [] } }];
  const waits = { ...approval, remindAt: AT + 240_000, escalations };
  const t = await shown(record({ target: TARGET, approval: waits }));
  t.engine.timings = { ...t.engine.timings, parkSlice: 600_000 };
  const wakes: number[] = [];
  for (const at of [0, 240_000, 300_000]) {
    t.store.clock = AT + at;
    const next = await step(t.engine, anIntake());
    wakes.push(next.is === "again" ? t.store.clock + next.inMs - AT : -1);
    await t.presenter.settled();
  }
  expect(wakes).toEqual([240_000, 300_000, 900_000]);
});
