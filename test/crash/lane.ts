import { randomBytes } from "node:crypto";
import { existsSync, readFileSync } from "node:fs";
import { mkdtemp, rm } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { Redis } from "ioredis";
import { type SimulatedFlink, startSimulated } from "../../playground/flink/simulated/server.ts";
import { until } from "../../playground/processes.ts";
import { type Product, startProduct } from "../../playground/product.ts";
import { createSeal, keyFrom, type Seal } from "../../src/platform/seal.ts";
import { SlackDriver } from "../../playground/slack/driver.ts";
import { type SlackStandIn, startSlack } from "../../playground/slack/server.ts";
import { ANA, BEN, FLINK_OPS } from "../../playground/slack/workspace-seed.ts";
import { type Evidence, gather } from "./evidence.ts";
import type { Scenario, Setting } from "./scenario.ts";

/** Recovery within a second or two, so that a sweep of hundreds of points ends. */
const TIMINGS = {
  lock: "2s",
  stalled: "400ms",
  lease: "700ms",
  flinkConnect: "500ms",
  flinkTimeout: "500ms",
  flinkChangeTimeout: "600ms",
  flinkStartTimeout: "1s",
  absentFor: "1s",
  parkSlice: "500ms",
  // long enough for what is well, also where a process has died meanwhile and another one has taken over
  healthyWithin: "4s",
  steadyFor: "100ms",
  followUp: "200ms",
};
/** Background readings would be named as well. */
const QUIET = { directoryIdle: "1h", directoryWatched: "1h", directoryStates: "1h", sweep: "1h" };
const LOUD = { sweep: "400ms" };
/** Those of changes. */
const QUEUES = ["brakes-default", "changes-default"];
const CRASH = new URL("./crash.mjs", import.meta.url).pathname;

export interface Point {
  name: string;
  when: "before" | "after";
}

/** A Slack and a Flink of its own: several lanes run side by side on one Redis. */
export interface Lane {
  /** Runs undisturbed and returns the names of the points passed, in order. */
  record(scenario: Scenario): Promise<{ points: string[]; evidence: Evidence }>;
  /** Kills at the point, starts again, waits until all is at rest. */
  crash(scenario: Scenario, point: Point): Promise<{ reached: boolean; evidence: Evidence }>;
  close(): Promise<void>;
}

export async function openLane(redisUrl: string): Promise<Lane> {
  const slack = await startSlack({ deliver: "socket" });
  // every run leaves its job behind
  const flink = await startSimulated({ slots: 10_000 });
  const folder = await mkdtemp(join(tmpdir(), "flinkops-crash-"));
  const redis = new Redis(redisUrl);
  let n = 0;
  const run = async <T>(scenario: Scenario, plan: object, use: (one: Run) => Promise<T>): Promise<T> => {
    n += 1;
    const job = `job-${n}`;
    const one = await Run.begin({ slack, flink, redis, redisUrl, scenario, plan, job, savepoint: "" });
    try {
      return await use(one);
    } finally {
      // also where it went wrong: left running, it would take what the next one is told
      await one.end();
    }
  };
  return {
    async record(scenario) {
      const file = join(folder, `points-${n}`);
      const evidence = await run(scenario, { record: file }, async (one) => {
        await one.people();
        return await one.rest();
      });
      return { points: readFileSync(file, "utf8").trim().split("\n"), evidence };
    },
    async crash(scenario, point) {
      const reached = join(folder, `reached-${n}`);
      return await run(scenario, { point: point.name, when: point.when, reached }, async (one) => {
        await Promise.race([one.people(), one.product.exited]);
        // not before it is dead, or could not be reached any more
        await Promise.race([one.product.exited, one.rest()]);
        const hit = existsSync(reached);
        await one.again();
        await one.people();
        return { reached: hit, evidence: await one.rest() };
      });
    },
    async close() {
      redis.disconnect();
      await slack.close();
      await flink.stop();
      await rm(folder, { recursive: true, force: true });
    },
  };
}

interface Stage {
  slack: SlackStandIn;
  flink: SimulatedFlink;
  redis: Redis;
  redisUrl: string;
  scenario: Scenario;
  plan: object;
  job: string;
  /** What the command names besides the job. */
  savepoint: string;
}

class Run {
  product: Product;
  readonly #stage: Stage;
  readonly #prefix: string;
  /** How many effects there were before. */
  readonly #before: number;
  readonly #driver: SlackDriver;
  readonly #since: number;
  #acked = false;
  #over = false;
  #clickedUntil = 0;

  private constructor(stage: Stage, prefix: string, before: number, product: Product) {
    this.#stage = stage;
    this.#prefix = prefix;
    this.#before = before;
    this.product = product;
    this.#driver = new SlackDriver(stage.slack.url);
    this.#since = Date.now();
  }

  static async begin(bare: Stage): Promise<Run> {
    const { slack, flink, redis, job } = bare;
    const prefix = `{c${randomBytes(6).toString("hex")}}`;
    const setting: Setting = { flink, job, note: noteIn(redis, sealOf(slack.botToken), prefix, job) };
    const savepoint = await (bare.scenario.setUp?.(setting) ?? alone(setting));
    const stage = { ...bare, savepoint: savepoint ?? "" };
    const before = (await flink.control.effects()).length;
    const env = { FLINKOPS_CRASH: JSON.stringify(stage.plan) };
    const product = await launch(stage, prefix, QUIET, ["--import", CRASH], env);
    const run = new Run(stage, prefix, before, product);
    void run.#type();
    return run;
  }

