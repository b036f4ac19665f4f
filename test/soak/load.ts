import { setTimeout as sleep } from "node:timers/promises";
import { ANA, BEN, CEM } from "../../playground/slack/workspace-seed.ts";
import type { World } from "../harness/world.ts";
import type { Random } from "../simulate/random.ts";
import { REAL, WIDEST } from "./real.ts";

/** How many jobs there are to work on, and how many of them `savepoint --all` is for. */
const JOBS = 80;
const MANY = 30;
/** A change that nobody decides on expires; longer than Slack's pace for look-ups. */
export const EXPIRES = "60s";

/** What was typed, and what the person was told at once. */
export interface Command {
  reason: string;
  words: string;
  /** `yes`: acked without a word. `no`: told that it was not accepted. `perhaps`: Slack or flinkops could not say. */
  accepted: "yes" | "no" | "perhaps";
}

/** What people do, at random: requests of all kinds, approvals, withdrawals. */
export class Load {
  readonly commands: Command[] = [];
  /** Clicks that Slack refused to deliver. */
  undelivered = 0;
  /** Each command is delivered twice. */
  twice = false;
  readonly #world: World;
  readonly #random: Random;
  readonly #rooms: readonly string[];
  readonly #real: readonly string[];
  readonly #clicked = new Map<string, number>();
  #jobs: string[] = [];
  #named = 0;
  #asked = 0;

  /** `real`: the jobs on the cluster `real`, where there is one. */
  constructor(world: World, random: Random, real: readonly string[] = []) {
    this.#real = real;
    this.#world = world;
    this.#random = random;
    this.#rooms = Array.from({ length: 12 }, () => world.people.room());
  }

  /** As many live jobs as there should be: stopped ones stay stopped. */
  async jobs(): Promise<void> {
    const { control } = this.#world.flink;
    const live = (await control.jobs()).filter((job) => ["RUNNING", "RESTARTING"].includes(job.state));
    this.#jobs = live.map((job) => job.name);
    while (this.#jobs.length < JOBS) {
      this.#named += 1;
      const kind = this.#named % JOBS < MANY ? "many" : "one";
      this.#jobs.push((await control.addJob({ name: `${kind}-${this.#named}` })).name);
    }
  }

  /** Types until so many requests are open. `until`: no longer than that, ms since the epoch. */
  async fill(inFlight: number, until: number): Promise<void> {
    while (Date.now() < until) {
      const open = await this.#open();
      if (open !== null && open >= inFlight) return;
      // people type all the same while Redis is away
      const some = open === null ? 1 : 4;
      await Promise.all(Array.from({ length: some }, async () => await this.type()));
    }
  }

  /** How many requests are open; null: Redis does not answer. */
  async #open(): Promise<number | null> {
    const read = this.#world.stored.open().then((ids) => ids.length);
    return await Promise.race([read, sleep(300).then(() => null)]).catch(() => null);
  }

  /** Types on, so that so many are open, until told to end. */
  async keep(inFlight: number, signal: AbortSignal): Promise<void> {
    while (!signal.aborted) {
      await this.fill(inFlight, Date.now() + 1000);
      await sleep(200);
    }
  }

  /** One command of somebody. */
  async type(): Promise<void> {
    this.#asked += 1;
    const reason = `soak ${this.#asked}`;
    const words = this.#words();
    const user = this.#random.pick([ANA, BEN]);
    const channel = this.#random.pick(this.#rooms);
    const typed = await this.#world.driver.type(user, channel, `/flink ${words} --reason "${reason}"`);
    if (this.twice && typed.delivery !== null)
      await this.#world.driver.redeliver(typed).catch(() => undefined);
    const told = typed.reply ?? "";
    const isUnsure = typed.error !== null || told.includes("not certain");
    // the job cache may be too old for a job's name, and a worker may be missing: both are told, and the request is taken
    const isRefused = /nothing was accepted|Nothing was accepted|does not list|No job|Which/u.test(told);
    this.commands.push({ reason, words, accepted: isUnsure ? "perhaps" : isRefused ? "no" : "yes" });
  }

  #words(): string {
    // the real one does a thing at a time, and takes seconds for it
    if (this.#real.length > 0 && this.#random.whole(0, 99) < 8) return this.#wordsOnReal();
    const name = this.#random.pick(this.#jobs);
    const job = `demo/${name}`;
    const [first = name] = this.#jobs.filter((one) => one.startsWith("many"));
    const dice = this.#random.whole(0, 99);
    if (dice < 50) return `savepoint ${job}`;
    if (dice < 65) return `checkpoint ${job}`;
    if (dice < 80) return `scale ${job} ${this.#random.whole(1, 4)}`;
    if (dice < 90) return `stop ${job}`;
    if (dice < 97) return `cancel ${job}`;
    return first === name ? `savepoint ${job}` : "savepoint --all --match many-* --cluster demo";
  }

  #wordsOnReal(): string {
    const job = `${REAL}/${this.#random.pick(this.#real)}`;
    const dice = this.#random.whole(0, 9);
    if (dice < 5) return `savepoint ${job}`;
    return dice < 7 ? `checkpoint ${job}` : `scale ${job} ${this.#random.whole(1, WIDEST)}`;
  }

  /** Decides on what waits for approval, until told to end: most is approved, some withdrawn, some expires. */
  async decide(signal: AbortSignal): Promise<void> {
    while (!signal.aborted) {
      await this.#decideOnce().catch(() => undefined);
      await sleep(500);
    }
  }

  async #decideOnce(): Promise<void> {
    const { stored, driver } = this.#world;
    for (const id of await stored.open()) {
      const record = await stored.record(id);
      if (record?.state !== "awaiting" || (this.#clicked.get(id) ?? 0) > Date.now()) continue;
      const fate = Number.parseInt(id.slice(1, 5), 16) % 10;
      const [card] = await stored.cards(id);
      if (card === undefined || fate === 9) continue;
      // Slack allows few look-ups a minute: whoever is told to press again does
      this.#clicked.set(id, Date.now() + 6000);
      const approver = record.actor.user === BEN ? CEM : BEN;
      const clicked =
        fate === 8
          ? driver.click(record.actor.user, card, "request.withdraw")
          : driver.click(approver, card, "approval.approve");
      const { error } = await clicked;
      if (error !== null) this.undelivered += 1;
    }
  }
}
