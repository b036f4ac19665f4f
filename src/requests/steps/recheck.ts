import { changedBinds, digestOf, sameBinds } from "../record/binding.ts";
import { FlinkUnreachable } from "../../model/errors.ts";
import { stateRefusal } from "../../model/state-rule.ts";
import type { Intent } from "../../model/intent.ts";
import { isRefusal, type Report } from "../../model/report.ts";
import type { OperationClass } from "../../model/target.ts";
import { code, plain, type Text, t } from "../../model/text.ts";
import { MAY, mayNot, type Verdict } from "../../model/verdict.ts";
import type { Readiness } from "../../model/operation.ts";
import { type Decision, decide, groupsOf, questionOf, voteRefusal } from "../../policy/decide.ts";
import type { Freshness, Person } from "../../policy/person.ts";
import { contextOf, type On } from "./phase-context.ts";
import { again, type Engine, type Next, operatorManaged } from "../ports/engine.ts";
import { end, says } from "../record/transitions.ts";
import { askAgain } from "../record/ask-again.ts";
import type { Actor, Approval, Place, RequestRecord } from "../record/record.ts";
import type { Held } from "../record/store.ts";

/** A lookup of people counts as live for this long where no approval was needed, ms. */
const STILL_LIVE_MS = 5000;

/** Who asks, where, and what is known of it. */
export interface Asking {
  who: { actor: Actor; place: Place; fresh?: Freshness };
  /** The operator that the cluster reports; null: none, or not asked. */
  managed: string | null;
  /** Where the request is in another class than its operation. */
  class?: OperationClass;
}

/** Whether a person may run this operation here, by live facts. */
export async function permit(
  engine: Engine,
  { operation, cluster }: On,
  { who, managed, ...asking }: Asking,
): Promise<Decision> {
  const [person, channel] = await Promise.all([
    engine.people.lookup(who.actor, who.fresh),
    engine.conversation.channel(who.place.channel),
  ]);
  if (!channel.member && channel.unreadable === null)
    return {
      is: "refuse",
      rule: "not_in_channel",
      reason: t`flinkops makes changes only where people can see them. ${channel.join}`,
    };
  return decide(
    engine.policy,
    questionOf(operation, {
      ...asking,
      person,
      channel: { ...channel, id: who.place.channel },
      cluster: { ...cluster.config, operatorManaged: managed },
    }),
  );
}

const GO: Readiness = { is: "go" };
const no = (why: Text): Readiness => ({ is: "no", why });
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
  if (record.parent !== null) {
    const parent = await parentRefusal(engine, record.id, record.parent);
    if (parent.is === "may not") return no(parent.why);
  }
  if (!isGivenForThis(record)) return no("its approval is not valid: it was given for something else");
  const context = contextOf(engine, held, cluster);
  const state = await stateAllows(engine, record, { operation, cluster });
  if (state.is !== "go") return state;
  const fresh = await operation.open(context);
  const same = isRefusal(fresh) ? no(fresh.refuse) : stillSame(record, fresh);
  // A brake that may start is not delayed by one more question to Flink.
  const isBrake = operation.preempts?.(record.args) === true;
  const ready = isBrake && same.is === "go" ? GO : ((await operation.waitsFor?.(context)) ?? GO);
  if (ready.is !== "go") return ready;
  if (isRefusal(fresh) || same.is !== "go") return same;
  const on = { operation, cluster, is: fresh.class ?? operation.class };
  return asReadiness(await peopleStillMay(engine, held, on));
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

/**
 * Whether the requester and the approvers may still do this. `is`: the operation's class as decided now, because a
 * saved state may have grown old since.
 */
async function peopleStillMay(
  engine: Engine,
  { record, now }: Pick<Held, "record" | "now">,
  on: On & { is: OperationClass },
): Promise<Verdict<Text>> {
  const { approval, actor, askedAt } = record;
  if (approval === null) {
    const isLive = on.is === record.class && now - askedAt <= STILL_LIVE_MS;
    return isLive ? MAY : await stillMay(engine, record, on);
  }
  const urgency = on.operation.preempts?.(record.args) === true ? ("brake" as const) : undefined;
  const fresh = { notBefore: Math.max(lastVote(approval), await waitedUntil(engine, record)), urgency };
  const groups = groupsOf(engine.policy.operate, actor.user);
  const [approvers, requester] = await Promise.all([
    approvalStillHolds(engine, record, { approval, fresh }),
    stillMay(engine, { ...record, fresh: { ...fresh, groups } }, on),
  ]);
  return approvers.is === "may" ? requester : mayNot(t`its approval is not valid: ${approvers.why}`);
}

