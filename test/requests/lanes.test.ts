import { expect, it } from "vitest";
import type { Lane } from "../../src/model/flink-reads.ts";
import type { Operation } from "../../src/model/operation.ts";
import { cancel } from "../../src/operations/cancel/cancel.ts";
import { operations } from "../../src/operations/index.ts";
import { status } from "../../src/operations/status.ts";
import { lanesOf as queuesOf, lanesToSearch } from "../../src/queue/lanes.ts";
import { answerRead } from "../../src/queue/read.ts";
import { laneOf } from "../../src/requests/steps/phase-context.ts";
import type { Engine } from "../../src/requests/ports/engine.ts";
import { intakeFromRecord } from "../../src/requests/record/intake-from-record.ts";
import type { Approval } from "../../src/requests/record/record.ts";
import { draftOf } from "../../src/requests/steps/consider.ts";
import { step } from "../../src/requests/steps/step.ts";
import { aChange, anEngine, anIntake } from "./an-engine.ts";

const approval: Approval = {
  needed: 1,
  by: { groups: [], users: [] },
  expiresAt: 1,
  digest: "",
  votes: [],
};

/** An engine, and the lanes that it was asked for. */
function watched(row: Operation): { engine: Engine; lanes: Set<Lane> } {
  const { engine } = anEngine(row);
  const lanes = new Set<Lane>();
  return {
    lanes,
    engine: {
      ...engine,
      cluster: (name, lane) => {
        lanes.add(lane);
        return engine.cluster(name, lane);
      },
    },
  };
}
async function lanesOf(row: Operation): Promise<Lane[]> {
  const { engine, lanes } = watched(row);
  for (let i = 0; i < 10; i += 1) if ((await step(engine, anIntake())).is === "done") break;
  return [...lanes];
}

it("a change has the connections of changes from its first look to its last", async () => {
  expect(await lanesOf(aChange())).toEqual(["change"]);
});

it("what supersedes others has those of the brake", async () => {
  expect(await lanesOf({ ...aChange(), preempts: () => true })).toEqual(["brake"]);
});

it("so has what ends a job, once it is approved", () => {
  const row = { ...aChange(), ends: true } as const;
  expect(laneOf(row, { args: {}, approval: null })).toBe("change");
  expect(laneOf(row, { args: {}, approval })).toBe("brake");
  expect(laneOf(aChange(), { args: {}, approval })).toBe("change");
  expect(laneOf(undefined, { args: {}, approval })).toBe("change");
});

it("a question has those of questions", async () => {
  const { engine, lanes } = watched(status);
  await answerRead(engine, anIntake({ operation: "status", args: { job: "orders" } }));
  expect([...lanes]).toEqual(["read"]);
});

it("cancel and stop are what ends a job", () => {
  const ends = operations.flatMap((row) => (row.kind === "change" && row.ends === true ? [row.name] : []));
  expect(ends.toSorted()).toEqual(["cancel", "stop"]);
  expect(cancel.preempts?.({ job: "orders", format: "canonical", withSavepoint: false })).toBe(true);
});

it("finds the queue job of a request that was made with break-glass and did not need it", () => {
  const laneOfQueue = queuesOf([aChange()]);
  const asked = laneOfQueue(anIntake({ breakGlass: true }));
  const draft = draftOf(anIntake({ breakGlass: true }), "operate");
  expect([asked, laneOfQueue(intakeFromRecord(draft))]).toEqual(["break-glass", "break-glass"]);
  expect(lanesToSearch(asked)).toEqual(["break-glass"]);
});
