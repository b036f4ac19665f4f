import { mkdtemp, rm, writeFile } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { Redis } from "ioredis";
import { freePort, startTied, type Tied, until } from "../../playground/processes.ts";
import { type PrivateRedis, startRedis } from "../../playground/redis.ts";
import { findRedisServer, type RedisServer } from "../../playground/redis-server.ts";
import { aclLine, sentinelAclLine } from "../../src/redis/acl.ts";
import type { RedisAt } from "../../src/redis/address.ts";
import type { WorldRedis } from "./world.ts";

export const GROUP = "flinkops-test";
export const GROUP_PREFIX = "{flinkops}";
const FIXTURES = join(import.meta.dirname, "../flink/fixtures/tls");
const pem = (name: string): string => join(FIXTURES, name);

/** Of its users: those of the servers and sentinels themselves, and the one of flinkops, as `check --print-acl` prints it. */
const OURS = "admin-secret";
const THEIRS = "flinkops-secret";

export interface GroupOptions {
  /** 1 */
  replicas?: number;
  /** Servers and sentinels accept nobody without a certificate, and flinkops only as the user that `--print-acl` prints. */
  guarded?: boolean;
  /** `redis.waitReplicas` of the configuration; 0. */
  waitReplicas?: number;
  /** The program of servers and sentinels; the one that all tests use. */
  server?: RedisServer;
}

/** A master, its replicas and three sentinels that agree within half a second that the master is down. */
export interface RedisGroup extends WorldRedis {
  /** How flinkops reaches them. */
  readonly at: RedisAt & { sentinels: readonly { host: string; port: number }[] };
  /** A connection of the administrator to a server. */
  admin(server: PrivateRedis): Redis;
  /** The same to each sentinel. */
  sentinels(): readonly Redis[];
  /** Ends one sentinel for good. */
  killSentinel(n: number): Promise<void>;
  /** Resolves once the sentinels know each other and as many replicas follow the master. */
  settled(replicas: number): Promise<void>;
}

const wordsOf = (line: string): string[] =>
  line
    .split(" ")
    .slice(2)
    .filter((word) => word !== "reset")
    .map((word) => word.replace(/^'(.*)'$/u, "$1").replace("CHANGE-ME", THEIRS));

const TLS = [
  ["tls-cert-file", pem("server.pem")],
  ["tls-key-file", pem("server-key.pem")],
  ["tls-ca-cert-file", pem("ca.pem")],
  ["tls-auth-clients", "yes"],
  ["tls-replication", "yes"],
] as const;

