import type { Effect } from "../../src/model/effect.ts";
import { requestIdOf } from "../../src/requests/record/identity.ts";
import { plain } from "../../src/model/text.ts";
import { isLive, type RequestRecord, shortId } from "../../src/requests/record/record.ts";
import type { Arrival } from "./flink-model.ts";
import { Exceptions } from "./exceptions.ts";
import type { Faults } from "./faults.ts";
import { FORGED, type Outsider } from "./outsider.ts";
import { Rehearsals } from "./rehearsals.ts";
import { isBrake, type Posted, TEAM } from "./slack-model.ts";
import { LOOKED_UP_MS, Starts } from "./starts.ts";
import { type AskedFor, behind, type Saved, type Violation } from "./verdict.ts";
import { STALE_MS, TIMINGS, type World } from "./world.ts";

/** The pace's own second, and the way there. */
const CARD_MS = 1500;

/** Looks at each change that reaches Flink when it does, and at everything once nothing moves any more. */
export class Judge {
  readonly violations: Violation[] = [];
  readonly asked: AskedFor[] = [];
  /** By effect id. */
  readonly #saved = new Map<string, Saved>();
  /** Requests of ours whose changes reached Flink. */
  readonly #reached = new Map<string, Set<string>>();
  /** Trigger ids and ids of new jobs that left for Flink, whether or not they arrived. */
  readonly #everSent = new Set<string>();
  readonly #ended = new Map<string, number>();
  readonly #decided = new Map<string, number>();
  /** Each as one of ours wrote it last, whatever an outsider has made of it since. */
  readonly #written = new Map<string, RequestRecord>();
  readonly #world: World;
  readonly #tell: (words: string) => void;
  /** Nothing was done to this history: then promises of time hold as well. */
  readonly #isCalm: boolean;
  /** Nothing was done to our own processes and their Redis. */
  readonly #isSteady: boolean;
  readonly #outsider: Outsider;
  readonly #starts: Starts;
  readonly #exceptions: Exceptions;
  readonly #rehearsals: Rehearsals;

