import { expect, test } from "vitest";
import { FlinkRefused } from "../../src/model/errors.ts";
import type { Aggregate } from "../../src/model/flink-jobs.ts";
import { isRefusal, type Report } from "../../src/model/report.ts";
import { status } from "../../src/operations/status.ts";
import { plain } from "../../src/model/text.ts";
import {
  aCheckpoint,
  aJob,
  anException,
  aVertex,
  checkpointsOf,
  FakeFlinkReads,
  JOB_ID,
  T0,
} from "../fakes/flink-reads.ts";
import { anEntry, aStop, FakeKnowledge } from "../fakes/knowledge.ts";
import { aLock } from "../fakes/locks.ts";
import { words } from "./drive.ts";

const ask = (flink: FakeFlinkReads, known = new FakeKnowledge()) =>
  status.read({
    args: { job: "orders" },
    target: { kind: "job", cluster: "prod", jobId: JOB_ID, name: "orders" },
    actor: "U1",
    requestId: "r",
    now: T0,
    flink,
    known,
  });
async function told(flink: FakeFlinkReads, known?: FakeKnowledge): Promise<Report> {
  const answer = await ask(flink, known);
  if (isRefusal(answer)) throw new Error(words(answer));
  return answer;
}
const over = (max: number) => ({ min: 0, max, avg: max / 2, sum: max });
const even = (n: number): Aggregate => ({ min: n, max: n, avg: n, sum: n });
const id = (i: number): string => String(i).padStart(32, "0");
const lines = (r: Report): string => r.lines.map(plain).join("\n");

test("state and since when, vertices, restarts, last checkpoint", async () => {
  const flink = new FakeFlinkReads();
  flink.theJob = aJob({ vertices: [aVertex({ parallelism: 2, tasksTotal: 2 })] });
  const report = await told(flink);
  expect(plain(report.headline)).toBe("🔴 orders: only 1 of 2 tasks run");
  expect(report.table?.rows.map((r) => r.map(plain))).toEqual([["Source", "2", "1 of 2 running"]]);
  expect(report.table?.head).toEqual(["Vertex", "Parallelism", "Tasks"]);
  expect(lines(report)).toBe(
    `orders has been RUNNING for 1 h, since 2027-01-15 07:00 UTC\nRestarts: 0\nLast checkpoint 41 s ago: 18.2 GB, took 350 ms\nprod, id ${JOB_ID}, Flink`,
  );
  expect(report.offers?.map((o) => [o.operation, o.args["job"]])).toEqual([
    ["status", `prod/${JOB_ID}`],
    ["diagnose", `prod/${JOB_ID}`],
    ["savepoint", `prod/${JOB_ID}`],
    ["scale", `prod/${JOB_ID}`],
    ["stop", `prod/${JOB_ID}`],
  ]);
});

test("failures, savepoints and the last exception's first line", async () => {
  const flink = new FakeFlinkReads();
  flink.theExceptions = [anException({ task: "Map (1/4)" })];
  flink.theCheckpoints = checkpointsOf(
    aCheckpoint({ id: 9, kind: "failed", failure: "Checkpoint was declined.", triggeredAt: T0 - 9_000 }),
    aCheckpoint({ id: 8, isSavepoint: true, path: "s3://b/sp", triggeredAt: T0 - 20_000 }),
    aCheckpoint(),
  );
  const said = lines(await told(flink));
  expect(said).toContain("The latest checkpoint failed, 9 s ago: Checkpoint was declined.");
  expect(said).toContain("Last savepoint 20 s ago: s3://b/sp");
  expect(said).toContain("Last exception, 5 s ago in Map (1/4): IllegalStateException: boom");
});

test("a job that has ended, without checkpoints, metrics and link", async () => {
  const flink = new FakeFlinkReads();
  flink.theJob = aJob({ state: "CANCELED", endedAt: T0, stateSince: T0 - 60_000, vertices: [] });
  flink.theCheckpoints = null;
  flink.metrics = {};
  const report = await told(flink);
  expect(plain(report.headline)).toContain("⚪ orders has been CANCELED for 1 m");
  expect(lines(report)).toContain("Checkpoints: off");
  expect(lines(report)).not.toContain("Restarts");
  expect(report.table).toBeUndefined();
  expect(report.offers?.map((o) => [o.operation, o.args["job"]])).toEqual([
    ["status", `prod/${JOB_ID}`],
    ["savepoints", "prod/orders"],
  ]);
});

