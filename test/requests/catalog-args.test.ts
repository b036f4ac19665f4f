import { createHash } from "node:crypto";
import { beforeEach, expect, test } from "vitest";
import { digested, keptArgs, realArgs } from "../../src/model/catalog.ts";
import { run as row } from "../../src/operations/run/run.ts";
import { plain } from "../../src/model/text.ts";
import { effectIdOf } from "../../src/requests/record/identity.ts";
import { step } from "../../src/requests/steps/step.ts";
import { digestUnder, newKey } from "../../src/platform/seal.ts";
import { aJob, T0 } from "../fakes/flink-reads.ts";
import { anEntry, aState, JAR } from "../fakes/knowledge.ts";
import { anEngine, anIntake, ID, type TestEngine, runSteps } from "./an-engine.ts";

const SECRET = "hunter2-of-a-db";
const ARGS = ["--topic", "orders", "--db-password", SECRET];
const intake = anIntake({
  operation: "run",
  args: { job: "orders", from: "last", jar: "newest" },
  find: "name",
});

let t: TestEngine;
beforeEach(() => {
  t = anEngine(row);
  t.reads.theJob = aJob({ state: "FAILED", endedAt: T0 });
  t.reads.theJars = [{ id: JAR, name: "orders-1.0.jar", uploadedAt: T0, entryClasses: [] }];
  t.known.catalogue = { entries: [anEntry({ args: ARGS })], anyJarOn: [] };
  t.known.states = [aState({ at: t.store.clock - 40_000 })];
});

/** Until it is over, or has to wait longer than a moment. */
const steps = async (): Promise<void> => void (await runSteps(t, intake));
const written = (): string => JSON.stringify([t.store.get(ID), t.store.audit]);
const ending = (): string => {
  const { end } = t.store.get(ID);
  return end === null
    ? "open"
    : [`${end.ending} ${end.report.outcome}`, end.report.headline, ...end.report.lines].map(plain).join("\n");
};

test("the arguments of the catalog reach Flink, and neither the record nor the audit log", async () => {
  await steps();
  expect(t.effects.performed.map((p) => p.effect)).toMatchObject([{ do: "run", args: ARGS }]);
  expect(written()).not.toContain(SECRET);
  const kept = { args: { entry: "orders", shown: ["--topic", "orders", "--db-password", "***"] } };
  const { launched, run, intent } = t.store.get(ID);
  expect(launched).toMatchObject([kept]);
  expect(run?.effect).toMatchObject(kept);
  expect(intent.binds).toMatchObject({ launch: kept });
});

test("other arguments than those that were agreed to are not sent", async () => {
  const ask = t.effects.ask.bind(t.effects);
  t.effects.ask = () => {
    t.known.catalogue = { entries: [anEntry({ args: [...ARGS, "--fast"] })], anyJarOn: [] };
    return ask();
  };
  await steps();
  expect(t.effects.performed).toEqual([]);
  expect(ending()).toMatch(/^ran failed\norders was not started\n/u);
  expect(ending()).toContain("the arguments of this job in the catalog have changed since this was approved");
  expect(written()).not.toContain(SECRET);
});

test("arguments that changed while it waited are named, and it is void", async () => {
  await step(t.engine, intake);
  t.known.catalogue = { entries: [anEntry({ args: [...ARGS, "--fast"] })], anyJarOn: [] };
  await steps();
  expect(t.effects.performed).toEqual([]);
  expect(ending()).toMatch(/^void failed\n/u);
  expect(ending()).toContain("(launch args)");
});

test("a record of an older version, with its arguments in full, continues", async () => {
  await step(t.engine, intake);
  const before = t.store.get(ID);
  const { binds, facts } = before.intent;
  const launch = { jar: JAR, entryClass: "com.example.Orders", args: ["--a"], parallelism: null };
  const effect = { do: "run", jobId: effectIdOf(ID, "run", 0), from: null, ...launch } as const;
  t.store.put({
    ...before,
    state: "running",
    intent: { ...before.intent, binds, facts: { ...facts, launch } },
    run: {
      phase: "run",
      visit: 0,
      visits: { run: 0 },
      stage: "sending",
      effect: { ...effect, allowNonRestoredState: false },
      effectId: effect.jobId,
      lease: null,
      anchor: { startTime: null, flinkNow: 1 },
      sent: { is: "none" },
      results: {},
      startedAt: t.store.clock,
      enteredAt: t.store.clock,
      note: "",
      progress: null,
      table: null,
      notedAt: t.store.clock,
    },
  });
  await steps();
  expect(t.effects.performed.map((p) => p.effect)).toMatchObject([{ do: "run", args: ["--a"] }]);
});

test("what is kept under one of the keys is known, and the first key's digest is what is kept", () => {
  const [first, second] = [newKey(), newKey()];
  const entry = anEntry();
  const under = (...keys: [string, ...string[]]) => {
    const [one, ...others] = keys.map((key) => digestUnder(key, digested(entry)));
    return anEntry({ digests: [one ?? "", ...others] });
  };
  const kept = keptArgs(under(first));
  const known = (...keys: [string, ...string[]]) =>
    realArgs({ entries: [under(...keys)], anyJarOn: [] }, entry.cluster, { args: kept });
  expect(known(first)).toEqual(entry.args);
  expect(known(second, first)).toEqual(entry.args);
  expect(known(second)).toBeNull();
  expect(kept.sha256).not.toBe(createHash("sha256").update(digested(entry)).digest("hex"));
});

test("equal arguments of two jobs do not look equal, other arguments neither", () => {
  const digests = [anEntry(), anEntry({ name: "b" }), anEntry({ cluster: "b" }), anEntry({ args: [] })].map(
    (entry) => keptArgs(entry).sha256,
  );
  expect(new Set(digests).size).toBe(4);
});
