import { type Agreed, digestOf } from "../record/binding.ts";
import { askedDetail, auditLine } from "../record/audit.ts";
import type { Decision } from "../../policy/decide.ts";
import { neededOf } from "../../policy/approval.ts";
import { united } from "../../policy/membership.ts";
import type { Policy } from "../../policy/policy.ts";
import { type Considered, consider } from "./consider.ts";
import { again, type Cluster, type Engine, type Next } from "../ports/engine.ts";
import { ended } from "../record/transitions.ts";
import type { Approval, Intake, RequestRecord } from "../record/record.ts";
import { oneMore } from "./too-many.ts";
import { glassOf, unreviewedWords } from "./break-glass.ts";
import { MAY } from "../../model/verdict.ts";
import { twinRefusal } from "./twin.ts";

/** How long to wait before trying again to determine the target, ms. */
const WAIT_MS = 1000;

/**
 * From the intake to the record: checks the policy, finds the target, and checks whether the operation is possible.
 * Changes nothing in Flink.
 */
export async function begin(engine: Engine, intake: Intake, now: number): Promise<Next> {
  const seen = await consider(engine, intake, now);
  if (seen.is === "wait") return again(WAIT_MS);
  if (seen.is === "refused") return await refuse(engine, seen, now);
  const { record, decision, on } = seen;
  const isGlass = decision.is === "break glass";
  if (record.parent === null && !isGlass && on.operation.preempts?.(record.args) !== true) {
    const more = await oneMore(engine, intake);
    if (more.is === "may not")
      return await refuse(engine, { record, refusal: more.why, rule: "too_many_open" }, now);
  }
  const twin = isGlass ? MAY : await twinRefusal(engine, record);
  if (twin.is === "may not")
    return await refuse(engine, { record, refusal: twin.why, rule: "open_already" }, now);
  const approval =
    decision.is === "needs approval" && intake.parent === null
      ? approvalOf(engine, record, { decision, now, ...copyOf(on.cluster.config, record) })
      : null;
  const glass = isGlass
    ? { breakGlass: glassOf(engine, record, { decision, config: on.cluster.config }) }
    : {};
  return await accept(engine, { ...record, approval, ...glass }, now);
}

async function refuse(
  engine: Engine,
  { record, refusal, rule }: Omit<Extract<Considered, { is: "refused" }>, "is" | "by">,
  now: number,
): Promise<Next> {
  const report = {
    outcome: "failed" as const,
    headline: refusal.refuse,
    lines: refusal.instead ?? [],
    facts: { rule },
    ...(refusal.offers === undefined ? {} : { offers: refusal.offers }),
  };
  const by = { at: now, actor: record.actor.user };
  const { next, extras } = ended(record, { ending: "refused", report }, by);
  await engine.store.commit([{ rev: 0, next }], extras);
  return again(0);
}

async function accept(engine: Engine, record: RequestRecord, now: number): Promise<Next> {
  const next: RequestRecord =
    record.approval === null
      ? { ...record, state: "ready", startBy: record.askedAt + engine.timings.startWithin }
      : { ...record, state: "awaiting" };
  const { user } = record.actor;
  const audit = [
    auditLine(next, "asked", { at: now, actor: user, detail: askedDetail(next, engine.nameOf(user)) }),
  ];
  const take = next.breakGlass === undefined ? [] : [next.breakGlass.claim];
  const committed = await engine.store.commit([{ rev: 0, next }], { audit, take });
  if (committed.is === "busy") {
    const refusal = await unreviewedWords(engine, committed.holder);
    const { breakGlass: _, ...draft } = record;
    return await refuse(engine, { record: draft, refusal, rule: "unreviewed" }, now);
  }
  engine.log.info({ requestId: next.id, operation: next.operation, state: next.state }, "request accepted");
  return again(0);
}

function approvalOf(
  { policy, timings }: { policy: Policy; timings: Pick<Engine["timings"], "approvalExpires"> },
  agreed: Agreed,
  {
    decision,
    now,
    ...copy
  }: {
    decision: Extract<Decision, { is: "needs approval" }>;
    now: number;
  } & Pick<Approval, "copyIn">,
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
    ...copy,
    ...(remind !== null && now + remind < expiresAt && { remindAt: now + remind }),
    ...(escalate.length > 0 && {
      escalations: escalate.map(({ after, to }) => ({ at: now + after, by: united(policy, [to]) })),
    }),
    expiresAt,
    digest: digestOf(agreed),
    votes: [],
  };
}

/** Where the approvers of this cluster are asked, if it is another channel than that of the request. */
const copyOf = ({ approvals }: Cluster["config"], { place }: RequestRecord): Pick<Approval, "copyIn"> =>
  approvals === undefined || approvals === place.channel ? {} : { copyIn: approvals };
