import { expect, test } from "vitest";
import { entriesOf } from "../../src/flink/wire/log.ts";
import { FlinkUnreachable } from "../../src/model/errors.ts";
import type { TaskManager } from "../../src/model/flink-cluster.ts";
import type { Log } from "../../src/model/flink-log.ts";
import { isRefusal, type Report } from "../../src/model/report.ts";
import { logs } from "../../src/operations/logs.ts";
import { aJob, anException, FakeFlinkReads, JOB_ID } from "../fakes/flink-reads.ts";
import { asked, told } from "./ask.ts";
import { words } from "./drive.ts";

const OTHER = "4fcaeb7b000000000000000000000004";
const at = (second: number, level: string, message: string): string =>
  `2026-01-31 10:00:${String(second).padStart(2, "0")},123 ${level.padEnd(5)} org.apache.flink.X   [] - ${message}`;
const STACK =
  "java.lang.RuntimeException: x\n\tat a.B.c(B.java:1)\nCaused by: com.x.TooLate: late by 5 s\n\t... 3 more";

const read = (lines: readonly string[], more: { whole?: boolean; ended?: boolean } = {}): Log => {
  const text = lines.join("\n");
  return {
    is: "read",
    entries: entriesOf(text, { whole: true }),
    bytes: text.length,
    whole: true,
    ended: true,
    ...more,
  };
};
const manager = (id: string, host = "tm-1"): TaskManager => ({
  id,
  host,
  slots: 4,
  freeSlots: 1,
  heartbeatAt: null,
  cpuCores: 2,
});
const THREE = [
  at(1, "INFO", "all is well"),
  at(2, "WARN", "the disk is nearly full"),
  at(3, "INFO", `count (1/1) switched to FAILED\n${STACK}`),
  at(4, "ERROR", "the disk is full"),
];
const cluster = (theLogs: FakeFlinkReads["theLogs"]): FakeFlinkReads =>
  Object.assign(new FakeFlinkReads(), { theLogs });

async function report(text: string, flink: FakeFlinkReads): Promise<Report> {
  const answer = await asked(text, flink);
  if (isRefusal(answer)) throw new Error(words(answer));
  return answer;
}

test("is refused unless people are named as operators: a log holds what the job's code writes", () => {
  expect(logs.class).toBe("operate");
});

test("warnings, errors and what has a stack trace, newest first, each on one line with its cause", async () => {
  expect(await told("logs orders", cluster({ jobmanager: read(THREE) }))).toBe(
    [
      "orders: 3 log messages (WARN and above, and messages with a stack trace)",
      "JobManager (whole log, 2026-01-31 10:00:01,123 to 2026-01-31 10:00:04,123)",
      "• 10:00:04 ERROR X: the disk is full",
      "• 10:00:03 INFO X: count (1/1) switched to FAILED – TooLate: late by 5 s",
      "• 10:00:02 WARN X: the disk is nearly full",
    ].join("\n"),
  );
});

test.each([
  ["error", 2],
  ["info", 4],
  ["all", 5],
])("from level %s on", async (level, found) => {
  const flink = cluster({ jobmanager: read([at(0, "DEBUG", "x"), ...THREE]) });
  expect(await told(`logs orders --level ${level}`, flink)).toContain(`orders: ${found} log messages`);
});

test("more than a few are counted, and a log without any says so", async () => {
  const many = Array.from({ length: 20 }, (_, n) => at(n, "WARN", `number ${n}`));
  const said = await told("logs orders", cluster({ jobmanager: read(many, { whole: false }) }));
  expect(said).toContain("JobManager (last 1.3 kB of the log, ");
  expect(said.split("\n").filter((line) => line.startsWith("• "))).toHaveLength(6);
  expect(said).toContain("• 10:00:14 WARN X: number 14\nand 14 older messages");
  const none = await told("logs orders", cluster({ jobmanager: read([at(1, "INFO", "well")]) }));
  expect(none.split("\n")[0]).toBe(
    "orders: no log messages (WARN and above, and messages with a stack trace)",
  );
});

