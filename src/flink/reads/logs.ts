import type { FlinkFacts } from "../../model/flink-reads.ts";
import type { Log } from "../../model/flink-log.ts";
import type { FlinkNo } from "../rest/response.ts";
import type { TailLimits } from "../rest/tail.ts";
import * as wire from "../wire/log.ts";
import type { Fetch } from "./cluster.ts";

/**
 * Flink ignores `Range` and sends a log from its beginning. By default a log is continued in a new file after 100 MB
 * (flink-dist, conf/log4j.properties).
 */
const TAIL: TailLimits = { read: 128_000_000, keep: 512_000 };

const says = (answer: FlinkNo, words: RegExp): boolean => answer.errors.some((e) => words.test(e));
/** flink-runtime, AbstractJobManagerFileHandler and TaskExecutor.requestFileUploadByFilePath */
const NO_FILE =
  /does not exist (?:in JobManager log dir|on the TaskExecutor)|no (?:log )?file .*(?:available|configured)/iu;
/** flink-runtime, TaskManagerLogListHandler and AbstractTaskManagerFileHandler */
const NO_TASK_MANAGER = /Could not find TaskExecutor|because it was unknown/u;

const noLog = (answer: FlinkNo): Log | undefined => {
  if (says(answer, NO_TASK_MANAGER)) return { is: "unknown" };
  return says(answer, NO_FILE) ? { is: "none" } : undefined;
};

/** Reads the end of a process's log. */
export function createLogs(fetch: Fetch): FlinkFacts["log"] {
  const read = async (path: string): Promise<Log> =>
    await fetch({ path, tail: TAIL }, wire.log(TAIL.read), noLog);
  return async (owner) => {
    if (owner.of === "jobmanager") return await read("/jobmanager/log");
    const path = `/taskmanagers/${encodeURIComponent(owner.id)}`;
    // the JobManager copies the log to its own disk before it sends the first byte, so its size is read first
    const files = await fetch(`${path}/logs`, wire.logFiles, noLog);
    if ("is" in files) return files;
    // which of them is the log is not said; rolled ones end with a number
    const sizes = files.filter((f) => f.name.endsWith(".log")).map((f) => f.size);
    if (files.length === 0) return { is: "none" };
    const bytes = Math.max(0, ...sizes);
    return bytes > TAIL.read ? { is: "too long", bytes, most: TAIL.read } : await read(`${path}/log`);
  };
}
