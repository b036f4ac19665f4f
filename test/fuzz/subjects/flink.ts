import { FlinkProblem, OpsError } from "../../../src/model/errors.ts";
import type { FlinkReads } from "../../../src/model/flink-reads.ts";
import { EFFECT_ID } from "../../operations/drive.ts";
import { JOB_ID } from "../../fakes/flink-reads.ts";
import { type Bodies, bodiesFor, readsOver } from "../flink-bodies.ts";
import { VERTEX } from "../flink-samples.ts";
import { refused, type Subject, subject, understood } from "../subject.ts";
import { clean } from "../words.ts";

/** Every read, and the endpoints that it asks. */
const READS: Readonly<Record<string, readonly [(r: FlinkReads) => unknown, readonly string[]]>> = {
  overview: [(r) => r.overview(), ["jobs"]],
  job: [(r) => r.job(JOB_ID), ["job"]],
  checkpoints: [(r) => r.checkpoints(JOB_ID), ["checkpoints"]],
  checkpointConfig: [(r) => r.checkpointConfig(JOB_ID), ["checkpoint config"]],
  exceptions: [(r) => r.exceptions(JOB_ID, 10), ["exceptions"]],
  jobMetrics: [(r) => r.jobMetrics(JOB_ID, ["numRestarts", "__proto__"]), ["metrics"]],
  requirements: [(r) => r.requirements(JOB_ID), ["requirements"]],
  trigger: [(r) => r.trigger(JOB_ID, EFFECT_ID), ["savepoint"]],
  jobManagerLog: [(r) => r.log({ of: "jobmanager" }), ["log"]],
  taskManagerLog: [(r) => r.log({ of: "taskmanager", id: "localhost:40000-3f9c00" }), ["log", "log files"]],
  managed: [(r) => r.managed(), ["config", "settings"]],
  savepointDirectory: [(r) => r.savepointDirectory(), ["settings"]],
  capabilities: [(r) => r.capabilities(), ["overview", "config", "settings"]],
  sighting: [(r) => r.sighting(JOB_ID), ["status", "settings"]],
  processes: [(r) => r.processes(), ["settings"]],
  metricNames: [(r) => r.metricNames(JOB_ID), ["metrics"]],
  vertexMetrics: [(r) => r.vertexMetrics(JOB_ID, VERTEX, ["busyTimeMsPerSecond", "x"]), ["vertex metrics"]],
  vertexMetricsOf: [
    (r) => r.vertexMetricsOf(JOB_ID, [VERTEX], ["numRecordsInPerSecond"]),
    ["vertex metrics"],
  ],
  edges: [(r) => r.edges(JOB_ID), ["plan"]],
  jars: [(r) => r.jars(), ["jars"]],
  taskManagers: [(r) => r.taskManagers(), ["task managers"]],
  taskManagerMetrics: [
    (r) => r.taskManagerMetrics("localhost:40000-3f9c00", ["Status.JVM.Memory.Heap.Used"]),
    ["task manager metrics"],
  ],
  checkpointTrigger: [(r) => r.checkpointTrigger(JOB_ID, EFFECT_ID), ["checkpoint trigger"]],
  disposal: [(r) => r.disposal(EFFECT_ID), ["disposal"]],
  failure: [(r) => r.failure(JOB_ID), ["result"]],
};

interface Asked {
  read: string;
  bodies: Bodies;
}

/** The product's side, so that a test can break it. */
const product = { readsOver };

/** Bodies of every endpoint of Flink, as every read reads them. */
export const flink = (door: typeof product = product): Subject =>
  subject({
    name: "flink",
    make(random): Asked {
      const read = random.pick(Object.keys(READS));
      return { read, bodies: bodiesFor(random, READS[read]?.[1]) };
    },
    async judge({ read, bodies }) {
      const [ask] = READS[read] ?? [() => undefined];
      try {
        const facts = await ask(door.readsOver(bodies));
        wordsIn(facts);
        return understood(read);
      } catch (error) {
        if (!(error instanceof OpsError)) throw error;
        clean(error.message, { most: 700 });
        if (error instanceof FlinkProblem) clean(error.sentence, { most: 700 });
        return refused(`${read} ${error.name}`);
      }
    },
  });

/** Facts that are words already: a reason is a sentence, and no stack. */
function wordsIn(facts: unknown): void {
  if (Array.isArray(facts)) {
    for (const one of facts.slice(0, 50)) wordsIn(one);
    return;
  }
  if (typeof facts !== "object" || facts === null) return;
  for (const [key, value] of Object.entries(facts))
    if (["reason", "failure", "message", "cause"].includes(key) && typeof value === "string" && value !== "")
      clean(value, { most: 400 });
    else wordsIn(value);
}
