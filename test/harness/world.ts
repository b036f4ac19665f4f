import { mkdtemp, rm, writeFile } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { Redis } from "ioredis";
import { stringify } from "yaml";
import type { ClusterOptions } from "../../playground/flink/simulated/cluster.ts";
import { type SimulatedFlink, startSimulated } from "../../playground/flink/simulated/server.ts";
import { type Product, type ProductOptions, startProduct } from "../../playground/product.ts";
import { type PrivateRedis, startRedis } from "../../playground/redis.ts";
import { SlackDriver } from "../../playground/slack/driver.ts";
import { type SlackStandIn, type StandInOptions, startSlack } from "../../playground/slack/server.ts";
import {
  ANA,
  BEN,
  BOT,
  CEM,
  defaultSeed,
  DORA,
  GIL,
  type Seed,
} from "../../playground/slack/workspace-seed.ts";
import { People } from "./people.ts";
import { Stored } from "./stored.ts";

/** Recovery from a dead process takes a second here, and half a minute in the world. */
export const QUICK = {
  lock: "2s",
  lease: "900ms",
  stalled: "500ms",
  flinkConnect: "500ms",
  flinkTimeout: "1s",
  flinkChangeTimeout: "1s",
  flinkStartTimeout: "2s",
  absentFor: "2s",
  directoryIdle: "500ms",
  directoryWatched: "100ms",
  directoryStates: "300ms",
  parkSlice: "1s",
  sweep: "500ms",
  steadyFor: "200ms",
  followUp: "300ms",
};

/** Where people may put savepoints on the simulated cluster. */
export const ROOT = "file:/savepoints";

type Cluster = ProductOptions["clusters"][string];

export interface WorldOptions {
  /** Of the simulated JobManager called `demo`, and of its place in the configuration. */
  demo?: ClusterOptions & { config?: { readonly [key: string]: unknown } };
  /** Further clusters, as in the configuration. */
  clusters?: { readonly [name: string]: Cluster };
  slack?: StandInOptions;
  /** Over QUICK. */
  timings?: { readonly [name: string]: string };
  /** Over the configuration file's top level. */
  config?: { readonly [key: string]: unknown };
  channels?: ProductOptions["channels"];
  /** How many processes of flinkops; 1. */
  replicas?: number;
  roles?: readonly string[];
  /** The policy file, instead of the simple form. */
  policy?: object;
  /** Of flinkops, besides its tokens and Redis's address. */
  env?: NodeJS.ProcessEnv;
  /** Servers under sentinels or a cluster, instead of one server; whoever started them stops them. */
  group?: WorldRedis;
}

/** A Redis of several servers. */
export interface WorldRedis {
  readonly url: string;
  /** The part `redis` of the configuration file. */
  readonly config: { readonly [key: string]: unknown };
  readonly env: NodeJS.ProcessEnv;
  /** The first one is the master at the beginning, the others its replicas. */
  readonly servers: readonly PrivateRedis[];
  /** A connection of the administrator to whoever is the master. */
  look(): Redis;
  /** The master, as those who decide it tell. */
  master(): Promise<PrivateRedis>;
  stop(): Promise<void>;
}

export interface StartOptions {
  roles?: readonly string[];
  wait?: boolean;
  /** How far its clock is off, ms. */
  clockOff?: number;
  /** Over the configuration file's top level. */
  config?: { readonly [key: string]: unknown };
}

/** Everything joined: Redis, the Slack stand-in, Flink and the built program, all of it private and on loopback. */
export interface World extends Surroundings {
  /** The simulated JobManager `demo`. */
  readonly flink: SimulatedFlink;
}

/** A world without its Flink. */
export interface Surroundings {
  /** Of a group: its first master. */
  readonly redis: PrivateRedis;
  readonly slack: SlackStandIn;
  readonly driver: SlackDriver;
  readonly people: People;
  readonly stored: Stored;
  /** Every process of flinkops started here and not stopped yet. */
  readonly products: Product[];
  /** Every line flinkops wrote. */
  readonly lines: string[];
  /** One more process. */
  start(how?: StartOptions): Promise<Product>;
  /** Ends everything and closes what was opened; leaves nothing behind. */
  stop(): Promise<void>;
}

