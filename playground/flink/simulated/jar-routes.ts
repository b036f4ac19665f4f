import { randomBytes } from "node:crypto";
import { object } from "./change-routes.ts";
import type { SimulatedCluster } from "./cluster.ts";
import type { SimulatedJar } from "./jar.ts";
import { TERMINAL } from "./job.ts";
import { planAnswer } from "./plan-routes.ts";
import { HEX_32, ok, type SimulatedRequest } from "./requirements.ts";
import { duplicate, mainFailed } from "./run-words.ts";
import { start } from "./start.ts";
import { no, serverError, type SimulatedAnswer } from "./words.ts";

interface RunBody {
  jobId: string;
  entryClass: string | null;
  args: readonly string[];
  parallelism: number | null;
  from: string | null;
  allowNonRestoredState: boolean;
  /** `pipeline.name`; null: it is not set. */
  pipelineName: string | null;
  retained: boolean;
}

interface Program {
  jar: SimulatedJar;
  body: RunBody;
  name: string;
}

/** What a body names, or why Flink would have none of it; null: this cluster serves no jars. */
function programOf(
  cluster: SimulatedCluster,
  jarId: string,
  { text, format }: { text: string; format: string },
): Program | { refusal: SimulatedAnswer } | null {
  if (cluster.jars === null) return null;
  const body = readBody(object(text));
  if (body === null) return { refusal: no(400, `Request did not match expected format ${format}.`) };
  const jar = cluster.jars.get(jarId);
  if (jar === undefined) {
    const path = `${cluster.tmpdir}/flink-web-upload/${jarId}`;
    const className = "org.apache.flink.runtime.rest.handler.RestHandlerException";
    return { refusal: serverError(className, `Jar file ${path} does not exist`) };
  }
  const refusal = classRefusal(jar, body.entryClass);
  return refusal === null ? { jar, body, name: nameOf(body, jar) } : { refusal };
}

/** POST /jars/:id/run: answered when main() is through, not when the job runs. Null: this cluster serves no jars. */
export function runRoute(
  cluster: SimulatedCluster,
  jarId: string,
  { text }: SimulatedRequest,
): SimulatedAnswer | null {
  const found = programOf(cluster, jarId, { text, format: "JarRunRequestBody" });
  if (found === null) return null;
  if ("refusal" in found) return found.refusal;
  const { jar, body, name } = found;
  const refusal = mainRefusal(cluster, jar, { ...body, name });
  if (refusal !== null) return refusal;
  // -1 means the program's own
  start(cluster, { ...body, jar, name, parallelism: body.parallelism === -1 ? null : body.parallelism });
  const { version } = cluster.options;
  return ok({ jobid: body.jobId, ...(version.startsWith("1.") ? {} : { applicationId: body.jobId }) });
}

/** POST /jars/:id/plan: main() runs until it would start its first job. */
export function planRoute(
  cluster: SimulatedCluster,
  jarId: string,
  { text }: SimulatedRequest,
): SimulatedAnswer | null {
  const found = programOf(cluster, jarId, { text, format: "JarPlanRequestBody" });
  if (found === null) return null;
  if ("refusal" in found) return found.refusal;
  return planAnswer(found.jar, { name: found.name, parallelism: found.body.parallelism });
}

/** Null: Jackson would not have it. What is missing has a default, what is unknown is ignored. */
function readBody(body: Record<string, unknown> | null): RunBody | null {
  if (body === null) return null;
  const given = (key: string): unknown => body[key] ?? undefined;
  const jobId = given("jobId") ?? randomBytes(16).toString("hex");
  const args = given("programArgsList") ?? [];
  const {
    entryClass = null,
    parallelism = null,
    savepointPath: from = null,
    allowNonRestoredState: allowed = false,
  } = body;
  const configuration = given("flinkConfiguration") ?? {};
  const fits =
    typeof jobId === "string" &&
    HEX_32.test(jobId) &&
    Array.isArray(args) &&
    (entryClass === null || typeof entryClass === "string") &&
    (parallelism === null || Number.isInteger(parallelism)) &&
    (from === null || typeof from === "string") &&
    isTexts(configuration) &&
    ["CLAIM", "NO_CLAIM", "LEGACY", undefined].includes(given("claimMode") as string | undefined);
  if (!fits) return null;
  return {
    jobId: jobId.toLowerCase(),
    entryClass: entryClass === "" ? null : entryClass,
    args: args.map(String),
    parallelism: parallelism as number | null,
    from: from === "" ? null : from,
    allowNonRestoredState: allowed === true,
    pipelineName: configuration["pipeline.name"] ?? null,
    retained: configuration[RETENTION] !== "NO_EXTERNALIZED_CHECKPOINTS",
  };
}

const RETENTION = "execution.checkpointing.externalized-checkpoint-retention";

/** JarRunRequestBody and JarPlanRequestBody have it as a Map of strings. */
const isTexts = (value: unknown): value is Record<string, string> =>
  typeof value === "object" &&
  value !== null &&
  !Array.isArray(value) &&
  Object.values(value).every((v) => typeof v === "string");

/** A name that the program gives goes before one of the configuration. StreamExecutionEnvironment, getStreamGraph */
function nameOf(body: RunBody, jar: SimulatedJar): string {
  const at = body.args.indexOf("--name");
  const given = at < 0 ? undefined : body.args[at + 1];
  return jar.jobName ?? given ?? body.pipelineName ?? jar.name;
}

function classRefusal(jar: SimulatedJar, asked: string | null): SimulatedAnswer | null {
  const className = "org.apache.flink.client.program.ProgramInvocationException";
  if (asked === null && jar.entry.length === 0)
    return serverError(
      className,
      "Neither a 'Main-Class', nor a 'program-class' entry was found in the jar file.",
    );
  if (asked === null || jar.entry.some((e) => e.name === asked)) return null;
  return serverError(
    className,
    `The program's entry point class '${asked}' was not found in the jar file.`,
    `java.lang.ClassNotFoundException: ${asked}`,
  );
}

function mainRefusal(
  cluster: SimulatedCluster,
  jar: SimulatedJar,
  wish: { jobId: string; name: string; parallelism: number | null },
): SimulatedAnswer | null {
  if (wish.parallelism !== null && wish.parallelism < 1 && wish.parallelism !== -1) {
    const words =
      "Parallelism must be at least one, or ExecutionConfig.PARALLELISM_DEFAULT (use system default).";
    return mainFailed(words, [`java.lang.IllegalArgumentException: ${words}`]);
  }
  if (jar.mainThrows !== null)
    return mainFailed(jar.mainThrows, [`java.lang.IllegalStateException: ${jar.mainThrows}`]);
  return isTaken(cluster, wish.jobId) ? duplicate(wish.name, cluster.options.version) : null;
}

/** An id is taken while its job is known; with high availability Flink 1 forgets it at once when the job has ended. */
function isTaken({ jobs, options }: SimulatedCluster, jobId: string): boolean {
  const job = jobs.get(jobId);
  if (job === undefined) return false;
  return !(TERMINAL.has(job.state) && options.ha && options.version.startsWith("1."));
}
