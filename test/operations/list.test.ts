import { describe, expect, it, test } from "vitest";
import type { JobState, JobSummary } from "../../src/model/flink-jobs.ts";
import { list } from "../../src/operations/list.ts";
import { isRefusal, type Report } from "../../src/model/report.ts";
import type { Lock } from "../../src/model/lock.ts";
import type { LocalContext } from "../../src/model/operation.ts";
import type { ClusterSnapshot, RestorableState } from "../../src/model/knowledge.ts";
import { plain } from "../../src/model/text.ts";
import { FakeFlinkReads, T0 } from "../fakes/flink-reads.ts";
import { anEntry, aState, directoryOf, restorableOf } from "../fakes/knowledge.ts";
import { aLock } from "../fakes/locks.ts";
import { aSnapshot as snapshot, aSummary as job } from "../fakes/snapshots.ts";
import { words } from "./drive.ts";

type Args = LocalContext<{ cluster?: string; state?: JobState; all: boolean; page: number }>["args"];

const ask = (
  clusters: readonly ClusterSnapshot[],
  args: Partial<Args> = {},
  { states = [], locks = [] }: { states?: readonly RestorableState[]; locks?: readonly Lock[] } = {},
) =>
  list.answer({
    args: { all: false, page: 1, ...args },
    target: args.cluster === undefined ? { kind: "none" } : { kind: "cluster", cluster: args.cluster },
    actor: "U1",
    channel: "C1",
    now: T0,
    jobCache: directoryOf(clusters),
    requests: { recent: async () => [], one: async () => null },
    catalogue: { entries: [anEntry()], anyJarOn: [] },
    history: { past: async () => ({ requests: [], isAll: true, isWhole: true }) },
    restorable: restorableOf(states),
    locks: { all: async () => locks },
    operations: [],
    may: () => true,
    sets: [],
    approving: [],
    otherAccounts: [],
    policy: "",
    command: "/flink",
  });

async function told(clusters: readonly ClusterSnapshot[], args: Partial<Args> = {}): Promise<Report> {
  const answer = await ask(clusters, args);
  if (!("headline" in answer)) throw new Error("no report");
  return answer;
}
const column = (r: Report, i = 0): readonly string[] =>
  (r.table?.rows ?? []).map((row) => plain(row[i] ?? ""));

test("worst first, then by name", async () => {
  const report = await told([
    snapshot([
      job("b-fine"),
      job("missing", "RUNNING", { tasks: { total: 4, running: 2, finished: 0, failed: 0 } }),
      job("a-fine"),
      job("starting", "CREATED"),
      job("looping", "RESTARTING"),
      job("dead", "FAILED", { endedAt: T0 - 7_200_000 }),
    ]),
  ]);
  expect(column(report)).toEqual(["dead", "looping", "starting", "missing", "a-fine", "b-fine"]);
  expect(plain(report.headline)).toBe("6 jobs · 4 need attention");
  expect(report.table?.head).toEqual(["Job", "Id", "State", "Age", "Tasks"]);
  expect(column(report, 3)).toEqual([
    "ended 2027-01-15 06:00 UTC",
    ...Array.from({ length: 5 }, () => "1 h"),
  ]);
  expect(column(report, 2)).toEqual([
    "🔴 FAILED",
    "🔴 RESTARTING",
    "🟡 CREATED",
    "🔴 RUNNING",
    "🟢 RUNNING",
    "🟢 RUNNING",
  ]);
  expect(report.offers?.map((o) => o.label)).toEqual([
    "Diagnose dead",
    "Diagnose looping",
    "Diagnose starting",
    "Refresh",
  ]);
  expect(column(report, 4).at(3)).toBe("2 of 4");
  expect(column(report, 1).every((id) => id.length === 8)).toBe(true);
});

test("finished tasks are not missing", async () => {
  const report = await told([
    snapshot([job("x", "RUNNING", { tasks: { total: 4, running: 2, finished: 2, failed: 0 } })]),
  ]);
  expect(plain(report.headline)).toBe("1 job");
  expect(column(report, 4)).toEqual(["2 of 4, 2 finished"]);
});

