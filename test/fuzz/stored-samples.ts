import { aGlassRecord, aRecord, aRun, AT } from "../slack/a-record.ts";
import { anIntake } from "../requests/an-engine.ts";
import { JOB_ID } from "../fakes/flink-reads.ts";
import type { RequestRecord } from "../../src/requests/record/record.ts";

const ana = { user: "U0ANA00001", team: "T0HOME0001" };
const ben = { user: "U0BEN00001", team: "T0HOME0001" };
const by = { groups: ["S0APPROVE1"], users: ["U0BEN00001"] };
const savepoint = "s3://bucket/savepoints/r1/savepoint-3f9c00-1";

const approval: NonNullable<RequestRecord["approval"]> = {
  needed: 2,
  by,
  requirements: [
    [
      { from: ["leads"], count: 1, by },
      { from: ["risk"], count: 1, by },
    ],
  ],
  copyIn: "C0APPROVE1",
  remindAt: AT + 300_000,
  escalations: [{ at: AT + 600_000, by }],
  expiresAt: AT + 900_000,
  digest: "d1",
  votes: [
    { actor: ben, kind: "approve", at: AT + 1_000, digest: "d1", in: ["leads"] },
    {
      actor: { user: "U0CEM00001", team: "T0HOME0001" },
      kind: "deny",
      at: AT + 2_000,
      digest: "d1",
      reason: "not now",
    },
  ],
};

/** Requests in every state, of this version and of earlier ones. */
export const RECORDS: readonly unknown[] = [
  aRecord(),
  aRecord({
    approval,
    decided: { rule: "risk jobs", policy: "0123456789ab" },
    intent: {
      headline: [{ b: "Stop orders" }, " at ", { at: AT }],
      losses: ["41 s of input are read again"],
      warnings: [["see ", { link: "https://flink.example/#/job/1", label: "Flink" }, { code: "x" }]],
      details: [
        ["asked by ", { person: ana.user }, " in ", { channel: "C1" }, " of ", { group: "S0APPROVE1" }],
      ],
      binds: { startTime: AT, launch: { args: ["--x", "1"] }, alive: true },
      facts: { health: { busy: 0.5, names: ["a"] }, location: null },
      class: "destructive",
      change: {
        parallelism: { from: 4, to: 8 },
        drain: true,
        jobs: ["orders"],
        state: { kind: "savepoint", ageMs: 41_000 },
      },
    },
    suggestions: [{ actor: ben, at: AT, args: { job: "orders", parallelism: 6 }, command: "scale orders 6" }],
  }),
  aRecord({
    state: "ready",
    startBy: AT + 600_000,
    waiting: { holder: "r2", words: ["behind ", { code: "r2" }], claims: ["prod/job/1"], freeAt: AT },
  }),
  aRecord({
    state: "running",
    approval: null,
    claims: [`job/prod/${JOB_ID}`],
    run: aRun({
      effect: { do: "savepoint", jobId: JOB_ID, directory: "s3://bucket/sp", format: "CANONICAL" } as never,
      lease: { holder: "w1", until: AT + 10_000 },
      anchor: { startTime: AT - 3_600_000, flinkNow: AT, processes: ["jm-1"] },
      results: { stop: { location: savepoint }, again: 1 },
      visits: { stop: 1 },
      progress: [1, 3],
      table: {
        head: ["vertex", "state"],
        rows: [["Source", ["done ", { at: AT }]]],
        lines: [["Source: done"]],
      },
    }),
    milestones: [{ at: AT + 2_000, text: ["Savepoint: ", { code: savepoint }] }],
    launched: [
      {
        jobId: JOB_ID,
        from: savepoint,
        jar: "x_orders.jar",
        entryClass: null,
        args: ["--a"],
        parallelism: 4,
        allowNonRestoredState: false,
      },
      {
        jobId: JOB_ID,
        from: null,
        jar: "x.jar",
        entryClass: "a.B",
        args: { entry: "orders", shown: ["***"], sha256: "00" },
        parallelism: null,
        allowNonRestoredState: true,
      },
    ],
    children: [{ id: "r3", jobId: JOB_ID, name: "orders" }],
  }),
  aRecord({
    state: "ended",
    approval,
    run: aRun(),
    supersedes: [{ requestId: "r2", link: "https://acme.slack.com/archives/C1/p1" }],
    second: { dueAt: AT + 300_000, line: ["runs ", { b: "well" }], worse: false },
    end: {
      ending: "ran",
      at: AT + 30_000,
      report: {
        outcome: "done",
        headline: ["orders ", { b: "stopped" }],
        lines: [["Savepoint: ", { code: savepoint }], "41 MB, took 12 s"],
        facts: { location: savepoint },
        offers: [{ label: "Resume", operation: "run", args: { job: "prod/orders", from: savepoint } }],
        table: { head: ["a", "b"], rows: [["1", [{ code: "2" }]]] },
        file: { name: "stacks.txt", title: "Stacks", text: "x" },
      },
    },
  }),
  {
    ...aRecord({ state: "closed", supersededBy: { requestId: "r9", actor: ben.user } }),
    supersedes: { requestId: "r2" },
  },
  { ...aRecord({ state: "closed" }), supersedes: null },
  aGlassRecord(),
  aGlassRecord({
    state: "closed",
    breakGlass: {
      review: { from: ["leads"], count: 1, by },
      claim: "c",
      reviewed: { actor: ben, at: AT, justified: true, why: "pager" },
    },
  }),
];

