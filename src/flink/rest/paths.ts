import type { AsyncOperation } from "../../model/flink-reads.ts";

const HEX_32 = /^[0-9a-f]{32}$/u;

/** Whether this is a job id, vertex id or trigger id in Flink's format. */
export const isFlinkId = (text: string): boolean => HEX_32.test(text);

/** `/jobs/<id>`. Throws RangeError unless the id is 32 hex digits, so that no outside text changes the path. */
export const jobPath = (jobId: string): string => `/jobs/${checked(jobId, "job id")}`;

/** `vertices/<id>`. Throws RangeError as above. */
export const vertexPath = (vertexId: string): string => `vertices/${checked(vertexId, "vertex id")}`;

/** A trigger id for a path. Throws RangeError as above. */
export const triggerPath = (triggerId: string): string => checked(triggerId, "trigger id");

/** Where Flink tells the end of an operation. Throws RangeError as above. */
export function operationPath(operation: AsyncOperation): string {
  const id = triggerPath(operation.triggerId);
  return operation.kind === "disposal"
    ? `/savepoint-disposal/${id}`
    : `${jobPath(operation.jobId)}/${operation.kind}s/${id}`;
}

/** Whether this is a jar's id in Flink's format: the name of a file. */
export const isJarId = (text: string): boolean => /^[^/\\\p{C}]+\.jar$/u.test(text) && !text.startsWith(".");

/** `/jars/<id>`. Throws RangeError if the id could change the path. */
export function jarPath(jar: string): string {
  if (!isJarId(jar)) throw new RangeError("a jar id is a file name");
  return `/jars/${encodeURIComponent(jar)}`;
}

function checked(id: string, what: string): string {
  if (!isFlinkId(id)) throw new RangeError(`a ${what} is 32 hexadecimal digits`);
  return id;
}