test("finished tasks are told apart from those that run", async () => {
  const flink = new FakeFlinkReads();
  const two = { parallelism: 2, tasksTotal: 2 };
  flink.theJob = aJob({
    vertices: [
      aVertex({ ...two, tasksRunning: 0, tasksFinished: 2, state: "FINISHED" }),
      aVertex({ ...two, id: "b", name: "Half", tasksRunning: 1, tasksFinished: 1 }),
      aVertex({ ...two, id: "c", name: "Missing", tasksRunning: 0, tasksFinished: 1 }),
      aVertex({ id: "d", name: "Waits", tasksRunning: 0, tasksTotal: 0 }),
    ],
  });
  const { table } = await told(flink);
  expect(table?.rows.map((r) => [plain(r[0] ?? ""), plain(r[2] ?? "")])).toEqual([
    ["Source", "finished"],
    ["Half", "1 of 2 running, 1 finished"],
    ["Missing", "0 of 2 running, 1 finished"],
    ["Waits", "no tasks yet"],
  ]);
});

const LATE = { backPressuredTimeMsPerSecond: over(800) };
const failedCheckpoint = checkpointsOf(aCheckpoint({ id: 9, kind: "failed", triggeredAt: T0 - 9_000 }));

test.each<[string, (flink: FakeFlinkReads) => void]>([
  ["🟢 orders has been RUNNING for 1 h, since 2027-01-15 07:00 UTC", () => undefined],
  ["🟠 orders failed 5 s ago and runs again", (flink) => (flink.theExceptions = [anException()])],
  [
    "🟢 orders has been RUNNING for 1 h",
    (flink) => (flink.theExceptions = [anException({ at: T0 - 601_000 })]),
  ],
  ["🟠 orders: the latest checkpoint failed", (flink) => (flink.theCheckpoints = failedCheckpoint)],
  ["🔴 orders has been RESTARTING for 1 h", (flink) => (flink.theJob = aJob({ state: "RESTARTING" }))],
  ["🟡 orders has been CREATED for 1 h", (flink) => (flink.theJob = aJob({ state: "CREATED" }))],
  ["⚪ orders has been FINISHED for 1 h", (flink) => (flink.theJob = aJob({ state: "FINISHED" }))],
  [
    "🟠 orders is behind: Sink is the bottleneck, busy 99%",
    (flink) => {
      const sink = aVertex({ id: id(2), name: "Sink" });
      flink.theJob = aJob({ vertices: [aVertex({ id: id(1) }), sink] });
      flink.theEdges = [{ from: id(1), to: id(2), ship: "HASH" }];
      flink.vertexLoads = { [id(1)]: LATE, [id(2)]: { busyTimeMsPerSecond: over(990) } };
    },
  ],
])("the first line is the one thing to know: %s", async (first, is) => {
  const flink = new FakeFlinkReads();
  is(flink);
  const report = await told(flink);
  expect(plain(report.headline).startsWith(first)).toBe(true);
  // the state is said once, in the headline or below it
  expect(`${plain(report.headline)}\n${lines(report)}`.match(/orders has been/gu)).toHaveLength(1);
});

test("a job that is gone", async () => {
  const flink = new FakeFlinkReads();
  flink.theJob = null;
  const answer = await ask(flink);
  expect(isRefusal(answer) && words(answer)).toContain("orders is no longer known to prod.");
});

test("the picture: edges, and the load of the busiest subtask", async () => {
  const flink = new FakeFlinkReads();
  const [source, window] = [aVertex(), aVertex({ id: "bbbb0000000000000000000000000002", name: "Window" })];
  flink.theJob = aJob({ vertices: [source, window] });
  flink.theEdges = [{ from: source.id, to: window.id, ship: "HASH" }];
  flink.vertexLoads = {
    [source.id]: { busyTimeMsPerSecond: over(120), backPressuredTimeMsPerSecond: over(880) },
  };
  expect((await told(flink)).picture).toEqual({
    kind: "job graph",
    job: "orders",
    state: "RUNNING",
    at: T0,
    edges: flink.theEdges,
    slows: [window.id],
    vertices: [
      {
        id: source.id,
        name: "Source",
        parallelism: 1,
        tasksRunning: 1,
        tasksFinished: 0,
        tasksTotal: 1,
        busy: 0.12,
        backPressured: 0.88,
      },
      {
        id: window.id,
        name: "Window",
        parallelism: 1,
        tasksRunning: 1,
        tasksFinished: 0,
        tasksTotal: 1,
        busy: null,
        backPressured: null,
      },
    ],
  });
});

