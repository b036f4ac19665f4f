import type { Clock } from "../platform/clock.ts";
import { becoming } from "../command/becoming.ts";
import { parse } from "../command/parse.ts";
import { type Args, type Asked, type Common, type Parsed, parseArgs } from "../command/validate.ts";
import { RedisUnavailable } from "../model/errors.ts";
import { isTerminal } from "../model/flink-jobs.ts";
import type { Log } from "../platform/log.ts";
import { isRefusal, type Refusal } from "../model/report.ts";
import type { Operation } from "../model/operation.ts";
import { code, type Text, t } from "../model/text.ts";
import { findJob, type Meant } from "../job-cache/find.ts";
import { inWords, isRedisProblem, lastingRefusal } from "../redis/connect.ts";
import { type Deadline, deadlineIn } from "../redis/deadline.ts";
import type { Answer, Inbox, Pressed, Said } from "../requests/ports/inbox.ts";
import { requestIdOf } from "../requests/record/identity.ts";
import type { DryRun, Intake, Place } from "../requests/record/record.ts";
import type { Glance } from "./glance.ts";
import type { LocalAnswers } from "./local.ts";
import type { Queues } from "./queues.ts";
import { USELESS_AFTER_MS } from "./read.ts";
import { type Clusters, whichCluster } from "./which-cluster.ts";

export interface AcceptOptions extends Clusters {
  operations: readonly Operation[];
  /** How a command begins there: `/flink`, or a mention of the bot where Slack has no slash commands. */
  commandIn(place: Place): string;
  /** Waits briefly for a connection to Redis. Throws RedisUnavailable where there is none. */
  reach: () => Promise<void>;
  /** Reads what is known of a cluster and its zone, in one round trip. */
  glance: (cluster: { name: string; zone: string }) => Promise<Glance>;
  queues: Pick<Queues, "add">;
  /** Keeps Slack's `response_url` for the 30 minutes that it is valid. */
  keepResponseUrl(requestId: string, url: string): Promise<void>;
  local: LocalAnswers;
  /** A change that no worker has begun within this is dropped, ms. */
  startWithin: number;
  log: Log;
  clock: Clock;
}

/**
 * Time limit of all Redis calls before an ack, together. Slack waits three seconds for an ack, and a person waits for
 * it too.
 */
const ANSWER_WITHIN_MS = 800;
/** A job cache entry older than this does not bind a job; the worker asks Flink instead. */
const BELIEVED_MS = 5000;

/** What is told where Redis took nothing. */
function nothingTaken(error: unknown): Refusal {
  const word = lastingRefusal(error);
  return {
    refuse:
      word === null
        ? "flinkops cannot reach its Redis, so nothing was accepted and nothing was changed. Try again in a moment."
        : t`Redis refuses what flinkops asks of it (${code(word)}), so nothing was accepted and nothing was changed. Trying again does not help until whoever runs flinkops has mended it.`,
  };
}

/** From a typed command to a durable queue job, in at most two Redis round trips and without Flink or Slack. Never throws. */
export function createAccept(options: AcceptOptions): Pick<Inbox, "say" | "press"> {
  const take = async (said: Omit<Said, "text">, asked: Parsed): Promise<Answer> => {
    const parsed = becoming(asked, options.operations, options.commandIn(said.place));
    if (parsed.is === "problem") return { is: "no", what: parsed.refusal };
    if (parsed.operation.kind === "local") {
      const { operation, args } = parsed;
      const post = parsed.common.post === true;
      return {
        is: "later",
        async answer() {
          // The connection may be about to come back after an outage. Answers that need no Redis are given without
          // one.
          await options.reach().catch(() => undefined);
          try {
            const told = await options.local.answer(operation, args, { ...said, post });
            return told !== null && "may" in told ? await rightsTo(said, told.may) : told;
          } catch (error) {
            if (!isRedisAway(error)) throw error;
            return nothingTaken(error);
          }
        },
      };
    }
    try {
      return await enqueue(options, said, parsed);
    } catch (error) {
      return { is: "no", what: notTaken(options, error, said) };
    }
  };
  /** The worker answers; until then there is nothing to say. */
  const rightsTo = async (said: Omit<Said, "text">, command: string): Promise<Refusal | null> => {
    const asked = parse(command, options.operations, options.commandIn(said.place));
    const parsed = becoming(asked, options.operations, options.commandIn(said.place));
    if (parsed.is === "problem") return parsed.refusal;
    const taken = await enqueue(options, said, { ...parsed, dryRun: "rights" }).catch(
      (error: unknown): Answer => ({ is: "no", what: notTaken(options, error, said) }),
    );
    if (taken.is === "no") return taken.what;
    return taken.is === "accepted" && taken.tell !== undefined ? { refuse: taken.tell } : null;
  };
  return {
    async say(said) {
      const parsed = parse(said.text, options.operations, options.commandIn(said.place));
      return await take(said, (await bareName(options, parsed, said.place.channel)) ?? parsed);
    },
    async press(pressed: Pressed) {
      const operation = options.operations.find((r) => r.name === pressed.operation);
      if (operation === undefined)
        return {
          is: "no",
          what: { refuse: t`${code(pressed.operation)} is not an operation of this version.` },
        };
      return await take(pressed, parseArgs(operation, pressed.args, options.commandIn(pressed.place)));
    },
  };
}

