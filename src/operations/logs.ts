import { z } from "zod";
import { FlinkProblem } from "../model/errors.ts";
import type { TaskManager } from "../model/flink-cluster.ts";
import { LOG_LEVELS, type Log, type LogEntry, type LogOwner } from "../model/flink-log.ts";
import { type Context, defineRead } from "../model/operation.ts";
import { isRefusal, type Offer, type Refusal, type TextFile } from "../model/report.ts";
import { b, code, type Span, type Text, t } from "../model/text.ts";
import { bytes, count } from "../model/units.ts";
import { optional } from "../model/optional.ts";
import { jobArgument } from "./wording/arguments.ts";
import { jobRef, named, shown, whereToLook } from "./wording/job.ts";

/** Messages shown of one log. */
const MOST_SHOWN = 6;
const LONGEST_MESSAGE = 240;
/** Task managers named to choose from. */
const MOST_NAMED = 5;
/** Characters of the file. */
const MOST_IN_FILE = 200_000;

interface LogsArgs {
  job: string;
  from?: string | undefined;
  level: "error" | "warn" | "info" | "all";
  whole: boolean;
  file: boolean;
}
type C = Context<LogsArgs>;

/** Whose logs to read, and what to say of the choice. */
type Choice = { owners: readonly LogOwner[]; note: readonly Text[] } | Refusal;

/** A log that was asked for: whose it is, and what of it is to be shown. */
interface Part {
  name: string;
  log: Log | { is: "unread"; why: string };
  entries: readonly LogEntry[];
  /** How many entries are left out because they are about other jobs only. */
  ofOthers: number;
}

/** Shows the end of the logs behind a job. Of class operate, because a log holds whatever the job's code writes. */
export const logs = defineRead<LogsArgs>({
  kind: "read",
  name: "logs",
  summary: "Show the last warnings, errors and stack traces in the logs behind a job; more as a file",
  examples: ["logs orders", "logs orders --level info --from jobmanager", "logs orders --file"],
  args: z.strictObject({
    job: jobArgument,
    from: z
      .string()
      .trim()
      .min(1)
      .max(300)
      .optional()
      .describe(
        "jobmanager, or a task manager's id or host; without it, the JobManager and the task manager of the last failure",
      ),
    level: z
      .enum(["error", "warn", "info", "all"])
      .default("warn")
      .describe("the lowest level shown; a message with a stack trace is shown at every level"),
    whole: z.boolean().default(false).describe("also messages that are only about other jobs of the cluster"),
    file: z
      .boolean()
      .default(false)
      .describe("with all messages and their stack traces as a file, visible to everyone here"),
  }),
  positionals: ["job"],
  class: "operate",
  find: (args) => ({ find: "job", job: args.job }),

  async read(c) {
    const chosen = await ownersOf(c);
    if (isRefusal(chosen)) return chosen;
    const [jobs, ...read] = await Promise.all([
      optional(c.flink.decoration.overview()),
      ...chosen.owners.map(async (owner) => ({ owner, log: await logOf(c, owner) })),
    ]);
    const others = (jobs ?? []).map((job) => job.jobId).filter((id) => id !== c.target.jobId);
    const about = jobsIn(
      read.flatMap(({ log }) => (log.is === "read" ? log.entries : [])),
      { own: c.target.jobId, others },
    );
    const parts = read.map(({ owner, log }) => partOf(c.args, { owner, log }, about));
    const unread = parts.filter(({ log }) => log.is !== "read").map(problem);
    if (unread.length === parts.length)
      return { refuse: t`No log of ${named(c.target)} can be shown.`, instead: [...unread, whereToLook(c)] };
    const found = parts.reduce((sum, part) => sum + part.entries.length, 0);
    return {
      outcome: "done",
      headline: t`${named(c.target)}: ${found === 0 ? "no log messages" : count(found, "log message")}${levels(c.args)}`,
      lines: [
        ...parts.flatMap((part) => linesOf(part, parts.length)),
        ...unread,
        ...shared(parts, others.length + 1, c),
        ...chosen.note,
        ...(c.args.file ? ["The file in the thread has them with their stack traces."] : []),
      ],
      offers: offersOf(c, parts),
      ...(c.args.file ? { file: fileOf(c, parts) } : {}),
    };
  },
});

async function ownersOf(c: C): Promise<Choice> {
  const { from } = c.args;
  const jobManager: LogOwner = { of: "jobmanager" };
  if (from?.toLowerCase() === "jobmanager") return { owners: [jobManager], note: [] };
  if (from !== undefined) return chosenIn(await c.flink.taskManagers(), from);
  const [last] = (await optional(c.flink.decoration.exceptions(c.target.jobId, 1))) ?? [];
  if (last === undefined) return { owners: [jobManager], note: [] };
  const all = last.taskManager === null ? ((await optional(c.flink.decoration.taskManagers())) ?? []) : [];
  const id = last.taskManager ?? (all.length === 1 ? all[0]?.id : undefined);
  if (id !== undefined) return { owners: [jobManager, { of: "taskmanager", id }], note: [] };
  const note = t`Flink does not say on which task manager the last failure happened. Choose one with ${code("--from")}: ${idsOf(all)}.`;
  return { owners: [jobManager], note: all.length === 0 ? [] : [note] };
}