/** With a simulated JobManager. Needs `npm run build` first, as `npm test` does. */
export async function startWorld(options: WorldOptions = {}): Promise<World> {
  const { config = {}, ...simulated } = options.demo ?? {};
  const flink = await startSimulated({ slots: 8, ...simulated });
  const demo = { url: flink.url, changes: true, savepointRoots: [ROOT], ...config };
  const around = await startSurroundings(
    { ...options, clusters: { demo, ...options.clusters } },
    async () => await flink.stop(),
  );
  return { ...around, flink };
}

/** Everything but Flink; `stopFlink` is called last, also where something cannot be started. */
export async function startSurroundings(
  options: Omit<WorldOptions, "demo">,
  stopFlink: () => Promise<void>,
): Promise<Surroundings> {
  const closing: (() => Promise<unknown>)[] = [stopFlink];
  const stop = async (): Promise<void> => {
    for (const close of closing.splice(0).reverse()) await close();
  };
  try {
    const policy = options.policy === undefined ? null : await policyFile(options.policy, closing);
    const { group } = options;
    const redis = group?.servers[0] ?? (await startRedis());
    if (group === undefined) closing.push(async () => await redis.stop());
    const slack = await startSlack({ manifestPath: "manifest.yml", seed: withRooms(), ...options.slack });
    closing.push(async () => await slack.close());
    const look =
      group?.look() ?? new Redis(redis.url, { maxRetriesPerRequest: null, retryStrategy: () => 50 });
    look.on("error", () => undefined);
    closing.push(async () => await Promise.resolve(look.disconnect()));

    const driver = new SlackDriver(slack.url);
    const lines: string[] = [];
    const products: Product[] = [];
    closing.push(async () => await Promise.all(products.map(async (p) => await p.stop())));
    const start: World["start"] = async (how = {}) => {
      const roles = how.roles ?? options.roles;
      const product = await startProduct(
        {
          slack,
          redisUrl: group?.url ?? redis.url,
          clusters: options.clusters ?? {},
          ...(options.channels === undefined ? {} : { channels: options.channels }),
          config: {
            ...(policy !== null && { policy, people: undefined }),
            ...(group !== undefined && { redis: group.config }),
            ...options.config,
            timings: { ...QUICK, ...options.timings },
            ...how.config,
          },
          ...(roles === undefined ? {} : { roles }),
          ...(how.clockOff === undefined ? {} : { node: ["--import", CLOCK_OFF] }),
          env: { ...group?.env, ...options.env, FLINKOPS_CLOCK_OFF_MS: String(how.clockOff ?? 0) },
          onLine: (line) => lines.push(line),
        },
        how.wait ?? true,
      );
      products.push(product);
      void product.exited.then(() => products.splice(products.indexOf(product), 1));
      return product;
    };
    await Promise.all(Array.from({ length: options.replicas ?? 1 }, async () => await start()));
    return {
      redis,
      slack,
      driver,
      people: new People(driver, ROOMS),
      stored: new Stored(look, slack.botToken),
      products,
      lines,
      start,
      stop,
    };
  } catch (error) {
    await stop();
    throw error;
  }
}

async function policyFile(policy: object, closing: (() => Promise<unknown>)[]): Promise<string> {
  const directory = await mkdtemp(join(tmpdir(), "flinkops-policy-"));
  closing.push(async () => await rm(directory, { recursive: true }));
  const file = join(directory, "policy.yml");
  await writeFile(file, stringify(policy));
  return file;
}

const CLOCK_OFF = new URL("./clock-off.mjs", import.meta.url).href;

/** Slack takes one message a second per channel: tests that do not care where they are spread over these. */
const ROOMS = Array.from({ length: 12 }, (_, i) => `C0ROOM${String(i).padStart(4, "0")}`);

function withRooms(): Seed {
  const seed = defaultSeed();
  const rooms = ROOMS.map((id, i) => ({
    id,
    name: `room-${i}`,
    topic: "",
    kind: "public" as const,
    isExtShared: false,
    isArchived: false,
    members: [ANA, BEN, CEM, DORA, GIL, BOT],
  }));
  return { ...seed, channels: [...seed.channels, ...rooms] };
}
