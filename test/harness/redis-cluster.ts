import { Redis } from "ioredis";
import { until } from "../../playground/processes.ts";
import { type PrivateRedis, startRedis } from "../../playground/redis.ts";
import type { RedisAt } from "../../src/redis/address.ts";
import { backOptions } from "../../src/redis/connect.ts";
import { GROUP_PREFIX } from "./redis-group.ts";
import type { WorldRedis } from "./world.ts";

const SLOTS = 16_384;
const MASTERS = 3;

const REPLICAS = 3;

/** Three masters, and replicas of the one that has our slot; `servers` are only the latter. */
export interface RedisCluster extends WorldRedis {
  /** How flinkops reaches it. The node of the URL does not have our slot. */
  readonly at: RedisAt;
  admin(server: PrivateRedis): Redis;
}

/** Starts it with commands alone, because `redis-cli` may be absent. All of it ends with this process. */
export async function startCluster({ waitReplicas = 0 } = {}): Promise<RedisCluster> {
  const servers: PrivateRedis[] = [];
  const admins = new Map<PrivateRedis, Redis>();
  const looking: Redis[] = [];
  const stop = async (): Promise<void> => {
    for (const client of [...admins.values(), ...looking]) client.disconnect();
    for (const server of servers) await server.stop();
  };
  const admin = (server: PrivateRedis): Redis => {
    const known = admins.get(server);
    if (known !== undefined) return known;
    const to = { port: server.port, host: "127.0.0.1" };
    const client = new Redis({ ...to, maxRetriesPerRequest: null, socketTimeout: 1000 });
    client.on("error", () => undefined);
    admins.set(server, client);
    return client;
  };
  try {
    while (servers.length < MASTERS + REPLICAS) {
      const settings = ["--cluster-enabled", "yes", "--cluster-node-timeout", "1000"];
      // or a replica leaves for a master that has none
      settings.push("--cluster-migration-barrier", "10");
      const server = await startRedis([...settings, "--repl-diskless-sync-delay", "0"]).catch(
        // the port of the cluster's own bus is 10000 higher, and may be none or taken
        () => null,
      );
      if (server !== null) servers.push(server);
    }
    const [first, ...others] = servers;
    if (first === undefined) throw new Error("no server");
    const slot = Number(await admin(first).call("CLUSTER", "KEYSLOT", GROUP_PREFIX));
    for (const [n, server] of servers.slice(0, MASTERS).entries()) {
      await admin(server).call("CLUSTER", "SET-CONFIG-EPOCH", String(n + 1));
      // our slot is one of the last master's
      const own = Array.from({ length: SLOTS }, (_, i) => i).filter((i) =>
        i === slot ? n === MASTERS - 1 : i % MASTERS === n,
      );
      await admin(server).call("CLUSTER", "ADDSLOTS", ...own.map(String));
    }
    for (const server of others) await admin(server).call("CLUSTER", "MEET", "127.0.0.1", String(first.port));
    const home = servers[MASTERS - 1];
    if (home === undefined) throw new Error("no master");
    const homeId = String(await admin(home).call("CLUSTER", "MYID"));
    for (const server of servers.slice(MASTERS))
      await until("the replica knows its master", async () =>
        admin(server)
          .call("CLUSTER", "REPLICATE", homeId)
          .then(
            () => true,
            () => null,
          ),
      );
    await until("the cluster is up, and replicas follow", async () => {
      const told = await Promise.all(
        servers.map(async (s) => String(await admin(s).call("CLUSTER", "INFO"))),
      );
      const ok = told.every(
        (t) => t.includes("cluster_state:ok") && t.includes(`cluster_known_nodes:${MASTERS + REPLICAS}`),
      );
      const following = (await admin(home).info("replication")).split("state=online").length - 1;
      return ok && following === REPLICAS ? true : null;
    });
    const url = first.url;
    const cluster = servers.slice(1).map(({ port }) => ({ host: "127.0.0.1", port }));
    return {
      at: { url, cluster, prefix: GROUP_PREFIX },
      url,
      config: { url: { env: "REDIS_URL" }, prefix: GROUP_PREFIX, cluster, waitReplicas },
      env: {},
      servers: servers.slice(MASTERS - 1),
      // in the middle of a fail-over nobody has it for a moment
      master: async () =>
        await until("a server has our slot", async () => {
          const words = await admin(first)
            .exists(`${GROUP_PREFIX}:any`)
            .then(
              () => "",
              (error: unknown) => String(error),
            );
          const port = Number(/:(\d+)$/u.exec(words)?.[1] ?? 0);
          return servers.find((one) => one.port === port) ?? null;
        }),
      admin,
      look() {
        // a client of the whole cluster would ask any node for its keys
        const client = new Redis({
          ...backOptions({ url, cluster, prefix: GROUP_PREFIX }),
          socketTimeout: 1000,
          reconnectOnError: ({ message }) => (message.startsWith("MOVED") ? 2 : false),
        });
        client.on("error", () => undefined);
        looking.push(client);
        return client;
      },
      stop,
    };
  } catch (error) {
    await stop();
    throw error;
  }
}