test("a pattern that is not known shows all, and what was not read to its end says so", async () => {
  const strange = await told("logs orders", cluster({ jobmanager: read(["one", "two"]) }));
  expect(strange).toContain("Its pattern is not recognised, so all levels are shown.\n• two\n• one");
  const late = await told("logs orders", cluster({ jobmanager: read(THREE, { ended: false }) }));
  expect(late).toContain(
    "JobManager: the log could not be read to its end in time, so newer messages are missing",
  );
});

test("of a shared cluster, messages about other jobs only are left out, also by the ids of their tasks", async () => {
  const [own, foreign] = ["a1".repeat(16), "b2".repeat(16)];
  const flink = cluster({
    jobmanager: read([
      at(0, "INFO", `Created execution graph ${own} for job ${JOB_ID}.`),
      at(0, "INFO", `Created execution graph ${foreign} for job ${OTHER}.`),
      at(1, "WARN", `of ${OTHER}`),
      at(2, "WARN", `task ${foreign}_0_0 failed`),
      at(3, "WARN", `task ${own}_0_0 failed`),
      at(4, "WARN", `${JOB_ID} waits for ${OTHER}`),
      at(5, "WARN", "of nobody"),
    ]),
  });
  flink.others = [aJob({ jobId: OTHER, name: "payments" })];
  const said = await told("logs orders", flink);
  expect(said).toContain("orders: 3 log messages");
  expect(said).not.toContain(foreign);
  expect(said).toContain(
    "These logs are of the whole cluster prod, with 2 jobs. Left out: 2 messages about other jobs only.",
  );
  const { offers } = await report("logs orders", flink);
  expect(offers?.map((o) => o.label)).toEqual([
    "Refresh",
    "Log as a file",
    "Show INFO",
    "Show all jobs",
    "Exceptions",
  ]);
  expect(offers?.[3]?.args).toEqual({ job: `prod/${JOB_ID}`, level: "warn", whole: true });
  expect(await told("logs orders --whole", flink)).toContain("orders: 5 log messages");
});

test("the log of the task manager where the last failure happened is read, too", async () => {
  const flink = cluster({ jobmanager: read(THREE), "tm-1:4000-ab": read([at(5, "WARN", "out of memory")]) });
  flink.theExceptions = [anException()];
  const said = await told("logs orders", flink);
  expect(said).toContain("orders: 4 log messages");
  expect(said).toContain("Task manager tm-1:4000-ab (whole log");
  expect(said).toContain("• 10:00:05 WARN X: out of memory");
  // it is an addition, and may be missing
  flink.log = (owner) =>
    owner.of === "jobmanager"
      ? Promise.resolve(read(THREE))
      : Promise.reject(new FlinkUnreachable("no answer within 10 s", "maybe"));
  expect(await told("logs orders", flink)).toContain(
    "• 10:00:02 WARN X: the disk is nearly full\nTask manager tm-1:4000-ab: the log could not be read. no answer within 10 s",
  );
  await expect(asked("logs orders --from tm-1:4000-ab", flink)).rejects.toBeInstanceOf(FlinkUnreachable);
});

test("where Flink does not say which task manager it was, the only one is, or they are named", async () => {
  const flink = cluster({ jobmanager: read(THREE), "tm-1:4000-ab": read(THREE) });
  flink.theExceptions = [anException({ taskManager: null })];
  expect(await told("logs orders", flink)).toContain("Task manager tm-1:4000-ab (whole log");
  flink.theTaskManagers = [manager("tm-1:4000-ab"), manager("tm-2:4000-cd", "tm-2")];
  expect(await told("logs orders", flink)).toContain(
    "Flink does not say on which task manager the last failure happened. Choose one with --from: tm-1:4000-ab, tm-2:4000-cd.",
  );
});

