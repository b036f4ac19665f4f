import { setTimeout as delay } from "node:timers/promises";
import { plain } from "../../../../src/model/text.ts";
import { operations } from "../../../../src/operations/index.ts";
import { createLog } from "../../../../src/platform/log.ts";
import { keyFrom, createSeal } from "../../../../src/platform/seal.ts";
import { createClick, type ClickOptions } from "../../../../src/queue/click.ts";
import { createDenial } from "../../../../src/queue/denial.ts";
import { createSuggestions } from "../../../../src/queue/suggestion.ts";
import { backOptions, connectRedis, type RedisClient } from "../../../../src/redis/connect.ts";
import { keysUnder } from "../../../../src/redis/keys.ts";
import type { Clicked, Inbox, Suggesting } from "../../../../src/requests/ports/inbox.ts";
import type { Engine } from "../../../../src/requests/ports/engine.ts";
import { digestOf } from "../../../../src/requests/record/binding.ts";
import { effectIdOf } from "../../../../src/requests/record/identity.ts";
import type { Approval, RequestRecord } from "../../../../src/requests/record/record.ts";
import { createStore, type Store } from "../../../../src/requests/record/store.ts";
import { step } from "../../../../src/requests/steps/step.ts";
import { type Entry, Stored } from "../../../harness/stored.ts";
import { aChange, anEngine, anIntake, type FakeEffects, JOB_ID } from "../../../requests/an-engine.ts";
import { createRandom } from "../../../simulate/random.ts";
import { aRecord } from "../../../slack/a-record.ts";
import { REQUESTER, slowPeople, TERMS, type Terms } from "./cast.ts";
import { BOTS, type Plan, type Press } from "./plan.ts";

const KEY = "a key that bots and workers share";
const CARD = { channel: "C1", ts: "1.2" };
const WORKERS = 2;
const START_AFTER_MS = 60_000;
/** A round lasts a fraction of a second. */
const PATIENCE_MS = 20_000;

/** A press and what came of it. */
export interface Answered {
  press: Press;
  counted: boolean;
  /** "" where the card says it all. */
  told: string;
}

/** What is left of a round. */
export interface Outcome {
  plan: Plan;
  answers: readonly Answered[];
  record: RequestRecord;
  entries: readonly Entry[];
  /** How often a click was refused, counted in Redis. */
  refused: number;
  /** How often the effect was sent. */
  sent: number;
  /** Redis's clock after it, ms. */
  now: number;
}

interface Bot {
  click: Inbox["click"];
  denial: Inbox["denial"];
  suggesting: Suggesting;
}
interface Worker {
  engine: Engine;
  effects: FakeEffects;
}

/** Bots and workers as separate processes would have them: each with its own connection, store and seal. */
export class Processes {
  readonly #clients: RedisClient[] = [];
  readonly #bots = new Map<Terms, readonly (Bot & { behind: Bot })[]>();
  readonly #workers = new Map<Terms, readonly Worker[]>();
  readonly #look: RedisClient;
  readonly #store: Store;
  readonly #stored: Stored;
  /** How many commits came too late and were judged again. */
  fenced = 0;

  constructor(url: string) {
    const stores = Array.from({ length: BOTS }, () => this.#open(url).store);
    const engines = Array.from({ length: WORKERS }, () => this.#open(url).store);
    for (const terms of TERMS) {
      this.#bots.set(
        terms,
        stores.map((store, i) => ({
          ...aBot(store, terms.policy, i),
          behind: aBot(store, terms.otherPolicy, i),
        })),
      );
      this.#workers.set(
        terms,
        engines.map((store, i) => aWorker(store, terms, i)),
      );
    }
    const { client, store } = this.#open(url);
    this.#look = client;
    this.#store = store;
    this.#stored = new Stored(client, KEY);
  }

  close(): void {
    for (const client of this.#clients) client.disconnect();
  }

  /** Without the short time limits of a bot's connection, because all of them share one busy process here. */
  #open(url: string): { client: RedisClient; store: Store } {
    const client = connectRedis(backOptions({ url }), () => undefined);
    this.#clients.push(client);
    const seal = createSeal([keyFrom(KEY)], () => undefined);
    const store = createStore({ redis: client, keys: keysUnder("{flinkops}"), seal });
    const commit: Store["commit"] = async (moves, extras) => {
      const committed = await store.commit(moves, extras);
      if (committed.is === "fenced") this.fenced += 1;
      return committed;
    };
    return { client, store: { ...store, commit } };
  }

