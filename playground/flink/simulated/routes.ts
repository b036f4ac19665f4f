import * as bodies from "./bodies.ts";
import { cancelRoute, object, rescaleRoute, triggerRoute } from "./change-routes.ts";
import { checkpointRoute } from "./checkpoint-change.ts";
import type { SimulatedCluster } from "./cluster.ts";
import type { SimulatedJob } from "./job.ts";
import { disposalRoute, disposeRoute } from "./disposal-routes.ts";
import { executionResultBody } from "./execution-result.ts";
import { planRoute, runRoute } from "./jar-routes.ts";
import { TASK_MANAGER } from "./log.ts";
import { clusterLookRoute, jobLookRoute } from "./look-routes.ts";
import { HEX_32, ok, requirementsRoute, type SimulatedRequest } from "./requirements.ts";
import {
  initializing,
  no,
  noCheckpointing,
  noExecutionResult,
  plainNo,
  type SimulatedAnswer,
  unknownJob404,
  unknownJob500,
} from "./words.ts";

/** The REST API: every route with and without /v1; a known path with the wrong method is a 404. */
export function route(cluster: SimulatedCluster, request: SimulatedRequest): SimulatedAnswer {
  const path = request.path.replace(/^\/v1(?=\/)/u, "");
  const parts = path.split("/").slice(1);
  const found =
    parts[0] === "jobs" && parts.length > 1 && parts[1] !== "overview"
      ? jobRoute(cluster, request, parts)
      : (changeRoute(cluster, request, parts) ?? topRoute(cluster, request, path));
  // a GET that nobody serves is taken for a file of the web page
  const words = request.method === "GET" ? `Unable to load requested file ${path}.` : `Not found: ${path}`;
  return found ?? plainNo(404, words);
}

/** What changes something that is no job yet, or none any more. */
function changeRoute(
  cluster: SimulatedCluster,
  request: SimulatedRequest,
  [what = "", id = "", verb]: readonly string[],
): SimulatedAnswer | null {
  const { method } = request;
  if (method === "POST" && what === "jars" && verb === "run")
    return runRoute(cluster, decodeURIComponent(id), request);
  if (method === "POST" && what === "jars" && verb === "plan")
    return planRoute(cluster, decodeURIComponent(id), request);
  if (what !== "savepoint-disposal") return null;
  if (method === "POST" && id === "") return disposeRoute(cluster, request);
  return method === "GET" && id !== "" ? disposalRoute(cluster, id) : null;
}

function topRoute(
  cluster: SimulatedCluster,
  request: SimulatedRequest,
  path: string,
): SimulatedAnswer | null {
  if (request.method !== "GET") return null;
  const jobs = [...cluster.jobs.values()].sort((a, b) => b.startTime - a.startTime);
  const { version, webCancel, webRescale } = cluster.options;
  switch (path) {
    case "/overview":
      return ok({
        taskmanagers: 1,
        "slots-total": cluster.slots,
        "slots-available": cluster.slotsFree(),
        "jobs-running": jobs.filter((j) => j.state === "RUNNING").length,
        "jobs-finished": jobs.filter((j) => j.state === "FINISHED").length,
        "jobs-cancelled": jobs.filter((j) => j.state === "CANCELED").length,
        "jobs-failed": jobs.filter((j) => j.state === "FAILED").length,
        "flink-version": version,
        "flink-commit": "simulated",
      });
    case "/config":
      return ok({
        "refresh-interval": 3000,
        "timezone-name": "UTC",
        "timezone-offset": 0,
        "flink-version": version,
        features: {
          "web-submit": cluster.jars !== null,
          "web-cancel": webCancel,
          "web-rescale": webRescale,
          "web-history": false,
        },
      });
    case "/jobmanager/config":
      return ok(bodies.settingsBody(cluster));
    case "/taskmanagers":
      return ok({
        taskmanagers: [
          {
            id: TASK_MANAGER,
            path: "pekko.tcp://flink@localhost:40000/user/rpc/taskmanager_0",
            slotsNumber: cluster.slots,
            freeSlots: cluster.slotsFree(),
            timeSinceLastHeartbeat: cluster.now() - 1000,
            hardware: { cpuCores: 2 },
          },
        ],
      });
    case "/jobs":
      return ok({ jobs: jobs.map((j) => ({ id: j.jobId, status: j.state })) });
    case "/jobs/overview":
      return ok({ jobs: jobs.map((j) => bodies.overviewRow(j, { version, now: cluster.now() })) });
    default:
      return clusterLookRoute(cluster, path, request.query);
  }
}

