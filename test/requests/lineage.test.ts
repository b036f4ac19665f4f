import { describe, expect, it } from "vitest";
import { FlinkUnreachable } from "../../src/model/errors.ts";
import type { JobSummary } from "../../src/model/flink-jobs.ts";
import type { Change } from "../../src/model/operation.ts";
import { plain } from "../../src/model/text.ts";
import type { RequestOnName } from "../../src/model/knowledge.ts";
import type { Next } from "../../src/requests/ports/engine.ts";
import type { Intake, RequestRecord } from "../../src/requests/record/record.ts";
import { step } from "../../src/requests/steps/step.ts";
import { aJob } from "../fakes/flink-reads.ts";
import { aRecord, aRun } from "../slack/a-record.ts";
import { aChange, anEngine, anIntake, ANA, ID, JOB_ID, runSteps, type TestEngine } from "./an-engine.ts";

const X = "eeee0000000000000000000000000002";
const OTHER = "r7654321000000000000000000000000";

/** A row that stops what holds the job, and holds the name as well. */
const brake = (over: Partial<Change<unknown>> = {}): Change<unknown> => ({
  ...aChange(),
  allowedIn: "any",
  preempts: () => true,
  holds: () => [{ job: JOB_ID }, { name: "orders" }],
  ...over,
});

const restart = (over: Partial<RequestOnName> = {}): RequestOnName => ({
  id: OTHER,
  headline: "Restart orders",
  actor: "U0CEM00001",
  state: "running",
  askedAt: 0,
  jobId: JOB_ID,
  jobName: "orders",
  launched: [{ jobId: X, fate: "sent" }],
  savepoint: null,
  ended: null,
  link: null,
  ...over,
});

const running = (id: string, claims: readonly string[]): RequestRecord =>
  aRecord({ id, state: "running", approval: null, claims, run: aRun({ phase: "one" }) });

const run = async (t: TestEngine, intake: Intake = anIntake()): Promise<Next> => await runSteps(t, intake);

const said = (t: TestEngine, id = ID): string => {
  const report = t.store.get(id).end?.report;
  return report === undefined ? "open" : [report.headline, ...report.lines].map(plain).join("\n");
};

describe("a brake", () => {
  it("means the job that a request is just starting, where Flink has none yet", async () => {
    const t = anEngine(brake());
    t.reads.theJob = null;
    t.known.requests = [restart({ launched: [{ jobId: X, fate: "coming" }] })];
    await run(t);
    expect(t.store.get(ID).target).toEqual({ kind: "job", cluster: "prod", jobId: JOB_ID, name: "orders" });
    t.known.requests = [restart({ jobId: "", launched: [{ jobId: X, fate: "coming" }] })];
    await run(t, anIntake({ requestId: "r2" }));
    expect(t.store.get("r2").target).toMatchObject({ jobId: X });
    t.known.requests = [];
    await run(t, anIntake({ requestId: "r3" }));
    expect(said(t, "r3")).toContain("There is no job orders");
  });

  it("takes over everybody who holds something of it, in one commit, and each card links the other", async () => {
    const t = anEngine(brake());
    t.engine.link = (id) => Promise.resolve(`https://slack.example/${id}`);
    t.store.put(running("r8", [`prod/id/${JOB_ID}`]));
    t.store.put(running("r9", ["prod/name/orders"]));
    t.store.claims.set(`prod/id/${JOB_ID}`, "r8").set("prod/name/orders", "r9");
    await run(t);
    expect(t.effects.performed).toHaveLength(1);
    expect(t.store.get(ID).supersedes).toEqual([
      { requestId: "r8", link: "https://slack.example/r8" },
      { requestId: "r9", link: "https://slack.example/r9" },
    ]);
    for (const id of ["r8", "r9"])
      expect(t.store.get(id).supersededBy).toEqual({
        requestId: ID,
        actor: ANA.user,
        link: `https://slack.example/${ID}`,
      });
    expect(t.store.claims.size).toBe(0);
  });

  it("waits for nobody who is over: what is left of their claim is taken", async () => {
    const t = anEngine(brake());
    t.store.put({ ...running("r8", [`prod/id/${JOB_ID}`]), state: "ended" });
    t.store.claims.set(`prod/id/${JOB_ID}`, "r8");
    const next = await run(t);
    expect(next).toEqual({ is: "done" });
    expect(t.store.get("r8").supersededBy).toBeNull();
  });

  it("waits for nobody of whom Redis holds what is not ours", async () => {
    const t = anEngine(brake());
    t.store.put(running("r8", [`prod/id/${JOB_ID}`]));
    t.store.claims.set(`prod/id/${JOB_ID}`, "r8");
    t.store.forged.add("r8");
    expect(await run(t)).toEqual({ is: "done" });
    expect(t.store.get(ID).state).toBe("closed");
  });
});

