import { randomBytes } from "node:crypto";
import { object } from "./change-routes.ts";
import type { SimulatedCluster } from "./cluster.ts";
import { HEX_32, ok, type SimulatedRequest } from "./requirements.ts";
import { notDisposed } from "./run-words.ts";
import { failureCause, no, type SimulatedAnswer } from "./words.ts";

/** Disposals are stored next to the trigger ids of jobs, under ids of Flink's own. */
const DISPOSALS = "disposal";

/** POST /savepoint-disposal: accepted before anybody has looked whether there is a savepoint. */
export function disposeRoute(cluster: SimulatedCluster, request: SimulatedRequest): SimulatedAnswer {
  const body = object(request.text);
  if (body === null) return no(400, "Request did not match expected format SavepointDisposalRequest.");
  const path = body["savepoint-path"];
  if (typeof path !== "string") return no(400, "Field savepoint-path must not be omitted or be null.");
  const id = randomBytes(16).toString("hex");
  const key = `${DISPOSALS}:${id}`;
  cluster.operations.set(key, { is: "in_progress" });
  cluster.later(cluster.timings.disposeMs, () => {
    const at = cluster.now();
    if (!cluster.snapshots.delete(path)) {
      cluster.operations.set(key, { is: "failed", at, stack: notDisposed(path) });
      return;
    }
    cluster.record({ do: "dispose", jobId: null, path });
    cluster.operations.set(key, { is: "completed", at, location: path });
  });
  return ok({ "request-id": id });
}

/** GET /savepoint-disposal/:id */
export function disposalRoute(cluster: SimulatedCluster, id: string): SimulatedAnswer {
  if (!HEX_32.test(id))
    return no(
      400,
      `Bad request, could not parse parameters: Cannot resolve path parameter (triggerid) from value "${id}".`,
    );
  const found = cluster.operation(DISPOSALS, id);
  if (found === null) {
    const key = `org.apache.flink.runtime.rest.handler.async.OperationKey@${id.slice(0, 8)}`;
    return no(404, `Operation not found under key: ${key}`, "rest.NotFoundException");
  }
  if (found.is === "in_progress") return ok({ status: { id: "IN_PROGRESS" }, operation: null });
  const operation = found.is === "completed" ? {} : { "failure-cause": failureCause(found.stack) };
  return ok({ status: { id: "COMPLETED" }, operation });
}
