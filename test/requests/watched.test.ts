import { describe, expect, it } from "vitest";
import { FlinkUnreachable } from "../../src/model/errors.ts";
import type { AsyncOperation } from "../../src/model/flink-reads.ts";
import type { Observation } from "../../src/model/operation.ts";
import type { Next } from "../../src/requests/ports/engine.ts";
import { step } from "../../src/requests/steps/step.ts";
import { aChange, anEngine, anIntake, aSendingTurn, JOB_ID } from "./an-engine.ts";

const until: AsyncOperation = { kind: "savepoint", jobId: JOB_ID, triggerId: "t1" };
const pending: Observation<string> = { kind: "pending", note: "Flink is writing", until };

/** The next step of a request whose effect was sent so long ago. */
async function next(
  observations: Parameters<typeof aChange>[0],
  { ageMs, limitMs }: { ageMs: number; limitMs?: number },
): Promise<Next> {
  const change = aChange(observations);
  const one = change.phases["one"];
  if (one === undefined) throw new Error("no phase");
  const limit = { ms: () => limitMs ?? 0, decide: () => pending };
  const phases = { ...change.phases, one: { ...one, ...(limitMs === undefined ? {} : { limit }) } };
  const t = anEngine({ ...change, phases });
  t.store.put(
    aSendingTurn({ stage: "sent", sent: { is: "accepted", answer: null }, enteredAt: t.store.clock - ageMs }),
  );
  return await step(t.engine, anIntake());
}
const watchedOf = (one: Next) => (one.is === "again" ? one.watched : undefined);

describe("a step that waits for an operation of Flink", () => {
  it("says which and for how long, so that its process can watch", async () => {
    const one = await next([pending], { ageMs: 8000 });
    expect(one).toMatchObject({ is: "again", inMs: 2000 });
    expect(watchedOf(one)).toEqual({ cluster: "prod", until, ageMs: 8000, atMostMs: 52_001 });
  });

  it("is followed by one just after the phase's deadline, which is watched without end after that", async () => {
    expect(watchedOf(await next([pending], { ageMs: 59_000 }))?.atMostMs).toBe(1001);
    expect(watchedOf(await next([pending], { ageMs: 70_000 }))?.atMostMs).toBe(Number.POSITIVE_INFINITY);
  });

  it("is followed by one just after the phase's limit", async () => {
    expect(watchedOf(await next([pending], { ageMs: 1000, limitMs: 5000 }))?.atMostMs).toBe(4001);
  });
});

it.each<[string, Parameters<typeof aChange>[0]]>([
  ["waits for something else", [{ kind: "pending", note: "still at it" }]],
  ["could not read Flink", [new FlinkUnreachable("connect ECONNREFUSED", "no")]],
  ["has come to the end", []],
])("a step that %s names nothing to watch", async (_, observations) => {
  const one = await next(observations, { ageMs: 8000 });
  expect(one.is).toBe("again");
  expect(watchedOf(one)).toBeUndefined();
});
