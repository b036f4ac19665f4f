import { FlinkProblem, FlinkRefused } from "../../model/errors.ts";
import type { ChangeTarget } from "../../model/target.ts";
import type { Intent } from "../../model/intent.ts";
import { isRefusal, type Refusal } from "../../model/report.ts";
import { code, type Text, t } from "../../model/text.ts";
import { admit, askGroups, type Decision, type Refused } from "../../policy/decide.ts";
import { shownName } from "../../model/operation.ts";
import { questionOf, type Question } from "../../policy/question.ts";
import { type Asker, jobFacts, lookUpAsker, notInChannel } from "./asker.ts";
import { parentRefusal } from "./recheck.ts";
import { contextOf, laneOf, type On } from "./phase-context.ts";
import { type Engine, operatorManaged } from "../ports/engine.ts";
import type { Intake, RequestRecord } from "../record/record.ts";
import { decidePast, inTheWay, unlockWords } from "./locked.ts";
import { lockOn } from "../record/locks.ts";
import { lockWords, scopeName } from "../../model/lock.ts";
import { isFreeze } from "../../policy/guards.ts";
import { glassRuleFor } from "../../policy/break-glass.ts";
import type { Freshness } from "../../policy/person.ts";
import { accountsOf } from "../../policy/membership.ts";
import { findTarget } from "./target.ts";
import { clusterWords } from "./cluster-words.ts";

/** What a request would be. `record` is a draft: nothing is stored. `by`: without it, something else is in the way. */
export type Considered =
  | { is: "refused"; record: RequestRecord; refusal: Refusal; rule: string; by?: "policy" }
  /** The target cannot be determined yet. */
  | { is: "wait" }
  | {
      is: "possible";
      on: On;
      /** With target, plan, class, and what decided it. */
      record: RequestRecord;
      decision: Exclude<Decision, { is: "refuse" }>;
    };

/**
 * Checks the policy, finds the target, and checks whether the operation is possible. Writes nothing. Throws what People,
 * Conversation and Store throw.
 */
export async function consider(engine: Engine, intake: Intake, now: number): Promise<Considered> {
  const operation = engine.operations.get(intake.operation);
  const record = draftOf(intake, operation?.class ?? "operate");
  const no = (rule: string, refusal: Refusal): Considered => ({ is: "refused", record, refusal, rule });
  if (operation?.kind !== "change")
    return no("unknown_operation", {
      refuse: t`${code(intake.operation)} is not an operation of this version.`,
    });
  if (now > intake.askedAt + engine.timings.startWithin)
    return no("too_late", {
      refuse: "It waited too long for a worker and was dropped. Nothing was changed. Try again.",
    });
  const cluster = engine.cluster(intake.cluster, laneOf(operation, record));
  if (cluster === undefined)
    return no("unknown_cluster", { refuse: t`Cluster ${code(intake.cluster)} is not configured.` });
  const on = { operation, cluster };
  // nobody else looks at break-glass before it starts, so an older answer of Slack does not count
  const isGlass = intake.breakGlass === true && intake.dryRun === undefined;
  const fresh = isGlass ? freshFor(engine, on, intake) : {};
  const asker = await lookUpAsker(engine, { ...intake, ...fresh });
  const absent = notInChannel(asker.channel);
  if (absent.is === "may not") return no("not_in_channel", { refuse: absent.why });
  const admitted = admit(engine.policy, questionAbout(on, asker, { now, managed: null, intake }));
  if (admitted.is === "may not") return byPolicy(record, admitted.why);
  if (intake.parent !== null) {
    const parent = await parentRefusal(engine, intake.requestId, intake.parent);
    if (parent.is === "may not") return no("no_parent", { refuse: t`Not started: ${parent.why}.` });
  }
  try {
    return await considerOn(engine, on, { intake, record, asker, now });
  } catch (error) {
    if (!(error instanceof FlinkProblem)) throw error;
    const asked = { cluster: intake.cluster, find: operation.find(intake.args), now };
    const { words, isDown, instead } = await clusterWords(engine, asked, error);
    if (error instanceof FlinkRefused) return no(error.code, { refuse: words });
    const nothing = t`${words} Nothing was changed.`;
    return isDown
      ? no("cluster_down", { refuse: nothing, instead })
      : no(error.code, { refuse: nothing, instead: [error.message] });
  }
}

function freshFor({ policy }: Engine, { operation }: On, intake: Intake): { fresh: Freshness } {
  const { cluster, actor, askedAt } = intake;
  const asked = { operation: shownName(operation), class: operation.class, cluster, breakGlass: true };
  const groups = askGroups(policy, asked, actor.user);
  return { fresh: { notBefore: askedAt, urgency: "brake", groups } };
}

const questionAbout = (
  { operation, cluster }: On,
  asker: Asker,
  { now, managed, intake }: { now: number; managed: string | null; intake: Intake },
): Question =>
  questionOf(operation, {
    ...asker,
    now,
    cluster: { ...cluster.config, operatorManaged: managed },
    breakGlass: intake.breakGlass === true,
  });

