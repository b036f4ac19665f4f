import { expect, test } from "vitest";
import type { ClusterSnapshot, RestorableState } from "../../src/model/knowledge.ts";
import type { JobSummary } from "../../src/model/flink-jobs.ts";
import { plain } from "../../src/model/text.ts";
import { FakeFlinkReads, T0 } from "../fakes/flink-reads.ts";
import { directoryOf, restorableOf } from "../fakes/knowledge.ts";
import { answered, answerTo } from "./ask.ts";

const state = (over: Partial<RestorableState> = {}): RestorableState => ({
  isSavepoint: true,
  path: "s3://b/sp/1",
  at: T0 - 60_000,
  sizeBytes: 18_200_000_000,
  format: "native",
  cluster: "prod",
  jobId: "3f9c0000000000000000000000000001",
  jobName: "orders",
  jobState: "RUNNING",
  by: "U1",
  link: "https://x.slack.com/archives/C1/p1",
  drained: false,
  kept: "yours",
  ...over,
});

test("each state: path, size, who requested it, and whether Flink keeps it", async () => {
  const said = await answered("savepoints orders", {
    restorable: restorableOf([
      state(),
      state({
        path: "s3://b/sp/2",
        drained: true,
        link: null,
        jobState: null,
        sizeBytes: null,
        format: null,
      }),
      state({ isSavepoint: false, path: "file:/c/1", by: null, format: null, kept: "retained" }),
      state({ isSavepoint: false, path: "file:/c/2", by: null, kept: "retained", jobState: "FAILED" }),
      state({ isSavepoint: false, path: "file:/c/3", by: null, kept: "while it runs" }),
      state({ isSavepoint: false, path: "file:/c/4", by: null, kept: "unless cancelled" }),
    ]),
  });
  expect(said.split("\n")).toEqual([
    "orders: 6 restorable states",
    "savepoint, 1 m ago | s3://b/sp/1 | 18.2 GB | native | requested by @U1, its thread | job 3f9c0000 orders on prod, last seen RUNNING",
    "savepoint, 1 m ago | s3://b/sp/2 | drained: do not resume from it | requested by @U1 | job 3f9c0000 orders on prod",
    "checkpoint, 1 m ago | file:/c/1 | 18.2 GB | kept when the job ends, until the next one | job 3f9c0000 orders on prod, last seen RUNNING",
    "checkpoint, 1 m ago | file:/c/2 | 18.2 GB | native | retained | job 3f9c0000 orders on prod, last seen FAILED",
    "checkpoint, 1 m ago | file:/c/3 | 18.2 GB | native | deleted when the job ends | job 3f9c0000 orders on prod, last seen RUNNING",
    "checkpoint, 1 m ago | file:/c/4 | 18.2 GB | native | deleted when the job is cancelled | job 3f9c0000 orders on prod, last seen RUNNING",
  ]);
});

test("the newest 20; the newest three that are not drained can be resumed from", async () => {
  const all = Array.from({ length: 21 }, (_, i) =>
    state({ path: `s3://b/sp/${i}`, at: T0 - i * 60_000, drained: i === 1, isSavepoint: i !== 2 }),
  );
  const answer = await answerTo("savepoints orders", {
    restorable: restorableOf(all),
  });
  if (!("outcome" in answer)) throw new Error("no report");
  expect(answer.lines).toEqual(["The newest 20."]);
  expect(answer.table?.rows).toHaveLength(20);
  expect(answer.offers).toEqual(
    [
      ["savepoint", "08:00", "s3://b/sp/0"],
      ["checkpoint", "07:58", "s3://b/sp/2"],
      ["savepoint", "07:57", "s3://b/sp/3"],
    ].map(([kind, at, from]) => ({
      label: `Resume from ${kind} of 2027-01-15 ${at} UTC`,
      operation: "run",
      args: { job: "prod/orders", from, jar: "same" },
    })),
  );
});

test("a start is offered only where no job of that name runs", async () => {
  const restorable = restorableOf([state()]);
  const offered = async (jobs: readonly JobSummary[], facts: ClusterSnapshot["facts"] = null) => {
    const one = {
      cluster: "prod",
      label: "PROD",
      readAt: T0 - 1_000,
      unreachableSince: null,
      isOver: false,
      problem: null,
      answeringSince: null,
      facts,
      jobs,
    };
    const report = await answerTo("savepoints orders", { restorable, jobCache: directoryOf([one]) });
    if (!("outcome" in report)) throw new Error("no report");
    return [report.lines.map(plain), (report.offers ?? []).map((o) => o.label)];
  };
  const [job] = await new FakeFlinkReads().overview();
  if (job === undefined) throw new Error("no job");
  const resume = ["Resume from savepoint of 2027-01-15 07:59 UTC"];
  expect(await offered([{ ...job, state: "FINISHED" }])).toEqual([[], resume]);
  expect(await offered([{ ...job, name: "others" }])).toEqual([[], resume]);
  // an application cluster starts no jobs: the state is named as it is to be deployed
  expect(await offered([], { ...(await new FakeFlinkReads().capabilities()), application: true })).toEqual([
    [`To continue from it, deploy the application again with --fromSavepoint ${state().path}.`],
    [],
  ]);
  expect(await offered([job])).toEqual([
    ["It ran 1 s ago. Once it has ended, it can be resumed from one of these."],
    [],
  ]);
});

test("a job of which nothing is known: what was checked, and where names are", async () => {
  expect(await answered("savepoints orders")).toBe(
    [
      "flinkops knows no state to start orders from",
      "Checked: requests to flinkops, and the savepoints and checkpoints that it saw on its clusters. /flink list --all shows the names.",
    ].join("\n"),
  );
  expect(await answered("savepoints")).toContain("<job> is missing");
});
