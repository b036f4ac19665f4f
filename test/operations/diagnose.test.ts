import { describe, expect, test } from "vitest";
import type { Aggregate } from "../../src/model/flink-jobs.ts";
import { parseArgs } from "../../src/command/validate.ts";
import { operations } from "../../src/operations/index.ts";
import { isRefusal } from "../../src/model/report.ts";
import { gatherFacts } from "../../src/operations/diagnose/facts.ts";
import { diagnosed, rules } from "../../src/operations/diagnose/rules.ts";
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
import { anEntry, FakeKnowledge } from "../fakes/knowledge.ts";
import { asked, told } from "./ask.ts";

const SOURCE = "aaaa0000000000000000000000000001";
const WINDOW = "bbbb0000000000000000000000000002";
const even = (n: number): Aggregate => ({ min: n, max: n, avg: n, sum: n });
const boom = (at: number) => anException({ at, task: "Map (1/4)", host: null });

test("nothing found says what was looked at", async () => {
  expect(await told("diagnose orders", new FakeFlinkReads())).toBe(
    `🟢 Nothing found: orders is RUNNING\nChecked: ${rules.map((r) => r.looksAt).join(", ")}.`,
  );
});

test("a job that is gone", async () => {
  const flink = new FakeFlinkReads();
  flink.theJob = null;
  expect(await told("diagnose orders", flink)).toContain("no longer known");
});

const vertex = (id: string, name: string, parallelism = 1, maxParallelism = 128) =>
  aVertex({ id, name, parallelism, maxParallelism, tasksRunning: parallelism, tasksTotal: parallelism });
const pressed = (busiest: string, ...waiting: readonly string[]) => ({
  ...Object.fromEntries(waiting.map((id) => [id, { backPressuredTimeMsPerSecond: even(800) }])),
  [busiest]: { busyTimeMsPerSecond: even(990), backPressuredTimeMsPerSecond: even(0) },
});

interface Case {
  rule: string;
  sick: (flink: FakeFlinkReads) => void;
  says: string;
}

