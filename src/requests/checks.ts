import { changedBinds, digestOf, sameBinds } from "../approvals/binding.ts";
import { notAllowed } from "../operations/allowed.ts";
import { isRefusal, type Offer, type OperationClass, type Report } from "../operations/operation.ts";
import { plain, type Text, t } from "../operations/text.ts";
import { type Decision, decide, mayVote } from "../policy/decide.ts";
import { type AnyChange, contextOf } from "./context.ts";
import { again, type Cluster, type Engine, type Next, operatorManaged } from "./engine.ts";
import { end, says } from "./move.ts";
import type { Actor, Approval, Place, RequestRecord } from "./record.ts";
import type { Held } from "./store.ts";

/** What was just looked up counts as live for this long where nobody had to agree meanwhile. */
const STILL_LIVE_MS = 5000;

/** Whether this person may do this here, by live facts. `managed`: what the cluster itself says, null where not asked. */
export async function permit(
  engine: Engine,
  row: AnyChange,
  who: { actor: Actor; place: Place },
  cluster: Cluster,
  managed: string | null,
  operationClass: OperationClass = row.class,
): Promise<Decision> {
  const [person, channel] = await Promise.all([
    engine.people.lookup(who.actor),
    engine.conversation.channel(who.place.channel),
  ]);
  if (!channel.member)
    return {
      is: "refuse",
      rule: "not_in_channel",
      reason: "Changes are not made where nobody sees them: invite me to this channel first, then ask again.",
    };
  return decide(engine.policy, {
    operation: row.under ?? row.name,
    class: operationClass,
    fitForManaged: row.fitForManaged ?? false,
    person,
    channel: { id: who.place.channel, externallyShared: channel.externallyShared },
    cluster: { ...cluster.config, operatorManaged: managed },
  });
}

/** The start checks: people, votes, the job's state, and that what was agreed to is still so. Null: it may start. */
export async function recheck(
  engine: Engine,
  record: RequestRecord,
  row: AnyChange,
  cluster: Cluster,
  now: number,
): Promise<Text | null> {
  const { approval, intent, target } = record;
  if (record.parent !== null) {
    const over = await withoutParent(engine, record.id, record.parent);
    if (over !== null) return over;
  }
  if (approval !== null) {
    const agreed = await stillAgreed(engine, approval, record.actor.user);
    if (agreed.size < approval.needed)
      return "its approval does not hold: who gave it may not approve any more";
    if (approval.digest !== digestOf(record))
      return "its approval does not hold: it was given for something else";
  }
  if (target.kind === "job") {
    const jobs = await cluster.reads.overview();
    const job = jobs.find((j) => j.jobId === target.jobId);
    if (job === undefined) return "the job is gone";
    const refusal = notAllowed(row, job.state, [...engine.rows.values()]);
    if (refusal !== null) return refusal.refuse;
  }
  const fresh = await row.open(contextOf(engine, record, cluster, now));
  if (isRefusal(fresh)) return fresh.refuse;
  // what was decided when it was asked is decided again as a whole: state may have grown old since
  const is = fresh.class ?? row.class;
  if (approval !== null || is !== record.class || now - record.askedAt > STILL_LIVE_MS) {
    const refused = await stillMay(engine, record, { row, cluster, is });
    if (refused !== null) return refused;
  }
  return sameBinds(intent, fresh)
    ? null
    : t`the job has changed since (${changedBinds(intent, fresh).join(", ")}): it is now "${plain(fresh.headline)}"${changed(intent.details, fresh.details)}`;
}

/**
 * What a request started by another one rests on: that one is under way, and whoever agreed to it still may. Null: it
 * does.
 */
export async function withoutParent(engine: Engine, id: string, parentId: string): Promise<Text | null> {
  const parent = (await engine.store.load(parentId)).record;
  const isUnderWay =
    parent?.state === "running" && parent.supersededBy === null && parent.children.some((c) => c.id === id);
  if (!isUnderWay) return "the request that it belongs to is not under way any more";
  if (parent.approval === null) return null;
  const agreed = await stillAgreed(engine, parent.approval, parent.actor.user);
  return agreed.size >= parent.approval.needed
    ? null
    : "the approval of the request that it belongs to does not hold: who gave it may not approve any more";
}

/** Distinct people whose vote would count now: between click and start somebody may have lost the right to it. */
async function stillAgreed(
  engine: Engine,
  approval: Approval,
  requester: string,
): Promise<ReadonlySet<string>> {
  const approved = approval.votes.filter((v) => v.kind === "approve" && v.digest === approval.digest);
  const voters = await Promise.all(approved.map(async (v) => await engine.people.lookup(v.actor)));
  return new Set(voters.filter((p) => mayVote(engine.policy, p, requester) === null).map((p) => p.user));
}

async function stillMay(
  engine: Engine,
  record: RequestRecord,
  { row, cluster, is }: { row: AnyChange; cluster: Cluster; is: OperationClass },
): Promise<Text | null> {
  const managed = await operatorManaged(cluster);
  const decision = await permit(engine, row, record, cluster, managed, is);
  if (decision.is === "refuse") return decision.reason;
  const agreed = record.approval !== null || record.parent !== null;
  return decision.is === "needs approval" && !agreed ? "it needs someone else's approval by now" : null;
}

/** The details that read differently now. */
function changed(before: readonly Text[], after: readonly Text[]): Text {
  const old = new Set(before.map(plain));
  const moved = after.filter((d) => !old.has(plain(d))).map(plain);
  return moved.length === 0 ? "" : `, ${moved.join(", ")}`;
}

/** Void: nothing was sent, nothing will be. Whoever presses "Ask again" is the new requester. */
export async function giveUp(engine: Engine, held: Held, why: Text): Promise<Next> {
  const { record } = held;
  const offers: Offer[] = [
    {
      label: "Ask again",
      operation: record.operation,
      args: { ...record.args, cluster: record.target.cluster },
    },
  ];
  const report: Report = {
    ...says("failed", "It was not sent; nothing was changed", t`Why: ${why}`),
    offers,
  };
  await end(engine.store, held, "void", report);
  return again(0);
}