const job = {
  jobId: JOB_ID,
  name: "orders",
  state: "RUNNING",
  startedAt: AT,
  endedAt: null,
  lastModifiedAt: AT,
  ageMs: 1_000,
  tasks: { total: 3, running: 3, finished: 0, failed: 0 },
  pendingOperators: 0,
  scheduler: "Adaptive",
  jobType: "STREAMING",
};
const facts = {
  version: "2.3.0",
  rescale: true,
  cancel: true,
  submit: true,
  application: false,
  elastic: false,
  slotsTotal: 4,
  slotsFree: 1,
  taskManagers: 1,
  scheduler: "adaptive",
  operatorManaged: null,
  savepointDirectory: "s3://bucket/sp",
  triggerMemoryMs: 300_000,
  readAt: AT,
};

/** The other values that are read back. */
export const VALUES: Readonly<
  Record<"intake" | "seen" | "states" | "vertices" | "lock", readonly unknown[]>
> = {
  intake: [
    anIntake(),
    anIntake({
      args: { job: "prod/orders", vertex: ["a", "b"] },
      bound: { jobId: JOB_ID, name: "orders" },
      dryRun: "calls",
      reason: "release",
    }),
    anIntake({ breakGlass: true, post: true, parent: "r0" }),
  ],
  seen: [
    {
      v: 1,
      readAt: AT,
      unreachableSince: null,
      problem: null,
      jobs: [job, { ...job, jobId: "b".repeat(32), name: "billing", state: "FAILED", endedAt: AT }],
      answeringSince: AT,
      missing: [{ jobId: JOB_ID, name: "orders", since: AT, answers: 2, by: ["jm-1"] }],
      facts,
    },
    { v: 1, readAt: null, unreachableSince: AT, problem: "does not answer", jobs: [] },
  ],
  states: [
    {
      v: 1,
      jobId: JOB_ID,
      name: "orders",
      state: "FAILED",
      seenAt: AT,
      retainedOnCancel: true,
      retainedOnFailure: true,
      states: [{ isSavepoint: true, path: savepoint, at: AT, sizeBytes: 41_000_000, format: "CANONICAL" }],
    },
    {
      v: 1,
      jobId: JOB_ID,
      name: "orders",
      state: "RUNNING",
      seenAt: AT,
      retainedOnCancel: true,
      retainedOnFailure: false,
      intervalMs: 10_000,
      startedAt: AT - 3_600_000,
      verticesAt: AT - 60_000,
      states: [{ isSavepoint: false, path: "s3://b/chk-7", at: AT, sizeBytes: 41_000_000, format: null }],
    },
  ],
  vertices: [
    {
      v: 1,
      jobId: JOB_ID,
      startedAt: AT - 3_600_000,
      at: AT,
      vertices: [
        { id: "a".repeat(32), name: "Source -> map", maxParallelism: 128, head: "Source", bytes: 265 },
        { id: "b".repeat(32), name: "count", maxParallelism: 128, head: null, bytes: 41_000_000 },
      ],
    },
    { v: 1, jobId: JOB_ID, startedAt: AT, at: AT, vertices: null },
  ],
  lock: [
    {
      v: 1,
      id: "l1",
      cluster: "prod",
      job: "orders",
      by: ana.user,
      reason: "a leak",
      at: AT,
      until: AT + 3_600_000,
      channel: "C1",
    },
  ],
};