describe("a request that was taken over", () => {
  const by = { requestId: "r9", actor: "U0BEN00001", link: "https://slack.example/r9" };

  it("says by whom and what it had done, and nothing of what the job does now", async () => {
    const lines = ["Savepoint failed.", "The job is RUNNING."];
    const t = anEngine(
      aChange([{ kind: "end", report: { outcome: "failed", headline: "orders was not stopped", lines } }]),
    );
    t.store.put({ ...running(ID, []), operation: "turn", supersededBy: by, askedAt: 1_000_000 });
    await run(t);
    expect(said(t)).toBe(
      "Stop orders with a savepoint: stopped half way\nSuperseded by request r9 of @U0BEN00001.",
    );
  });

  it("keeps the savepoint that it had written", async () => {
    const t = anEngine(
      aChange([{ kind: "end", report: { outcome: "failed", headline: "not started again", lines: [] } }]),
    );
    const results = { stop: { location: "s3://b/sp" } };
    const run_ = aRun({ phase: "one", results });
    t.store.put({ ...running(ID, []), operation: "turn", supersededBy: by, run: run_ });
    await run(t);
    expect(said(t)).toContain("Savepoint: s3://b/sp");
  });
});

describe("one of many, whose job a request of ours has replaced", () => {
  const CHILD = "r5555555000000000000000000000000";
  const intake = anIntake({
    requestId: CHILD,
    parent: "r0",
    job: JOB_ID,
    bound: { jobId: JOB_ID, name: "orders" },
  });
  const parent = aRecord({
    id: "r0",
    state: "running",
    approval: null,
    actor: ANA,
    children: [{ id: CHILD, jobId: JOB_ID, name: "orders" }],
    run: aRun(),
  });
  const replaced = () => {
    const t = anEngine({ ...aChange(), allowedIn: ["RUNNING"] });
    t.store.put(parent);
    t.reads.theJob = aJob({ jobId: JOB_ID, state: "FINISHED" });
    t.reads.sightings.set(X, { is: "alive", state: "RUNNING" });
    return t;
  };

  it("waits while that is in progress, then acts on the job in its place", async () => {
    const t = replaced();
    t.known.requests = [restart()];
    expect(await run(t, intake)).toEqual({ is: "again", inMs: 1000 });
    t.known.requests = [restart({ state: "over" })];
    await run(t, intake);
    expect(t.store.get(CHILD).target).toMatchObject({ jobId: X });
    expect(t.store.get(CHILD).end?.report.outcome).toBe("done");
  });

  it("acts on it also where it was replaced while the other held its claim", async () => {
    const t = replaced();
    t.reads.theJob = aJob({ jobId: JOB_ID });
    t.store.put(running(OTHER, [`prod/id/${JOB_ID}`]));
    t.store.claims.set(`prod/id/${JOB_ID}`, OTHER);
    await run(t, intake);
    expect(t.store.get(CHILD).waiting?.holder).toBe(OTHER);
    t.store.claims.clear();
    t.store.put({ ...running(OTHER, []), state: "closed" });
    t.reads.theJob = aJob({ jobId: JOB_ID, state: "FINISHED" });
    t.known.requests = [restart({ state: "over" })];
    await run(t, intake);
    expect(t.store.get(CHILD).target).toMatchObject({ jobId: X });
    expect(t.store.get(CHILD).claims).toEqual([`prod/id/${X}`]);
    expect(t.store.get(CHILD).end?.report.outcome).toBe("done");
  });

  it("is reported as gone if no job of ours is in its place, whatever has the name now", async () => {
    const t = replaced();
    await run(t, intake);
    expect(said(t, CHILD)).toContain("orders is FINISHED: turn needs RUNNING.");
    expect(t.effects.performed).toEqual([]);
  });
});

