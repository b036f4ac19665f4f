import type { LockMove } from "../../src/model/report.ts";
import type { LockScope } from "../../src/model/lock.ts";
import { isUnreviewed } from "../../src/requests/record/claims.ts";
import type { RequestRecord } from "../../src/requests/record/record.ts";
import { personOf } from "./agreement.ts";
import { CLUSTER } from "./catalogue.ts";
import type { Random } from "./random.ts";
import { ACCOUNTS, APPROVERS, CHANNEL, TEAM } from "./slack-model.ts";
import type { World } from "./world.ts";

/** What people ask for where there are locks, and rules for emergencies. */
const COMMANDS = [
  "cancel orders --with-savepoint",
  "cancel orders --with-savepoint",
  "cancel orders --with-savepoint",
  'cancel orders --break-glass "it writes nonsense"',
  'stop orders --break-glass "it writes nonsense"',
  'restart orders --break-glass "it does not read"',
  'scale orders 2 --break-glass "it is too slow"',
];
const SCOPES: readonly LockScope[] = [
  { cluster: CLUSTER, job: null },
  { cluster: CLUSTER, job: "orders" },
  { cluster: CLUSTER, job: "orders" },
];
/** How often somebody looks for what is to be reviewed at least, ms. */
const LOOKS_MS = 30_000;

/** People who lock jobs, lift locks, and review what was started without approval. */
export class Locking {
  readonly counts = new Map<string, number>();
  readonly #world: World;
  readonly #random: Random;
  readonly #tell: (words: string) => void;
  readonly #isThere: boolean;
  #end = 0;
  #moves = 0;

  constructor(world: World, random: Random, tell: (words: string) => void) {
    this.#world = world;
    this.#random = random.fork("locking");
    this.#tell = tell;
    this.#isThere = world.agreement.changes;
  }

  /** Further commands, to be picked from like all others. */
  get commands(): readonly string[] {
    return this.#isThere ? COMMANDS : [];
  }

  /** Until then people lock and unlock; reviews go on. */
  start(forMs: number): void {
    if (!this.#isThere) return;
    const { scheduler } = this.#world;
    this.#end = scheduler.now + forMs;
    const later = (most: number, act: () => void): void => {
      const next = (): void => {
        scheduler.plan(scheduler.now + this.#random.whole(500, most), null, () => {
          act();
          next();
        });
      };
      next();
    };
    later(60_000, () => this.#move(this.#random.pick(["place", "lift"])));
    later(LOOKS_MS, () => this.#review());
  }

  /** A request is about to start, or between two phases: then a lock matters. */
  near(record: RequestRecord, before: RequestRecord | null): void {
    const { scheduler } = this.#world;
    if (!this.#isThere || scheduler.now > this.#end) return;
    const isReady = record.state === "ready" && before?.state !== "ready";
    const isHalfDone = record.state === "running" && record.run?.stage !== before?.run?.stage;
    if (!this.#random.happens(isReady || isHalfDone ? 0.2 : 0)) return;
    const soon = this.#random.pick([20, 500, 3000]);
    scheduler.plan(scheduler.now + this.#random.whole(0, soon), null, () => this.#move("place"));
  }

  #move(move: LockMove["move"]): void {
    const { scheduler } = this.#world;
    if (scheduler.now > this.#end) return;
    const user = this.#random.pick(this.#world.slack.ever(ACCOUNTS));
    const scope = this.#random.pick(SCOPES);
    const forMs = this.#random.whole(500, 40_000);
    this.#moves += 1;
    const source = `moved ${this.#moves}`;
    const word = move === "place" ? "locks" : "unlocks";
    this.#note(`somebody ${word}`, `${user} ${word} ${scope.job ?? scope.cluster}`);
    const what: LockMove =
      move === "place" ? { move, scope, reason: "I look into it.", forMs, offers: [] } : { move, scope };
    const deliver = (): void => void this.#aBot()?.lock?.(what, { user, source });
    deliver();
    // Slack may deliver the same again
    if (this.#random.happens(0.1)) scheduler.plan(scheduler.now + this.#random.whole(1, 3000), null, deliver);
  }

  /** Somebody, most often not the requester, says whether it was justified. */
  #review(): void {
    for (const id of this.#world.store.open) {
      const record = this.#world.store.record(id);
      if (record === null || record.end === null || !isUnreviewed(record)) continue;
      const isLate = this.#world.scheduler.now > this.#end;
      const all = this.#world.slack.ever(isLate ? APPROVERS : ACCOUNTS);
      const others = all.filter((user) => personOf(user) !== personOf(record.actor.user));
      const user = this.#random.pick(isLate || this.#random.happens(0.5) ? others : all);
      const card = this.#world.slack.posted.find((p) => p.requestId === id && p.thread === null);
      if (card === undefined) continue;
      this.#note("somebody reviews", `${user} reviews ${id.slice(0, 8)}`);
      void this.#aBot()?.inbox?.reviewing.make({
        requestId: id,
        actor: { user, team: TEAM },
        card: { channel: CHANNEL, ts: card.ts },
        justified: this.#random.happens(0.7),
        why: "The disk was full.",
      });
    }
  }

  #aBot() {
    const bots = this.#world.running.filter((r) => r.kind === "bot" && r.inbox !== null);
    return bots.length === 0 ? null : this.#random.pick(bots);
  }

  #note(kind: string, words: string): void {
    this.#tell(words);
    this.counts.set(kind, (this.counts.get(kind) ?? 0) + 1);
  }
}
