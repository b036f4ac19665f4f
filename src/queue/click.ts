import { type Judged, vote } from "../requests/steps/vote.ts";
import { NotOurTurn, RedisUnavailable, SlackUnavailable } from "../model/errors.ts";
import { noticeLine } from "../model/audit-entry.ts";
import type { Log } from "../platform/log.ts";
import { setsIn } from "../policy/approval.ts";
import { askGroups } from "../policy/decide.ts";
import { groupsOf } from "../policy/membership.ts";
import { code, type Text, t } from "../model/text.ts";
import { type Freshness, fullMember, type People } from "../policy/person.ts";
import type { Policy } from "../policy/policy.ts";
import { auditLine } from "../requests/record/audit.ts";
import type { Click, Clicked, Inbox } from "../requests/ports/inbox.ts";
import { type RequestRecord, requirementsOf } from "../requests/record/record.ts";
import type { NotHeld, Store } from "../requests/record/store.ts";

export interface ClickOptions {
  store: Store;
  policy: Policy;
  people: People;
  /** From approval to start, ms. */
  startAfterApproval: number;
  /** Whether the request is a brake, which does not wait behind other requests. */
  isBrake(record: RequestRecord): boolean;
  /** The name of a person as last read from Slack; null: not read yet. */
  nameOf(user: string): string | null;
  /** Makes the next step of a request due now. */
  wake(record: RequestRecord): Promise<void>;
  log: Pick<Log, "info" | "warn" | "error">;
}

/** How long a press that opens a form may wait for our own rate limit of lookups, ms: Slack opens it within 3 s, or not at all. */
export const OPEN_PATIENCE_MS = 1000;
/** The same of a click and of a submitted form: nothing else waits behind it. */
export const PATIENCE_MS = 15_000;

/** Commits a vote or a withdrawal. A click that does not count is answered with the reason. */
export function createClick(options: ClickOptions): Inbox["click"] {
  return async (click) => {
    try {
      return await count(options, click);
    } catch (error) {
      const ours = error instanceof SlackUnavailable;
      options.log[ours ? "warn" : "error"]({ requestId: click.requestId, err: error }, "click not counted");
      return { is: "not counted", tell: notCounted(error) };
    }
  };
}

const UNKNOWN: Text = "This request is unknown here: it is too old, or belongs to another deployment.";
/** What a person is told of a click on a request whose record is not ours. */
const FORGED: Text = t`The record of this request in Redis was not written by flinkops, so the request is set aside: nobody can decide on it. Send it again. Administrators see it in ${code("flinkops check")}.`;

/** What a person is told of a click that could not be judged. */
export function notCounted(error: unknown): Text {
  if (error instanceof RedisUnavailable && error.maybeTaken)
    return "Redis did not confirm your click in time: it may have counted. The card shows it within a minute; press again if it does not.";
  if (error instanceof NotOurTurn)
    return "Slack has too many lookups at the moment, so your click could not be checked and did not count. Press again in a few seconds.";
  return "Your click could not be checked, so it did not count. Press again in a moment.";
}

async function count(options: ClickOptions, click: Click): Promise<Clicked> {
  let held = await options.store.load(click.requestId);
  // Redis's time of the first read: people are judged by what Slack says after it
  const arrivedAt = held.now;
  for (; ; held = await options.store.load(click.requestId)) {
    if (held.record === null) return { is: "not counted", tell: await refusedWithout(options, click, held) };
    const { record } = held;
    const [verdict] = await Promise.all([
      judge(options, click, { record, now: held.now, arrivedAt }),
      click.card === null ? undefined : options.store.addCard(record.id, click.card),
    ]);
    if (verdict.is === "tell") {
      await refused(options, click, { record, rule: verdict.rule, now: held.now });
      if (click.card !== null) void options.wake(record);
      return { is: "not counted", tell: verdict.text };
    }
    if (verdict.next.state === "ready") void lookUpEarly(options, record, arrivedAt);
    const audit = [...(verdict.extras.audit ?? [])];
    if (verdict.event !== null)
      audit.push(
        auditLine(verdict.next, verdict.event, {
          at: held.now,
          actor: click.actor.user,
          detail: {
            digest: click.digest,
            in: verdict.next.approval?.votes.at(-1)?.in ?? [],
            name: options.nameOf(click.actor.user),
          },
        }),
      );
    const committed = await options.store.commit([{ rev: held.rev, next: verdict.next }], {
      ...verdict.extras,
      audit,
    });
    // Another process moved the record meanwhile, so the click is judged again.
    if (committed.is === "fenced") continue;
    options.log.info({ requestId: record.id, click: click.kind, state: verdict.next.state }, "click counted");
    void options.wake(verdict.next);
    return { is: "counted", ...(verdict.tell !== undefined && { tell: verdict.tell }) };
  }
}

