import { mkdtemp, rm } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { Redis } from "ioredis";
import { freePort, startTied, type Tied, until } from "./processes.ts";
import { findRedisServer, type RedisServer } from "./redis-server.ts";

/** A private Redis, set up as flinkops wants it: AOF on, nothing evicted. */
export interface PrivateRedis {
  readonly url: string;
  readonly port: number;
  readonly directory: string;
  /** Its version and where it is from. */
  readonly words: string;
  /** As in production: SIGKILL, the AOF stays. */
  kill(): Promise<void>;
  /** On the same port and folder. */
  restart(): Promise<void>;
  signal(signal: NodeJS.Signals): void;
  stop(): Promise<void>;
}

/** Starts a server that ends with this process: `given`, or the one that is found. Throws NoRedis. */
export async function startRedis(extra: readonly string[] = [], given?: RedisServer): Promise<PrivateRedis> {
  const { program, words } = given ?? (await findRedisServer());
  const directory = await mkdtemp(join(tmpdir(), "flinkops-redis-"));
  const port = await freePort();
  const args = [
    ["--port", String(port)],
    ["--bind", "127.0.0.1"],
    ["--dir", directory],
    ["--appendonly", "yes"],
    ["--appendfsync", "always"],
    ["--maxmemory-policy", "noeviction"],
    ["--save", ""],
    // delayed jobs wake with Redis's own clock tick
    ["--hz", "100"],
    extra,
  ].flat();
  const start = async (): Promise<Tied> => {
    const server = await startTied(program, args);
    await until("redis-server answers", async () => ((await answers(port)) ? true : null));
    return server;
  };
  let server = await start();
  return {
    url: `redis://127.0.0.1:${port}`,
    port,
    directory,
    words,
    async kill() {
      server.kill("SIGKILL");
      await server.exited;
    },
    async restart() {
      server = await start();
    },
    signal: (signal) => server.kill(signal),
    async stop() {
      await server.stop(2000);
      await rm(directory, { recursive: true, force: true });
    },
  };
}

/** It also answers where it asks for a password. */
async function answers(port: number): Promise<boolean> {
  const client = new Redis({ host: "127.0.0.1", port, lazyConnect: true, retryStrategy: () => null });
  let asksForPassword = false;
  client.on("error", ({ message }: Error) => (asksForPassword ||= message.startsWith("NOAUTH")));
  try {
    await client.connect();
    return (await client.ping()) === "PONG";
  } catch {
    return asksForPassword;
  } finally {
    client.disconnect();
  }
}