test.each([
  ["jobmanager", "JobManager (whole log"],
  ["tm-1:4000-ab", "Task manager tm-1:4000-ab (whole log"],
  ["tm-2", "Task manager tm-2:4000-cd (whole log"],
  ["tm-2:4", "Task manager tm-2:4000-cd (whole log"],
  ["tm-", "tm- is more than one task manager: tm-1:4000-ab, tm-2:4000-cd."],
  [
    "../x",
    "../x is neither jobmanager nor a task manager of this cluster.\nIts task managers: tm-1:4000-ab, ",
  ],
])("the log of %s", async (from, expected) => {
  const flink = cluster({
    jobmanager: read(THREE),
    "tm-1:4000-ab": read(THREE),
    "tm-2:4000-cd": read(THREE),
  });
  flink.theExceptions = [anException()];
  flink.theTaskManagers = [manager("tm-1:4000-ab"), manager("tm-2:4000-cd", "tm-2")];
  const said = await told(`logs orders --from ${from}`, flink);
  expect(said).toContain(expected);
  expect(said.match(/whole log/gu)?.length ?? 0).toBeLessThan(2);
});

test("a cluster without task managers has none to choose from", async () => {
  const flink = cluster({ jobmanager: read(THREE) });
  flink.theTaskManagers = [];
  expect(await told("logs orders --from tm-1", flink)).toContain("Its task managers: none.");
});

test.each<[Log, string]>([
  [{ is: "none" }, "JobManager writes no log file. Its messages may be in the output of its container."],
  [
    { is: "too long", bytes: 3e9, most: 128e6 },
    "JobManager: the log has 3 GB. flinkops reads at most 128 MB, because Flink sends a log from its beginning.",
  ],
  [{ is: "unknown" }, "JobManager is not part of the cluster any more, and Flink has no log of it."],
])("no log that can be shown is a refusal with its reason: $is", async (log, why) => {
  expect(await told("logs orders", cluster({ jobmanager: log }))).toBe(
    `No log of orders can be shown.\n${why}\nprod, id ${JOB_ID}, Flink`,
  );
});

test("stack traces are in the file alone, which is for all", async () => {
  const flink = cluster({ jobmanager: read(THREE), "tm-1:4000-ab": read([at(5, "WARN", "late")]) });
  flink.theExceptions = [anException()];
  const plain = await report("logs orders", flink);
  expect(JSON.stringify(plain)).not.toContain("B.java:1");
  expect(plain.offers?.[1]).toMatchObject({ operation: "logs", args: { file: true, post: true } });
  const { file, offers } = await report("logs orders --file", flink);
  expect(offers?.map((o) => o.label)).not.toContain("Log as a file");
  expect(file).toMatchObject({ name: "logs-3f9c0000.txt", title: "Log messages of orders" });
  expect(file?.text).toBe(
    [
      `Log messages of orders, ${JOB_ID} on prod (WARN and above, and messages with a stack trace), oldest first, at 2027-01-15 08:00:00 UTC. Anything that looks like a secret is removed.`,
      "",
      "# JobManager",
      ...THREE.slice(1).map((text) => text.replaceAll("\t", "    ")),
      "",
      "# Task manager tm-1:4000-ab",
      at(5, "WARN", "late"),
      "",
    ].join("\n"),
  );
});

test("a file that would be too long is without the oldest messages, and says so", async () => {
  const many = Array.from({ length: 3000 }, (_, n) => at(n % 60, "WARN", `number ${n} ${"x".repeat(60)}`));
  const { file } = await report("logs orders --file", cluster({ jobmanager: read(many) }));
  expect(file?.text.length).toBeLessThan(201_000);
  expect(file?.text).toMatch(/# JobManager, without \d+ older messages\n/u);
  expect(file?.text).toContain("number 2999 ");
  expect(file?.text).not.toContain("number 1 x");
});