/** The same request, waiting for approval. */
const open = (over: Partial<RequestRecord> = {}) => ({
  ...aRecord({
    id: OTHER,
    operation: "turn",
    args: {},
    target: { kind: "job", cluster: "prod", jobId: JOB_ID, name: "orders" },
  }),
  ...over,
});

describe("the same, asked for twice", () => {
  it("points to the open one", async () => {
    const t = anEngine(aChange());
    t.engine.link = (id) => Promise.resolve(`https://slack.example/${id}`);
    t.store.put(open());
    await run(t);
    expect(said(t)).toContain("The same request already exists: r7654321, by @U0ANA00001");
    expect(t.store.get(ID).end?.ending).toBe("refused");
    expect(t.effects.performed).toEqual([]);
  });

  it.each<[string, Partial<RequestRecord>]>([
    ["is over", { state: "closed" }],
    ["has other arguments", { args: { format: "native" } }],
    ["is another operation", { operation: "stop" }],
    ["is one of many", { parent: "r0" }],
  ])("is not the same where the other one %s", async (_, over) => {
    const t = anEngine(aChange());
    t.store.put(open(over));
    await run(t);
    expect(t.effects.performed).toHaveLength(1);
  });
});

describe("a card that waits for approval", () => {
  const awaiting = (row: Change<unknown>) => {
    const t = anEngine(row);
    t.store.put({ ...aRecord(), id: ID, operation: "turn", askedAt: t.store.clock - 60_000, target: TARGET });
    return t;
  };
  const TARGET = { kind: "job", cluster: "prod", jobId: JOB_ID, name: "orders" } as const;

  it("is closed at once where its job has ended meanwhile", async () => {
    const t = awaiting({ ...aChange(), allowedIn: ["RUNNING"] });
    await step(t.engine, anIntake());
    expect(t.store.get(ID).state).toBe("awaiting");
    t.reads.theJob = aJob({ jobId: JOB_ID, state: "CANCELED" });
    await run(t);
    expect(said(t)).toBe(
      "Nothing left to approve\norders has ended meanwhile: it is CANCELED.\nNothing was changed by this request.",
    );
    expect(t.store.get(ID).end?.ending).toBe("void");
  });

  it("is not closed for a job that Flink does not list just now, or where nobody answers", async () => {
    const t = awaiting({ ...aChange(), allowedIn: ["RUNNING"] });
    t.reads.theJob = null;
    t.reads.missingMs = 600_000;
    await run(t);
    expect(t.store.get(ID).state).toBe("awaiting");
    t.reads.down = new FlinkUnreachable("connect ECONNREFUSED", "no");
    await run(t);
    expect(t.store.get(ID).state).toBe("awaiting");
  });

  it("is not closed where it is a brake and something of its line is left", async () => {
    const t = awaiting(brake());
    t.reads.theJob = aJob({ jobId: JOB_ID, state: "FINISHED" });
    await run(t);
    expect(t.store.get(ID).state).toBe("awaiting");
    t.engine.operations = new Map([
      ["turn", brake({ open: () => Promise.resolve({ refuse: "orders has ended." }) })],
    ]);
    await run(t);
    expect(said(t)).toContain("orders has ended.");
  });

  it("is woken by the end of another request about its job", async () => {
    const t = anEngine(aChange());
    t.store.put({ ...aRecord(), id: "r8", target: TARGET });
    await run(t);
    expect(t.woken).toContain("r8");
  });
});

describe("not being listed just now", () => {
  it("holds a request up, and gives it up only after the time of a fail-over", async () => {
    const t = anEngine({ ...aChange(), allowedIn: ["RUNNING"] });
    const jobs: readonly JobSummary[] = await t.reads.overview();
    t.reads.overview = () => Promise.resolve(jobs);
    t.reads.sightings.set(JOB_ID, { is: "absent", forMs: 1000, answers: 1, by: ["jm-1"] });
    expect((await run(t)).is).toBe("again");
    expect(plain(t.store.get(ID).waiting?.words ?? "")).toContain("does not list orders at the moment");
    t.reads.sightings.set(JOB_ID, { is: "absent", forMs: 60_000, answers: 9, by: ["jm-1"] });
    await run(t);
    expect(said(t)).toContain("the job is gone");
    expect(t.effects.performed).toEqual([]);
  });
});
