import { randomBytes } from "node:crypto";
import { Redis } from "ioredis";
import { startRedis } from "../redis.ts";
import { findRedisServer, NoRedis } from "../redis-server.ts";

/** Where the demo keeps its records. */
export interface DemoRedis {
  url: string;
  /** Null: the program's own. */
  prefix: string | null;
  deployment: string;
  /** For the line of progress. */
  words: string;
  stop(): Promise<void>;
}

/** Tells what to do, in one line. */
export class DemoProblem extends Error {}

/** `given`: an existing Redis, in which the demo uses a prefix of its own; else a private one. Throws DemoProblem. */
export async function startDemoRedis(
  given: string | undefined,
  announce: (words: string) => void,
): Promise<DemoRedis> {
  if (given !== undefined) return await borrow(given);
  const program = await findRedisServer(announce).catch((error: unknown) => {
    if (!(error instanceof NoRedis)) throw error;
    throw new DemoProblem(`${error.message}; or set DEMO_REDIS_URL to a Redis that may be used`);
  });
  const server = await startRedis([], program);
  return {
    url: server.url,
    prefix: null,
    deployment: "demo",
    words: `Redis ${server.words} on port ${server.port}`,
    stop: async () => await server.stop(),
  };
}

async function borrow(given: string): Promise<DemoRedis> {
  const name = `flinkops-demo-${randomBytes(6).toString("hex")}`;
  const prefix = `{${name}}`;
  const client = new Redis(given, { lazyConnect: true, retryStrategy: () => null, maxRetriesPerRequest: 0 });
  client.on("error", () => undefined);
  try {
    await client.connect();
    await client.ping();
  } catch (error) {
    // not the address: it may hold a password
    const why = error instanceof Error ? error.message : String(error);
    throw new DemoProblem(`the Redis of DEMO_REDIS_URL does not answer: ${why}`);
  } finally {
    client.disconnect();
  }
  return {
    url: given,
    prefix,
    // a worker takes only what carries its own deployment's id: nobody else's will touch ours, nor we theirs
    deployment: name,
    words: `the Redis of DEMO_REDIS_URL, under ${prefix}`,
    stop: async () => await removeAll(given, prefix),
  };
}

/** Only keys under the prefix, which nobody but us has used. */
async function removeAll(url: string, prefix: string): Promise<void> {
  const client = new Redis(url, { retryStrategy: () => null, maxRetriesPerRequest: 0 });
  client.on("error", () => undefined);
  try {
    let cursor = "0";
    do {
      const [next, keys] = await client.scan(cursor, "MATCH", `${prefix}*`, "COUNT", 500);
      if (keys.length > 0) await client.unlink(...keys);
      cursor = next;
    } while (cursor !== "0");
  } catch {
    // gone before us
  } finally {
    client.disconnect();
  }
}
