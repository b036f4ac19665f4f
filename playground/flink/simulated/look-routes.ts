import type { SimulatedCluster } from "./cluster.ts";
import { listing } from "./jar.ts";
import { logRoute } from "./log.ts";
import type { SimulatedJob, SimulatedVertex, VertexLoad } from "./job.ts";
import { HEX_32, ok } from "./requirements.ts";
import { detailsAnswer, planNodes } from "./plan-routes.ts";
import { failureCause, no, type SimulatedAnswer, unknownJob404 } from "./words.ts";

interface Look {
  jobId: string;
  job: SimulatedJob | undefined;
  rest: readonly string[];
  query: URLSearchParams;
}

const wanted = (query: URLSearchParams): readonly string[] =>
  (query.get("get") ?? "").split(",").filter((s) => s !== "");

/** What is read of a job next to its graph; null: none of these. */
export function jobLookRoute(cluster: SimulatedCluster, look: Look): SimulatedAnswer | null {
  const { jobId, job, rest, query } = look;
  const [what, id = "", ...more] = rest;
  if (what === "plan" && rest.length === 1)
    return job === undefined
      ? unknownJob404(jobId)
      : ok({ plan: { jid: job.jobId, name: job.name, type: "STREAMING", nodes: planNodes(job.vertices) } });
  if (what === "checkpoints" && id === "details" && more.length === 1)
    return job === undefined ? unknownJob404(jobId) : detailsAnswer(job, more[0] ?? "");
  if (what === "vertices" && more.join("/") === "subtasks/metrics")
    return ok(subtaskMetrics(job, id, wanted(query)));
  if (what === "checkpoints" && rest.length === 2 && id !== "config") return triggerBody(cluster, jobId, id);
  return null;
}

/** Without HTTP's method: only GETs come here. */
export function clusterLookRoute(
  cluster: SimulatedCluster,
  path: string,
  query: URLSearchParams,
): SimulatedAnswer | null {
  if (path === "/jars") {
    return cluster.jars === null
      ? null
      : ok({ address: "http://localhost:8081", files: listing(cluster.jars) });
  }
  if (/^\/taskmanagers\/[^/]+\/metrics$/u.test(path)) {
    const { heapUsed, heapMax, gcMsPerSecond } = cluster.taskManager;
    const all: Record<string, number> = {
      "Status.JVM.Memory.Heap.Used": heapUsed,
      "Status.JVM.Memory.Heap.Max": heapMax,
      "Status.JVM.GarbageCollector.All.TimeMsPerSecond": gcMsPerSecond,
    };
    return ok(
      wanted(query)
        .filter((id) => id in all)
        .map((id) => ({ id, value: String(all[id]) })),
    );
  }
  return logRoute(cluster, path);
}

const IDLE: VertexLoad = { busy: 50, backPressured: 0, recordsIn: 20, recordsOut: 20, skew: 1 };

/** One subtask takes `skew` times what the others take. */
function values(job: SimulatedJob, v: SimulatedVertex): Readonly<Record<string, readonly number[]>> {
  const { busy, backPressured, recordsIn, recordsOut, skew } = { ...IDLE, ...v.load };
  const n = v.parallelism;
  const share = recordsIn / (n - 1 + skew);
  const spread = Array.from({ length: n }, (_, i) => (i === 0 ? share * skew : share));
  const even = (x: number): readonly number[] => Array.from({ length: n }, () => x);
  return {
    busyTimeMsPerSecond: even(busy),
    backPressuredTimeMsPerSecond: even(backPressured),
    idleTimeMsPerSecond: even(Math.max(0, 1000 - busy - backPressured)),
    numRecordsInPerSecond: spread,
    numRecordsOutPerSecond: even(recordsOut / n),
    numBytesInPerSecond: spread.map((x) => x * 100),
    numBytesOutPerSecond: even((recordsOut / n) * 100),
    numRecordsIn: spread.map((x) => x * 100),
    // one key has one place
    ...(v.name === "count" ? { "count.counted": even(0).map((_, i) => (i === 0 ? job.counted : 0)) } : {}),
  };
}

function subtaskMetrics(job: SimulatedJob | undefined, vertexId: string, names: readonly string[]): unknown {
  const vertex = job?.tasksRunning === true ? job.vertices.find((v) => v.id === vertexId) : undefined;
  if (job === undefined || vertex === undefined) return [];
  const all = values(job, vertex);
  if (names.length === 0) return [...Object.keys(all), ...vertex.gauges].map((id) => ({ id }));
  // one that is not known, or no number, and none is answered: so does Flink (AbstractAggregatingMetricsHandler)
  if (names.some((id) => !(id in all))) return [];
  return names.map((id) => {
    const x = all[id] ?? [];
    const sum = x.reduce((a, b) => a + b, 0);
    return { id, min: Math.min(...x), max: Math.max(...x), avg: sum / x.length, sum };
  });
}

function triggerBody(cluster: SimulatedCluster, jobId: string, triggerId: string): SimulatedAnswer {
  if (!HEX_32.test(triggerId))
    return no(
      400,
      `Bad request, could not parse parameters: Cannot resolve path parameter (triggerid) from value "${triggerId}".`,
    );
  const operation = cluster.operation(`checkpoint:${jobId}`, triggerId);
  if (operation === null)
    return no(404, `There is no checkpoint operation with triggerId=${triggerId} for job ${jobId}.`);
  if (operation.is === "in_progress") return ok({ status: { id: "IN_PROGRESS" }, operation: null });
  const outcome =
    operation.is === "completed"
      ? { checkpointId: Number(operation.location) }
      : { failureCause: failureCause(operation.stack) };
  return ok({ status: { id: "COMPLETED" }, operation: outcome });
}