function chosenIn(all: readonly TaskManager[], from: string): Choice {
  const same = all.filter((m) => m.id === from || m.host === from);
  const found = same.length > 0 ? same : all.filter((m) => m.id.startsWith(from));
  const [only, ...more] = found;
  if (only === undefined)
    return {
      refuse: t`${code(shown(from))} is neither jobmanager nor a task manager of this cluster.`,
      instead: [t`Its task managers: ${idsOf(all)}.`],
    };
  if (more.length === 0) return { owners: [{ of: "taskmanager", id: only.id }], note: [] };
  return { refuse: t`${code(shown(from))} is more than one task manager: ${idsOf(found)}.` };
}

const idsOf = (all: readonly TaskManager[]): Text => [
  all.length === 0 ? "none" : "",
  ...all.slice(0, MOST_NAMED).flatMap((m, i): Span[] => [i === 0 ? "" : ", ", code(shown(m.id))]),
  ...(all.length > MOST_NAMED ? [` and ${all.length - MOST_NAMED} more`] : []),
];

/** The log of a task manager nobody has named is an addition: it may not fail the answer. */
async function logOf(c: C, owner: LogOwner): Promise<Part["log"]> {
  if (owner.of === "jobmanager" || c.args.from !== undefined) return await c.flink.log(owner);
  try {
    return await c.flink.log(owner);
  } catch (error) {
    if (error instanceof FlinkProblem) return { is: "unread", why: error.message };
    throw error;
  }
}

/** Ids by which messages name this job and others: of jobs, and of their execution graphs, which are in ids of tasks. */
interface About {
  own: ReadonlySet<string>;
  others: ReadonlySet<string>;
}

/** flink-runtime, DefaultExecutionGraphBuilder: ids of tasks begin with the graph's id, and do not name the job. */
const GRAPH = /Created execution graph ([0-9a-f]{32}) for job ([0-9a-f]{32})/u;

function jobsIn(entries: readonly LogEntry[], ids: { own: string; others: readonly string[] }): About {
  const own = new Set([ids.own]);
  const others = new Set(ids.others);
  for (const { text } of entries) {
    const [, graph, job] = GRAPH.exec(text) ?? [];
    if (graph !== undefined && job !== undefined) (job === ids.own ? own : others).add(graph);
  }
  return { own, others };
}

function isOfOthers({ lines }: LogEntry, { own, others }: About): boolean {
  const named = lines.join("\n").match(/[0-9a-f]{32}/gu) ?? [];
  return named.some((id) => others.has(id)) && !named.some((id) => own.has(id));
}

const hasStack = ({ lines }: LogEntry): boolean => lines.some((line) => /^\s+at \S+\(/u.test(line));

function partOf(args: LogsArgs, { owner, log }: { owner: LogOwner; log: Part["log"] }, about: About): Part {
  const name = owner.of === "jobmanager" ? "JobManager" : `Task manager ${shown(owner.id)}`;
  if (log.is !== "read") return { name, log, entries: [], ofOthers: 0 };
  const least = isUnknown(log) ? -1 : LOG_LEVELS.findIndex((level) => level.toLowerCase() === args.level);
  // Flink logs the failure of a task at INFO, with its stack trace
  const wanted = log.entries.filter(
    (e) => least === -1 || (e.level !== null && LOG_LEVELS.indexOf(e.level) >= least) || hasStack(e),
  );
  const entries = args.whole ? wanted : wanted.filter((e) => !isOfOthers(e, about));
  return { name, log, entries, ofOthers: wanted.length - entries.length };
}

/** No message has a level that flinkops recognises. */
const isUnknown = (log: Extract<Log, { is: "read" }>): boolean =>
  log.entries.length > 0 && log.entries.every((e) => e.level === null);

const levels = ({ level }: LogsArgs): string =>
  level === "all"
    ? ""
    : ` (${level.toUpperCase()}${level === "error" ? "" : " and above"}, and messages with a stack trace)`;

/** Why a log is not shown. */
function problem({ name, log }: Part): Text {
  switch (log.is) {
    case "too long":
      return t`${b(name)}: the log has ${bytes(log.bytes)}. flinkops reads at most ${bytes(log.most)}, because Flink sends a log from its beginning.`;
    case "none":
      return t`${b(name)} writes no log file. Its messages may be in the output of its container.`;
    case "unknown":
      return t`${b(name)} is not part of the cluster any more, and Flink has no log of it.`;
    case "unread":
      return t`${b(name)}: the log could not be read. ${log.why}`;
    case "read":
      return "";
  }
}

/** A log in words: how much of it was read, and its newest messages, each as one line without its stack trace. */
function linesOf({ name, log, entries }: Part, parts: number): readonly Text[] {
  if (log.is !== "read") return [];
  const [first, last] = [log.entries.find((e) => e.time !== null)?.time, log.entries.at(-1)?.time];
  const span = first == null || last == null ? "" : t`, ${code(first)} to ${code(last)}`;
  const much = log.whole && log.ended ? "whole log" : `last ${bytes(log.bytes)} of the log`;
  const most = Math.ceil(MOST_SHOWN / parts);
  return [
    log.ended
      ? t`${b(name)} (${much}${span})`
      : t`${b(name)}: the log could not be read to its end in time, so newer messages are missing${span}`,
    ...(isUnknown(log) ? ["Its pattern is not recognised, so all levels are shown."] : []),
    ...entries.slice(-most).toReversed().map(messageLine),
    ...(entries.length > most ? [`and ${count(entries.length - most, "older message")}`] : []),
  ];
}

function messageLine(entry: LogEntry): Text {
  const time = /\d\d:\d\d:\d\d/u.exec(entry.time ?? "")?.[0];
  const cause = causeOf(entry);
  return [
    "• ",
    // in code style a time keeps its colons, which Slack would take for an emoji
    ...(time === undefined ? [] : [code(time), " "]),
    ...(entry.level === null ? [] : [b(entry.level), " "]),
    code(shown(withoutPackage(entry.text), LONGEST_MESSAGE)),
    ...(cause === null ? [] : [" – ", code(shown(cause, LONGEST_MESSAGE))]),
  ];
}

/** "org.apache.flink.X  [] - words" is "X: words". */
const withoutPackage = (text: string): string =>
  text.replace(/^(?:[\w$]+\.)*([\w$]+)\s+(?:\[[^\]]*\]\s*)?[-–:]\s+/u, "$1: ").trim();

