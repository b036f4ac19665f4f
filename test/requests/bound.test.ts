import { describe, expect, it } from "vitest";
import type { JobSummary } from "../../src/model/flink-jobs.ts";
import type { Effect } from "../../src/model/effect.ts";
import type { PhaseContext } from "../../src/model/operation.ts";
import { plain } from "../../src/model/text.ts";
import type { Intake } from "../../src/requests/record/record.ts";
import { aJob } from "../fakes/flink-reads.ts";
import { aRecord, aRun } from "../slack/a-record.ts";
import { aChange, ANA, anEngine, anIntake, ID, JOB_ID, runSteps, type TestEngine } from "./an-engine.ts";

const TWIN = "eeee0000000000000000000000000002";
const CHILD = "r5555555000000000000000000000000";
const FIRST = "r6666666000000000000000000000000";
const SECOND = "r7777777000000000000000000000000";

const endsWell = () =>
  Promise.resolve({
    kind: "end" as const,
    report: { outcome: "done" as const, headline: "all done", lines: [] },
  });

/** One of many, frozen when `orders` was this job. */
const child = (jobId: string, requestId = CHILD): Intake =>
  anIntake({ requestId, parent: "r0", job: jobId, bound: { jobId, name: "orders" } });

/** Cancels the job that it acts on. */
const cancelsIt = (c: PhaseContext<unknown>): Promise<Effect> =>
  Promise.resolve({ do: "cancel", jobId: c.target.jobId });

/** Under way, for three children. */
function aBulkRequest(): TestEngine {
  const row = aChange();
  const one = { deadlineMs: 60_000, effect: cancelsIt, observe: endsWell };
  const t = anEngine({ ...row, allowedIn: ["RUNNING"], phases: { ...row.phases, one } });
  const children = [
    { id: CHILD, jobId: JOB_ID, name: "orders" },
    { id: FIRST, jobId: JOB_ID, name: "orders" },
    { id: SECOND, jobId: TWIN, name: "orders" },
  ];
  t.store.put(aRecord({ id: "r0", state: "running", approval: null, actor: ANA, children, run: aRun() }));
  return t;
}

async function list(t: TestEngine, ...ids: readonly string[]): Promise<void> {
  const [row] = await t.reads.overview();
  if (row === undefined) throw new Error("no job");
  const jobs: readonly JobSummary[] = ids.map((jobId) => ({ ...row, jobId, name: "orders" }));
  t.reads.overview = () => Promise.resolve(jobs);
}

describe("a job that was bound is found by its id alone", () => {
  it("also where another one of its name was deployed in its place: that one is left alone, and it is said", async () => {
    const t = aBulkRequest();
    await list(t, TWIN);
    t.reads.sightings.set(JOB_ID, { is: "absent", forMs: 600_000, answers: 99, by: ["jm-1"] });
    await runSteps(t, child(JOB_ID));
    const report = t.store.get(CHILD).end?.report;
    const said = [report?.headline ?? "", ...(report?.lines ?? [])].map(plain).join("\n");
    expect(said).toContain("Job 3f9c0000 orders is no longer on prod.");
    expect(said).toContain("Another job of that name is running there: • eeee0000 orders");
    expect(t.effects.performed).toEqual([]);
  });

  it("two of one name each have their turn", async () => {
    const t = aBulkRequest();
    await list(t, JOB_ID, TWIN);
    t.reads.sightings.set(TWIN, { is: "alive", state: "RUNNING" });
    t.reads.job = (jobId) => Promise.resolve(aJob({ jobId }));
    await runSteps(t, child(JOB_ID, FIRST));
    await runSteps(t, child(TWIN, SECOND));
    expect(t.effects.performed.map((p) => p.effect)).toEqual([
      { do: "cancel", jobId: JOB_ID },
      { do: "cancel", jobId: TWIN },
    ]);
  });
});

it("a name that became two while the request waited is not guessed", async () => {
  const t = anEngine({ ...aChange(), allowedIn: ["RUNNING"] });
  await list(t, JOB_ID, TWIN);
  await runSteps(t, anIntake());
  expect(plain(t.store.get(ID).end?.report.headline ?? "")).toContain("orders matches 2");
  expect(t.effects.performed).toEqual([]);
});
