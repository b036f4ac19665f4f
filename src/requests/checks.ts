import { changedBinds, digestOf, sameBinds } from "../approvals/binding.ts";
import { FlinkUnreachable } from "../errors.ts";
import { notAllowed } from "../operations/allowed.ts";
import {
  type Intent,
  isRefusal,
  type Offer,
  type OperationClass,
  type Report,
} from "../operations/operation.ts";
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

/** Whether a request may start now. */
export type Checked = { is: "go" } | { is: "wait"; words: Text } | { is: "no"; why: Text };

const GO: Checked = { is: "go" };
const no = (why: Text): Checked => ({ is: "no", why });

/**
 * The start checks: people, votes, the job's state, and that what was agreed to is still so. Throws what FlinkReads and
 * People throw.
 */
export async function recheck(
  engine: Engine,
  held: Pick<Held, "record" | "now">,
  { row, cluster }: On,
): Promise<Checked> {
  const { record, now } = held;
  const agreed = await stillAgreedTo(engine, record);
  if (agreed.is !== "go") return agreed;
  const context = contextOf(engine, record, cluster, now);
  const state = await stateAllows(engine, record, { row, cluster });
  if (state.is !== "go") return state;
  const fresh = await row.open(context);
  const checked = isRefusal(fresh)
    ? no(fresh.refuse)
    : await stillSame(engine, held, { row, cluster }, fresh);
  // a brake that may start is not held up by one more question
  if (checked.is === "go" && row.preempts?.(record.args) === true) return checked;
  const words = (await row.waitsFor?.(context)) ?? null;
  return words === null ? checked : { is: "wait", words };
}

/** What a request runs, and where. */
export interface On {
  row: AnyChange;
  cluster: Cluster;
}

async function stillAgreedTo(engine: Engine, record: RequestRecord): Promise<Checked> {
  const { approval } = record;
  if (record.parent !== null) {
    const over = await withoutParent(engine, record.id, record.parent);
    if (over !== null) return no(over);
  }
  if (approval === null) return GO;
  const agreed = await stillAgreed(engine, approval, record.actor.user);
  if (agreed.size < approval.needed)
    return no("its approval does not hold: who gave it may not approve any more");
  return approval.digest === digestOf(record)
    ? GO
    : no("its approval does not hold: it was given for something else");
}

/** Not listed just now is no reason to give up: for some seconds of a fail-over Flink does not know its own jobs. */
async function stateAllows(
  engine: Engine,
  { target }: RequestRecord,
  { row, cluster }: On,
): Promise<Checked> {
  if (target.kind !== "job" || row.allowedIn === "any") return GO;
  const seen = await cluster.reads.sighting(target.jobId);
  if (seen.is === "unanswered")
    throw new FlinkUnreachable(`reading the state of ${target.name}: no answer`, "no");
  if (seen.is === "absent")
    return seen.forMs < engine.known.settings.absentFor
      ? { is: "wait", words: t`Flink does not list ${target.name} just now; waiting for it.` }
      : no("the job is gone");
  const refusal = notAllowed(row, seen.state, [...engine.rows.values()]);
  return refusal === null ? GO : no(refusal.refuse);
}

async function stillSame(
  engine: Engine,
  { record, now }: Pick<Held, "record" | "now">,
  on: On,
  fresh: Intent,
): Promise<Checked> {
  // what was decided when it was asked is decided again as a whole: state may have grown old since
  const is = fresh.class ?? on.row.class;
  if (record.approval !== null || is !== record.class || now - record.askedAt > STILL_LIVE_MS) {
    const refused = await stillMay(engine, record, { ...on, is });
    if (refused !== null) return no(refused);
  }
  const { intent } = record;
  if (sameBinds(intent, fresh)) return GO;
  const what = changedBinds(intent, fresh).join(", ");
  return no(
    t`the job has changed since (${what}): it is now "${plain(fresh.headline)}"${changed(intent.details, fresh.details)}`,
  );
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
  { row, cluster, is }: On & { is: OperationClass },
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
