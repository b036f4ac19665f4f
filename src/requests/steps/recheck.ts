import { changedBinds, digestOf, sameBinds } from "../record/binding.ts";
import { FlinkUnreachable } from "../../model/errors.ts";
import { stateRefusal } from "../../model/state-rule.ts";
import type { Lock } from "../../model/lock.ts";
import type { Intent } from "../../model/intent.ts";
import { isRefusal, type Refusal, type Report } from "../../model/report.ts";
import type { OperationClass } from "../../model/target.ts";
import { plain, type Text, t } from "../../model/text.ts";
import { MAY, mayNot, type Verdict } from "../../model/verdict.ts";
import { type Readiness, shownName } from "../../model/operation.ts";
import type { Requirements } from "../../policy/approval.ts";
import { askGroups, type Decision } from "../../policy/decide.ts";
import { accountsOf } from "../../policy/membership.ts";
import type { Freshness } from "../../policy/person.ts";
import type { Policy } from "../../policy/policy.ts";
import { questionOf } from "../../policy/question.ts";
import { approvalStillHolds, lastVote } from "./approvers.ts";
import { type Asker, jobFacts, lookUpAsker, notInChannel } from "./asker.ts";
import { decidePast, inTheWay } from "./locked.ts";
import { contextOf, type On } from "./phase-context.ts";
import { again, type Engine, type Next, operatorManaged } from "../ports/engine.ts";
import { end, says } from "../record/transitions.ts";
import { askAgain } from "../record/ask-again.ts";
import { goesWithout } from "../record/approval-words.ts";
import { lockOn } from "../record/locks.ts";
import { type RequestRecord, requirementsOf } from "../record/record.ts";
import type { Held } from "../record/store.ts";

/** A lookup of people counts as live for this long where no approval was needed, ms. */
const STILL_LIVE_MS = 5000;

const GO: Readiness = { is: "go" };
const no = (why: Text): Readiness => ({ is: "no", why });
const refused = ({ refuse, instead = [] }: Refusal): Readiness => ({ is: "no", why: refuse, instead });
const asReadiness = (verdict: Verdict<Text>): Readiness => (verdict.is === "may" ? GO : no(verdict.why));

/**
 * The checks at the start: the job's state, the bound facts, what the operation waits for, and last the people,
 * because Slack allows few lookups. Throws what FlinkReads and People throw.
 */
export async function recheck(
  engine: Engine,
  held: Pick<Held, "record" | "now">,
  { operation, cluster }: On,
): Promise<Readiness> {
  const { record } = held;
  const above =
    record.parent === null
      ? { is: "may" as const, parent: null }
      : await parentRefusal(engine, record.id, record.parent);
  if (above.is === "may not") return no(above.why);
  if (!isGivenForThis(record)) return no("its approval is not valid: it was given for something else");
  const context = {
    ...contextOf(engine, held, cluster),
    before: { binds: record.intent.binds, isApproved: record.approval !== null },
  };
  const state = await stateAllows(engine, record, { operation, cluster });
  if (state.is !== "go") return state;
  const fresh = await operation.open(context);
  const same = isRefusal(fresh) ? refused(fresh) : stillSame(record, fresh);
  // A brake that may start is not delayed by one more question to Flink.
  const isBrake = operation.preempts?.(record.args) === true;
  const ready = isBrake && same.is === "go" ? GO : ((await operation.waitsFor?.(context)) ?? GO);
  if (ready.is !== "go") return ready;
  if (isRefusal(fresh) || same.is !== "go") return same;
  if (fresh.lacks !== undefined && goesWithout(record) === undefined) return refused(fresh.lacks.refusal);
  return asReadiness(
    await peopleStillMay(engine, held, {
      on: { operation, cluster },
      is: fresh.class ?? operation.class,
      intent: fresh,
      parent: above.parent,
    }),
  );
}

/**
 * A job that Flink does not list just now is waited for: for some seconds of a failover Flink does not know its own
 * jobs.
 */
