import { closest } from "../command/closest.ts";
import { parse } from "../command/parse.ts";
import { type Args, type Common, type Parsed, parseArgs } from "../command/read-args.ts";
import { asTyped } from "../command/words.ts";
import { isTerminal } from "../flink/reads.ts";
import type { Directory } from "../directory/directory.ts";
import { RedisUnavailable } from "../errors.ts";
import type { Log } from "../log.ts";
import type { Catalogue } from "../operations/catalogue.ts";
import { type Find, isRefusal, type Refusal, type Row } from "../operations/operation.ts";
import { code, t } from "../operations/text.ts";
import { findJob } from "../directory/find.ts";
import { isRedisProblem } from "../redis/connect.ts";
import type { Answer, Door, Pressed, Said } from "../requests/door.ts";
import { requestIdOf } from "../requests/identity.ts";
import type { Intake } from "../requests/record.ts";
import type { LocalAnswers } from "./local.ts";
import type { Queues } from "./queues.ts";

export interface AcceptOptions {
  rows: readonly Row[];
  /** As installed, `/flink`. */
  command: string;
  /** In the order of the configuration. */
  clusters: readonly { name: string; zone: string }[];
  channels: Readonly<Record<string, { cluster: string | null }>>;
  catalogue: Catalogue;
  directory: Pick<Directory, "read">;
  queues: Pick<Queues, "add">;
  /** Kept for Slack's 30 minutes. */
  keepResponseUrl(requestId: string, url: string): Promise<void>;
  local: LocalAnswers;
  log: Log;
}

const NOTHING: Refusal = {
  refuse:
    "flinkops cannot reach its Redis: nothing was accepted, nothing was changed. Try again in a moment.",
};

/** From words to a durable queue job: two Redis round trips, no Flink, no Slack. Never throws. */
export function createAccept(options: AcceptOptions): Pick<Door, "say" | "press"> {
  const take = async (said: Omit<Said, "text">, asked: Parsed): Promise<Answer> => {
    const parsed = becoming(asked, options.rows, options.command);
    if (parsed.is === "problem") return { is: "no", what: parsed.refusal };
    if (parsed.row.kind === "local") {
      const { row, args } = parsed;
      const post = parsed.common.post === true;
      return { is: "later", answer: async () => await options.local.answer(row, args, { ...said, post }) };
    }
    try {
      return await enqueue(options, said, parsed.row, parsed.args, parsed.common);
    } catch (error) {
      return { is: "no", what: notTaken(options, error, said) };
    }
  };
  return {
    async say(said) {
      return await take(said, parse(said.text, options.rows, options.command));
    },
    async press(pressed: Pressed) {
      const row = options.rows.find((r) => r.name === pressed.operation);
      if (row === undefined)
        return {
          is: "no",
          what: { refuse: t`${code(pressed.operation)} is not an operation of this version.` },
        };
      return await take(pressed, parseArgs(row, pressed.args, options.command));
    },
  };
}

/** Some arguments mean another row; what stands beside them, like the reason, goes with them. */
function becoming(asked: Parsed, rows: readonly Row[], command: string): Parsed {
  if (asked.is === "problem") return asked;
  const meaning = asked.row.becomes?.(asked.args) ?? null;
  const row = rows.find((r) => r.name === meaning?.operation);
  if (meaning === null || row === undefined) return asked;
  return becoming(parseArgs(row, { ...asked.common, ...meaning.args }, command), rows, command);
}

async function enqueue(
  options: AcceptOptions,
  said: Omit<Said, "text">,
  row: Row,
  args: Args,
  common: Common,
): Promise<Answer> {
  const find = row.find(args);
  if (find.find === "none" || find.find === "request")
    throw new TypeError(`${row.name} finds nothing on a cluster, so it has to be a local row`);
  const where = whichCluster(options, find, common.cluster, said.place.channel);
  if (isRefusal(where)) return { is: "no", what: where };
  const requestId = requestIdOf(said.actor.team, said.source);
  const meant = { cluster: where.cluster, find: find.find, job: where.what, bound: null };
  const bound = find.find === "job" ? await boundTo(options.directory, meant) : null;
  const intake: Intake = {
    v: 1,
    requestId,
    operation: row.name,
    args,
    ...meant,
    bound,
    actor: said.actor,
    place: said.place,
    reason: common.reason,
    askedAt: said.at,
    post: common.post === true,
    parent: null,
  };
  const kept = said.responseUrl === null ? undefined : options.keepResponseUrl(requestId, said.responseUrl);
  // both leave in one go; the queue's answer is the one that counts
  await Promise.all([
    options.queues.add(row.kind === "change" ? "changes" : "reads", where.zone, intake),
    kept?.catch(() => undefined),
  ]);
  options.log.info({ requestId, operation: row.name, cluster: where.cluster }, "request taken");
  return { is: "accepted", requestId };
}