interface Subject {
  intake: Intake;
  record: RequestRecord;
  asker: Asker;
  now: number;
}

/** The part that reads Flink. Throws what FlinkReads throws. */
async function considerOn(
  engine: Engine,
  on: On,
  { intake, record, asker, now }: Subject,
): Promise<Considered> {
  const { operation, cluster } = on;
  const isBrake = operation.preempts?.(intake.args) === true;
  const managed = await operatorManaged(cluster, { isBrake });
  const question = questionAbout(on, asker, { now, managed, intake });
  const allowed = admit(engine.policy, question);
  if (allowed.is === "may not") return byPolicy(record, allowed.why);
  const [found, locks] = await Promise.all([
    prepare(engine, { intake, draft: record, now }, on),
    engine.known.locks.all(),
  ]);
  if ("wait" in found) return { is: "wait" };
  if (isRefusal(found)) return { is: "refused", record, refusal: found, rule: "not_possible" };
  const lock = lockOn(locks, found.target, accountsOf(engine.policy, intake.actor.user));
  const is = found.intent.class ?? operation.class;
  const resolved = {
    ...question,
    class: is,
    jobs: jobFacts(engine, found.target, found.intent),
    change: found.intent.change ?? {},
  };
  if (lock !== undefined && intake.breakGlass !== true) {
    const instead = [unlockWords(lock), ...emergency(engine, resolved)];
    const refusal = { refuse: t`${lockWords(lock)}.`, instead };
    return { is: "refused", record, refusal, rule: `lock ${scopeName(lock)}` };
  }
  const { lacks } = found.intent;
  if (lacks !== undefined && intake.breakGlass !== true) {
    const { refusal } = lacks;
    const instead = [...(refusal.instead ?? []), ...emergency(engine, resolved)];
    return { is: "refused", record, refusal: { ...refusal, instead }, rule: "not_possible" };
  }
  const decision = decidePast(engine.policy, resolved, inTheWay(lock, found.intent));
  const decided = { rule: decision.rule, policy: engine.policy.hash };
  const complete = { ...record, ...found, class: is, decided };
  return decision.is === "refuse"
    ? byPolicy(complete, decision, isFreeze(decision) ? emergency(engine, resolved) : [])
    : { is: "possible", on, record: complete, decision };
}

const byPolicy = (
  record: RequestRecord,
  { rule, why }: Pick<Refused, "rule" | "why">,
  instead: readonly Text[] = [],
): Considered => ({
  is: "refused",
  record,
  refusal: { refuse: why, ...(instead.length > 0 && { instead }) },
  rule,
  by: "policy",
});

/** What somebody may do whom a freeze or a lock refuses, if the policy names them for it. */
function emergency({ policy }: Pick<Engine, "policy">, question: Question): readonly Text[] {
  const isNamed = !question.breakGlass && glassRuleFor(policy, question).is === "named";
  return isNamed
    ? [t`In an emergency, say why: ${code('--break-glass "..."')}. It is announced, and reviewed.`]
    : [];
}

/** Finds the target and opens the operation on it. Throws what FlinkReads throws. */
async function prepare(
  engine: Engine,
  { intake, draft, now }: { intake: Intake; draft: RequestRecord; now: number },
  on: On,
): Promise<{ target: ChangeTarget; intent: Intent } | Refusal | { wait: Text }> {
  const target = await findTarget(engine, { intake, target: draft.target }, on);
  if (!("kind" in target)) return target;
  const intent = await on.operation.open(
    contextOf(engine, { record: { ...draft, target }, now }, on.cluster),
  );
  return isRefusal(intent) ? intent : { target, intent };
}

/** The target before anything is looked up: for a job the typed text, unless the job cache knew the job. */
function meant({ find, cluster, job: typed, bound }: Intake): ChangeTarget {
  if (find === "cluster") return { kind: "cluster", cluster };
  if (find === "name") return { kind: "name", cluster, name: typed };
  if (find === "path") return { kind: "path", cluster, path: typed };
  return { kind: "job", cluster, jobId: bound?.jobId ?? "", name: bound?.name ?? typed };
}

/** The record as far as it is known before anything is looked up. */
export function draftOf(intake: Intake, operationClass: RequestRecord["class"]): RequestRecord {
  return {
    v: 1,
    id: intake.requestId,
    operation: intake.operation,
    class: operationClass,
    args: intake.args,
    target: meant(intake),
    actor: intake.actor,
    place: intake.place,
    reason: intake.reason,
    askedAt: intake.askedAt,
    ...(intake.breakGlass === true && { askedWithBreakGlass: true }),
    state: "ended",
    intent: {
      headline: `${intake.operation} ${intake.job}`.trim(),
      losses: [],
      warnings: [],
      details: [],
      binds: null,
      facts: {},
    },
    approval: null,
    startBy: null,
    waiting: null,
    run: null,
    milestones: [],
    claims: [],
    launched: [],
    parent: intake.parent,
    children: [],
    supersededBy: null,
    supersedes: [],
    end: null,
    second: null,
  };
}