async function stateAllows(
  engine: Engine,
  { target }: RequestRecord,
  { operation, cluster }: On,
): Promise<Readiness> {
  if (target.kind !== "job" || operation.allowedIn === "any") return GO;
  const seen = await cluster.reads.sighting(target.jobId);
  if (seen.is === "unanswered")
    throw new FlinkUnreachable(`reading the state of ${target.name}: no answer`, "no");
  if (seen.is === "absent")
    return seen.forMs < engine.known.settings.absentFor
      ? { is: "wait", words: t`Flink does not list ${target.name} at the moment; waiting for it.` }
      : no("the job is gone");
  const verdict = stateRefusal(operation, seen.state, [...engine.operations.values()]);
  return verdict.is === "may" ? GO : no(verdict.why.refuse);
}

function stillSame({ intent }: RequestRecord, fresh: Intent): Readiness {
  if (sameBinds(intent, fresh)) return GO;
  const what = changedBinds(intent, fresh).join(", ");
  return no(
    t`the job has changed since (${what}): it is now "${plain(fresh.headline)}"${changed(intent.details, fresh.details)}`,
  );
}

/** What is decided again at the start, as a whole: `is` and `intent` are those of now. */
interface Again {
  on: On;
  is: OperationClass;
  intent: Intent;
  parent: RequestRecord | null;
}

/** Whether the requester and the approvers may still do this. */
async function peopleStillMay(
  engine: Engine,
  held: Pick<Held, "record" | "now">,
  again: Again,
): Promise<Verdict<Text>> {
  const { record, now } = held;
  const { approval, actor, askedAt } = record;
  if (approval === null && now - askedAt <= STILL_LIVE_MS && isDecidedAlike(engine.policy, record, again))
    return MAY;
  const isBrake = again.on.operation.preempts?.(record.args) === true;
  const agreed = approval ?? again.parent?.approval ?? null;
  const notBefore = approval === null ? 0 : Math.max(lastVote(approval), await waitedUntil(engine, record));
  const fresh: Freshness | undefined =
    approval === null ? undefined : { notBefore, urgency: isBrake ? "brake" : undefined };
  const groups = askGroups(engine.policy, askedFor(record, again), actor.user);
  const asking = { ...record, ...(fresh !== undefined && { fresh: { ...fresh, groups } }) };
  const agreedOn = agreed === null ? [] : requirementsOf(agreed);
  const holds = async (requirements: Requirements): Promise<Verdict<Text>> => {
    if (agreed === null) return MAY;
    const since = { ...fresh, notBefore: Math.max(notBefore, lastVote(agreed)) };
    const votes = { requester: actor.user, approval: agreed, requirements, fresh: since };
    const verdict = await approvalStillHolds(engine, votes);
    return verdict.is === "may" ? MAY : mayNot(t`its approval is not valid: ${verdict.why}`);
  };
  const [approvers, asker, managed, lock] = await Promise.all([
    holds(agreedOn),
    lookUpAsker(engine, asking),
    operatorManaged(again.on.cluster, { isBrake }),
    passedLock(engine, record),
  ]);
  if (approvers.is === "may not") return approvers;
  const decision = decisionOf(engine, held, { ...again, asker, managed, lock });
  if (decision.is === "refuse") return mayNot(decision.why);
  if (decision.is === "allow" || decision.is === "break glass") return MAY;
  if (agreed === null) return mayNot("it now needs someone else's approval");
  // the rules may have come to ask for more since
  const { requirements } = decision.approval;
  return isSameAs(agreedOn, requirements) ? MAY : await holds(requirements);
}

const isSameAs = (agreedOn: Requirements, now: Requirements): boolean =>
  JSON.stringify(agreedOn.map((list) => list.map(({ from, count }) => ({ from, count })))) ===
  JSON.stringify(now);

/**
 * Whether this policy has decided the request a moment ago, and nothing has changed that it depends on. For a child,
 * the decision on its parent covered each job.
 */
function isDecidedAlike(
  { hash, nothingDestructive }: Policy,
  record: RequestRecord,
  { is, parent }: Again,
): boolean {
  // a reload that failed leaves the hash as it was
  const byThis = ({ decided }: RequestRecord): boolean =>
    decided?.policy === hash && nothingDestructive === undefined;
  return is === record.class && byThis(record) && (parent === null || byThis(parent));
}

