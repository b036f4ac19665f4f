import { expect, test } from "vitest";
import { parse } from "../../src/command/parse.ts";
import { operations } from "../../src/operations/index.ts";
import type { Intent } from "../../src/model/intent.ts";
import { isRefusal } from "../../src/model/report.ts";
import { isTyped, type LocalContext } from "../../src/model/operation.ts";
import type { Target } from "../../src/model/target.ts";
import type {
  ClusterSnapshot,
  RequestSummary,
  RequestSummaries,
  RestorableState,
} from "../../src/model/knowledge.ts";
import { plain } from "../../src/model/text.ts";
import { directoryOf } from "../fakes/knowledge.ts";
import { FakeFlinkReads, T0 } from "../fakes/flink-reads.ts";
import { words } from "./drive.ts";

type Context = LocalContext<unknown>;

const aView = (over: Partial<RequestSummaries> = {}): RequestSummaries => ({
  recent: async () => [],
  one: async () => null,
  ...over,
});

async function say(text: string, over: Partial<Context> = {}): Promise<string> {
  const parsed = parse(text, operations);
  if (parsed.is === "problem") return words(parsed.refusal);
  if (parsed.operation.kind !== "local") throw new Error("not local");
  const target: Target = { kind: "none" };
  const answer = await parsed.operation.answer({
    args: parsed.args,
    target,
    actor: "U1",
    channel: "C1",
    now: T0,
    jobCache: directoryOf([]),
    requests: aView(),
    restorable: { of: async () => [], at: () => Promise.resolve(null) },
    operations,
    may: () => true,
    command: "/flink",
    ...over,
  });
  if (isRefusal(answer)) return words(answer);
  if ("move" in answer) return `${answer.move} ${answer.requestId}`;
  const cells = (answer.table?.rows ?? []).map((row) => row.map(plain).join(" | "));
  return [answer.headline, ...answer.lines].map(plain).concat(cells).join("\n");
}

const titles = (text: string): readonly string[] =>
  text.split("\n").filter((line) => !line.includes("/flink"));

test("help lists only what this person may do, each with an example", async () => {
  const all = await say("");
  for (const row of operations.filter(isTyped))
    expect(all).toContain(`/flink ${row.examples[0]} ${row.summary}`);
  const some = await say("help", { may: (row) => row.class === "view" });
  expect(some).toContain("/flink list");
  expect(some).not.toContain("/flink stop");
  expect(titles(all)).toEqual(["What you can do here", "Read", "Change", "Start and recover", "Requests"]);
  expect(titles(await say("help", { may: (row) => row.name === "scale" }))).toEqual([
    "What you can do here",
    "Change",
  ]);
});

test("help of one has usage, arguments, examples and whether somebody must agree", async () => {
  const said = await say("help STOP");
  expect(said).toContain("/flink stop [job] [directory] [--all] [--match match] [--drain]");
  expect(said).toContain("--drain flush everything and end for good; must not be resumed from");
  expect(said).toContain("/flink stop orders --drain");
  expect(said).toContain("Needs another person's approval.");
  expect(await say("stop --help")).toBe(said);
});

test("help of what there is not", async () => {
  expect(await say("help stpo")).toContain("Did you mean /flink help stop?");
  expect(await say("help frobnicate")).toContain("The operations are: help, list");
  expect(await say("help stop", { may: (row) => row.class === "view" })).toBe(
    "You are not allowed to use stop here.",
  );
});

test("withdraw names the request it was resolved to", async () => {
  const target: Target = { kind: "request", requestId: "3f9c12ab00" };
  expect(await say("withdraw 3f9c12ab", { target })).toBe("withdraw 3f9c12ab00");
  expect(await say("withdraw 3f9c12ab")).toContain("There is no request 3f9c12ab.");
});

const asked: RequestSummary = {
  id: "3f9c12ab00",
  operation: "stop",
  headline: "Stop orders",
  cluster: "prod",
  jobId: "1",
  jobName: "orders",
  actor: "U2",
  askedAt: T0,
  state: "waiting for approval",
  open: true,
  link: "https://slack.example/p1",
};

