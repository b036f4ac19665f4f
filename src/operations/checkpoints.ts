import { z } from "zod";
import {
  type Checkpoint,
  type CheckpointConfig,
  type Checkpoints,
  given,
  stateOf,
} from "../model/flink-jobs.ts";
import { jobArgument } from "./wording/arguments.ts";
import { jobRef, named, shown, statusOffer } from "./wording/job.ts";
import { checkpointCharts } from "./facts/checkpoint-charts.ts";
import { cachedWords, isEmpty, newestCheckpoint } from "./facts/last-checkpoint.ts";
import { defineRead } from "../model/operation.ts";
import type { Table } from "../model/report.ts";
import { optional } from "../model/optional.ts";
import { checkpointHistory } from "./facts/picture-data.ts";
import { b, code, type Text, t } from "../model/text.ts";
import { bytes, count, duration, when } from "../model/units.ts";

const LONGEST_REASON = 200;

export const checkpoints = defineRead({
  kind: "read",
  name: "checkpoints",
  summary: "Show a job's last checkpoints and savepoints, their interval, and which of them are kept",
  examples: ["checkpoints orders"],
  args: z.strictObject({ job: jobArgument }),
  positionals: ["job"],
  class: "view",
  find: (args) => ({ find: "job", job: args.job }),

  async read(c) {
    const { jobId } = c.target;
    const [sighting, told, config, detail] = await Promise.all([
      c.flink.sighting(jobId),
      c.flink.checkpoints(jobId),
      optional(c.flink.checkpointConfig(jobId)),
      // for Flink's clock
      optional(c.flink.job(jobId)),
    ]);
    const now = detail === null ? null : (given(detail)?.now ?? null);
    const state = stateOf(sighting);
    const read = told === "not yet" ? null : told;
    const newest = await newestCheckpoint(c, read, state);
    const offers = [
      { label: "Refresh", operation: "checkpoints", args: { job: jobRef(c.target) } },
      statusOffer(c.target),
    ];
    if (newest.is === "off")
      return {
        outcome: "done",
        headline: t`${named(c.target)} takes no checkpoints`,
        lines: ["Without checkpoints its state is lost when it ends, and it cannot be rescaled in place."],
        offers,
      };
    const seen = read === null ? null : given(read);
    const lines = [
      ...(newest.is === "cached" ? [cachedWords(newest.state, c.now)] : []),
      ...setUp(config === null ? null : given(config)),
    ];
    if (seen === null || (isEmpty(seen) && newest.is !== "none"))
      return {
        outcome: "done",
        headline: t`Checkpoints of ${named(c.target)}: Flink lists none${state === null ? "" : ` while the job is ${state}`}`,
        lines,
        offers,
      };
    const picture = checkpointHistory(c.target.name, seen, now ?? c.now);
    return {
      outcome: "done",
      headline: t`Checkpoints of ${named(c.target)}: ${totals(seen)}`,
      lines,
      ...(seen.history.length === 0 ? {} : { table: table(seen.history, now) }),
      charts: checkpointCharts(seen.history),
      offers,
      ...(picture === null ? {} : { picture }),
    };
  },
});

const setUp = (config: CheckpointConfig | null): readonly Text[] =>
  config === null ? [] : [rhythm(config), retention(config)];

const totals = (seen: Checkpoints): string =>
  [
    `${seen.completed} completed`,
    `${seen.failed} failed`,
    ...(seen.inProgress > 0 ? [`${seen.inProgress} in progress`] : []),
  ].join(", ");

const rhythm = (config: CheckpointConfig): Text =>
  config.intervalMs === null
    ? "Periodic checkpoints are off."
    : `One every ${duration(config.intervalMs)}, each may take ${duration(config.timeoutMs)}.`;

function retention(config: CheckpointConfig): Text {
  if (config.retainedOnCancel) return "The last one is kept when the job is cancelled or fails.";
  return config.retainedOnFailure
    ? "The last one is kept when the job fails, deleted when it is cancelled."
    : "Flink deletes the last one with the job, however it ends.";
}

const table = (history: readonly Checkpoint[], now: number | null): Table => ({
  head: [],
  rows: history.map((c) => [`#${c.id}`, ...cells(c, now)]),
});

function cells(c: Checkpoint, now: number | null): readonly Text[] {
  const began = [kind(c), when(c.triggeredAt, now)];
  const took = c.endToEndMs === null ? [] : [`took ${duration(c.endToEndMs)}`];
  if (c.kind === "in_progress")
    return [...began, t`${b("in progress")}, ${c.acknowledged} of ${count(c.subtasks, "subtask")}`];
  if (c.kind === "failed")
    return [...began, ...took, t`${b("failed")}: ${shown(c.failure ?? "no reason given", LONGEST_REASON)}`];
  const where = c.isSavepoint && c.path !== null ? [t`${code(c.path)}`] : [];
  return [...began, ...took, bytes(c.sizeBytes), ...where];
}

/** Flink's checkpoint types, in words. */
function kind(c: Checkpoint): string {
  if (c.type === "UNALIGNED_CHECKPOINT") return "unaligned checkpoint";
  if (!c.isSavepoint) return "checkpoint";
  const format = c.format === null ? "" : `${c.format.toLowerCase()} `;
  return `${format}savepoint${c.type === "SYNC_SAVEPOINT" ? " of a stop" : ""}`;
}