const askedFor = (record: RequestRecord, { on, is }: Again): Parameters<typeof askGroups>[1] => ({
  operation: shownName(on.operation),
  class: is,
  cluster: record.target.cluster,
  breakGlass: record.breakGlass !== undefined,
});

function decisionOf(
  engine: Engine,
  { record, now }: Pick<Held, "record" | "now">,
  {
    on,
    is,
    intent,
    asker,
    managed,
    lock,
  }: Again & { asker: Asker; managed: string | null; lock: Lock | undefined },
): Decision {
  const absent = notInChannel(asker.channel);
  if (absent.is === "may not") return { is: "refuse", rule: "not_in_channel", why: absent.why };
  const question = questionOf(on.operation, {
    ...asker,
    now,
    class: is,
    cluster: { ...on.cluster.config, operatorManaged: managed },
    // the list of a request for many jobs was bound when it was requested
    jobs: jobFacts(engine, record.target, record.intent),
    change: intent.change ?? {},
    breakGlass: record.breakGlass !== undefined,
  });
  return decidePast(engine.policy, question, inTheWay(lock, intent));
}

/** The lock that a request with break-glass passes; undefined: none. Without break-glass the start commit meets locks. */
async function passedLock(
  engine: Engine,
  { target, actor, breakGlass }: RequestRecord,
): Promise<Lock | undefined> {
  if (breakGlass === undefined) return undefined;
  return lockOn(await engine.known.locks.all(), target, accountsOf(engine.policy, actor.user));
}

/**
 * When the request or lock that it waited for ended, ms; 0: it did not wait. People are judged by what Slack says after that
 * time and after the last vote. The time stays the same however often the start is tried.
 */
export async function waitedUntil(engine: Engine, { waiting }: RequestRecord): Promise<number> {
  if (waiting?.freeAt !== undefined) return waiting.freeAt;
  if (waiting?.holder == null) return 0;
  const holder = await engine.store.load(waiting.holder);
  return holder.record?.end?.at ?? 0;
}

/** Whether a child request may run: only while its parent is under way and the parent's approval holds. */
export async function parentRefusal(
  engine: Engine,
  id: string,
  parentId: string,
): Promise<{ is: "may"; parent: RequestRecord } | { is: "may not"; why: Text }> {
  const parent = await engine.children.parent(parentId);
  if (
    parent?.state !== "running" ||
    parent.supersededBy !== null ||
    !parent.children.some((c) => c.id === id)
  )
    return mayNot("the request that it belongs to is no longer running");
  const { approval } = parent;
  if (approval === null) return { is: "may", parent };
  if (!isGivenForThis(parent))
    return mayNot(
      "the approval of the request that it belongs to is not valid: it was given for something else",
    );
  // All children of a parent share this lookup.
  const fresh = { notBefore: lastVote(approval) };
  const requirements = requirementsOf(approval);
  const votes = { requester: parent.actor.user, approval, requirements, fresh };
  const verdict = await approvalStillHolds(engine, votes);
  return verdict.is === "may"
    ? { is: "may", parent }
    : mayNot(t`the approval of the request that it belongs to is not valid: ${verdict.why}`);
}

/** Whether the approval was given for exactly this request; true where no approval was needed. */
const isGivenForThis = (record: RequestRecord): boolean =>
  record.approval === null || record.approval.digest === digestOf(record);

/** The details that read differently now, as a suffix for a sentence. */
function changed(before: readonly Text[], after: readonly Text[]): Text {
  const old = new Set(before.map(plain));
  const moved = after.filter((d) => !old.has(plain(d))).map(plain);
  return moved.length === 0 ? "" : `, ${moved.join(", ")}`;
}

/**
 * Ends the request as void: nothing was sent, and nothing will be. The person who presses "Ask again" is the new
 * requester.
 */
export async function giveUp(
  engine: Engine,
  held: Held,
  because: Text | Pick<Extract<Readiness, { is: "no" }>, "why" | "instead">,
): Promise<Next> {
  const { record } = held;
  const { why, instead = [] } = typeof because === "object" && "why" in because ? because : { why: because };
  const report: Report = {
    ...says("failed", "It was not sent; nothing was changed", t`Why: ${why}`, ...instead),
    offers: [askAgain(record)],
  };
  await end(engine.store, held, { ending: "void", report });
  return again(0);
}