test("requests: what, by whom, when, and the state", async () => {
  const said = await say("requests", { requests: aView({ recent: async () => [asked] }) });
  expect(said).toContain("1 request\n3f9c12ab | Stop orders on prod | @U2 | 2027-01-15 08:00 UTC | waiting");
  expect(await say("requests")).toBe("No such requests");
});

test("requests narrows as it was told to", async () => {
  const seen: unknown[] = [];
  const requests = aView({
    recent: async (filter: unknown) => {
      seen.push(filter);
      return Array.from({ length: 20 }, () => asked);
    },
  });
  expect(await say("requests --mine --open --job orders", { requests })).toContain("The newest 20; narrow");
  await say("requests", { requests });
  expect(seen).toEqual([{ actor: "U1", job: "orders", open: true, most: 20 }, { most: 20 }]);
});

test("requests of one: its terms; of many jobs each of them; what cannot be read is said so", async () => {
  const intent = {
    headline: "",
    losses: [],
    warnings: ["mind"],
    details: ["as it is"],
    binds: null,
    facts: {},
  };
  const one = (facts: Intent["facts"]) =>
    aView({ one: async () => ({ ...asked, intent: { ...intent, facts } }) });
  const target: Target = { kind: "request", requestId: "3f9c12ab00" };
  const request = "requests 3f9c12ab";
  expect(await say(request, { target, requests: one({}) })).toBe(
    "Stop orders on prod\nRequest 3f9c12ab of @U2, asked 2027-01-15 08:00 UTC: waiting for approval.\nmind\nas it is",
  );
  const many = { jobs: [{ jobId: "a".repeat(32), name: "orders" }], leftOut: ["payments (a batch job)"] };
  expect(await say(request, { target, requests: one(many) })).toContain(
    "orders | aaaaaaaa\nLeft out: payments (a batch job)",
  );
  expect(await say(request, { target, requests: one({ jobs: "all" }) })).toContain("cannot be read");
  expect(await say(request, { target })).toBe("There is no request 3f9c12ab.");
  expect(await say("requests 3f9c12ab --mine")).toContain("leave out the other arguments");
  expect(await say("requests --page 2")).toContain("--page needs a request's id");
});

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

test("savepoints: what can be restored, by whom, and what becomes of it", async () => {
  const said = await say("savepoints orders", {
    restorable: {
      of: async () => [
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
      ],
      at: () => Promise.resolve(null),
    },
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
  expect(await say("savepoints orders")).toContain("flinkops knows no state to start orders from");
});

test("clusters: who answers, what each is and can do", async () => {
  const facts = await new FakeFlinkReads().capabilities();
  const one: ClusterSnapshot = {
    cluster: "prod",
    label: "PROD",
    readAt: T0 - 1_000,
    unreachableSince: null,
    problem: null,
    answeringSince: T0 - 3_600_000,
    facts,
    jobs: [],
  };
  const said = await say("clusters", {
    jobCache: directoryOf([
      one,
      {
        ...one,
        cluster: "k8s",
        label: "k8s",
        facts: { ...facts, rescale: false, cancel: false, application: true, operatorManaged: "x" },
      },
      {
        ...one,
        cluster: "dead",
        label: "dead",
        unreachableSince: T0 - 60_000,
        problem: "refused",
        facts: null,
        jobs: await new FakeFlinkReads().overview(),
      },
      { ...one, cluster: "new", label: "new", readAt: null, answeringSince: null, facts: null },
    ]),
  });
  expect(said.split("\n")).toEqual([
    "4 clusters, 1 not answering",
    "PROD (prod) | answers since 2027-01-15 07:00 UTC | Flink 2.3.0, adaptive scheduler | 3 of 4 slots free on 1 task manager | parallelism can be changed in place, jobs can be cancelled, accepts jars | not managed by the Kubernetes operator | no jobs",
    "k8s | answers since 2027-01-15 07:00 UTC | Flink 2.3.0, adaptive scheduler | 3 of 4 slots free on 1 task manager | parallelism cannot be changed in place, cancelling is disabled in its web UI, application mode | managed by the Kubernetes operator: x | no jobs",
    "dead | does not answer since 2027-01-15 07:59 UTC: refused | jobs when last read: 1 RUNNING",
    "new | not read yet",
  ]);
});
