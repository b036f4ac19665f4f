import { type RequestRecord, shortId } from "../../src/requests/record/record.ts";
import { plain } from "../../src/model/text.ts";
import type { Inbox } from "../../src/requests/ports/inbox.ts";
import { requestIdOf } from "../../src/requests/record/identity.ts";
import { judgeApprovals } from "./approvals.ts";
import { Control } from "./control.ts";
import { endRehearsal, Faults, redeploy } from "./faults.ts";
import { Judge } from "./judge.ts";
import { Locking } from "./locking.ts";
import { Outsider } from "./outsider.ts";
import { createRandom, type Random } from "./random.ts";
import { ACCOUNTS, APPROVERS, CHANNEL, OPERATORS, TEAM } from "./slack-model.ts";
import { begin, type Scenario } from "./scenarios.ts";
import type { Violation } from "./verdict.ts";
import { World } from "./world.ts";

export interface History {
  seed: number;
  steps: number;
  /** How long it took in its own time, ms. */
  ms: number;
  violations: readonly Violation[];
  faults: ReadonlyMap<string, number>;
  met: ReadonlyMap<string, ReadonlyMap<string, number>>;
  asked: number;
  outcomes: ReadonlyMap<string, number>;
}

const PEOPLE = ["U0ANA00001", "U0BEN00001", "U0CEM00001", "U0DORA0001"];
const ANA = "U0ANA00001";
/** People ask, click and change their minds for so long; then it is waited until nothing moves any more. */
const BUSY_MS = 120_000;
const MOST_MS = 3_600_000;

const COMMANDS = [
  "savepoint orders",
  "savepoint --all",
  "stop orders",
  "stop --all",
  "cancel orders",
  "cancel orders",
  "scale orders 2",
  "checkpoint orders",
  "restart orders",
  "restart orders --parallelism 2",
  "rehearse orders",
  "restart orders --rehearse",
  "resume orders",
  "run orders --from none",
];

const REASONS = ["not during the sale", "The release is on Monday.", "why <!channel> now?"];

/** One history, the same for the same seed. `operation`: people ask for little else. */
export async function history(
  seed: number,
  { operation = null, onEvent }: { operation?: string | null; onEvent?: (words: string) => void } = {},
): Promise<History> {
  const random = createRandom(seed);
  const world = new World(random);
  const began = world.scheduler.now;
  const tell = (words: string): void =>
    onEvent?.(`${String(world.scheduler.now - began).padStart(7)} ${words}`);
  const faults = new Faults(world, random, tell);
  const outsider = new Outsider(world, random, tell);
  const control = new Control(world, random, tell);
  const locking = new Locking(world, random, tell);
  const judge = new Judge(world, { faults, outsider, tell });
  const skew = random.fork("skew of ours");
  const isSkewed = skew.happens(0.3);
  const bySome = (): number => (isSkewed ? skew.whole(-300_000, 3_600_000) : skew.whole(-50, 50));
  for (const [group, users] of [
    [OPERATORS, PEOPLE],
    [APPROVERS, [...PEOPLE.slice(1, 3), ...world.agreement.others]],
    [ACCOUNTS, [...PEOPLE, ...world.agreement.others]],
  ] as const)
    for (const user of users) world.slack.join(group, user);
  const usual = begin(world, random);
  const scenario = { ...usual, commands: [...usual.commands, ...locking.commands] };
  world.start("bot", "bot 1", bySome());
  world.start("bot", "bot 2", bySome());
  world.start("worker", "worker 1", bySome());
  world.start("worker", "worker 2", bySome());
  const people = new People(world, random, { judge, operation, scenario, onEvent: tell });
  world.store.onCommit.push(
    (record) => faults.near(record),
    (record) => people.near(record),
    (record, before) => control.near(record, before),
    (record, before) => locking.near(record, before),
  );
  people.start(BUSY_MS);
  faults.start(BUSY_MS);
  outsider.start(BUSY_MS);
  control.start(BUSY_MS);
  locking.start(BUSY_MS);
  const isStill = (): boolean =>
    world.scheduler.now > began + BUSY_MS + 1000 &&
    outsider.isAllThatIsOpen() &&
    [...world.queue.jobs.values()].every((j) => j.state === "completed" || outsider.touched.has(j.id));
  await world.scheduler.run(began + MOST_MS, () => isStill() || judge.violations.length > 5);
  judge.rest();
  judgeApprovals(world, { judge, outsider });
  return {
    seed,
    steps: world.scheduler.steps,
    ms: world.scheduler.now - began,
    violations: judge.violations,
    faults: new Map([...faults.counts, ...outsider.counts, ...control.counts, ...locking.counts]),
    met: faults.met,
    asked: judge.asked.filter((a) => a.accepted).length,
    outcomes: outcomesOf(world),
  };
}

function outcomesOf(world: World): ReadonlyMap<string, number> {
  const outcomes = new Map<string, number>();
  for (const id of world.store.records.keys()) {
    const record = world.store.record(id);
    const how =
      record?.end === null || record === null ? "open" : `${record.end.ending} ${record.end.report.outcome}`;
    const key = `${record?.operation}: ${how}`;
    outcomes.set(key, (outcomes.get(key) ?? 0) + 1);
  }
  return outcomes;
}

interface PeopleOptions {
  judge: Judge;
  operation: string | null;
  scenario: Scenario;
  onEvent: (words: string) => void;
}

