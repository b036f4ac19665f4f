import type { RequestRecord } from "../../src/requests/record/record.ts";
import { someTerms, unloaded } from "./agreement.ts";
import type { Random } from "./random.ts";
import { ACCOUNTS, APPROVERS, OPERATORS } from "./slack-model.ts";
import type { World } from "./world.ts";

/** Changes of who may do what, by those who administer Slack and the policy. */
export class Control {
  readonly counts = new Map<string, number>();
  readonly #world: World;
  readonly #random: Random;
  readonly #tell: (words: string) => void;
  readonly #isThere: boolean;
  #end = 0;

  constructor(world: World, random: Random, tell: (words: string) => void) {
    this.#world = world;
    this.#random = random.fork("control");
    this.#tell = tell;
    this.#isThere = world.agreement.changes;
  }

  /** Until then something changes now and then; afterwards everyone is back, and the policy can be loaded. */
  start(forMs: number): void {
    if (!this.#isThere) return;
    const { scheduler } = this.#world;
    this.#end = scheduler.now + forMs;
    const next = (): void => {
      const at = scheduler.now + this.#random.whole(500, 40_000);
      if (at > this.#end) return;
      scheduler.plan(at, null, () => {
        this.#do(this.#random.pick(KINDS), null);
        next();
      });
    };
    next();
    scheduler.plan(this.#end, null, () => this.#reload(someTerms(this.#random, scheduler.now - 100_000)));
  }

  /** A request has just been approved, or is about to start: then it matters who may do what. */
  near(record: RequestRecord, before: RequestRecord | null): void {
    const { scheduler } = this.#world;
    if (!this.#isThere || scheduler.now > this.#end) return;
    const votes = record.approval?.votes.length ?? 0;
    const isVote = votes > (before?.approval?.votes.length ?? 0);
    if (!isVote && (record.state !== "ready" || before?.state === "ready")) return;
    if (!this.#random.happens(0.35)) return;
    const kind = this.#random.pick(KINDS);
    const soon = this.#random.pick([30, 500, 5000]);
    scheduler.plan(scheduler.now + this.#random.whole(0, soon), null, () => this.#do(kind, record));
  }

  #do(kind: Kind, about: RequestRecord | null): void {
    this.#tell(kind);
    this.counts.set(kind, (this.counts.get(kind) ?? 0) + 1);
    switch (kind) {
      case "another policy is loaded":
        this.#reload(someTerms(this.#random, this.#world.scheduler.now));
        return;
      case "a policy cannot be loaded":
        this.#reload(null);
        return;
      case "somebody leaves the operators":
        this.#leave(OPERATORS, about?.actor.user ?? this.#someone(OPERATORS));
        return;
      case "somebody leaves the approvers":
        this.#leave(APPROVERS, this.#voter(about));
        return;
      case "an account is deactivated":
        this.#leave(
          ACCOUNTS,
          this.#random.happens(0.7) || about === null ? this.#voter(about) : about.actor.user,
        );
    }
  }

  /** Each process reads the file at its own time. `terms` null: what it says cannot be loaded. */
  #reload(terms: ReturnType<typeof someTerms> | null): void {
    const { scheduler, running } = this.#world;
    if (terms !== null) this.#world.terms.newest = terms;
    for (const { process } of running) {
      const at = scheduler.now + (this.#random.happens(0.5) ? 0 : this.#random.whole(0, 20_000));
      scheduler.plan(at, null, () => {
        const { current, take } = this.#world.terms;
        // a process that reads late may find a newer one
        if (terms !== null && terms !== this.#world.terms.newest) return;
        take(process.name, terms ?? unloaded(current(process.name)));
      });
    }
  }

  #leave(group: string, user: string): void {
    const { scheduler, slack } = this.#world;
    slack.leave(group, user);
    scheduler.plan(scheduler.now + this.#random.whole(500, 60_000), null, () => slack.join(group, user));
  }

  #voter(about: RequestRecord | null): string {
    const voters = about?.approval?.votes.map((v) => v.actor.user) ?? [];
    return voters.length === 0 ? this.#someone(APPROVERS) : this.#random.pick(voters);
  }

  #someone(group: string): string {
    return this.#random.pick(this.#world.slack.ever(group));
  }
}

const KINDS = [
  "another policy is loaded",
  "a policy cannot be loaded",
  "somebody leaves the operators",
  "somebody leaves the approvers",
  "an account is deactivated",
] as const;
type Kind = (typeof KINDS)[number];
