import { expect, test } from "vitest";
import { FlinkRefused } from "../../src/model/errors.ts";
import { isRefusal, type Report } from "../../src/model/report.ts";
import { plain } from "../../src/model/text.ts";
import { anException, FakeFlinkReads, JOB_ID, T0 } from "../fakes/flink-reads.ts";
import { FakeKnowledge } from "../fakes/knowledge.ts";
import { asked, told } from "./ask.ts";
import { words } from "./drive.ts";

const THREE = [
  anException(),
  anException({ at: T0 - 60_000, task: "Map (3/4) - execution #0" }),
  anException({ at: T0 - 90_000, message: "disk full", task: null, stack: "a.DiskFull: disk full" }),
];
const failing = (theExceptions = THREE): FakeFlinkReads =>
  Object.assign(new FakeFlinkReads(), { theExceptions });

async function report(text: string, flink: FakeFlinkReads): Promise<Report> {
  const answer = await asked(text, flink);
  if (isRefusal(answer)) throw new Error(words(answer));
  return answer;
}

test("equal ones together, newest first, with task and host", async () => {
  expect(await told("exceptions orders", failing())).toBe(
    [
      "orders: 3 failures, the last 5 s ago",
      "• IllegalStateException: boom in Map (1/4) - execution #0 on host:4000, 5 s ago, 2 times since 1 m ago",
      "• IllegalStateException: disk full on host:4000, 1 m 30 s ago",
      `prod, id ${JOB_ID}, Flink`,
    ].join("\n"),
  );
});

test("as many as Flink keeps may have been more", async () => {
  expect(await told("exceptions orders", failing(Array.from({ length: 20 }, () => anException())))).toContain(
    "orders: at least 16 failures",
  );
});

test("none, and what became of a job that failed before it had tasks", async () => {
  const flink = failing([]);
  expect(await told("exceptions orders --stack", flink)).toBe("orders has no exceptions");
  flink.theFailure = "no main class";
  expect(await told("exceptions orders", flink)).toContain("It FAILED nevertheless: no main class");
});

const FAILED = "3fcaeb7b000000000000000000000003";
const NEVER = "4fcaeb7b000000000000000000000004";
/** Rolled back: the name belongs to the job that runs, and the one that failed has another id. */
const rolledBack = (): FakeKnowledge =>
  Object.assign(new FakeKnowledge(), {
    requests: [
      {
        id: "r1",
        headline: "Restart orders",
        actor: "U1",
        state: "over",
        jobId: "",
        jobName: "orders",
        askedAt: T0,
        launched: [
          { jobId: FAILED, fate: "sent" },
          { jobId: NEVER, fate: "never" },
          { jobId: JOB_ID, fate: "sent" },
        ],
        savepoint: null,
        link: null,
      },
    ],
  });

const no = () => Promise.reject(new FlinkRefused("Job not found", 404));

test("a job without any, after an attempt of its name that failed: that is said and offered", async () => {
  const flink = failing([]);
  flink.exceptions = (jobId) => Promise.resolve(jobId === FAILED ? [anException({ at: T0 - 60_000 })] : []);
  const answer = await asked("exceptions orders", flink, rolledBack());
  if (isRefusal(answer)) throw new Error(words(answer));
  expect([answer.headline, ...answer.lines].map(plain)).toEqual([
    "orders has no exceptions",
    "flinkops also started job 3fcaeb7b of this name, which failed: IllegalStateException: boom, 1 m ago",
  ]);
  expect(answer.offers?.[0]).toEqual({
    label: "Exceptions of 3fcaeb7b",
    operation: "exceptions",
    args: { job: `prod/${FAILED}` },
  });
});

test("one that failed before it had tasks is an attempt, too; one that Flink has forgotten is none", async () => {
  const flink = failing([]);
  flink.failure = (jobId = "") => Promise.resolve(jobId === FAILED ? "no main class" : null);
  expect(await told("exceptions orders", flink, rolledBack())).toContain("which failed: no main class");
  flink.exceptions = (jobId) => (jobId === JOB_ID ? Promise.resolve([]) : no());
  flink.failure = (jobId = "") => (jobId === JOB_ID ? Promise.resolve(null) : no());
  expect(await told("exceptions orders", flink, rolledBack())).toBe("orders has no exceptions");
});

test("the stacks are offered as a file, which is for all", async () => {
  const { offers, file } = await report("exceptions orders", failing());
  expect(file).toBeUndefined();
  expect(offers?.map((o) => o.label)).toEqual(["Refresh", "Stack traces as a file", "Status"]);
  expect(offers?.[1]).toMatchObject({
    operation: "exceptions",
    args: { job: `prod/${JOB_ID}`, stack: true, post: true },
  });
});

test("the file has the stack of each distinct failure, with when, how often, task and host", async () => {
  const { offers, file } = await report("exceptions orders --stack", failing());
  expect(offers?.map((o) => o.label)).toEqual(["Refresh", "Status"]);
  expect(file).toMatchObject({ name: "stacks-3f9c0000.txt", title: "Stack traces of orders" });
  expect(file?.text).toBe(
    [
      `Failures of orders (${JOB_ID} on prod), newest first, at 2027-01-15 08:00:00 UTC. Anything that looks like a secret is removed.`,
      "",
      "#1  2027-01-15 07:59:55 UTC, 2 times since 2027-01-15 07:59:00 UTC | Map (1/4) - execution #0 | host:4000",
      "java.lang.RuntimeException: x",
      "    at a.B.c(B.java:1)",
      "Caused by: java.lang.IllegalStateException: boom",
      "",
      "#2  2027-01-15 07:58:30 UTC | host:4000",
      "a.DiskFull: disk full",
      "",
    ].join("\n"),
  );
});

test.each([
  ["the job's own code", "    at com.x.Count.process(Count.java:7)", " at com.x.Count.process(Count.java:7)"],
  ["a module's name left out", "    at app//com.x.Y.z(Y.java:7)", " at com.x.Y.z(Y.java:7)"],
  ["nothing where all is Flink's", "    at org.apache.flink.X.y(X.java:1)", ""],
])("where no task is told, %s says where", async (_name, frame, said) => {
  const stack = [
    "java.lang.RuntimeException: x",
    "    at com.x.Outer.call(Outer.java:1)",
    "Caused by: java.lang.IllegalStateException: boom",
    "    at java.base/java.util.Objects.check(Objects.java:1)",
    "    at org.apache.flink.util.Preconditions.check(Preconditions.java:1)",
    frame,
  ].join("\n");
  const flink = failing([anException({ task: null, host: null, stack })]);
  expect(await told("exceptions orders", flink)).toContain(`• IllegalStateException: boom${said}, 5 s ago\n`);
});

test("a file that would be too long ends at a line, and says what is left out", async () => {
  const stack = "    at a.B.c(B.java:1)\n".repeat(4000);
  const deep = ["x", "y", "z", "w", "v"].map((message) => anException({ message, stack }));
  const { file } = await report("exceptions orders --stack", failing(deep));
  expect(file?.text.length).toBeLessThan(201_000);
  expect(file?.text).toMatch(
    /\n {4}at a\.B\.c\(B\.java:1\)\n\n\[Cut after 200000 characters: the rest of #3 and 2 older failures left out\]\n$/u,
  );
});

test("what has no width in a foreign name becomes visible in the file, too", async () => {
  const { file } = await report("exceptions orders --stack", failing([anException({ task: "M\u202eap" })]));
  expect(file?.text).toContain(" | M<U+202E>ap | ");
});
