import { findJob, isAmbiguous } from "../job-cache/find.ts";
import { toldApart } from "../job-cache/namesakes.ts";
import { FlinkProblem, FlinkRefused, OpsError, SlackUnavailable } from "../model/errors.ts";
import type { FlinkReads } from "../model/flink-reads.ts";
import type { ClusterTarget, Find, JobTarget } from "../model/target.ts";
import { isRefusal, type Refusal, type Report } from "../model/report.ts";
import { code, t } from "../model/text.ts";
import { admit, allAskGroups, askGroups, decide, type Refused } from "../policy/decide.ts";
import { questionOf } from "../policy/question.ts";
import { isRedisProblem } from "../redis/connect.ts";
import { jobFacts, lookUpAsker } from "../requests/steps/asker.ts";
import { preview } from "../requests/steps/preview.ts";
import { clusterWords } from "../requests/steps/cluster-words.ts";
import { again, done, type Engine, type Next } from "../requests/ports/engine.ts";
import type { ChannelFacts } from "../requests/ports/conversation.ts";
import type { Intake } from "../requests/record/record.ts";
import {
  isForAll,
  isOnlyForAll,
  type Offered,
  offersChanges,
  postRefusal,
  withOffersFor,
} from "./audience.ts";
import { logRefusal } from "../requests/steps/log-refusal.ts";

/** An answer that is later than this is of no use, ms; the requester is told that it took too long. */
export const USELESS_AFTER_MS = 60_000;
/** After this, ms, an answer that Slack does not accept is given up: a `response_url` is valid for 30 minutes. */
const SILENT_AFTER_MS = 30 * 60_000;

/**
 * Answers one read operation, or a dry run of a change. It changes nothing and writes no record; that it was refused by
 * policy is written to the audit log.
 */
export async function answerRead(engine: Engine, intake: Intake): Promise<Next> {
  const now = await engine.store.now();
  const age = now - intake.askedAt;
  try {
    const what = age > USELESS_AFTER_MS ? tooLate(intake, age) : await answerTo(engine, intake, now);
    const { actor, place, requestId } = intake;
    const to = { actor, place, responseUrl: await engine.responseUrl(requestId) };
    await engine.conversation.answer(to, what, { post: isPosted(intake, what) });
    return done;
  } catch (error) {
    if (isRedisProblem(error)) throw error;
    if (error instanceof SlackUnavailable && age < SILENT_AFTER_MS)
      return again(Math.max(error.retryAfterMs, 250));
    engine.log.error({ requestId: intake.requestId, err: error }, "answer cannot be posted");
    return done;
  }
}

async function answerTo(engine: Engine, intake: Intake, now: number): Promise<Report | Refusal> {
  const { dryRun } = intake;
  return dryRun === undefined
    ? await lookUp(engine, intake, now)
    : await preview(engine, { ...intake, dryRun }, now);
}

const tooLate = ({ operation, job }: Intake, ageMs: number): Refusal => ({
  refuse: t`This took too long: ${code(`${operation} ${job}`.trim())} reached a worker only ${Math.round(ageMs / 1000)} s after you sent it. Nothing was read. Try again.`,
});

const isPosted = (intake: Intake, what: Report | Refusal): boolean =>
  intake.post === true || isOnlyForAll(what);