  /** Plays one round in an empty Redis. */
  async play(plan: Plan): Promise<Outcome> {
    await this.#look.flushall();
    const asked = awaiting(plan, await this.#store.now());
    await this.#store.commit([{ rev: 0, next: asked }]);
    await this.#store.addCard(asked.id, CARD);
    const bots = this.#bots.get(plan.terms) ?? [];
    const workers = this.#workers.get(plan.terms) ?? [];
    const over = new AbortController();
    const working = workers.map(async (worker) => await this.#work(worker, asked, over.signal));
    const answers = await Promise.all(
      plan.presses.map(async (press) => {
        const bot = bots[press.bot];
        if (bot === undefined) throw new RangeError("no such bot");
        await delay(press.at);
        return answered(press, await pressed(press.old === "policy" ? bot.behind : bot, press, asked));
      }),
    );
    over.abort();
    await Promise.all(working);
    const held = await this.#store.load(asked.id);
    if (held.record === null) throw new Error("the record is gone");
    const effectId = effectIdOf(asked.id, "one", 0);
    return {
      plan,
      answers,
      record: held.record,
      entries: await this.#stored.audit(asked.id),
      refused: (await this.#stored.refused(asked.id)).reduce((a, b) => a + b, 0),
      sent: workers.flatMap((w) => w.effects.performed).filter((p) => p.effectId === effectId).length,
      now: held.now,
    };
  }

  /** Steps the request, as a queue would that is never late, until it has ended or nobody clicks any more. */
  async #work({ engine }: Worker, { id }: RequestRecord, over: AbortSignal): Promise<void> {
    const until = performance.now() + PATIENCE_MS;
    const intake = anIntake({ requestId: id });
    while (performance.now() < until) {
      const { record, now } = await engine.store.load(id);
      if (record === null || record.state === "ended") return;
      const isOpen = record.state !== "awaiting" || now + 1000 > (record.approval?.expiresAt ?? 0);
      if (over.aborted && !isOpen) return;
      await step(engine, intake);
      await delay(engine.worker === "w0" ? 1 : 3);
    }
    throw new Error(`${id} has not ended`);
  }
}

function aBot(store: Store, policy: ClickOptions["policy"], n: number): Bot {
  const options: ClickOptions = {
    store,
    policy,
    people: slowPeople(createRandom(n)),
    startAfterApproval: START_AFTER_MS,
    nameOf: () => null,
    isBrake: () => false,
    wake: () => Promise.resolve(),
    log: createLog("silent"),
  };
  return {
    click: createClick(options),
    denial: createDenial(options),
    suggesting: createSuggestions({ ...options, operations }),
  };
}

function aWorker(store: Store, { policy }: Terms, n: number): Worker {
  const change = { ...aChange(), name: "scale" };
  const { engine, effects } = anEngine(change);
  const own = { store, policy, people: slowPeople(createRandom(100 + n)), worker: `w${n}` };
  return { engine: { ...engine, ...own, present: () => undefined }, effects };
}

/** It binds nothing, so that what the worker finds at the start is the same. */
function awaiting({ seed, terms, expiresIn }: Plan, now: number): RequestRecord {
  const record = aRecord({
    id: `r${String(seed).padStart(31, "0")}`,
    operation: "scale",
    class: "operate",
    args: { job: "orders", parallelism: 4, vertex: [], viaSavepoint: false, waitForSlots: false },
    target: { kind: "job", cluster: "prod", jobId: JOB_ID, name: "orders" },
    actor: { user: REQUESTER, team: "T0HOME0001" },
    askedAt: now,
    decided: { rule: "changes", policy: terms.policy.hash },
  });
  const by = { groups: [], users: [] };
  const approval: Approval = {
    needed: Math.max(...terms.lists.map((list) => list.reduce((sum, { count }) => sum + count, 0))),
    by,
    requirements: terms.lists.map((list) => list.map((one) => ({ ...one, by }))),
    expiresAt: now + (expiresIn ?? 900_000),
    digest: digestOf(record),
    votes: [],
  };
  return { ...record, approval };
}

async function pressed(bot: Bot, { what, user, old }: Press, asked: RequestRecord): Promise<Clicked> {
  const by = {
    requestId: asked.id,
    actor: { user, team: "T0HOME0001" },
    digest: old === "card" ? "of an older card" : (asked.approval?.digest ?? ""),
    card: CARD,
  };
  if (what === "suggest") return await bot.suggesting.make({ ...by, values: { parallelism: "6" } });
  if (what === "deny") {
    const form = await bot.denial(by);
    if ("refuse" in form) return { is: "not counted", tell: form.refuse };
  }
  return await bot.click({ ...by, kind: what });
}

const answered = (press: Press, clicked: Clicked): Answered => ({
  press,
  counted: clicked.is === "counted",
  told: clicked.tell === undefined ? "" : plain(clicked.tell),
});