/** The operation for a command that is only the name of a job, if the job cache has it. */
async function bareName(options: AcceptOptions, parsed: Parsed, channel: string): Promise<Asked | null> {
  const bare = parsed.is === "problem" ? parsed.bare : undefined;
  const find = bare?.operation.find(bare.args);
  if (bare === undefined || find?.find !== "job") return null;
  const where = whichCluster(options, find, { flag: null, channel });
  if (isRefusal(where)) return null;
  const deadline = deadlineIn(ANSWER_WITHIN_MS / 2, options.clock);
  try {
    const { seen } = await look(options, deadline, { name: where.cluster, zone: where.zone });
    const meant: Meant = { cluster: where.cluster, job: where.what, bound: null, letters: "any case" };
    return seen === null || isRefusal(findJob(meant, seen.jobs)) ? null : bare;
  } catch (error) {
    if (!isRedisAway(error)) throw error;
    return null;
  }
}

const isRedisAway = (error: unknown): boolean => error instanceof RedisUnavailable || isRedisProblem(error);

async function enqueue(
  options: AcceptOptions,
  said: Omit<Said, "text">,
  { operation, args, common, dryRun }: { operation: Operation; args: Args; common: Common; dryRun?: DryRun },
): Promise<Answer> {
  const find = operation.find(args);
  if (find.find === "none" || find.find === "request")
    throw new TypeError(`${operation.name} finds nothing on a cluster, so it has to be a local operation`);
  const where = whichCluster(options, find, { flag: common.cluster, channel: said.place.channel });
  if (isRefusal(where)) return { is: "no", what: where };
  const { cluster, zone, what: job } = where;
  const deadline = deadlineIn(ANSWER_WITHIN_MS, options.clock);
  const glance = await look(options, deadline, { name: cluster, zone });
  const requestId = requestIdOf(said.actor.team, said.source);
  const wants = dryRun ?? (common.dryRun === true ? "calls" : undefined);
  const intake: Intake = {
    v: 1,
    requestId,
    operation: operation.name,
    args,
    cluster,
    find: find.find,
    job,
    bound: find.find === "job" ? boundTo({ cluster, job, bound: null }, glance) : null,
    actor: said.actor,
    place: said.place,
    reason: common.reason,
    askedAt: glance.now,
    post: common.post === true,
    ...(wants !== undefined && { dryRun: wants }),
    ...(common.breakGlass === true && { breakGlass: true }),
    parent: null,
  };
  const kept = said.responseUrl === null ? undefined : options.keepResponseUrl(requestId, said.responseUrl);
  // Both commands are sent at once; only the queue's answer decides.
  const added = Promise.all([options.queues.add(zone, intake), kept?.catch(() => undefined)]);
  await deadline.of(added, () => new RedisUnavailable("adding the request timed out", { maybeTaken: true }));
  const waits = glance.workers === 0;
  options.log.info(
    { requestId, operation: operation.name, cluster, ...(waits && { waits }) },
    "request taken",
  );
  const isChange = operation.kind === "change" && wants === undefined;
  const dropped = glance.now + (isChange ? options.startWithin : USELESS_AFTER_MS);
  return { is: "accepted", requestId, ...(waits && { tell: noWorker(zone, dropped) }) };
}

const lateToLook = (): Error => new RedisUnavailable("redis did not answer in time", { maybeTaken: false });

/** Nothing has been sent to the queue yet, so any error here means that nothing was accepted. */
async function look(
  { reach, glance }: AcceptOptions,
  deadline: Deadline,
  at: { name: string; zone: string },
): Promise<Glance> {
  const seen = reach().then(async () => await glance(at));
  return await deadline.of(seen, lateToLook).catch((error: unknown) => {
    if (!isRedisProblem(error)) throw error;
    throw new RedisUnavailable("redis did not answer", { maybeTaken: false, cause: error });
  });
}

const noWorker = (zone: string, dropped: number): Text =>
  t`No worker is running for zone ${code(zone)}. Your request waits, and is dropped at ${{ at: dropped }} if no worker has started.`;

/**
 * The job as the job cache knows it. Null: the entry is too old, the cluster is unreachable, or no live job matches;
 * the worker then asks Flink.
 */
function boundTo(meant: Meant, { seen, now }: Glance): Intake["bound"] {
  if (seen === null || seen.unreachableSince !== null || now - (seen.readAt ?? 0) > BELIEVED_MS) return null;
  const found = findJob(meant, seen.jobs);
  if (isRefusal(found) || isTerminal(found.state)) return null;
  return { jobId: found.jobId, name: found.name };
}

/** Says what is certain: either nothing was accepted, or the request may have been accepted. */
function notTaken(options: AcceptOptions, error: unknown, said: Omit<Said, "text">): Refusal {
  const requestId = requestIdOf(said.actor.team, said.source);
  if (isRedisAway(error)) {
    const isMaybe = error instanceof RedisUnavailable && error.maybeTaken;
    const reason = error instanceof Error ? inWords(error) : String(error);
    // The outage itself is logged once, elsewhere.
    options.log.warn({ requestId, reason, maybe: isMaybe }, "request not taken");
    if (!isMaybe) return nothingTaken(error);
    return {
      refuse: t`Redis did not confirm in time: it is not certain whether your request was accepted. Check ${code(`${options.commandIn(said.place)} requests`)} before you try again.`,
    };
  }
  options.log.error({ requestId, err: error }, "request not taken");
  return {
    refuse: t`flinkops failed with an internal error. Nothing was accepted. Try again; reference for the log: ${code(requestId)}.`,
  };
}