test("no picture of a job that has ended, and words where its edges cannot be read", async () => {
  const flink = new FakeFlinkReads();
  flink.theJob = aJob({ state: "FINISHED" });
  expect((await told(flink)).picture).toBeUndefined();
  flink.theJob = aJob();
  flink.edges = () => Promise.reject(new FlinkRefused("no", 500));
  expect((await told(flink)).picture).toBeUndefined();
});

test("of many vertices those that need a look are shown, in the order of the graph", async () => {
  const flink = new FakeFlinkReads();
  const vertices = Array.from({ length: 150 }, (_, i) => aVertex({ id: id(i), name: `v${i}` }));
  flink.theJob = aJob({ vertices: vertices.map((v, i) => (i === 120 ? { ...v, tasksRunning: 0 } : v)) });
  flink.theEdges = [{ from: id(100), to: id(140), ship: "HASH" }];
  flink.vertexLoads = {
    [id(100)]: { backPressuredTimeMsPerSecond: over(800) },
    [id(140)]: { busyTimeMsPerSecond: over(990) },
  };
  const report = await told(flink);
  const names = report.table?.rows.map((row) => plain(row[0] ?? "")) ?? [];
  expect(names).toHaveLength(40);
  expect(names.slice(-3)).toEqual(["v100", "v120", "v140"]);
  expect(plain(report.headline)).toBe("🔴 orders: only 149 of 150 tasks run");
  expect(lines(report)).toContain("40 of 150 vertices, those with trouble or the most load:");
});

test("a job that failed says why, also where it has no exceptions, and offers to look", async () => {
  const flink = new FakeFlinkReads();
  flink.theJob = aJob({ state: "FAILED" });
  flink.theFailure = "no main class";
  const report = await told(flink);
  expect(lines(report)).toContain("Why it failed: no main class");
  expect(report.offers?.map((o) => o.label)).toEqual(["Refresh", "Diagnose", "Savepoints"]);
  flink.failure = () => Promise.reject(new FlinkRefused("no", 500));
  expect(lines(await told(flink))).not.toContain("Why it failed");
});

test.each([
  ["FAILED", ["Refresh", "Diagnose", "Resume", "Savepoints"]],
  ["CANCELED", ["Refresh", "Resume", "Savepoints"]],
  ["FINISHED", ["Refresh", "Savepoints"]],
] as const)("a catalogued job that is %s can be resumed from here", async (state, labels) => {
  const flink = new FakeFlinkReads();
  flink.theJob = aJob({ state });
  const known = new FakeKnowledge();
  known.catalogue = { entries: [anEntry()], anyJarOn: [] };
  const { offers } = await told(flink, known);
  expect(offers?.map((o) => o.label)).toEqual(labels);
});

test("a job that one of our requests stopped says who did it, and can be resumed unless another one runs", async () => {
  const flink = new FakeFlinkReads();
  flink.theJob = aJob({ state: "FINISHED", endedAt: T0 - 60_000 });
  const known = new FakeKnowledge();
  known.catalogue = { entries: [anEntry()], anyJarOn: [] };
  known.requests = [aStop()];
  const report = await told(flink, known);
  expect(plain(report.headline)).toBe("⚪ orders was stopped 2027-01-15 07:59 UTC by @U0BEN00001");
  expect(lines(report)).toContain("orders has been FINISHED for 1 h");
  expect(report.offers?.map((o) => o.label)).toEqual(["Refresh", "Resume", "Savepoints"]);
  flink.others = [aJob({ jobId: "9".repeat(32) })];
  expect((await told(flink, known)).offers?.map((o) => o.label)).toEqual(["Refresh", "Savepoints"]);
});

