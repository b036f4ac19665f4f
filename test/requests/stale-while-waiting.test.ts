import { expect, it } from "vitest";
import { parse } from "../../src/command/parse.ts";
import { operations } from "../../src/operations/index.ts";
import { plain } from "../../src/model/text.ts";
import { step } from "../../src/requests/steps/step.ts";
import { aJob } from "../fakes/flink-reads.ts";
import { anEntry, aState, JAR } from "../fakes/knowledge.ts";
import { aRecord, aRun } from "../slack/a-record.ts";
import { anEngine, anIntake, ID, JOB_ID, runSteps, type TestEngine } from "./an-engine.ts";
import { withApprovers } from "../fakes/policy.ts";

const HOLDER = "r8";

/** One operator asks to start orders; its newest state is so old, and another request holds the name. */
async function asked(ageMs: number): Promise<TestEngine> {
  const t = anEngine(operations.find((r) => r.name === "run") ?? null);
  t.engine.policy = withApprovers(t.engine.policy, { groups: [], users: ["U0BEN00001"] });
  const { clock } = t.store;
  t.reads.theJob = aJob({ jobId: JOB_ID, state: "FAILED" });
  t.reads.theJars = [{ id: JAR, name: "orders-1.0.jar", uploadedAt: 0, entryClasses: [] }];
  t.known.catalogue = { entries: [anEntry()], anyJarOn: [] };
  t.known.states = [aState({ jobId: JOB_ID, at: clock - ageMs })];
  t.store.put(
    aRecord({ id: HOLDER, state: "running", approval: null, claims: ["prod/name/orders"], run: aRun() }),
  );
  t.store.claims.set("prod/name/orders", HOLDER);
  await runSteps(t, intake(clock));
  expect(t.store.get(ID)).toMatchObject({ state: "ready", class: "operate", waiting: { holder: HOLDER } });
  return t;
}
const intake = (askedAt: number) => {
  const typed = parse("run orders", operations);
  if (typed.is === "problem") throw new Error("not understood");
  return anIntake({ operation: "run", find: "name", args: typed.args, askedAt });
};

const STALE = anEngine(null).known.settings.staleState;

it.each([
  ["has become stale needs someone else by now, and nothing is started", STALE - 30_000, 0],
  ["has not is started", STALE - 300_000, 1],
])("state that %s", async (_name, ageMs, started) => {
  const t = await asked(ageMs);
  const { clock } = t.store;
  t.store.clock += 60_000;
  t.store.claims.clear();
  t.store.put({ ...t.store.get(HOLDER), state: "closed", claims: [] });
  for (let i = 0; i < 5 && t.store.get(ID).state === "ready"; i += 1) await step(t.engine, intake(clock));
  expect(t.effects.performed).toHaveLength(started);
  const report = t.store.get(ID).end?.report;
  if (started === 0)
    expect((report?.lines ?? []).map(plain).join()).toContain("now needs someone else's approval");
});
