import type { Args } from "../command/validate.ts";
import type { Catalogue } from "../model/catalog.ts";
import type { ClusterConfig } from "../model/cluster-config.ts";
import { type Lock, type LockScope, lockWords, scopeName } from "../model/lock.ts";
import { noticeLine } from "../model/audit-entry.ts";
import type { Local } from "../model/operation.ts";
import type { LockMove, Refusal, Report } from "../model/report.ts";
import { b, t } from "../model/text.ts";
import type { Log } from "../platform/log.ts";
import { decide, type Decision, type Refused } from "../policy/decide.ts";
import { liftRefusal } from "../policy/lift.ts";
import { accountsOf } from "../policy/membership.ts";
import type { Policy } from "../policy/policy.ts";
import { questionOf } from "../policy/question.ts";
import type { Conversation } from "../requests/ports/conversation.ts";
import type { Said } from "../requests/ports/inbox.ts";
import { requestIdOf } from "../requests/record/identity.ts";
import type { Locks } from "../requests/record/locks.ts";
import type { Intake, RequestRecord } from "../requests/record/record.ts";
import type { Store } from "../requests/record/store.ts";
import { type Asker, jobFacts, notInChannel } from "../requests/steps/asker.ts";
import { logRefusal } from "../requests/steps/log-refusal.ts";
import { intakeOf } from "./refused.ts";
import { unlockWords } from "../requests/steps/locked.ts";

export interface LockingOptions {
  policy: Policy;
  clusters: readonly Pick<ClusterConfig, "name" | "changes" | "managedBy">[];
  catalogue: Catalogue;
  locks: Locks;
  store: Pick<Store, "openIds" | "loadMany" | "commit">;
  conversation: Pick<Conversation, "answer">;
  /** The name of a person as last read from Slack; null: not read yet. */
  nameOf(user: string): string | null;
  /** Makes the next step of a request due now. */
  wake(record: RequestRecord): Promise<void>;
  log: Pick<Log, "info" | "warn">;
}

/** Who asks for a lock or its end, and where. */
export interface Locking extends Asker {
  said: Omit<Said, "text">;
  now: number;
  operation: Local<unknown>;
  args: Args;
}

/**
 * Places or lifts a lock, and says so in the channel. Null: it is said there; a refusal is for the person alone. Throws what
 * Conversation and Redis throw.
 */
export async function moveLock(
  options: LockingOptions,
  move: LockMove,
  by: Locking,
): Promise<Refusal | null> {
  const absent = notInChannel(by.channel);
  if (absent.is === "may not") return { refuse: absent.why };
  const decision = decisionOf(options, move.scope, by);
  if (decision.is === "refuse") return await refuse(options, { ...decision, scope: move.scope }, by);
  return move.move === "place" ? await place(options, move, by) : await lift(options, move.scope, by);
}

function decisionOf(
  { policy, clusters, catalogue }: LockingOptions,
  scope: LockScope,
  { operation, person, channel, now }: Locking,
): Decision {
  const found = clusters.find(({ name }) => name === scope.cluster);
  const { cluster, job } = scope;
  const jobs =
    job === null ? [] : jobFacts({ known: { catalogue } }, { kind: "name", cluster, name: job }, {});
  const where = found === undefined ? null : { ...found, operatorManaged: null };
  return decide(policy, questionOf(operation, { person, channel, now, cluster: where, jobs }));
}

/** Refuses what the policy does not allow, with an entry in the audit log. */
async function refuse(
  { store }: LockingOptions,
  { rule, why, scope }: Pick<Refused, "rule" | "why"> & { scope: LockScope },
  { operation, args, said, now }: Locking,
): Promise<Refusal> {
  const { cluster, job } = scope;
  const intake: Intake = {
    ...intakeOf(operation, args, { said, now }),
    cluster,
    find: "name",
    job: job ?? "",
  };
  await logRefusal(store, { rule, why, intake, class: operation.class, now });
  return { refuse: why };
}

async function place(
  options: LockingOptions,
  { scope, reason, forMs, offers }: Extract<LockMove, { move: "place" }>,
  by: Locking,
): Promise<Refusal | null> {
  const { policy, locks, log } = options;
  const { said, now } = by;
  const { user, team } = said.actor;
  const { channel } = said.place;
  const lock: Lock = {
    v: 1,
    id: requestIdOf(team, said.source),
    ...scope,
    by: user,
    reason,
    at: now,
    until: now + forMs,
    channel,
  };
  const placed = await locks.place(lock, {
    accounts: accountsOf(policy, user),
    entry: entryOf(options, "locked", { lock, by }),
  });
  if (placed.is === "held")
    return { refuse: t`${lockWords(placed.lock)}.`, instead: [unlockWords(placed.lock)] };
  // told already, and perhaps lifted since
  if (placed.is === "placed before") return null;
  log.info({ lock: scopeName(scope), until: lock.until }, "locked");
  await tell(options, by, {
    outcome: "done",
    headline: t`🔒 ${b(scopeName(scope))} is locked until ${{ at: lock.until }}`,
    lines: [t`Reason: ${reason}`, t`Until then only ${{ person: user }} can change it. ${unlockWords(lock)}`],
    offers,
  });
  return null;
}

async function lift(options: LockingOptions, scope: LockScope, by: Locking): Promise<Refusal | null> {
  const { policy, locks, log } = options;
  const lock = (await locks.all()).find((one) => scopeName(one) === scopeName(scope));
  const free: Refusal = { refuse: t`${b(scopeName(scope))} is not locked.` };
  if (lock === undefined) return free;
  const may = liftRefusal(policy, { holder: lock.by, person: by.person, scope });
  if (may.is === "may not") {
    const refused = await refuse(options, { rule: "may_not_unlock", why: may.why, scope }, by);
    return { ...refused, instead: [t`${lockWords(lock)}.`] };
  }
  const lifted = await locks.lift(lock, entryOf(options, "unlocked", { lock, by }));
  if (!lifted) return free;
  log.info({ lock: scopeName(scope) }, "unlocked");
  void wakeHeld(options, lock);
  await tell(options, by, {
    outcome: "done",
    headline: t`🔓 ${b(scopeName(scope))} is unlocked`,
    lines: [t`It was locked by ${{ person: lock.by }} since ${{ at: lock.at }}: ${lock.reason}`],
  });
  return null;
}

function entryOf(
  options: LockingOptions,
  event: "locked" | "unlocked",
  { lock, by }: { lock: Lock; by: Locking },
): string {
  const { id, cluster, job, until, reason } = lock;
  const { user } = by.said.actor;
  return noticeLine(event, {
    at: by.now,
    actor: user,
    cluster,
    jobName: job ?? "",
    channel: by.said.place.channel,
    reason,
    headline: `${scopeName(lock)} is ${event}`,
    detail: { id, holder: lock.by, until, name: options.nameOf(user) },
  });
}

async function tell({ conversation }: LockingOptions, { said }: Locking, what: Report): Promise<void> {
  await conversation.answer({ ...said, responseUrl: null }, what, { post: true });
}

/** Wakes the requests that the lock held back. Never throws: they also look themselves, a little later. */
async function wakeHeld(options: LockingOptions, { id }: Lock): Promise<void> {
  const { store, log } = options;
  try {
    const open = await store.loadMany(await store.openIds());
    const held = open.map(({ record }) => record).filter(({ waiting }) => waiting?.lock === id);
    await Promise.all(held.map(async (record) => await options.wake(record)));
  } catch (error) {
    log.warn({ lock: id, err: error }, "requests that a lock held back were not woken");
  }
}