test.each([
  ["twice as wide", { slotsFree: 4 }, 128, "Scale to 4"],
  ["as far as the slots go", { slotsFree: 1 }, 128, "Scale to 3"],
  ["as far as the maximum goes", { slotsFree: 4 }, 3, "Scale to 3"],
  ["not without a slot", { slotsFree: 0 }, 128, undefined],
  ["not at the maximum", { slotsFree: 4 }, 2, undefined],
  ["not where the cluster cannot", { slotsFree: 4, rescale: false }, 128, undefined],
])("the button to scale: %s", async (_name, can, maxParallelism, label) => {
  const flink = new FakeFlinkReads();
  flink.theCapabilities = { ...flink.theCapabilities, ...can };
  flink.theJob = aJob({ vertices: [aVertex({ parallelism: 2, maxParallelism })] });
  const { offers } = await told(flink);
  expect(offers?.find((o) => o.operation === "scale")?.label).toBe(label);
});

test("names the vertex that holds the job back, with every load", async () => {
  const flink = new FakeFlinkReads();
  flink.theLinks = [{ label: "Grafana", url: "https://grafana.example/orders" }];
  flink.vertexLoads = {
    aaaa0000000000000000000000000001: {
      busyTimeMsPerSecond: even(100),
      backPressuredTimeMsPerSecond: even(800),
      idleTimeMsPerSecond: even(100),
      numRecordsOutPerSecond: even(20),
    },
    bbbb0000000000000000000000000002: {
      busyTimeMsPerSecond: even(1000),
      backPressuredTimeMsPerSecond: even(0),
      numRecordsInPerSecond: even(20),
    },
  };
  const report = await told(flink);
  expect(plain(report.headline)).toBe("🟠 orders is behind: Window is the bottleneck, busy 100%");
  expect(lines(report)).toContain(", Flink, Grafana");
  expect(report.table?.rows.map((row) => row.map(plain).join(" | "))).toEqual([
    "Source | 1 | 1 of 1 running | 10% | 80% |  | 20/s",
    "Window | 1 | 1 of 1 running | 100% | 0% | 20/s | ",
  ]);
  expect(report.table?.lines?.map(plain)).toEqual([
    "Source · parallelism 1 · 1 of 1 running · 10% busy, 80% back-pressured, 20/s out",
    "Window · parallelism 1 · 1 of 1 running · 100% busy, 0% back-pressured, 20/s in",
  ]);
  expect(report.offers?.map((o) => o.label)).toEqual([
    "Refresh",
    "Diagnose",
    "Savepoint",
    "Scale to 2",
    "Stop",
  ]);
});

test("a batch job shows how far it is, and only what applies to it is offered", async () => {
  const flink = new FakeFlinkReads();
  flink.theJob = aJob({
    jobType: "BATCH",
    pendingOperators: 1,
    vertices: [
      aVertex({ name: "Source: events", tasksRunning: 0, tasksFinished: 2, tasksTotal: 2, parallelism: 2 }),
      aVertex({ id: "b", name: "count", tasksRunning: 0, tasksTotal: 2, parallelism: 2 }),
    ],
  });
  const report = await told(flink);
  expect(plain(report.headline)).toMatch(
    /^🟢 orders has been RUNNING for .*: 2 of 4 tasks finished, 1 operator still to come$/u,
  );
  expect(report.lines.map(plain).join("\n")).not.toMatch(/heckpoint/u);
  expect(report.offers?.map((o) => o.label)).toEqual(["Refresh", "Diagnose", "Cancel"]);
});

test("says that the job or its cluster is locked, and nothing of other locks", async () => {
  const known = new FakeKnowledge();
  known.standing.push(
    aLock({ until: T0 }),
    aLock({ job: null, until: T0, reason: "a new disk" }),
    aLock({ job: "other", until: T0 }),
    aLock({ cluster: "dev", until: T0 }),
  );
  const locked = lines(await told(new FakeFlinkReads(), known))
    .split("\n")
    .filter((line) => line.includes("🔒"));
  expect(locked).toEqual([
    "🔒 prod/orders is locked by @U0BEN00001 until 2027-01-15 08:00 UTC: looking for the leak",
    "🔒 prod is locked by @U0BEN00001 until 2027-01-15 08:00 UTC: a new disk",
  ]);
});