/**
 * When the request that it waited for ended, ms; 0: it did not wait. People are judged by what Slack says after that
 * time and after the last vote. The time stays the same however often the start is tried.
 */
async function waitedUntil(engine: Engine, { waiting }: RequestRecord): Promise<number> {
  if (waiting?.holder == null) return 0;
  const holder = await engine.store.load(waiting.holder);
  return holder.record?.end?.at ?? 0;
}

/** Whether a child request may run: only while its parent is under way and the parent's approval holds. */
export async function parentRefusal(engine: Engine, id: string, parentId: string): Promise<Verdict<Text>> {
  const parent = await engine.children.parent(parentId);
  const isUnderWay =
    parent?.state === "running" && parent.supersededBy === null && parent.children.some((c) => c.id === id);
  if (!isUnderWay) return mayNot("the request that it belongs to is no longer running");
  const { approval } = parent;
  if (approval === null) return MAY;
  if (!isGivenForThis(parent))
    return mayNot(
      "the approval of the request that it belongs to is not valid: it was given for something else",
    );
  // All children of a parent share this lookup.
  const fresh = { notBefore: lastVote(approval) };
  const verdict = await approvalStillHolds(engine, parent, { approval, fresh });
  return verdict.is === "may"
    ? MAY
    : mayNot(t`the approval of the request that it belongs to is not valid: ${verdict.why}`);
}

/** Whether the approval was given for exactly this request; true where no approval was needed. */
const isGivenForThis = (record: RequestRecord): boolean =>
  record.approval === null || record.approval.digest === digestOf(record);

const lastVote = (approval: Approval): number => Math.max(0, ...approval.votes.map((v) => v.at));

/**
 * Whether enough distinct voters may still approve. Somebody may have lost the right between the click and the start.
 */
async function approvalStillHolds(
  engine: Engine,
  { actor: requester }: Pick<RequestRecord, "actor">,
  { approval, fresh }: { approval: Approval; fresh: Freshness },
): Promise<Verdict<Text>> {
  const approved = approval.votes.filter((v) => v.kind === "approve" && v.digest === approval.digest);
  const voters = await Promise.all(
    approved.map(async ({ actor }) => {
      const groups = groupsOf(engine.policy.approve, actor.user);
      return await engine.people.lookup(actor, { ...fresh, groups });
    }),
  );
  const counts = (voter: Person): boolean => voteRefusal(engine.policy, voter, requester.user).is === "may";
  if (new Set(voters.filter(counts).map((v) => v.user)).size >= approval.needed) return MAY;
  // Where Slack no longer returns an account or group, nobody has lost a right; the message names it, so that it can
  // be repaired.
  for (const { user, unknown, unreadable } of voters) {
    if (unknown !== null) return mayNot(t`the account of ${{ person: user }} ${unknown}`);
    for (const [group, why] of unreadable)
      return mayNot(t`the user group ${code(group)} (people.approve) ${why}`);
  }
  return mayNot("the approver is no longer allowed to approve");
}

async function stillMay(
  engine: Engine,
  record: RequestRecord & { fresh?: Freshness },
  { operation, cluster, is }: On & { is: OperationClass },
): Promise<Verdict<Text>> {
  const managed = await operatorManaged(cluster, { isBrake: operation.preempts?.(record.args) === true });
  const decision = await permit(engine, { operation, cluster }, { who: record, managed, class: is });
  if (decision.is === "refuse") return mayNot(decision.reason);
  const agreed = record.approval !== null || record.parent !== null;
  return decision.is === "needs approval" && !agreed ? mayNot("it now needs someone else's approval") : MAY;
}

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
export async function giveUp(engine: Engine, held: Held, why: Text): Promise<Next> {
  const { record } = held;
  const report: Report = {
    ...says("failed", "It was not sent; nothing was changed", t`Why: ${why}`),
    offers: [askAgain(record)],
  };
  await end(engine.store, held, { ending: "void", report });
  return again(0);
}