const cases: readonly Case[] = [
  {
    rule: "failing",
    sick(f) {
      f.theExceptions = [boom(T0 - 60_000), boom(T0 - 120_000), boom(T0 - 180_000)];
      f.metrics = { numRestarts: "7" };
    },
    says: "🔴 Critical: It failed 3 times in the last 10 minutes, 7 restarts in all; root cause IllegalStateException: boom. Next: exceptions prod/3f9c0000",
  },
  {
    rule: "failing",
    sick(f) {
      f.theJob = aJob({ state: "FAILED", endedAt: T0 });
      f.theExceptions = [boom(T0 - 60_000)];
    },
    says: "🔴 Critical: The job has been FAILED since 2027-01-15 07:00 UTC; root cause IllegalStateException: boom.",
  },
  {
    rule: "failing",
    sick(f) {
      f.theJob = aJob({ state: "RESTARTING" });
    },
    says: "🔴 Critical: The job is RESTARTING: 0 failures in the last 10 minutes.",
  },
  {
    rule: "tasks",
    sick(f) {
      f.theJob = aJob({ vertices: [aVertex(), aVertex({ id: WINDOW, name: "Window", tasksRunning: 0 })] });
    },
    says: "🔴 Critical: The job has been RUNNING for 1 h, but only 1 of 2 tasks run. Next: status prod/3f9c0000",
  },
  {
    rule: "slots",
    sick(f) {
      f.theRequirements = { is: "ok", vertices: { [SOURCE]: { lowerBound: 1, upperBound: 8 } } };
    },
    says: "🟠 Warning: Parallelism 8 is asked, it runs at 1: 3 of 4 slots are free. Next: scale prod/3f9c0000 1",
  },
  {
    rule: "starting",
    sick(f) {
      f.theJob = aJob({ state: "CREATED", stateSince: T0 - 120_000 });
      f.theCapabilities = { ...f.theCapabilities, slotsFree: 0 };
    },
    says: "🔴 Critical: It has been CREATED for 2 m: it waits for slots. It needs 1; 0 of 4 slots are free. Next: clusters",
  },
  {
    // its TaskManager is gone: no time makes that better
    rule: "starting",
    sick(f) {
      f.theJob = aJob({ state: "CREATED", stateSince: null, startedAt: T0 - 5_000 });
      f.theCheckpoints = checkpointsOf();
      f.theCapabilities = { ...f.theCapabilities, slotsFree: 0, slotsTotal: 0 };
    },
    says: "🔴 Critical: It is CREATED, 5 s after its start: it waits for slots. It needs 1; 0 of 0 slots are free. Next: clusters",
  },
  {
    // under the adaptive scheduler Flink does not say since when
    rule: "starting",
    sick(f) {
      f.theJob = aJob({ state: "CREATED", stateSince: null, startedAt: T0 - 65_000 });
      f.theCheckpoints = checkpointsOf();
      f.theCapabilities = { ...f.theCapabilities, slotsFree: 1, slotsTotal: 8 };
    },
    says: "🟠 Warning: It is CREATED, 1 m 5 s after its start, though slots are free (it needs 1; 1 of 8 slots is free): Flink builds the execution graph on the JobManager. Check the JobManager's log. Next: status prod/3f9c0000",
  },
  {
    rule: "starting",
    sick(f) {
      f.theJob = aJob({ state: "INITIALIZING", stateSince: T0 - 180_000, vertices: [] });
    },
    says: "🟠 Warning: It has been INITIALIZING for 3 m: the JobManager still prepares the job. Check the JobManager's log.",
  },
  {
    rule: "checkpoints failing",
    sick(f) {
      f.theCheckpoints = checkpointsOf(
        aCheckpoint({ id: 9, kind: "failed", failure: "Checkpoint expired.", triggeredAt: T0 - 5_000 }),
        aCheckpoint({ id: 8, kind: "failed", failure: "x", triggeredAt: T0 - 15_000 }),
        aCheckpoint(),
      );
    },
    says: "🟠 Warning: The last 2 checkpoints failed, the latest 5 s ago: Checkpoint expired. Next: checkpoints prod/3f9c0000",
  },
  {
    rule: "checkpoints overdue",
    sick(f) {
      f.theCheckpoints = checkpointsOf(
        aCheckpoint({
          id: 8,
          kind: "in_progress",
          endToEndMs: null,
          triggeredAt: T0 - 200_000,
          acknowledged: 1,
        }),
        aCheckpoint({ triggeredAt: T0 - 300_350 }),
      );
    },
    says: "🟠 Warning: The last checkpoint is 5 m old, though one is due every 1 m; one has been in progress for 3 m 20 s, 1 of 2 subtasks done.",
  },
  {
    rule: "checkpoints overdue",
    sick(f) {
      f.theCheckpoints = checkpointsOf();
    },
    says: "🟠 Warning: No checkpoint has been completed yet, though one is due every 1 m.",
  },
  {
    rule: "no checkpoints",
    sick(f) {
      f.config = null;
      f.theCheckpoints = null;
    },
    says: "🟡 Note: Periodic checkpoints are off: a failure loses all of its state. Next: savepoint prod/3f9c0000",
  },
  {
    rule: "back-pressure",
    sick(f) {
      f.vertexLoads = {
        [SOURCE]: { busyTimeMsPerSecond: even(100), backPressuredTimeMsPerSecond: even(800) },
        [WINDOW]: { busyTimeMsPerSecond: even(990), backPressuredTimeMsPerSecond: even(0) },
      };
    },
    says: `🟠 Warning: Back-pressure starts at Window (busy 99%): Source waits for it 80% of the time. Next: scale prod/3f9c0000 2 --vertex ${WINDOW}`,
  },
  {
    rule: "skew",
    sick(f) {
      f.theJob = aJob({ vertices: [aVertex(), aVertex({ id: WINDOW, name: "Window", parallelism: 4 })] });
      f.vertexLoads = { [WINDOW]: { numRecordsInPerSecond: { min: 1, max: 900, avg: 250, sum: 1_000 } } };
    },
    says: `🟡 Note: Skew in Window: its busiest subtask takes 900/s, 27.0 times what the others take. Next: metrics prod/3f9c0000 ${WINDOW}`,
  },
  {
    rule: "skew",
    sick(f) {
      f.theJob = aJob({ vertices: [vertex(SOURCE, "Source", 4)] });
      f.vertexLoads = {
        [SOURCE]: {
          numRecordsInPerSecond: even(0),
          numRecordsOutPerSecond: { min: 0, max: 900, avg: 225, sum: 900 },
        },
      };
    },
    says: `🟡 Note: Skew in Source: its busiest subtask sends 900/s, the others next to nothing. Next: metrics prod/3f9c0000 ${SOURCE}`,
  },
  {
    rule: "back-pressure",
    sick(f) {
      f.theJob = aJob({ vertices: [vertex(SOURCE, "Source", 4), vertex(WINDOW, "Window", 4)] });
      f.theCapabilities = { ...f.theCapabilities, slotsFree: 1 };
      f.vertexLoads = pressed(WINDOW, SOURCE);
    },
    // no more than there are slots
    says: `🟠 Warning: Back-pressure starts at Window (busy 99%): Source waits for it 80% of the time. Next: scale prod/3f9c0000 5 --vertex ${WINDOW}`,
  },
  {
    rule: "back-pressure",
    sick(f) {
      f.theJob = aJob({ vertices: [vertex(SOURCE, "Source"), vertex(WINDOW, "Window", 2, 2)] });
      f.vertexLoads = pressed(WINDOW, SOURCE);
    },
    says: `🟠 Warning: Back-pressure starts at Window (busy 99%): Source waits for it 80% of the time. Next: metrics prod/3f9c0000 ${WINDOW}`,
  },
  {
    rule: "back-pressure",
    sick(f) {
      const [a, z] = ["cccc0000000000000000000000000003", "dddd0000000000000000000000000004"];
      f.theJob = aJob({
        vertices: [vertex(SOURCE, "Source"), vertex(a, "A"), vertex(z, "Z"), vertex(WINDOW, "Window")],
      });
      f.vertexLoads = pressed(WINDOW, SOURCE, a, z);
    },
    says: "🟠 Warning: Back-pressure starts at Window (busy 99%): Source and 2 more vertices wait for it, up to 80% of the time.",
  },
  {
    rule: "failing",
    sick(f) {
      f.theJob = aJob({ state: "FAILED", endedAt: T0 });
      f.theFailure = "the main class is not there";
    },
    says: "🔴 Critical: The job has been FAILED since 2027-01-15 07:00 UTC; root cause the main class is not there. Next: exceptions prod/3f9c0000",
  },
  {
    rule: "failing",
    sick(f) {
      f.theExceptions = Array.from({ length: 16 }, (_, i) => boom(T0 - i));
    },
    says: "🔴 Critical: It failed at least 16 times in the last 10 minutes, 0 restarts in all",
  },
  {
    rule: "memory",
    sick(f) {
      f.theTaskManagerMetrics = {
        "tm-1:4000-ab": {
          "Status.JVM.Memory.Heap.Used": "950000000",
          "Status.JVM.Memory.Heap.Max": "1000000000",
          "Status.JVM.GarbageCollector.All.TimeMsPerSecond": "300",
        },
      };
    },
    says: "🟠 Warning: Task manager tm-1:4000-ab: heap 950 MB of 1 GB used, garbage collection takes 30% of the time. Next: clusters",
  },
  {
    rule: "maximum",
    sick(f) {
      f.theJob = aJob({ vertices: [aVertex({ parallelism: 8, maxParallelism: 8, tasksTotal: 1 })] });
    },
    says: "🟡 Note: Source runs at its maximum parallelism, 8: it cannot be scaled up with its state. Next: metrics prod/3f9c0000 aaaa0000000000000000000000000001",
  },
];