async function lookUp(engine: Engine, intake: Intake, now: number): Promise<Report | Refusal> {
  const operation = engine.operations.get(intake.operation);
  const cluster = engine.cluster(intake.cluster, "read");
  if (operation?.kind !== "read" || cluster === undefined)
    return { refuse: t`${code(intake.operation)} on ${code(intake.cluster)} is not configured here.` };
  const wanted = { operation: operation.name, class: operation.class, cluster: intake.cluster };
  const groups = askGroups(engine.policy, wanted, intake.actor.user);
  const { person, channel } = await lookUpAsker(engine, { ...intake, fresh: { groups } });
  const question = questionOf(operation, {
    person,
    channel,
    cluster: { ...cluster.config, operatorManaged: null },
    now,
  });
  const refuse = async ({ rule, why }: Refused): Promise<Refusal> => {
    await logRefusal(engine.store, { intake, class: operation.class, rule, why, now });
    return { refuse: why };
  };
  const admitted = admit(engine.policy, question);
  if (admitted.is === "may not") return await refuse(admitted.why);
  const { args, place } = intake;
  const find = operation.find(args);
  try {
    const asked = postRefusal({ post: intake.post === true, channel });
    if (asked.is === "may not") return asked.why;
    const target = await targetOf(find, intake, cluster.reads);
    if (isRefusal(target)) return target;
    const decision = decide(engine.policy, { ...question, jobs: jobFacts(engine, target, {}) });
    if (decision.is === "refuse") return await refuse(decision);
    const what = await operation.read({
      args,
      target,
      actor: intake.actor.user,
      requestId: intake.requestId,
      now,
      flink: cluster.reads,
      known: engine.known,
    });
    const post = isPosted(intake, what);
    const posting = postRefusal({ post, channel });
    if (posting.is === "may not") return posting.why;
    const shown = { operation: operation.name, args, find, target, place, channel, post };
    const isView = (name: string): boolean => (engine.operations.get(name)?.class ?? "view") === "view";
    const needsRights = !isForAll(shown) && offersChanges(what, isView);
    const may = needsRights ? await rightsOf(engine, intake, channel) : () => true;
    return withOffersFor(what, shown, { isView, may });
  } catch (error) {
    return await inWords(engine, intake, { error, find, now });
  }
}

/** How long an answer waits for the rights behind its buttons, ms. */
const RIGHTS_MS = 300;

/**
 * What the person may do on the cluster, for the buttons of an answer that only they see. Where Slack does not say who
 * they are, every button is shown: the policy judges each press anyway.
 */
async function rightsOf(engine: Engine, intake: Intake, channel: ChannelFacts): Promise<Offered["may"]> {
  const { actor, place, cluster: name } = intake;
  const cluster = engine.cluster(name, "read")?.config;
  const groups = allAskGroups(engine.policy, actor.user);
  const how = { groups, patienceMs: RIGHTS_MS, urgency: "show" } as const;
  const person = await engine.people.lookup(actor, how).catch((error: unknown) => {
    if (error instanceof SlackUnavailable) return null;
    throw error;
  });
  if (person === null || cluster === undefined) return () => true;
  return (other) => {
    const operation = engine.operations.get(other);
    if (operation === undefined) return true;
    const asked = {
      person,
      channel: { ...channel, id: place.channel },
      cluster: { ...cluster, operatorManaged: null },
      now: intake.askedAt,
    };
    return admit(engine.policy, questionOf(operation, asked)).is === "may";
  };
}

async function targetOf(
  find: Find,
  intake: Intake,
  reads: FlinkReads,
): Promise<JobTarget | ClusterTarget | Refusal> {
  if (find.find === "cluster") return { kind: "cluster", cluster: intake.cluster };
  const found = findJob({ ...intake, letters: "any case" }, await reads.overview());
  if (isAmbiguous(found)) return await toldApart(found, reads);
  if (isRefusal(found)) return found;
  return { kind: "job", cluster: intake.cluster, jobId: found.jobId, name: found.name };
}

async function inWords(
  engine: Engine,
  intake: Intake,
  { error, find, now }: { error: unknown; find: Find; now: number },
): Promise<Refusal> {
  if (error instanceof FlinkProblem) {
    const on = { cluster: intake.cluster, find, now };
    const { words, instead } = await clusterWords(engine, on, error);
    if (error instanceof FlinkRefused) return { refuse: words };
    return { refuse: words, instead: instead.length > 0 ? instead : [error.message] };
  }
  if (error instanceof OpsError && error.retryable) throw error;
  engine.log.error({ requestId: intake.requestId, err: error }, "reading failed");
  return {
    refuse: t`flinkops failed with an internal error. Nothing was changed. Try again; reference for the log: ${code(intake.requestId)}.`,
  };
}