  async #type(): Promise<void> {
    const { scenario, job, savepoint } = this.#stage;
    const words = scenario.command.replace("{job}", job).replace("{savepoint}", savepoint);
    const typed = await this.#driver.type(ANA, FLINK_OPS, words);
    this.#acked = typed.error === null;
    this.#over = true;
  }

  /** Ben approves whatever asks for it, as long as it asks; returns when nothing does any more, or nobody is there. */
  async people(): Promise<void> {
    if (!this.#stage.scenario.approved) return;
    const dead = { is: false };
    void this.product.exited.then(() => (dead.is = true));
    await until(
      "an approval that counts",
      async () => {
        if (dead.is) return true;
        if (this.#over && !this.#acked && (await this.#nothing())) return true;
        const cards = await this.#cards();
        const open = cards.find((c) => c.controls.some((k) => k.label.startsWith("Approve")));
        if (open === undefined) return cards.length > 0 ? true : null;
        // once, as a person would: again only where nothing came of it
        if (performance.now() < this.#clickedUntil) return null;
        this.#clickedUntil = performance.now() + 2000;
        await this.#driver.click(BEN, open, "approval.approve").catch(() => undefined);
        return null;
      },
      30_000,
    );
  }

  async #cards() {
    const all = await this.#driver.messages(FLINK_OPS, BEN);
    return all.filter((m) => m.at >= this.#since && m.plain.includes(this.#stage.job) && m.threadTs === null);
  }

  /** Neither a record nor a queue job: it was never accepted. */
  async #nothing(): Promise<boolean> {
    const { redis } = this.#stage;
    const queues = QUEUES.flatMap((name) => ["id", "events"].map((key) => `${this.#prefix}:${name}:${key}`));
    const [records, jobs] = await Promise.all([redis.zcard(`${this.#prefix}:all`), redis.exists(...queues)]);
    return records === 0 && jobs === 0;
  }

  /** A fresh process, undisturbed. */
  async again(): Promise<void> {
    await this.product.stop();
    this.#clickedUntil = 0;
    this.product = await launch(this.#stage, this.#prefix, LOUD, [], {});
  }

  /** Waits until every request is closed and the queue is empty; then what can be seen from outside. */
  async rest(): Promise<Evidence> {
    const { redis } = this.#stage;
    const p = this.#prefix;
    await until(
      `all at rest under ${p}`,
      async () => {
        if (!this.#over) return null;
        const open = await redis.zcard(`${p}:open`);
        const busy = QUEUES.map(async (name) => {
          const q = `${p}:${name}`;
          const lists = (await redis.llen(`${q}:wait`)) + (await redis.llen(`${q}:active`));
          return lists + (await redis.zcard(`${q}:delayed`));
        });
        if (open > 0 || (await Promise.all(busy)).some((n) => n > 0)) return null;
        return (await redis.zcard(`${p}:all`)) > 0 || !this.#acked ? true : null;
      },
      40_000,
    );
    const { slack, flink, scenario, job } = this.#stage;
    return await gather({
      slack,
      flink,
      redis,
      prefix: p,
      job,
      before: this.#before,
      scenario,
      since: this.#since,
      acked: this.#acked,
    });
  }

  async end(): Promise<void> {
    await this.product.stop();
    const keys = await this.#stage.redis.keys(`${this.#prefix}:*`);
    if (keys.length > 0) await this.#stage.redis.del(...keys);
  }
}

async function alone({ flink, job }: Setting): Promise<null> {
  await flink.control.addJob({ name: job });
  return null;
}

/** Without a key of its own it goes with the bot token. */
const sealOf = (botToken: string): Seal => createSeal([keyFrom(botToken)], () => undefined);

/** As the directory would have noted it down before the run began. */
const noteIn =
  (redis: Redis, seal: Seal, prefix: string, name: string): Setting["note"] =>
  async ({ jobId, state, path, isSavepoint, ageMs }) => {
    const format = isSavepoint ? "CANONICAL" : null;
    const at = Date.now() - ageMs;
    const kept = {
      v: 1,
      jobId,
      name,
      state,
      seenAt: Date.now(),
      retainedOnCancel: true,
      retainedOnFailure: true,
      states: [{ isSavepoint, path, at, sizeBytes: 1, format }],
    };
    const closed = seal.close({ kind: "states", id: `demo/${jobId}`, rev: 0 }, JSON.stringify(kept));
    await redis.hset(`${prefix}:states:demo`, jobId, closed);
  };

async function launch(
  stage: Stage,
  prefix: string,
  timings: object,
  node: readonly string[],
  env: NodeJS.ProcessEnv,
): Promise<Product> {
  return await startProduct({
    slack: stage.slack,
    redisUrl: stage.redisUrl,
    prefix,
    clusters: {
      demo: { url: stage.flink.url, changes: true, savepointRoots: ["file:///savepoints"] },
    },
    config: {
      timings: { ...TIMINGS, ...timings },
      bulk: { atOnce: 2 },
      jobs: [
        {
          name: stage.job,
          cluster: "demo",
          jar: { newest: `${stage.job}-*.jar` },
          args: ["--name", stage.job],
          rehearsal: { args: ["--name", "{name}"] },
        },
      ],
    },
    node,
    env,
  });
}