/** The line of a stack trace that names its root cause, without the package; null: there is none. */
function causeOf({ lines }: LogEntry): string | null {
  const line =
    lines.findLast((l) => l.startsWith("Caused by: ")) ??
    lines.slice(1).find((l) => /^[\w.$]+(?:Exception|Error|Throwable)\b/u.test(l));
  return line === undefined ? null : line.replace(/^(?:Caused by: )?(?:[\w$]+\.)*/u, "");
}

/** What it means for the answer that several jobs write to one log. */
function shared(parts: readonly Part[], jobs: number, c: C): readonly Text[] {
  const left = parts.reduce((sum, part) => sum + part.ofOthers, 0);
  if (jobs === 1 && left === 0) return [];
  const without = left === 0 ? "" : ` Left out: ${count(left, "message")} about other jobs only.`;
  return [t`These logs are of the whole cluster ${c.target.cluster}, with ${count(jobs, "job")}.${without}`];
}

const again = (label: string, args: Offer["args"]): Offer => ({ label, operation: "logs", args });

function offersOf(c: C, parts: readonly Part[]): readonly Offer[] {
  const { from, level, whole } = c.args;
  const args = { job: jobRef(c.target), level, whole, ...(from === undefined ? {} : { from }) };
  const mayHaveFile = !c.args.file && parts.some((part) => part.entries.length > 0);
  return [
    again("Refresh", args),
    // a file is visible to everyone, so the button posts the answer as "Post to channel" does
    ...(mayHaveFile ? [again("Log as a file", { ...args, file: true, post: true })] : []),
    ...(level === "info" || level === "all" ? [] : [again("Show INFO", { ...args, level: "info" })]),
    ...(parts.some((part) => part.ofOthers > 0) ? [again("Show all jobs", { ...args, whole: true })] : []),
    { label: "Exceptions", operation: "exceptions", args: { job: jobRef(c.target) } },
  ];
}

/** The messages of all logs with their stack traces, oldest first. If they are too long, the oldest are left out. */
function fileOf(c: C, parts: readonly Part[]): TextFile {
  const { jobId, cluster } = c.target;
  const name = shown(c.target.name);
  const chapters = parts.flatMap((part) => {
    let length = 0;
    const kept = part.entries
      .toReversed()
      .map((e) => e.lines.join("\n"))
      .filter((text) => (length += text.length + 1) <= MOST_IN_FILE / parts.length)
      .toReversed();
    const left = part.entries.length - kept.length;
    return ["", `# ${part.name}${left === 0 ? "" : `, without ${count(left, "older message")}`}`, ...kept];
  });
  const at = `${new Date(c.now).toISOString().slice(0, 19).replace("T", " ")} UTC`;
  const head = `Log messages of ${name}, ${jobId} on ${cluster}${levels(c.args)}, oldest first, at ${at}. Anything that looks like a secret is removed.`;
  return {
    name: `logs-${jobId.slice(0, 8)}.txt`,
    title: `Log messages of ${name}`,
    text: `${[head, ...chapters].join("\n")}\n`,
  };
}