interface Moment {
  record: RequestRecord;
  now: number;
  arrivedAt: number;
}

/**
 * Judges a click. A click that would count from an entitled person is judged by what Slack says after the click
 * arrived. A click that would count from nobody needs no fresh lookup, of which Slack allows few.
 */
async function judge(options: ClickOptions, click: Click, at: Moment): Promise<Judged> {
  const { policy, people, startAfterApproval } = options;
  const { actor } = click;
  const best = vote(entitling(policy, actor.user), startAfterApproval, {
    ...at,
    click,
    person: fullMember(actor),
  });
  // A withdrawal, and a click by the requester, are decided by the user id alone.
  if (click.kind === "withdraw" || actor.user === at.record.actor.user) return best;
  const groups = votingGroups(policy, at.record, actor.user);
  if (best.is === "tell") {
    const person = await people.lookup(actor, { groups, patienceMs: PATIENCE_MS });
    return vote(policy, startAfterApproval, { ...at, click, person });
  }
  const fresh = { ...freshFor(options, at.record, at.arrivedAt), groups };
  const person = await people.lookup(actor, fresh);
  return vote(policy, startAfterApproval, { ...at, click, person });
}

const freshFor = (options: ClickOptions, record: RequestRecord, notBefore: number): Freshness => ({
  notBefore,
  patienceMs: PATIENCE_MS,
  urgency: options.isBrake(record) ? "brake" : undefined,
});

/**
 * Looks the requester up early, so that the start finds a fresh answer. The start does its own lookup whatever the
 * result is here.
 */
async function lookUpEarly(options: ClickOptions, record: RequestRecord, arrivedAt: number): Promise<void> {
  const { class: operationClass, target, actor } = record;
  // rules name an operation as people do, which the record does not have
  const asked = { operation: null, class: operationClass, cluster: target.cluster };
  const groups = askGroups(options.policy, asked, actor.user);
  const fresh = { ...freshFor(options, record, arrivedAt), groups };
  await options.people.lookup(record.actor, fresh).catch(() => undefined);
}

/** The user groups whose members are needed to tell whether a user may vote on a request. */
export const votingGroups = (policy: Policy, { approval }: RequestRecord, user: string): readonly string[] =>
  approval === null ? [] : groupsOf(policy, setsIn(requirementsOf(approval)), user);

/** The policy if a user were in every set. */
const entitling = (policy: Policy, user: string): Policy => ({
  ...policy,
  people: Object.fromEntries(
    Object.entries(policy.people).map(([name, set]) => [name, { ...set, users: [...set.users, user] }]),
  ),
});

type Recording = Pick<ClickOptions, "store" | "log">;
type Pressed = Pick<Click, "requestId" | "actor" | "card"> & {
  kind: Click["kind"] | "suggest" | "review";
};

/** Records a click on a request that has no record, or a forged one. Returns the words for the person. */
export async function refusedWithout(
  { store, log }: Recording,
  { requestId, actor: { user }, card, kind }: Pressed,
  { forged, now }: NotHeld,
): Promise<Text> {
  const rule = forged ? "forged_record" : "unknown_request";
  const entry = noticeLine("click refused", {
    at: now,
    actor: user,
    channel: card?.channel ?? "",
    headline: forged
      ? "A click on a request whose record flinkops did not write"
      : "A click on an unknown request",
    // its own key, because this says nothing about the request
    detail: { kind, rule, request: requestId },
  });
  await store.refused(requestId, `${user} ${kind} ${rule}`, entry);
  log.info({ requestId, click: kind, rule }, "click refused");
  return forged ? FORGED : UNKNOWN;
}

/** Records a click that was refused, and by which rule. */
export async function refused(
  options: { store: Pick<Store, "refused">; log: Pick<Log, "info"> },
  click: Pick<Click, "requestId" | "actor"> & { kind: Pressed["kind"] | "details" },
  { record, rule, now }: { record: RequestRecord; rule: string; now: number },
): Promise<void> {
  const { user } = click.actor;
  const entry = auditLine(record, "click refused", {
    at: now,
    actor: user,
    detail: { kind: click.kind, rule },
  });
  await options.store.refused(record.id, `${user} ${click.kind} ${rule}`, entry);
  options.log.info({ requestId: record.id, click: click.kind, rule }, "click refused");
}