function jobRoute(
  cluster: SimulatedCluster,
  request: SimulatedRequest,
  parts: string[],
): SimulatedAnswer | null {
  const [, jobId = "", ...rest] = parts;
  if (!HEX_32.test(jobId)) {
    return no(
      400,
      `Bad request, could not parse parameters: Cannot resolve path parameter (jobid) from value "${jobId}".`,
    );
  }
  const key = `${request.method} ${rest.join("/")}`;
  const job = cluster.jobs.get(jobId);
  if (request.method === "GET") return readRoute(cluster, { jobId, job, rest, request });
  if (key === "PATCH ") return cancelRoute(cluster, job, request);
  if (key === "POST savepoints" || key === "POST stop")
    return triggerRoute(cluster, jobId, request, key === "POST stop");
  if (key === "POST checkpoints") return checkpointRoute(cluster, jobId, object(request.text));
  if (key === "PUT resource-requirements") return rescaleRoute(cluster, jobId, job, request);
  return null;
}

function readRoute(
  cluster: SimulatedCluster,
  r: { jobId: string; job: SimulatedJob | undefined; rest: string[]; request: SimulatedRequest },
): SimulatedAnswer | null {
  const { job, jobId, rest, request } = r;
  const what = rest.join("/");
  const look = jobLookRoute(cluster, { jobId, job, rest, query: request.query });
  if (look !== null) return look;
  if (what === "metrics") {
    const names = (request.query.get("get") ?? "").split(",").filter((s) => s !== "");
    return ok(bodies.metricsBody(job, names, cluster.now()));
  }
  if (rest[0] === "savepoints" && rest.length === 2) return statusRoute(cluster, jobId, rest[1] ?? "");
  if (what === "status") return job === undefined ? unknownJob500(jobId) : ok({ status: job.state });
  if (what === "resource-requirements") return requirementsRoute(jobId, job);
  if (what === "execution-result")
    return job === undefined
      ? noExecutionResult(jobId)
      : ok(executionResultBody(job, cluster.options.version));
  const known = ["", "exceptions", "checkpoints", "checkpoints/config", "config"];
  if (!known.includes(what)) return null;
  if (job === undefined) return unknownJob404(jobId);
  if (what === "checkpoints" && job.state === "INITIALIZING") return initializing();
  if (what.startsWith("checkpoints") && job.jobType === "BATCH")
    return noCheckpointing(jobId, what === "checkpoints" ? "statistics" : "config");
  if (what === "") return ok(bodies.jobBody(job, { version: cluster.options.version, now: cluster.now() }));
  if (what === "exceptions")
    return ok(bodies.exceptionsBody(job, Number(request.query.get("maxExceptions") ?? 20)));
  if (what === "config") return ok({ jid: jobId, name: job.name, "execution-config": { "user-config": {} } });
  return ok(
    what === "checkpoints" ? bodies.checkpointsBody(job, cluster.now()) : bodies.checkpointConfigBody(job),
  );
}

function statusRoute(cluster: SimulatedCluster, jobId: string, triggerId: string): SimulatedAnswer {
  if (!HEX_32.test(triggerId)) {
    return no(
      400,
      `Bad request, could not parse parameters: Cannot resolve path parameter (triggerid) from value "${triggerId}".`,
    );
  }
  const operation = cluster.operation(jobId, triggerId);
  return operation === null
    ? no(404, `There is no savepoint operation with triggerId=${triggerId} for job ${jobId}.`)
    : ok(bodies.operationBody(operation));
}