/** Those who type and press. */
class People {
  readonly #world: World;
  readonly #random: Random;
  readonly #denials: Random;
  readonly #on: PeopleOptions;
  #said = 0;

  constructor(world: World, random: Random, on: PeopleOptions) {
    this.#world = world;
    this.#random = random.fork("people");
    this.#denials = random.fork("denials");
    this.#on = on;
  }

  start(forMs: number): void {
    const { scheduler } = this.#world;
    const count = this.#random.whole(1, 6);
    for (let i = 0; i < count; i += 1)
      scheduler.plan(scheduler.now + this.#random.whole(100, (forMs * 2) / 3), null, () => void this.#ask());
    for (const { text, at } of this.#on.scenario.typed)
      scheduler.plan(scheduler.now + at, null, () => void this.#type(ANA, text));
    // approvers look at the channel now and then
    const look = (): void => {
      if (scheduler.now > this.#until) return;
      this.#look();
      scheduler.plan(scheduler.now + this.#random.whole(300, 8000), null, look);
    };
    this.#until = scheduler.now + forMs;
    look();
  }
  #until = 0;

  #inbox() {
    const bots = this.#world.running.filter((r) => r.kind === "bot" && r.inbox !== null);
    return bots.length === 0 ? null : this.#random.pick(bots).inbox;
  }

  async #ask(): Promise<void> {
    const { operation, scenario } = this.#on;
    const all = [...COMMANDS, ...scenario.commands];
    const wanted = all.filter((c) => operation === null || c.startsWith(operation));
    const text = this.#random.pick(wanted.length === 0 || this.#random.happens(0.3) ? all : wanted);
    await this.#type(this.#random.happens(0.7) ? ANA : this.#random.pick(PEOPLE), text);
  }

  /** Others do not wait: a job that is being restarted shall end, one of many is deployed anew. */
  near({ state, operation }: RequestRecord): void {
    const { scheduler } = this.#world;
    if (state !== "running" || scheduler.now > this.#until || !this.#random.happens(0.1)) return;
    const at = scheduler.now + this.#random.whole(0, 1000);
    const isRehearsed = operation === "rehearse" || operation === "rehearsed-restart";
    if (isRehearsed && this.#random.happens(0.3))
      scheduler.plan(at, null, () => endRehearsal(this.#world, this.#random));
    else if (isRehearsed || operation === "restart")
      scheduler.plan(at, null, () => void this.#type(ANA, "cancel orders"));
    else if (operation.endsWith("-all")) scheduler.plan(at, null, () => redeploy(this.#world, this.#random));
  }

  async #type(user: string, text: string): Promise<void> {
    const { judge, onEvent } = this.#on;
    this.#said += 1;
    const source = `said ${this.#said}`;
    const asked = { source, text, user, at: this.#world.scheduler.now, accepted: false };
    judge.asked.push(asked);
    onEvent(`${user} types "${text}" (${shortId(requestIdOf(TEAM, source))})`);
    const deliver = async (): Promise<void> => {
      const answer = await this.#inbox()?.say({
        text,
        actor: { user, team: TEAM },
        place: { channel: CHANNEL, thread: null, door: "command" },
        source,
        responseUrl: null,
        at: this.#world.scheduler.now,
      });
      if (answer?.is === "accepted") asked.accepted = true;
      else if (answer?.is === "no") onEvent(`${user} is told: ${plain(answer.what.refuse)}`);
    };
    void deliver();
    // Slack may deliver the same again
    if (this.#random.happens(0.1)) {
      const { scheduler } = this.#world;
      scheduler.plan(scheduler.now + this.#random.whole(1, 3000), null, () => void deliver());
    }
  }

  /** Somebody looks at the cards and presses something. */
  #look(): void {
    const { slack, store } = this.#world;
    const cards = slack.posted.filter((p) => p.thread === null && p.record.state === "awaiting");
    for (const card of cards) {
      const now = store.record(card.requestId);
      if (now === null || (now.state !== "awaiting" && !this.#random.happens(0.05))) continue;
      if (this.#random.happens(0.4)) continue;
      const kind = this.#random.happens(0.85)
        ? ("approve" as const)
        : this.#random.pick(["deny", "withdraw"] as const);
      const all = [...PEOPLE, ...this.#world.agreement.others];
      const user = kind === "withdraw" ? card.record.actor.user : this.#random.pick(all);
      this.#on.onEvent(`${user} presses ${kind} of ${shortId(card.requestId)}`);
      const pressed = {
        requestId: card.requestId,
        actor: { user, team: TEAM },
        digest: card.record.approval?.digest ?? "",
        card: { channel: CHANNEL, ts: card.ts },
      };
      if (kind === "deny") void this.#deny(pressed);
      else void this.#inbox()?.click({ ...pressed, kind });
    }
  }

  /** The form opens only for who may deny; then they type for a while. */
  async #deny(pressed: Parameters<Inbox["denial"]>[0]): Promise<void> {
    const { scheduler } = this.#world;
    const found = await this.#inbox()?.denial(pressed);
    if (found === undefined || "refuse" in found) return;
    const why = this.#denials.happens(0.7) ? { reason: this.#denials.pick(REASONS) } : {};
    scheduler.plan(scheduler.now + this.#denials.whole(500, 20_000), null, () => {
      this.#on.onEvent(`${pressed.actor.user} denies ${shortId(pressed.requestId)}: ${why.reason ?? ""}`);
      void this.#inbox()?.click({ ...pressed, kind: "deny", ...why });
    });
  }
}
