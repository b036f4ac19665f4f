import { FlinkNotYet, FlinkRefused } from "../../model/errors.ts";
import type { Asked, Effect, FlinkCall, Lease } from "../../model/effect.ts";
import type { Requirements } from "../../model/flink-jobs.ts";
import type { Access } from "../facts/settings.ts";
import { jobPath } from "../rest/paths.ts";
import { requirementsBody } from "../wire/jobs.ts";
import { type Performed, send } from "./change.ts";

type Rescale = Extract<Effect, { do: "rescale" }>;

export const call = (effect: Rescale): FlinkCall => ({
  method: "PUT",
  path: `${jobPath(effect.jobId)}/resource-requirements`,
  body: requirementsBody(effect.target),
});

/** Sets the required parallelism of every vertex. The job follows later, or never if slots are missing. */
export function perform(access: Access, effect: Rescale, lease: Lease): Promise<Performed> {
  return send(access, { ...call(effect), accepted: () => null }, lease);
}

/** Flink stores the requirements, and they survive a failover. */
export async function ask(access: Access, effect: Rescale): Promise<Asked> {
  const found = await readNow(access, effect.jobId);
  // sending the change returns Flink's own message
  if (found === "unsupported") return { is: "not" };
  if (found === "ended")
    return {
      is: "unknown",
      looked: "the job has ended, and Flink no longer keeps its requested parallelism",
    };
  if (same(found, effect.target)) return { is: "accepted", answer: null };
  if (same(found, effect.before)) return { is: "not" };
  return {
    is: "unknown",
    looked: `someone else has rescaled the job meanwhile: it is set to ${written(found)}, which is neither the requested nor the previous parallelism`,
  };
}

async function readNow(access: Access, jobId: string): Promise<Requirements | "unsupported" | "ended"> {
  try {
    const found = await access.reads.requirements(jobId);
    return found.is === "ok" ? found.vertices : found.is;
  } catch (error) {
    // a job that is being recovered still has its requirements
    if (error instanceof FlinkRefused && !(error instanceof FlinkNotYet)) return "ended";
    throw error;
  }
}

function same(a: Requirements, b: Requirements): boolean {
  const ids = Object.keys(a);
  return (
    ids.length === Object.keys(b).length &&
    ids.every((id) => a[id]?.lowerBound === b[id]?.lowerBound && a[id]?.upperBound === b[id]?.upperBound)
  );
}

const written = (all: Requirements): string =>
  Object.values(all)
    .map((r) => `${r.lowerBound} to ${r.upperBound}`)
    .join(", ");