/** The commands that the findings suggest. */
async function typed(flink: FakeFlinkReads, known = new FakeKnowledge()): Promise<readonly string[]> {
  const target = { kind: "job", cluster: "prod", jobId: JOB_ID, name: "orders" } as const;
  const facts = await gatherFacts({ args: {}, target, actor: "U1", requestId: "r", now: T0, flink, known });
  return facts === null ? [] : diagnosed(facts).map((f) => f.helps.typed("prod/3f9c0000"));
}

describe("rules", () => {
  test.each(cases)("$rule: $says", async ({ sick, says }) => {
    const flink = new FakeFlinkReads();
    sick(flink);
    const [words = "", next = ""] = says.split(" Next: ");
    expect(await told("diagnose orders", flink)).toContain(`\n${words}`);
    expect(["", ...(await typed(flink))]).toContain(next);
  });

  test("the command is named where no button does it", async () => {
    const flink = new FakeFlinkReads();
    const names = ["A", "B", "C", "D", "E", "F"];
    flink.theJob = aJob({
      vertices: names.map((name, i) =>
        aVertex({
          id: `${i}`.padStart(32, "0"),
          name,
          parallelism: 2,
          tasksTotal: 2,
          tasksRunning: 2,
          maxParallelism: 2,
        }),
      ),
    });
    const said = await told("diagnose orders", flink);
    expect(said.match(/ Next: metrics prod\/3f9c0000 /gu)).toHaveLength(2);
  });

  test("each has a case", () => {
    const covered = new Set(cases.map((c) => c.rule));
    expect(rules.map((r) => r.name).filter((name) => !covered.has(name))).toEqual([]);
  });

  test("a job is not ill in its first minute where its slots are there, or are being started for it", async () => {
    const flink = new FakeFlinkReads();
    flink.theJob = aJob({ state: "CREATED", stateSince: T0 - 5_000 });
    flink.theCapabilities = { ...flink.theCapabilities, slotsFree: 0 };
    expect(await told("diagnose orders", flink)).toMatch(/^🟢 Nothing found/u);
    flink.theCapabilities = { ...flink.theCapabilities, slotsTotal: 0, elastic: true };
    expect(await told("diagnose orders", flink)).toMatch(/^🟢 Nothing found/u);
  });

  test("a failed job can be started again from here, if the catalog has it", async () => {
    const flink = new FakeFlinkReads();
    flink.theJob = aJob({ state: "FAILED", endedAt: T0 });
    const known = new FakeKnowledge();
    known.catalogue = { entries: [anEntry()], anyJarOn: [] };
    expect(await typed(flink, known)).toContain("resume prod/3f9c0000");
  });

  test("worst first", async () => {
    const flink = new FakeFlinkReads();
    flink.config = null;
    flink.theExceptions = [boom(T0 - 1), boom(T0 - 2), boom(T0 - 3)];
    const said = await told("diagnose orders", flink);
    expect(said).toMatch(/^🔴 orders is RUNNING: 2 problems\n🔴.*\n🟡/u);
  });

  test("what would help is a button, too, once", async () => {
    const flink = new FakeFlinkReads();
    flink.theExceptions = [boom(T0 - 1)];
    flink.theJob = aJob({ vertices: [vertex(SOURCE, "Source"), vertex(WINDOW, "Window")] });
    flink.vertexLoads = pressed(WINDOW, SOURCE);
    flink.theCheckpoints = checkpointsOf(
      aCheckpoint({ id: 9, kind: "failed", failure: "x", triggeredAt: T0 - 5_000 }),
      aCheckpoint({ triggeredAt: T0 - 900_000 }),
    );
    const answer = await asked("diagnose orders", flink);
    if (isRefusal(answer)) throw new Error("refused");
    const job = "prod/3f9c0000000000000000000000000001";
    expect(answer.offers?.map((o) => [o.label, o.operation, o.args])).toEqual([
      ["Exceptions", "exceptions", { job }],
      ["Checkpoints", "checkpoints", { job }],
      ["Scale Window to 2", "scale", { job, parallelism: 2, vertex: [WINDOW] }],
      ["Diagnose again", "diagnose", { job }],
      ["Status", "status", { job }],
    ]);
    for (const { operation, args } of answer.offers ?? []) {
      const row = operations.find((r) => r.name === operation);
      expect(row === undefined ? null : parseArgs(row, args).is).toBe("parsed");
    }
  });
});
