import { fitsGlob } from "../model/catalog.ts";
import type { OperationClass } from "../model/target.ts";
import type { Match } from "./policy.ts";

/** The parts of a request that rules match on. Null: it has no such part, or it is not known yet. */
export interface Matched {
  cluster: string | null;
  job: string | null;
  operation: string;
  class: OperationClass;
  channel: string;
}

/** Why a rule does not match, for `explain`; null where it matches. */
export function mismatch(match: Match, request: Matched): string | null {
  const { cluster, job, operation, channel } = request;
  if (match.operations !== undefined && !match.operations.includes(operation))
    return `operations: ${list(match.operations)}, not ${operation}`;
  if (match.classes !== undefined && !match.classes.includes(request.class))
    return `classes: ${list(match.classes)}, not ${request.class}`;
  if (match.channels !== undefined && !match.channels.includes(channel))
    return `channels: ${list(match.channels)}, not ${channel}`;
  return byGlob("clusters", match.clusters, cluster) ?? byGlob("jobs", match.jobs, job);
}

const list = (names: readonly string[]): string => names.join(", ");

function byGlob(key: string, globs: readonly string[] | undefined, name: string | null): string | null {
  if (globs === undefined || (name !== null && globs.some((glob) => fitsGlob(name, glob)))) return null;
  return `${key}: ${list(globs)}, ${name === null ? "and the request names none" : `not ${name}`}`;
}

/** Whether a rule may match once everything is known: the job, the cluster, and whether it is destructive. */
export function mayMatch(
  { clusters, operations, classes, channels }: Match,
  request: Omit<Matched, "channel" | "operation"> & { channel: string | null; operation: string | null },
): boolean {
  const { cluster, channel, operation } = request;
  const known: Match = {
    ...(clusters !== undefined && cluster !== null && { clusters }),
    ...(operations !== undefined && operation !== null && { operations }),
    ...(channels !== undefined && channel !== null && { channels }),
  };
  // only a change can turn out destructive
  const inClass =
    classes?.some((c) => c === request.class || (c === "destructive" && request.class === "operate")) ?? true;
  const rest = { ...request, channel: channel ?? "", operation: operation ?? "" };
  return inClass && mismatch(known, rest) === null;
}
