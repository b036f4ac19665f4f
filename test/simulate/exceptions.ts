import type { Effect } from "../../src/model/effect.ts";
import type { RequestRecord } from "../../src/requests/record/record.ts";
import { personOf } from "./agreement.ts";
import type { Outsider } from "./outsider.ts";
import { ACCOUNTS, APPROVERS } from "./slack-model.ts";
import { lockOn, LOOKED_UP_MS } from "./starts.ts";
import type { World } from "./world.ts";

/** What takes a job away or puts one there: after it a request is half done, and may finish. */
const HALF: readonly Effect["do"][] = ["stop", "cancel", "run", "dispose", "spawn"];

/** Looks at each commit: locks between phases, and what break-glass has instead of an approval. */
export class Exceptions {
  /** By request: its effects so far, by id. */
  readonly #effects = new Map<string, Map<string, { what: Effect["do"]; isAside: boolean }>>();
  /** Requests that had to wait for a lock. */
  readonly held = new Set<string>();
  readonly #world: World;
  readonly #written: ReadonlyMap<string, RequestRecord>;
  readonly #outsider: Outsider;
  readonly #wrong: (words: string) => void;

  /** `written`: each record as one of ours wrote it last. */
  constructor(
    world: World,
    { written, outsider }: { written: ReadonlyMap<string, RequestRecord>; outsider: Outsider },
    wrong: (words: string) => void,
  ) {
    this.#world = world;
    this.#written = written;
    this.#outsider = outsider;
    this.#wrong = wrong;
  }

  committed(record: RequestRecord, before: RequestRecord | null): void {
    this.#passed(record, before);
    if (record.waiting?.lock !== undefined) this.held.add(record.id);
    if (record.breakGlass === undefined) return;
    if (before === null) this.#onceOnly(record);
    else if (before.state === "ready" && record.state === "running") this.#announced(record);
    this.#reviewed(record, before);
  }

  /** A further effect is sent only where nobody else has locked the job, or to finish what is half done. */
  #passed(record: RequestRecord, before: RequestRecord | null): void {
    const { run, id } = record;
    if (run?.effect == null || run.stage !== "sending" || record.state !== "running") return;
    const effects = this.#effects.get(id) ?? new Map<string, { what: Effect["do"]; isAside: boolean }>();
    const earlier = [...effects].filter(([effectId]) => effectId !== run.effectId).map(([, one]) => one);
    // what was done beside the job leaves nothing of the job half done
    const isAside = run.phase.startsWith("rehearsal");
    const isNew = !effects.has(run.effectId);
    this.#effects.set(id, effects.set(run.effectId, { what: run.effect.do, isAside }));
    const isLeased = run.lease !== null && run.lease.until > this.#world.scheduler.now;
    const isLeasedAnew = isLeased && run.lease?.until !== before?.run?.lease?.until;
    if (earlier.length === 0 || (!isNew && !isLeasedAnew) || record.breakGlass !== undefined) return;
    const lock = lockOn(this.#world, record);
    const isHalfDone = earlier.some((one) => HALF.includes(one.what) && (isAside || !one.isAside));
    if (lock === undefined || isHalfDone) return;
    this.#wrong(`${record.operation} ${id} goes on to ${run.effect.do}, and ${lock.by} has locked its job`);
  }

  /** One use per person, until somebody else has reviewed it. */
  #onceOnly({ id, actor }: RequestRecord): void {
    for (const other of this.#written.values()) {
      const isOpen = other.breakGlass?.reviewed === null && (other.run !== null || other.state === "ready");
      if (!isOpen || other.id === id || personOf(other.actor.user) !== personOf(actor.user)) continue;
      if (this.#outsider.hasChanged(other.id)) continue;
      this.#wrong(`${actor.user} breaks the glass in ${id}, and nobody has reviewed ${other.id}`);
    }
  }

  /** People can read of it before its first effect. */
  #announced({ operation, id }: RequestRecord): void {
    const { posted } = this.#world.slack;
    if (!posted.some((p) => p.requestId === id && p.thread !== null && p.words.includes("Break-glass")))
      this.#wrong(`${operation} ${id} starts without approval, and nobody was told`);
  }

  /** Somebody else, who may. */
  #reviewed({ id, actor, breakGlass }: RequestRecord, before: RequestRecord | null): void {
    const review = breakGlass?.reviewed ?? null;
    if (review === null || before?.breakGlass?.reviewed !== null) return;
    const { user } = review.actor;
    const { slack, scheduler } = this.#world;
    const asked = { from: review.at - LOOKED_UP_MS, until: scheduler.now };
    if (personOf(user) === personOf(actor.user)) this.#wrong(`${user} reviews ${id}, which is their own`);
    else if (!slack.wasIn(APPROVERS, user, asked) || !slack.wasIn(ACCOUNTS, user, asked))
      this.#wrong(`${user} reviews ${id} and may not`);
  }
}