/** Starts all of them; they end with this process. */
export async function startGroup(options: GroupOptions = {}): Promise<RedisGroup> {
  const { replicas = 1, guarded = false, waitReplicas = 0 } = options;
  const server = options.server ?? (await findRedisServer());
  const closing: (() => Promise<unknown>)[] = [];
  const stop = async (): Promise<void> => {
    for (const close of closing.splice(0).reverse()) await close();
  };
  const clients: Redis[] = [];
  closing.push(async () => await Promise.resolve(clients.forEach((client) => client.disconnect())));
  const open = (port: number): Redis => {
    const client = new Redis({ port, host: "127.0.0.1", ...(guarded && { password: OURS }) });
    client.on("error", () => undefined);
    clients.push(client);
    return client;
  };
  const seen = new Map<number, PrivateRedis>();
  const startServer = async (master: number | null): Promise<number> => {
    const port = guarded ? await freePort() : null;
    const args = [
      ...(master === null ? [] : ["--replicaof", "127.0.0.1", String(master)]),
      "--repl-diskless-sync-delay",
      "0",
      ...(port === null
        ? []
        : [
            ["--tls-port", String(port), "--requirepass", OURS, "--masterauth", OURS],
            TLS.flatMap(([key, value]) => [`--${key}`, value]),
            ["--user", ...wordsOf(aclLine(GROUP_PREFIX))],
          ].flat()),
    ];
    const started = await startRedis(args, server);
    closing.push(async () => await started.stop());
    seen.set(port ?? started.port, started);
    return port ?? started.port;
  };
  try {
    const first = await startServer(null);
    for (let i = 0; i < replicas; i += 1) await startServer(first);
    const sentinels: (Tied & { port: number; plain: number })[] = [];
    for (let i = 0; i < 3; i += 1) {
      const sentinel = await startSentinel(first, { guarded, program: server.program });
      sentinels.push(sentinel);
      closing.push(async () => await sentinel.stop(1000));
    }
    const admins = sentinels.map(({ plain }) => open(plain));
    const url = guarded ? `rediss://flinkops:${THEIRS}@${GROUP}/0` : `redis://${GROUP}/0`;
    const shared = {
      sentinels: sentinels.map(({ port }) => ({ host: "127.0.0.1", port })),
      ...(guarded && {
        sentinelUsername: "flinkops",
        tls: {
          ca: pem("ca.pem"),
          cert: pem("client.pem"),
          key: pem("client-key.pem"),
          servername: "server.flinkops.test",
        },
      }),
    };
    const group: RedisGroup = {
      at: { ...shared, url, prefix: GROUP_PREFIX, ...(guarded && { sentinelPassword: THEIRS }) },
      url,
      config: {
        ...shared,
        url: { env: "REDIS_URL" },
        prefix: GROUP_PREFIX,
        waitReplicas,
        ...(guarded && { sentinelPassword: { env: "SENTINEL_PASSWORD" } }),
      },
      env: guarded ? { SENTINEL_PASSWORD: THEIRS } : {},
      servers: [...seen.values()],
      async master() {
        const [, port = "0"] = ((await admins.at(-1)?.call("SENTINEL", "GET-MASTER-ADDR-BY-NAME", GROUP)) ??
          []) as string[];
        const server = seen.get(Number(port));
        if (server === undefined) throw new Error(`no server has port ${port}`);
        return server;
      },
      admin: ({ port }) => open(port),
      look() {
        // the servers' ports in the clear are not those that the sentinels tell
        const natMap = Object.fromEntries(
          [...seen].map(([told, { port }]) => [`127.0.0.1:${told}`, { host: "127.0.0.1", port }]),
        );
        const client = new Redis({
          sentinels: sentinels.map(({ plain }) => ({ host: "127.0.0.1", port: plain })),
          name: GROUP,
          natMap,
          // a master that hangs does not close the connection
          socketTimeout: 1000,
          maxRetriesPerRequest: null,
          retryStrategy: () => 50,
          sentinelRetryStrategy: () => 50,
          ...(guarded && { password: OURS, sentinelPassword: OURS }),
        });
        client.on("error", () => undefined);
        clients.push(client);
        return client;
      },
      sentinels: () => admins,
      async killSentinel(n) {
        sentinels[n]?.kill("SIGKILL");
        await sentinels[n]?.exited;
      },
      async settled(count) {
        await until("the sentinels know each other, and the replicas", async () => {
          const told = await Promise.all(
            admins.map(async (one) => (await one.call("SENTINEL", "MASTER", GROUP)) as string[] | object),
          );
          const states = told.map((one) => (Array.isArray(one) ? pairs(one) : new Map(Object.entries(one))));
          return states.every(
            (s) => s.get("num-other-sentinels") === "2" && Number(s.get("num-slaves")) >= count,
          )
            ? true
            : null;
        });
        const links = new Map(group.servers.map((server) => [server, open(server.port)]));
        await until("the replicas follow", async () => {
          const master = links.get(await group.master());
          const told = master?.status === "ready" ? await master.info("replication") : "";
          return told.split("state=online").length > count ? true : null;
        });
      },
      stop,
    };
    await group.settled(replicas);
    return group;
  } catch (error) {
    await stop();
    throw error;
  }
}

const pairs = (list: readonly string[]): ReadonlyMap<string, string> =>
  new Map(list.flatMap((key, i): [string, string][] => (i % 2 === 0 ? [[key, list[i + 1] ?? ""]] : [])));

async function startSentinel(
  master: number,
  { guarded, program }: { guarded: boolean; program: string },
): Promise<Tied & { port: number; plain: number }> {
  const directory = await mkdtemp(join(tmpdir(), "flinkops-sentinel-"));
  const plain = await freePort();
  const port = guarded ? await freePort() : plain;
  const file = join(directory, "sentinel.conf");
  const lines = [
    `port ${plain}`,
    "bind 127.0.0.1",
    `dir ${directory}`,
    `sentinel monitor ${GROUP} 127.0.0.1 ${master} 2`,
    `sentinel down-after-milliseconds ${GROUP} 500`,
    `sentinel failover-timeout ${GROUP} 3000`,
    ...(guarded
      ? [
          `tls-port ${port}`,
          ...TLS.map(([key, value]) => `${key} ${value}`),
          `requirepass ${OURS}`,
          `sentinel sentinel-pass ${OURS}`,
          `sentinel auth-pass ${GROUP} ${OURS}`,
          `user ${wordsOf(sentinelAclLine("flinkops")).join(" ")}`,
        ]
      : []),
  ];
  await writeFile(file, `${lines.join("\n")}\n`);
  const sentinel = await startTied(program, [file, "--sentinel"]);
  void sentinel.exited.then(async () => await rm(directory, { recursive: true, force: true }));
  return { ...sentinel, port, plain };
}
