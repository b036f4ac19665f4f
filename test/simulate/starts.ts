import { digestOf } from "../../src/requests/record/binding.ts";
import { isAbout, type Lock } from "../../src/model/lock.ts";
import { nameOf, type RequestRecord, type Vote } from "../../src/requests/record/record.ts";
import { isFrozen, isRefused, needsApproval, peopleOf, personOf, type Terms } from "./agreement.ts";
import { ACCOUNTS, APPROVERS, OPERATORS } from "./slack-model.ts";
import { TIMINGS, type World } from "./world.ts";

/** A vote counts by what Slack said between the click and its commit: so long before it at most. */
export const LOOKED_UP_MS = 25_000;
/** So old may be what Slack said of a group, ms. */
const GROUP_AGE_MS = 30_000;
/** What was decided so shortly before, nothing of it having changed, is not decided again. */
const STILL_LIVE_MS = 5000;

/** What a step that starts a request has found out, as far as its record says it. */
interface Start {
  record: RequestRecord;
  /** The request that was approved: itself or its parent. */
  responsible: RequestRecord;
  /** When the step read the record, ms: all that it asked, it asked since. */
  decidedAt: number;
  /** When the other request or the lock ended that it had waited for, ms; 0: it had not. */
  waitedUntil: number;
}

/** Looks at each commit after which a request's first effect may be sent: whether it was allowed just then. */
export class Starts {
  /** By request: under which terms it was started last. */
  readonly #under = new Map<string, Terms>();
  /** When each vote was written down: `request user`. */
  readonly #votedAt = new Map<string, number>();
  /** By request: its first effect. */
  readonly #first = new Map<string, string>();
  readonly #world: World;
  readonly #written: ReadonlyMap<string, RequestRecord>;
  readonly #wrong: (words: string) => void;

  /** `written`: each record as one of ours wrote it last. */
  constructor(world: World, written: ReadonlyMap<string, RequestRecord>, wrong: (words: string) => void) {
    this.#world = world;
    this.#written = written;
    this.#wrong = wrong;
  }