  /** `tell`: of each commit and of each change that reaches Flink. */
  constructor(
    world: World,
    { faults, outsider, tell }: { faults: Faults; outsider: Outsider; tell: (words: string) => void },
  ) {
    this.#tell = tell;
    this.#outsider = outsider;
    this.#world = world;
    this.#isCalm = faults.kinds.length === 0 && !outsider.isThere;
    this.#isSteady = faults.spare("ours", "redis");
    const wrong = (words: string): void => this.say("a", words);
    this.#starts = new Starts(world, this.#written, wrong);
    this.#exceptions = new Exceptions(world, { written: this.#written, outsider }, wrong);
    const wrongly = (words: string): void => this.say("h", words);
    this.#rehearsals = new Rehearsals(world, { saved: this.#saved, outsider }, wrongly);
    world.store.onCommit.push((record, found, by) => {
      // an outsider may have put another one there, which a process of ours has written over
      const before = found === null ? null : (this.#written.get(record.id) ?? found);
      this.#committed(record, by);
      this.#starts.committed(record, before, by);
      this.#exceptions.committed(record, before);
      this.#rehearsals.committed(record, before);
      if (before?.id !== record.id) return;
      this.#keepsLeases(record, before, by);
      this.#keepsOutcome(record, before);
    });
    world.flink.onArrival = (arrival) => this.#arrived(arrival);
    world.flink.onAnswer = (arrival) => {
      const saved = behind(arrival, this.#saved.values());
      if (saved !== null) this.#rehearsals.answered(saved);
    };
    world.flink.onSend = (what, process) => this.#sent(what, process);
    world.slack.onPost = (message) => this.#posted(message);
  }

  say(rule: Violation["rule"], words: string): void {
    this.violations.push({ rule, at: this.#world.scheduler.now, words });
  }

  #committed(record: RequestRecord, by: string): void {
    const { run, id, end } = record;
    this.#written.set(id, record);
    if (record.reason === FORGED)
      this.say("e", `${record.operation} ${id} continues from a value that an outsider wrote`);
    const stage =
      run === null || record.state !== "running"
        ? ""
        : ` ${run.phase} ${run.visit} ${run.stage} ${plain(run.note)}`;
    const how = end === null ? "" : ` ${end.ending} ${end.report.outcome}: ${plain(end.report.headline)}`;
    this.#tell(`${record.operation} ${shortId(id)} is ${record.state}${stage}${how}`);
    if (run?.effect != null && !this.#saved.has(run.effectId))
      this.#saved.set(run.effectId, {
        effectId: run.effectId,
        effect: run.effect,
        record,
        lookedAt: this.#world.flink.lastListedTo.get(by) ?? 0,
      });
    if (record.state === "ready" && record.approval !== null && !this.#decided.has(id))
      this.#decided.set(id, this.#world.scheduler.now);
    if (end !== null && !this.#ended.has(id)) this.#ended.set(id, this.#world.scheduler.now);
  }

  /** (c) Until it is over, a lease is ended by its holder alone: whoever ends it for them makes room for a second sender. */
  #keepsLeases({ id, operation, run }: RequestRecord, { run: was }: RequestRecord, by: string): void {
    // with an older record its older lease is back
    if (this.#outsider.everOlder.has(id)) return;
    const lease = was?.lease ?? null;
    if (lease === null || run === null || run.effectId !== was?.effectId || run.stage !== "sending") return;
    const isSame = run.lease?.holder === lease.holder && run.lease.until === lease.until;
    if (isSame || lease.until <= this.#world.scheduler.now || lease.holder.startsWith(`${by}-`)) return;
    this.say("c", `${by} ends the lease of ${lease.holder} in ${operation} ${id}`);
  }

  /** (d) What a request has come to does not change, unless an older record was brought back and then put right. */
  #keepsOutcome({ operation, id, end }: RequestRecord, { end: was }: RequestRecord): void {
    if (this.#outsider.everOlder.has(id)) return;
    if (was !== null && (end?.ending !== was.ending || end.report.outcome !== was.report.outcome))
      this.say("d", `${operation} ${id} was ${was.ending}, and is ${end?.ending ?? "open again"}`);
  }

  /** (f) The card of a brake overtakes whatever else is to be posted in its channel. */
  #posted({ requestId, thread, record }: Posted): void {
    if (thread !== null || !isBrake(record) || !this.#isCalm) return;
    const asked = this.asked.find((one) => requestIdOf(TEAM, one.source) === requestId);
    const ms = this.#world.scheduler.now - (asked?.at ?? Infinity);
    if (ms > CARD_MS) this.say("f", `the card of cancel ${requestId} came after ${ms} ms`);
  }

  /** (c) One sender at a time; a brake does not wait for the cancel that the brake before it is sending. */
  #sent(what: string, process: string): void {
    this.#everSent.add(what.split(" ").at(-1) ?? "");
    const { flink, scheduler } = this.#world;
    const senders = [...(flink.underWay.get(what) ?? [])];
    const others = senders.filter(([by, until]) => by !== process && scheduler.now < until);
    const sending = [...this.#saved.values()].filter(({ effect: e, effectId, record }) => {
      const run = this.#written.get(record.id)?.run;
      const isOpen = run?.effectId === effectId && run.stage === "sending";
      return isOpen && e.do === "cancel" && what.startsWith(`PATCH /jobs/${e.jobId} `);
    });
    if (others.length >= Math.max(1, sending.length))
      this.say("c", `${process} sends ${what} while ${others.map(([by]) => by).join(", ")} does`);
  }

  #arrived(arrival: Arrival): void {
    this.#tell(`${arrival.process} reaches Flink: ${arrival.what}`);
    const saved = behind(arrival, this.#saved.values());
    if (saved === null) {
      this.say("a", `nobody has saved ${arrival.what}`);
      return;
    }
    const now = this.#written.get(saved.record.id) ?? saved.record;
    const already = this.#reached.get(saved.record.id) ?? new Set<string>();
    this.#reached.set(saved.record.id, already.add(saved.effectId));
    this.#agreed(arrival, saved);
    this.#alone(saved, now);
    this.#inTime(saved);
    this.#rehearsals.arrived(saved);
  }

  /** (a) A destructive change was approved by someone else, for exactly this. */
  #agreed({ what }: Arrival, { record, effect }: Saved): void {
    const parent = record.parent === null ? null : (this.#written.get(record.parent) ?? null);
    const responsible = parent ?? record;
    const destroys = effect.do === "cancel" || effect.do === "stop" || effect.do === "dispose";
    // what a request has put there itself, it may take away again
    const isOwn =
      (effect.do === "cancel" && record.launched.some((l) => l.jobId === effect.jobId)) ||
      (effect.do === "dispose" && this.#rehearsals.isOwn(record, effect.path));
    const { approval, breakGlass } = responsible;
    if (effect.do === "run") this.#agreedState(what, responsible, effect);
    if (responsible.class !== "destructive" && (!destroys || isOwn)) return;
    // without one it was looked at when it started
    if (approval === null && breakGlass === undefined) {
      this.say("a", `${what} of ${responsible.operation} ${responsible.id} without approval`);
      return;
    }
    if (approval !== null && !this.#starts.wereApprovers(record, responsible))
      this.say("a", `${what} of ${responsible.operation} ${responsible.id}: its votes do not hold`);
    this.#isMeant(what, record, { effect, parent });
  }

  /** (a) Old state, or none, takes two people; how old it is, is told by itself alone. */
  #agreedState(
    what: string,
    { approval, operation, id }: RequestRecord,
    { from }: { from: string | null },
  ): void {
    if (approval !== null) return;
    if (from === null) this.say("a", `${what} of ${operation} ${id} starts from nothing without approval`);
    const writtenAt = from === null ? undefined : this.#world.oldState.get(from);
    if (writtenAt !== undefined && this.#world.scheduler.now - writtenAt > STALE_MS)
      this.say("a", `${what} of ${operation} ${id} starts from old state without approval`);
  }

  /** The job that is touched is the one that was approved, or one that our own requests have put in its place. */
  #isMeant(
    what: string,
    record: RequestRecord,
    { effect, parent }: { effect: Effect; parent: RequestRecord | null },
  ): void {
    if (!("jobId" in effect) || effect.do === "run") return;
    const { target } = record;
    const ours = new Set(
      [...this.#saved.values()].flatMap(({ effect: e }) => (e.do === "run" ? [e.jobId] : [])),
    );
    const agreed = parent === null ? record : parent;
    const listed = JSON.stringify([agreed.intent, agreed.target]).includes(effect.jobId);
    if (!listed && !ours.has(effect.jobId))
      this.say("a", `${what} of ${record.operation} ${record.id} touches a job that nobody approved`);
    if (
      target.kind === "job" &&
      record.parent === null &&
      effect.do === "stop" &&
      effect.jobId !== target.jobId
    )
      this.say("a", `${what} of ${record.operation} ${record.id} is about another job than its own`);
  }

  /** (b) One job of a name that we start, and one change at a time on a job. */
  #alone({ record, effect, lookedAt }: Saved, now: RequestRecord): void {
    // what is on its way can arrive after its caller has seen how the job ended
    const isIdle = effect.do === "cancel" && !this.#world.flink.isAlive(effect.jobId);
    if (!isLive(now) && now.end?.ending !== "superseded" && !isIdle)
      this.say("b", `${record.operation} ${record.id} sends ${effect.do} after its end`);
    if (effect.do === "run") {
      const { kind } = record.target;
      const name = effect.as ?? (kind === "cluster" || kind === "path" ? "" : record.target.name);
      // a job that someone else deploys meanwhile, or just before a fail-over, cannot be known
      const { flink, jobCache } = this.#world;
      const isKnown = (id: string): boolean => (jobCache.knownSince.get(id) ?? Infinity) <= lookedAt;
      const others = flink.alive(name).filter((j) => j.jobId !== effect.jobId && isKnown(j.jobId));
      if (others.length > 0 && name !== "")
        this.say(
          "b",
          `${record.operation} ${record.id} starts ${name} while ${others.map((j) => `${j.jobId} ${j.state}`).join(", ")} is there`,
        );
    }
    if (!("jobId" in effect) || effect.do === "checkpoint") return;
    const { jobId } = effect;
    // a record that was brought back knows nothing of who has taken over since
    if (this.#outsider.everOlder.has(record.id)) return;
    for (const id of this.#world.store.open) {
      const other = this.#world.store.record(id);
      if (other === null || other.id === record.id || other.state !== "running") continue;
      // what it reads there is not so any more
      if (this.#outsider.hasChanged(id)) continue;
      if (other.supersededBy !== null || other.run?.effect == null) continue;
      if (
        "jobId" in other.run.effect &&
        other.run.effect.jobId === jobId &&
        other.run.effect.do !== "checkpoint"
      )
        this.say(
          "b",
          `${record.operation} ${record.id} and ${other.operation} ${other.id} both change ${jobId}`,
        );
    }
  }

  /** (f) A brake waits for nobody. */
  #inTime({ record, effect }: Saved): void {
    const decidedAt = this.#decided.get(record.id);
    if (record.operation !== "cancel" || effect.do !== "cancel" || decidedAt === undefined) return;
    if (record.run?.phase !== "begin" || record.run.visit !== 0 || !this.#isCalm) return;
    if (this.#exceptions.held.has(record.id)) return;
    const ms = this.#world.scheduler.now - decidedAt;
    if (ms > 400) this.say("f", `cancel ${record.id} reached Flink ${ms} ms after the deciding click`);
  }

  /** Once nothing moves any more. */
  rest(): void {
    const { store, queue, surprises } = this.#world;
    for (const words of surprises) this.say("x", words);
    this.#rehearsals.rest();
    for (const one of this.asked) {
      if (!one.accepted) continue;
      const id = requestIdOf(TEAM, one.source);
      if (this.#outsider.touched.has(id)) continue;
      const record = store.record(id);
      if (record === null) this.say("d", `"${one.text}" was accepted and nothing became of it`);
      else this.#outcome(one, record);
    }
    for (const [name, holder] of store.claims)
      if (!this.#outsider.hasChanged(holder)) this.say("g", `${holder} still holds ${name}`);
    for (const [name, line] of store.lines.standing)
      for (const id of line.keys())
        if (!this.#outsider.hasChanged(id)) this.say("g", `${id} still waits for ${name}`);
    for (const id of store.open) {
      const record = store.record(id);
      if (this.#outsider.touched.has(id)) continue;
      this.say("g", `${record?.operation} ${id} is still ${record?.state} (${record?.run?.phase ?? ""})`);
    }
    for (const job of queue.jobs.values())
      if (job.state !== "completed" && !this.#outsider.isSetAside(job))
        this.say("g", `queue job ${job.id} is still ${job.state}`);
  }

  /** (d) One outcome, and it is true. */
  #outcome(one: AskedFor, record: RequestRecord): void {
    const { text } = one;
    const { end, id, operation } = record;
    if (end === null) {
      this.say("d", `"${text}" (${id}) has no outcome: ${record.state}`);
      return;
    }
    const reached = this.#reached.has(id);
    const children = record.children.map((c) => c.id);
    this.#isPatient(one, record);
    if (end.report.outcome === "unknown" && record.run?.effect?.do === "run" && this.#isSteady)
      if (!this.#everSent.has(record.run.effect.jobId))
        this.say("d", `"${text}" (${id}) reads unknown of a start that was never sent`);
    const wasOlder = this.#outsider.everOlder.has(id);
    if (end.ending !== "ran" && end.ending !== "superseded" && reached && !wasOlder)
      this.say("d", `"${text}" (${id}) reads ${end.ending}, and it reached Flink`);
    if (end.ending !== "ran" || end.report.outcome !== "done" || children.length > 0) return;
    const { flink } = this.#world;
    const targetId = record.target.kind === "job" ? record.target.jobId : null;
    const location = end.report.facts?.["location"];
    if ((operation === "savepoint" || operation === "stop") && typeof location === "string")
      if (flink.cluster.snapshots.find(location) === null)
        this.say("d", `"${text}" (${id}) names ${location}, where there is nothing`);
    const gone = targetId === null || !flink.alive().some((j) => j.jobId === targetId);
    if ((operation === "stop" || operation === "cancel") && !gone)
      this.say("d", `"${text}" (${id}) reads done, and ${targetId} runs`);
    if (operation === "cancel")
      for (const job of flink.alive()) {
        const by = [...this.#saved.values()].find(
          ({ effect }) => effect.do === "run" && effect.jobId === job.jobId,
        );
        const since = this.#ended.get(id) ?? 0;
        const sentAt = by === undefined ? null : this.#firstArrival(by.effectId);
        const sameName = record.target.kind === "job" && job.name === record.target.name;
        // what a request that is set aside had started, nobody can tell any more
        const isKnown = by !== undefined && !this.#outsider.touched.has(by.record.id);
        if (isKnown && sameName && sentAt !== null && sentAt < since)
          this.say(
            "d",
            `"${text}" (${id}) reads done, and ${job.jobId}, which ${by.record.id} had started, runs`,
          );
      }
    if (["resume", "run", "restart"].includes(operation) && !reached)
      this.say("d", `"${text}" (${id}) reads done, and nothing reached Flink`);
  }

  /** (d) It had its time, by the scheduler and from the deciding click on; one that was brought back had it before. */
  #isPatient({ text, at }: AskedFor, { id, end, approval }: RequestRecord): void {
    if (this.#outsider.everOlder.has(id)) return;
    const decided = this.#decided.get(id);
    const click = approval?.votes.findLast((v) => v.kind === "approve")?.at ?? 0;
    const since = decided === undefined ? at : Math.max(Math.min(click, decided), decided - LOOKED_UP_MS);
    const had = (this.#ended.get(id) ?? 0) - since;
    const words = [end?.report.headline ?? "", ...(end?.report.lines ?? [])].map(plain).join(" ");
    if (!/\bin time\b/u.test(words) || end?.ending === "expired") return;
    if (had < TIMINGS[decided === undefined ? "startWithin" : "startAfterApproval"] - 2000)
      this.say("d", `"${text}" (${id}) was dropped after ${had} ms: ${words}`);
  }

  #firstArrival(effectId: string): number | null {
    const saved = this.#saved.get(effectId);
    if (saved?.effect.do !== "run") return null;
    const { jobId } = saved.effect;
    return (
      this.#world.flink.arrivals.find(
        (a) => a.path.startsWith("/jars/") && JSON.stringify(a.body).includes(jobId),
      )?.at ?? null
    );
  }
}
