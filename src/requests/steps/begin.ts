import { FlinkProblem, FlinkRefused } from "../../model/errors.ts";
import type { ChangeTarget } from "../../model/target.ts";
import type { Intent } from "../../model/intent.ts";
import { isRefusal, type Refusal } from "../../model/report.ts";
import { code, type Text, t } from "../../model/text.ts";
import { type Agreed, digestOf } from "../record/binding.ts";
import { auditLine } from "../record/audit.ts";
import { admit, decide, type Decision } from "../../policy/decide.ts";
import { neededOf } from "../../policy/approval.ts";
import { united } from "../../policy/membership.ts";
import { questionOf, type Question } from "../../policy/question.ts";
import type { Policy } from "../../policy/policy.ts";
import { jobFacts, lookUpAsker, notInChannel } from "./asker.ts";
import { parentRefusal } from "./recheck.ts";
import { contextOf, laneOf, type On } from "./phase-context.ts";
import { again, type Engine, type Next, operatorManaged } from "../ports/engine.ts";
import { ended } from "../record/transitions.ts";
import type { Approval, Intake, RequestRecord } from "../record/record.ts";
import { findTarget } from "./target.ts";
import { twinRefusal } from "./twin.ts";
import { clusterWords } from "./cluster-words.ts";

/** How long to wait before trying again to determine the target, ms. */
const WAIT_MS = 1000;

/**
 * From the intake to the record: checks the policy, finds the target, and checks whether the operation is possible.
 * Changes nothing in Flink.
 */
export async function begin(engine: Engine, intake: Intake, now: number): Promise<Next> {
  const operation = engine.operations.get(intake.operation);
  const draft = draftOf(intake, operation?.class ?? "operate");
  const refuse = async (refusal: Refusal, rule: string, record = draft): Promise<Next> => {
    const report = {
      outcome: "failed" as const,
      headline: refusal.refuse,
      lines: refusal.instead ?? [],
      facts: { rule },
      ...(refusal.offers === undefined ? {} : { offers: refusal.offers }),
    };
    const by = { at: now, actor: intake.actor.user };
    const { next, extras } = ended(record, { ending: "refused", report }, by);
    await engine.store.commit([{ rev: 0, next }], extras);
    return again(0);
  };
  if (operation?.kind !== "change")
    return await refuse(
      { refuse: t`${code(intake.operation)} is not an operation of this version.` },
      "unknown_operation",
    );
  if (now > intake.askedAt + engine.timings.startWithin)
    return await refuse(
      { refuse: "It waited too long for a worker and was dropped. Nothing was changed. Try again." },
      "too_late",
    );
  const cluster = engine.cluster(intake.cluster, laneOf(operation, draft));
  if (cluster === undefined)
    return await refuse({ refuse: t`Cluster ${code(intake.cluster)} is not configured.` }, "unknown_cluster");

  const on = { operation, cluster };
  const asker = await lookUpAsker(engine, intake);
  const absent = notInChannel(asker.channel);
  if (absent.is === "may not") return await refuse({ refuse: absent.why }, "not_in_channel");
  const question = (managed: string | null): Question =>
    questionOf(operation, { ...asker, now, cluster: { ...cluster.config, operatorManaged: managed } });
  const admitted = admit(engine.policy, question(null));
  if (admitted.is === "may not") return await refuse({ refuse: admitted.why.why }, admitted.why.rule);
  if (intake.parent !== null) {
    const parent = await parentRefusal(engine, intake.requestId, intake.parent);
    if (parent.is === "may not") return await refuse({ refuse: t`Not started: ${parent.why}.` }, "no_parent");
  }
  try {
    const managed = await operatorManaged(cluster, { isBrake: operation.preempts?.(intake.args) === true });
    const allowed = admit(engine.policy, question(managed));
    if (allowed.is === "may not") return await refuse({ refuse: allowed.why.why }, allowed.why.rule);
    const found = await prepare(engine, { intake, draft, now }, on);
    if ("wait" in found) return again(WAIT_MS);
    if (isRefusal(found)) return await refuse(found, "not_possible");
    const twin = await twinRefusal(engine, { ...draft, ...found });
    if (twin.is === "may not") return await refuse(twin.why, "open_already");
    const is = found.intent.class ?? operation.class;
    const decision = decide(engine.policy, {
      ...question(managed),
      class: is,
      jobs: jobFacts(engine, found.target, found.intent),
      change: found.intent.change ?? {},
    });
    const decided = { rule: decision.rule, policy: engine.policy.hash };
    const record = { ...draft, ...found, class: is, decided };
    if (decision.is === "refuse") return await refuse({ refuse: decision.why }, decision.rule, record);
    const approval =
      decision.is === "needs approval" && intake.parent === null
        ? approvalOf(engine, record, { decision, now })
        : null;
    return await accept(engine, { ...record, approval }, now);
  } catch (error) {
    if (!(error instanceof FlinkProblem)) throw error;
    const asked = { cluster: intake.cluster, find: operation.find(intake.args), now };
    const { words, isDown, instead } = await clusterWords(engine, asked, error);
    if (error instanceof FlinkRefused) return await refuse({ refuse: words }, error.code);
    const nothing = t`${words} Nothing was changed.`;
    return isDown
      ? await refuse({ refuse: nothing, instead }, "cluster_down")
      : await refuse({ refuse: nothing, instead: [error.message] }, error.code);
  }
}

async function accept(engine: Engine, record: RequestRecord, now: number): Promise<Next> {
  const next: RequestRecord =
    record.approval === null
      ? { ...record, state: "ready", startBy: record.askedAt + engine.timings.startWithin }
      : { ...record, state: "awaiting" };
  const audit = [
    auditLine(next, "asked", {
      at: now,
      actor: record.actor.user,
      detail: { binds: record.intent.binds, ...record.decided },
    }),
  ];
  await engine.store.commit([{ rev: 0, next }], { audit });
  engine.log.info({ requestId: next.id, operation: next.operation, state: next.state }, "request accepted");
  return again(0);
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

function approvalOf(
  { policy, timings }: { policy: Policy; timings: Pick<Engine["timings"], "approvalExpires"> },
  agreed: Agreed,
  { decision, now }: { decision: Extract<Decision, { is: "needs approval" }>; now: number },
): Approval {
  const { requirements, within, remind, escalate } = decision.approval;
  const lists = requirements.map((list) => list.map((r) => ({ ...r, by: united(policy, r.from) })));
  const expiresAt = now + (within ?? timings.approvalExpires);
  return {
    needed: neededOf(requirements),
    by: united(
      policy,
      lists.flat().flatMap((r) => r.from),
    ),
    requirements: lists,
    ...(remind !== null && now + remind < expiresAt && { remindAt: now + remind }),
    ...(escalate.length > 0 && {
      escalations: escalate.map(({ after, to }) => ({ at: now + after, by: united(policy, [to]) })),
    }),
    expiresAt,
    digest: digestOf(agreed),
    votes: [],
  };
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