  /** Whether those who approved it could when they did, and are as many as it took when it was started. */
  wereApprovers({ id }: RequestRecord, responsible: RequestRecord): boolean {
    const valid = votesFor(responsible).filter(({ at, actor: { user } }) =>
      this.#was(APPROVERS, user, {
        from: at - LOOKED_UP_MS,
        until: this.#votedAt.get(`${responsible.id} ${user}`) ?? at,
      }),
    );
    const { needed } = this.#under.get(id) ?? this.#world.agreement.terms;
    return peopleOf(valid, responsible) >= needed;
  }

  committed(record: RequestRecord, before: RequestRecord | null, by: string): void {
    this.#voted(record, before, by);
    const { run, id } = record;
    if (run === null || before === null || record.state !== "running") return;
    const { now } = this.#world.scheduler;
    const isStart = before.state === "ready";
    const lease = run.lease !== null && run.lease.until > now ? run.lease : null;
    const isNew = lease?.holder !== before.run?.lease?.holder || lease?.until !== before.run?.lease?.until;
    if (isStart) this.#first.set(id, run.effectId);
    else if (lease === null || !isNew || run.effectId !== this.#first.get(id)) return;
    const parent = record.parent === null ? undefined : this.#written.get(record.parent);
    const holder = before.waiting?.holder ?? null;
    const waitedFor = holder === null ? 0 : (this.#written.get(holder)?.end?.at ?? 0);
    const start: Start = {
      record,
      responsible: parent ?? record,
      decidedAt: lease === null ? run.startedAt : lease.until - TIMINGS.lease,
      waitedUntil: before.waiting?.freeAt ?? waitedFor,
    };
    const all = this.#world.terms.deciding(by, id);
    const found = all.map((terms) => ({ terms, why: this.#whyNot(start, terms) }));
    const good = found.find((one) => one.why === null) ?? found[0];
    if (good === undefined) return this.#wrong(`${by} starts ${record.operation} ${id} outside of any step`);
    this.#under.set(id, good.terms);
    if (good.why !== null) this.#wrong(`${by} starts ${record.operation} ${id}: ${good.why}`);
  }

  /** Whether they were in the group, and their account was active, as Slack may have said between these times, ms. */
  #was(group: string, user: string, within: { from: number; until: number }): boolean {
    const { slack } = this.#world;
    return slack.wasIn(group, user, within) && slack.wasIn(ACCOUNTS, user, within);
  }

  /** Each vote is given in time, and under the policy that the request was decided by. */
  #voted({ id, approval, decided }: RequestRecord, before: RequestRecord | null, by: string): void {
    if (approval === null) return;
    for (const { kind, at, actor } of approval.votes.slice(before?.approval?.votes.length ?? 0)) {
      this.#votedAt.set(`${id} ${actor.user}`, this.#world.scheduler.now);
      if (at >= approval.expiresAt) this.#wrong(`${actor.user} votes on ${id} after it has expired`);
      const policies = this.#world.terms.since(by, at).map((terms) => terms.policy.hash);
      if (kind === "approve" && decided !== undefined && !policies.includes(decided.policy))
        this.#wrong(`${actor.user} approves ${id} under another policy than decided it`);
    }
  }

  #whyNot(start: Start, terms: Terms): string | null {
    const { record, responsible, decidedAt, waitedUntil } = start;
    const { approval } = responsible;
    const lastVote = Math.max(0, ...(approval?.votes.map((v) => v.at) ?? []));
    const until = this.#world.scheduler.now;
    const asked = {
      from: Math.max(decidedAt - GROUP_AGE_MS, lastVote, record.approval === null ? 0 : waitedUntil),
      until,
    };
    if (isRefused(terms, record)) return "a rule refuses it to everyone";
    if (record.class === "destructive" && !terms.isLoaded)
      return "nothing may be destroyed, because the policy could not be loaded";
    const live = Math.max(record.askedAt, decidedAt - STILL_LIVE_MS) - GROUP_AGE_MS;
    const may = { from: record.approval === null ? live : asked.from, until };
    const named = terms.glass === "operate" ? OPERATORS : APPROVERS;
    const isNamed = terms.isLoaded && terms.glass !== null && this.#was(named, record.actor.user, may);
    if (record.breakGlass !== undefined && isNamed) return null;
    const lock = lockOn(this.#world, record);
    if (lock !== undefined) return `${lock.by} has locked its job`;
    const isJustDecided = record.approval === null && decidedAt - record.askedAt <= STILL_LIVE_MS;
    // a freeze may have begun since it was decided, or have ended between the asking and the decision
    const times = isJustDecided ? [record.askedAt, decidedAt] : [decidedAt];
    if (times.every((at) => isFrozen(terms, record, at))) return "there is a freeze";
    if (!this.#was(OPERATORS, record.actor.user, may))
      return `${record.actor.user} may not ask for it any more`;
    const needed = Math.max(needsApproval(terms, record) ? terms.needed : 0, approval?.needed ?? 0);
    if (needed === 0) return null;
    if (approval === null) return "nobody has approved it";
    const valid = votesFor(responsible).filter((v) => this.#was(APPROVERS, v.actor.user, asked));
    const people = peopleOf(valid, responsible);
    return people >= needed ? null : `${people} who still may have approved it, and it takes ${needed}`;
  }
}

/** The approvals that were given for exactly this. */
const votesFor = (record: RequestRecord): readonly Vote[] =>
  (record.approval?.votes ?? []).filter((v) => v.kind === "approve" && v.digest === digestOf(record));

/** The lock by somebody else that is about what a request changes; undefined: there is none just now. */
export const lockOn = (world: World, { target, actor }: RequestRecord): Lock | undefined => {
  const { cluster } = target;
  const name = nameOf(target);
  const scope = { cluster, job: name === "" ? null : name };
  return world.store.locks
    .all()
    .find((lock) => isAbout(lock, scope) && personOf(lock.by) !== personOf(actor.user));
};
