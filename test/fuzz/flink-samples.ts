import { JOB_ID } from "../fakes/flink-reads.ts";
import { recorded } from "../flink/recorded.ts";

/** An answer of Flink: its status, and its body before it becomes text. A log is text already. */
export interface Sample {
  status: number;
  body: unknown;
}

/** The id under which `orders` runs in the recordings, which come from several runs. */
const IDS = ["2.3.0", "1.20.5"].flatMap((version) => [
  ...JSON.stringify(recorded(version, "job").body).matchAll(/"jid":"([0-9a-f]{32})"/gu),
  ...JSON.stringify(recorded(version, "jobs-overview").body).matchAll(
    /"jid":"([0-9a-f]{32})","name":"orders"/gu,
  ),
]);
const known = new RegExp(IDS.map(([, id = ""]) => id).join("|"), "gu");

/** Recordings of Flink 2.3 by name; with an @ behind it, of 1.20. */
const of = (...names: readonly string[]): Sample[] =>
  names.flatMap((name) => {
    const { status, body } = name.endsWith("@")
      ? recorded("1.20.5", name.slice(0, -1))
      : recorded("2.3.0", name);
    return [{ status, body: JSON.parse(JSON.stringify(body).replaceAll(known, JOB_ID)) as unknown }];
  });
/** In the form that the simulated JobManager gives it, as there is no recording. */
const made = (body: unknown): Sample => ({ status: 200, body });

const VERTICES = [...JSON.stringify(recorded("2.3.0", "job").body).matchAll(/"id":"([0-9a-f]{32})"/gu)].map(
  ([, id = ""]) => id,
);

/** An endpoint of Flink that flinkops reads. The first sample is of a healthy job. */
export interface Endpoint {
  name: string;
  path: RegExp;
  samples: readonly Sample[];
}

const JOB = String.raw`^/jobs/[0-9a-f]{32}`;
const at = (name: string, path: string, samples: readonly Sample[]): Endpoint => ({
  name,
  path: new RegExp(`${path}$`, "u"),
  samples,
});

export const ENDPOINTS: readonly Endpoint[] = [
  at("overview", "^/overview", of("overview", "overview@")),
  at("config", "^/config", of("config", "config@")),
  at("settings", "^/jobmanager/config", of("jobmanager-config", "jobmanager-config@")),
  at("log", "^/(?:jobmanager|taskmanagers/[^/]+)/log", of("jobmanager-log", "jobmanager-log@")),
  at("log files", "^/taskmanagers/[^/]+/logs", [
    made({
      logs: [
        { name: "flink-taskexecutor-0.log", size: 1234 },
        { name: "flink.out", size: 0 },
      ],
    }),
  ]),
  at("jobs", "^/jobs/overview", of("jobs-overview", "jobs-overview@")),
  at(
    "job",
    JOB,
    of("job", "job@", "job-batch", "job-sql-join", "job-sql-mixed", "job-waits-for-slots", "unknown-job"),
  ),
  at("status", `${JOB}/status`, of("status", "unknown-job-status")),
  at(
    "checkpoints",
    `${JOB}/checkpoints`,
    of(
      "checkpoints",
      "checkpoints@",
      "checkpoints-failed",
      "checkpoints-restored",
      "checkpoints-initializing",
      "checkpoints-batch",
      "not-checkpointed",
      "checkpoints-waits-for-slots",
    ),
  ),
  at(
    "checkpoint config",
    `${JOB}/checkpoints/config`,
    of("checkpoints-config", "checkpoints-config@", "checkpoints-config-batch"),
  ),
  at("checkpoint trigger", `${JOB}/checkpoints/[0-9a-f]{32}`, [
    made({ status: { id: "COMPLETED" }, operation: { checkpointId: 7, failureCause: null } }),
    made({
      status: { id: "COMPLETED" },
      operation: {
        failureCause: {
          class: "java.io.IOException",
          "stack-trace": "java.io.IOException: disk full\n\tat a.B.c(B.java:1)",
        },
      },
    }),
  ]),
  at("exceptions", `${JOB}/exceptions`, of("exceptions", "exceptions-default-scheduler", "exceptions@")),
  at(
    "requirements",
    `${JOB}/resource-requirements`,
    of("resource-requirements", "requirements-default-scheduler", "unknown-job-requirements"),
  ),
  at(
    "savepoint",
    `${JOB}/savepoints/[0-9a-f]{32}`,
    of("savepoint-completed", "savepoint-failed", "savepoint-failed@", "unknown-trigger"),
  ),
  at(
    "result",
    `${JOB}/execution-result`,
    of(
      "execution-result-running",
      "execution-result-canceled",
      "execution-result-no-savepoint",
      "execution-result-not-mapped",
      "execution-result-unknown-job",
    ),
  ),
  at(
    "disposal",
    "^/savepoint-disposal/[0-9a-f]{32}",
    of("disposal-done", "disposal-in-progress", "disposal-missing", "disposal-unknown"),
  ),
  at("jars", "^/jars", of("jars", "jars@", "no-route")),
  at("metrics", `${JOB}/metrics`, of("metrics", "metrics@")),
  at("vertex metrics", `${JOB}/vertices/[0-9a-f]{32}/subtasks/metrics`, [
    made([
      { id: "busyTimeMsPerSecond", min: 50, max: 950, avg: 500, sum: 1000 },
      { id: "backPressuredTimeMsPerSecond", min: 0, max: 100, avg: 50, sum: 100 },
      { id: "numRecordsInPerSecond", min: 1, max: 20, avg: 10, sum: 20 },
      { id: "numRecordsOutPerSecond", min: 1, max: 20, avg: 10, sum: 20 },
    ]),
  ]),
  at("plan", `${JOB}/plan`, [
    made({
      plan: {
        nodes: VERTICES.map((id, i) => ({
          id,
          inputs: i === 0 ? [] : [{ id: VERTICES[i - 1] ?? "", ship_strategy: "HASH" }],
        })),
      },
    }),
  ]),
  at("task managers", "^/taskmanagers", [
    made({
      taskmanagers: [
        {
          id: "localhost:40000-3f9c00",
          path: "pekko.tcp://flink@localhost:40000/user/rpc/taskmanager_0",
          slotsNumber: 4,
          freeSlots: 1,
          timeSinceLastHeartbeat: 1_799_999_999_000,
          hardware: { cpuCores: 2 },
        },
      ],
    }),
  ]),
  at("task manager metrics", "^/taskmanagers/[^/]+/metrics", [
    made([
      { id: "Status.JVM.Memory.Heap.Used", value: "100000000" },
      { id: "Status.JVM.Memory.Heap.Max", value: "400000000" },
      { id: "Status.JVM.GarbageCollector.All.TimeMsPerSecond", value: "12" },
    ]),
  ]),
  at("plan of a jar", "^/jars/[^/]+/plan", of("plan", "plan@", "plan-main-throws", "plan-no-jar")),
  at(
    "state sizes",
    `${JOB}/checkpoints/details/\\d+`,
    of("checkpoint-details", "checkpoint-details@", "checkpoint-details-unknown"),
  ),
];

/** Flink's own refusals, with their stacks. */
export const REFUSALS: readonly Sample[] = [
  ...of(
    "unknown-job",
    "unknown-job-status",
    "unknown-trigger",
    "no-route",
    "bad-id",
    "requirements-default-scheduler",
  ),
  ...of("run-main-throws", "run-no-entry-class", "run-no-jar", "run-duplicate", "disposal-unknown"),
];

/** A vertex of the recorded job. */
export const VERTEX = VERTICES[0] ?? "";
