import { describe, expect, it } from "vitest";
import { aJob, FakeFlinkReads, T0 } from "../fakes/flink-reads.ts";
import { anEntry, aState, JAR } from "../fakes/knowledge.ts";
import { Drive } from "./drive.ts";

const jars = [{ id: JAR, name: "orders-1.0.jar", uploadedAt: T0 - 3_600_000, entryClasses: [] }];

/** The job runs or has ended, one state of it is known, and the catalog names it. */
async function changeOf(text: string, job = aJob()): Promise<unknown> {
  const flink = new FakeFlinkReads();
  flink.theJob = job;
  flink.theJars = jars;
  const drive = new Drive(text, flink);
  drive.known.catalogue = { entries: [anEntry({ parallelism: 2 })], anyJarOn: [] };
  drive.known.states = [aState({ at: T0 - 40_000 })];
  return (await drive.intended()).change;
}

describe("what a rule may ask of a change", () => {
  const ended = aJob({ state: "FAILED", endedAt: T0 });
  const started = { jar: "orders-1.0.jar", catalogued: true, allowNonRestoredState: false };

  it.each([
    ["stop orders", aJob(), { drain: false }],
    ["stop orders --drain", aJob(), { drain: true }],
    ["cancel orders", aJob(), undefined],
    ["scale orders 3", aJob(), { parallelism: { from: expect.any(Number), to: 3 } }],
    ["restart orders --parallelism 3", aJob(), { ...started, parallelism: { from: 1, to: 3 } }],
    [
      "run orders",
      ended,
      { ...started, parallelism: { from: null, to: 2 }, state: { kind: "savepoint", ageMs: 40_000 } },
    ],
    [
      "run orders --from none --allow-non-restored-state",
      ended,
      {
        ...started,
        allowNonRestoredState: true,
        parallelism: { from: null, to: 2 },
        state: { kind: "none", ageMs: null },
      },
    ],
    [
      `rollback orders --from ${aState().path}`,
      aJob(),
      { ...started, parallelism: { from: 1, to: 1 }, state: { kind: "savepoint", ageMs: 40_000 } },
    ],
  ])("%s", async (text, job, expected) => {
    expect(await changeOf(text, job)).toEqual(expected);
  });
});