/** What the directory does not know, or knows as ended, the worker looks up once more: null. */
async function boundTo(
  directory: AcceptOptions["directory"],
  meant: { cluster: string; job: string; bound: null },
): Promise<Intake["bound"]> {
  const seen = (await directory.read([meant.cluster])).get(meant.cluster);
  const found = seen === undefined ? null : findJob(meant, seen.jobs);
  if (found === null || isRefusal(found) || isTerminal(found.state)) return null;
  return { jobId: found.jobId, name: found.name };
}

type Found = Exclude<Find, { find: "none" | "request" }>;

const typedOf = (find: Found): string => {
  if (find.find === "job") return find.job;
  return find.find === "name" ? find.name : find.find === "path" ? find.path : "";
};

/** `cluster/job`, --cluster, the channel's own, the one that has it in the catalogue, or the only one there is; else asked. */
function whichCluster(
  options: AcceptOptions,
  find: Found,
  flag: string | null,
  channel: string,
): { cluster: string; zone: string; what: string } | Refusal {
  const names = options.clusters.map((c) => c.name);
  const typed = typedOf(find);
  const slash = find.find === "path" ? -1 : typed.indexOf("/");
  const before = slash > 0 ? typed.slice(0, slash) : null;
  const [prefix, what] =
    before !== null && names.includes(before) ? [before, typed.slice(slash + 1)] : [null, typed];
  if (flag !== null && prefix !== null && flag !== prefix)
    return { refuse: t`Which cluster: ${code(prefix)} or ${code(flag)}? Name one of them only.` };
  const listed = find.find === "name" ? options.catalogue.entries.filter((e) => e.name === what) : [];
  const its = listed.length === 1 ? listed[0]?.cluster : undefined;
  const only = names.length === 1 ? names[0] : undefined;
  const name = flag ?? prefix ?? options.channels[channel]?.cluster ?? its ?? only ?? null;
  const cluster = options.clusters.find((c) => c.name === name);
  if (cluster !== undefined) return { cluster: cluster.name, zone: cluster.zone, what };
  if (name !== null)
    return {
      refuse: t`There is no cluster ${code(name)}.`,
      instead: [
        t`The closest: ${(closest(name, names).length > 0 ? closest(name, names) : names).join(", ")}.`,
      ],
    };
  return {
    refuse: "Which cluster? There are several, and this channel has no cluster of its own.",
    instead: [
      find.find === "cluster" || find.find === "path"
        ? t`Name one with ${code(`--cluster ${names[0] ?? "prod"}`)}.`
        : t`Write ${code(asTyped(`<cluster>/${typed}`))}, for example ${code(asTyped(`${names[0] ?? "prod"}/${typed}`))}.`,
      t`The clusters: ${names.join(", ")}.`,
    ],
  };
}

/** Honest: what certainly was not taken, and what may have been. */
function notTaken(options: AcceptOptions, error: unknown, said: Omit<Said, "text">): Refusal {
  const requestId = requestIdOf(said.actor.team, said.source);
  options.log.error({ requestId, err: error }, "request not taken");
  if (error instanceof RedisUnavailable && error.maybeTaken)
    return {
      refuse: t`Redis did not confirm in time: it is not certain whether your request was accepted. Look at ${code(`${options.command} requests`)} before you ask again.`,
    };
  if (error instanceof RedisUnavailable || isRedisProblem(error)) return NOTHING;
  return {
    refuse: t`Something went wrong in flinkops; nothing was accepted. Reference: ${code(requestId)}.`,
  };
}
