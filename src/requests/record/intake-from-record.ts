import { type Intake, jobIdOf, nameOf, type RequestRecord } from "./record.ts";

/** Rebuilds the intake of a request from its record. */
export const intakeFromRecord = (record: RequestRecord): Intake => ({
  v: 1,
  requestId: record.id,
  operation: record.operation,
  args: record.args,
  cluster: record.target.cluster,
  find: record.target.kind,
  job: record.target.kind === "path" ? record.target.path : nameOf(record.target),
  bound: record.target.kind === "job" ? { jobId: jobIdOf(record.target), name: nameOf(record.target) } : null,
  actor: record.actor,
  place: record.place,
  reason: record.reason,
  askedAt: record.askedAt,
  ...(record.askedWithBreakGlass === true && { breakGlass: true }),
  parent: record.parent,
});