test("what ended is left out, but ends of the last hour and failures of the last day", async () => {
  const jobs = [
    job("finished", "FINISHED", { endedAt: T0 - 61 * 60_000 }),
    job("canceled", "CANCELED", { endedAt: T0 - 61 * 60_000 }),
    job("live", "CANCELED", { endedAt: T0 - 1_000, startedAt: 1 }),
    job("stopped", "FINISHED", { endedAt: T0 - 2_000, startedAt: 1 }),
    job("stopped", "FINISHED", { endedAt: T0 - 1_000, startedAt: 2 }),
    job("failed", "FAILED", { endedAt: T0 - 1_000 }),
    job("failed-long-ago", "FAILED", { endedAt: T0 - 25 * 3_600_000 }),
    job("live"),
  ];
  expect(column(await told([snapshot(jobs)]))).toEqual(["failed", "live", "stopped"]);
  expect(column(await told([snapshot(jobs)], { all: true }))).toHaveLength(8);
  expect(column(await told([snapshot(jobs)], { state: "FINISHED" }))).toHaveLength(3);
});

const resumes = async (
  jobs: readonly JobSummary[],
  state: Partial<RestorableState> = {},
  over: Partial<ClusterSnapshot> = {},
): Promise<readonly string[]> => {
  const answer = await ask(
    [snapshot(jobs, over)],
    {},
    { states: [aState({ by: "U1", jobId: "j1", ...state })] },
  );
  if (!("headline" in answer)) throw new Error("no report");
  return (answer.offers ?? []).map((o) => o.label).filter((label) => label.startsWith("Resume"));
};

const ended = (state: JobState, over: Partial<JobSummary> = {}) =>
  job("orders", state, { jobId: "j1", endedAt: T0 - 60_000, ...over });

describe("Resume of a job that ended within the hour", () => {
  it.each([
    ["stopped by us", [ended("FINISHED")], {}, ["Resume orders"]],
    ["finished by itself", [ended("FINISHED")], { by: null }, []],
    ["of another run's savepoint only", [ended("FINISHED")], { jobId: "j0" }, []],
    ["drained", [ended("FINISHED")], { drained: true }, []],
    ["cancelled", [ended("CANCELED")], { isSavepoint: false, by: null }, ["Resume orders"]],
    ["failed", [ended("FAILED")], { isSavepoint: false, by: null }, ["Resume orders"]],
    ["while one of its name runs", [ended("FAILED"), job("orders")], {}, []],
    ["not in the catalog", [ended("FAILED", { name: "others" })], {}, []],
  ])("%s", async (_how, jobs, state, labels) => {
    expect(await resumes(jobs, state)).toEqual(labels);
  });

  it("is not offered where an application cluster cannot start it", async () => {
    const facts = { ...(await new FakeFlinkReads().capabilities()), application: true };
    expect(await resumes([ended("CANCELED")], {}, { facts })).toEqual([]);
  });
});

test("several clusters are told apart, one can be chosen", async () => {
  const both = [snapshot([job("a")]), snapshot([job("b")], { cluster: "test", label: "TEST" })];
  expect(column(await told(both), 2)).toEqual(["PROD", "TEST"]);
  expect(column(await told(both, { cluster: "test" }))).toEqual(["b"]);
});

test("an unknown cluster gets the names", async () => {
  const answer = await ask([snapshot([])], { cluster: "prdo" });
  expect(isRefusal(answer) && words(answer)).toBe("There is no cluster prdo.\nClusters: prod.");
});

test("a cluster that does not answer says so, with the age of what is shown", async () => {
  const report = await told([
    snapshot([job("a")], {
      unreachableSince: T0 - 120_000,
      readAt: T0 - 130_000,
      problem: "connect refused",
    }),
  ]);
  const said = report.lines.map(plain).join("\n");
  expect(said).toContain("PROD has not answered since");
  expect(said).toContain("connect refused; what is shown was read 2 m 10 s ago.");
  const never = await told([snapshot([], { readAt: null })]);
  expect(never.lines.map(plain)).toEqual(["PROD: not read yet."]);
  const fresh = await told([snapshot([])]);
  expect(fresh.lines.map(plain)).toEqual(["PROD: read 2 s ago."]);
});

