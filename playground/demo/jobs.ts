import { type PlaygroundJob, programArgs } from "../flink/session.ts";

/** How a version of a job differs from the one that is started first, 1.0. */
export type Difference =
  | "one more vertex"
  | "another uid"
  | "another type of state"
  | "fails on every record";

/** A jar of a job's program. */
export interface DemoVersion {
  /** Its file name. */
  jar: string;
  is: Difference;
}

/** A job of the demo, the same on a real Flink and on the simulated one. */
export interface DemoJob {
  runs: PlaygroundJob & { name: string; parallelism: number };
  /** What is special about it, for the person who looks. */
  what: string;
  /** Fails every now and then, and recovers: how often, ms. */
  failsEvery?: number;
  /** It cannot keep up with what comes in. */
  slow?: boolean;
  versions?: {
    /** Uploaded before 1.0, so that they are only taken by name: neither is `newest`, nor what the job was started from. */
    byName?: readonly DemoVersion[];
    /** Uploaded once the job runs. */
    newest: DemoVersion;
  };
}

/** What one subtask of the slow one manages: 2 ms per record. */
const RECORDS_A_SECOND = 500;
const FAILS_EVERY_MS = 180_000;

export const DEMO_JOBS: readonly DemoJob[] = [
  {
    runs: { name: "orders", rate: 50, keys: 1000, parallelism: 1 },
    what: "healthy and quick, its next version fits",
    versions: {
      byName: [
        { jar: "orders-4.0.jar", is: "another type of state" },
        { jar: "orders-3.0.jar", is: "another uid" },
      ],
      newest: { jar: "orders-2.0.jar", is: "one more vertex" },
    },
  },
  {
    runs: { name: "payments", rate: 20, parallelism: 1, snapshotMs: 5000 },
    what: "its snapshots take 5 s, its next version is broken",
    versions: { newest: { jar: "payments-2.0.jar", is: "fails on every record" } },
  },
  {
    runs: {
      name: "clickstream",
      rate: 3 * RECORDS_A_SECOND,
      parallelism: 2,
      workMs: 1000 / RECORDS_A_SECOND,
      failRecordEvery: (RECORDS_A_SECOND * FAILS_EVERY_MS) / 1000,
    },
    what: "cannot keep up; fails every few minutes, and recovers",
    failsEvery: FAILS_EVERY_MS,
    slow: true,
  },
];

/** Room for one more of each; `scale orders 8` shows what Flink does without. */
export const DEMO_SLOTS = 6;

/** The file that a job was started from. */
export const jarOf = (job: DemoJob): string => `${job.runs.name}-1.0.jar`;

/** `jobs` of the configuration file: where each comes from, so that it can be started again. */
export const catalogue = (cluster: string, jobs: readonly DemoJob[]): readonly unknown[] =>
  jobs.map(({ runs }) => ({
    name: runs.name,
    cluster,
    jar: { newest: `${runs.name}-*.jar` },
    args: programArgs(runs),
    parallelism: runs.parallelism,
    // its sink discards everything, and its source is its own
    rehearsal: { args: programArgs({ ...runs, name: "{name}" }), parallelism: 1, healthyWithin: "1m" },
  }));
