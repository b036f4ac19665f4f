import { z } from "zod";
import { short } from "../../command/validate.ts";
import type { SavepointFormat } from "../../model/effect.ts";
import type { LockScope } from "../../model/lock.ts";
import type { Target } from "../../model/target.ts";
import { MAY, mayNot, type Verdict } from "../../model/verdict.ts";

/** The cluster of an operation on a whole cluster. */
export const clusterArgument = z
  .string()
  .trim()
  .min(1)
  .max(100)
  .optional()
  .describe("the cluster; without it, the channel's cluster");

/** Refuses a trailing slash: `demo/` names a cluster but no job. */
export const jobName = z
  .string()
  .trim()
  .min(1)
  .max(500)
  .refine(
    (name) => !name.endsWith("/"),
    "There is no job name after the slash. Write cluster/job. If a job's name ends with a slash, use its id.",
  );

/** Arguments that several operations share. */
export const jobArgument = jobName.describe("name, id, id prefix of 6 or more characters, or cluster/job");

/** Arguments that turn an operation on one job into the one on many jobs. */
export const allArguments = {
  job: jobArgument.optional(),
  all: z.boolean().default(false).describe("every running job of a cluster, instead of one"),
  match: z
    .string()
    .trim()
    .min(1)
    .max(300)
    .optional()
    .describe("with --all: only jobs whose names match, like orders-*"),
};

interface OneOrAll {
  job?: string | undefined;
  all: boolean;
  match?: string | undefined;
  directory?: string | undefined;
}

/** Whether these arguments go together. */
export function oneOrAll({ job, all, match, directory }: OneOrAll): Verdict<string> {
  if (all && (job !== undefined || directory !== undefined))
    return mayNot("--all means every running job: leave out <job> and the directory.");
  if (!all && job === undefined)
    return mayNot("<job> is missing: name, id, id prefix of 6 or more characters, or cluster/job.");
  return !all && match !== undefined ? mayNot("--match needs --all.") : MAY;
}

/** A job that need not exist. */
export const nameArgument = jobName.describe(
  "the job's name in the catalog, an id that it had, or cluster/name",
);

/**
 * Length and form are checked against the cluster's own rules when the request is opened, and a problem is explained
 * in words.
 */
export const directoryArgument = z
  .string()
  .trim()
  .min(1)
  .max(3_000)
  .refine((text) => text.includes(":"), {
    error: ({ input }) =>
      `${short(String(input))} is not a directory: it must start with its file system, like s3://bucket/savepoints. Did you mean --reason "${short(String(input))}"?`,
  })
  .optional()
  .describe("directory of the savepoint; without it, the cluster's default");

export const formatArgument = z
  .enum(["canonical", "native"])
  .default("canonical")
  .describe("savepoint format: canonical (portable) or native (faster, same state backend only)");

/** The savepoint format as Flink spells it. */
export const flinkFormat = (format: "canonical" | "native"): SavepointFormat =>
  format === "native" ? "NATIVE" : "CANONICAL";

/** Flink's own bounds: its largest maxParallelism is 32768. */
export const parallelismArgument = z.number().int().min(1).max(32_768).optional();

const jarName = z.string().trim().min(1).max(300);

/** Selects the uploaded jar for a job that runs. */
export const jarArgument = jarName
  .default("same")
  .describe("same (the current one), newest (of the catalog), or an upload's id or file name");

/** Selects the jar that a job's next version would have. */
export const nextJarArgument = jarName
  .default("newest")
  .describe("newest (of the catalog), same (the current one), or an upload's id or file name");

/** A cluster, or one of its jobs. */
export const scopeArgument = jobName.describe("a cluster, cluster/job, or a job of the channel's cluster");

/** What was found for a `scopeArgument`. Throws TypeError for other targets. */
export function lockScope(target: Target): LockScope {
  if (target.kind === "cluster") return { cluster: target.cluster, job: null };
  if (target.kind === "name") return { cluster: target.cluster, job: target.name };
  throw new TypeError(`a lock of a ${target.kind}`);
}

const UNIT_MS: Readonly<Record<string, number>> = { m: 60_000, h: 3_600_000, d: 86_400_000 };

/** `30m`, `12h` or `7d` in ms; null: it is none. */
export function periodMs(text: string): number | null {
  const [, number, unit = ""] = /^([1-9]\d{0,3})([mhd])$/u.exec(text) ?? [];
  return number === undefined ? null : Number(number) * (UNIT_MS[unit] ?? 0);
}