test("twins and look-alikes are marked", async () => {
  const report = await told([snapshot([job("orders"), job("orders"), job("pay"), job("рay"), job("other")])]);
  const names = column(report);
  expect(names.filter((n) => n === "orders (2 of this name: use the id)")).toHaveLength(2);
  expect(names).toContain("pay (looks like another name: use the id)");
  expect(names).toContain("other");
});

test("what cannot be typed is marked", async () => {
  const names = column(await told([snapshot([job("a\nb"), job(" padded"), job("plain name")])]));
  expect(names).toEqual([
    " padded (cannot be typed: use the id)",
    "a<U+000A>b (cannot be typed: use the id)",
    "plain name",
  ]);
});

test("ages are Flink's own count, and what has passed since it was read", async () => {
  // its clock is an hour ahead of ours
  const ahead = job("ahead", "RUNNING", { startedAt: T0 + 3_540_000, ageMs: 60_000 });
  expect(column(await told([snapshot([ahead])]), 3)).toEqual(["1 m 2 s"]);
  const { ageMs: _, ...earlier } = ahead;
  expect(column(await told([snapshot([earlier])]), 3)).toEqual(["since 2027-01-15 08:59 UTC"]);
});

test("direction characters in a name become visible", async () => {
  expect(column(await told([snapshot([job("a\u202eb")])]))).toEqual([
    "a<U+202E>b (cannot be typed: use the id)",
  ]);
});

test("fits a message", async () => {
  const report = await told([snapshot(Array.from({ length: 55 }, (_, i) => job(`job-${i}`)))]);
  expect(report.table?.rows).toHaveLength(40);
  expect(report.lines.map(plain)).toContain("Page 1 of 2; --state and --cluster make the list shorter.");
  expect(report.offers?.map((o) => [o.label, o.args["page"]])).toEqual([
    ["Next page", 2],
    ["Refresh", 1],
  ]);
});

test("nothing at all", async () => {
  const report = await told([snapshot([])]);
  expect(plain(report.headline)).toBe("0 jobs");
  expect(report.table).toBeUndefined();
});

test("a batch job shows how far it is, and needs no attention while its tasks have yet to start", async () => {
  const tasks = { total: 4, running: 1, finished: 2, failed: 0 };
  const report = await ask([
    snapshot([
      job("nightly", "RUNNING", { jobType: "BATCH", tasks, pendingOperators: 2 }),
      job("weekly", "RUNNING", { jobType: "BATCH", tasks: { ...tasks, total: 0, finished: 0 } }),
    ]),
  ]);
  if (!("outcome" in report)) throw new Error("no report");
  expect(plain(report.headline)).toBe("2 jobs");
  expect(report.table?.rows.map((row) => plain(row.at(-1) ?? ""))).toEqual([
    "2 of 4 tasks finished, 2 operators still to come",
    "0 of 0 tasks finished",
  ]);
});

test("locks of the clusters that are listed come first", async () => {
  const clusters = [snapshot([job("orders")]), snapshot([], { cluster: "dev", label: "DEV" })];
  const locks = [aLock({ until: T0 }), aLock({ cluster: "dev", job: null, until: T0, reason: "a new disk" })];
  const said = async (args: Partial<Args>) => {
    const report = await ask(clusters, args, { locks });
    return "lines" in report ? report.lines.map(plain).filter((line) => line.includes("🔒")) : [];
  };
  const orders = "🔒 prod/orders is locked by @U0BEN00001 until 2027-01-15 08:00 UTC: looking for the leak";
  expect(await said({})).toEqual([
    orders,
    "🔒 dev is locked by @U0BEN00001 until 2027-01-15 08:00 UTC: a new disk",
  ]);
  expect(await said({ cluster: "prod" })).toEqual([orders]);
});
