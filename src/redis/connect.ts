import { Redis } from "ioredis";
import type { Clock } from "../clock.ts";

/** One of our Redis connections; ioredis itself is imported nowhere else. */
export type RedisClient = Redis;

/** What ioredis and BullMQ are opened with. */
export type ConnectionOptions = ReturnType<typeof address> & {
  retryStrategy: (times: number) => number;
  connectTimeout: number;
  commandTimeout?: number;
  enableOfflineQueue?: boolean;
  maxRetriesPerRequest: number | null;
};

/** Redis did not answer, or could not: the step is tried again, nothing is concluded from it. */
export function isRedisProblem(error: unknown): boolean {
  if (!(error instanceof Error)) return false;
  return (
    ["ReplyError", "MaxRetriesPerRequestError", "AbortError"].includes(error.name) ||
    /Connection is closed|Stream isn't writeable|Command timed out|ECONNREFUSED|ECONNRESET|EPIPE/.test(
      error.message,
    )
  );
}

/** Capped at a second: a bot that waits 20 s after Redis is back looks dead. */
const retryStrategy = (times: number): number => Math.min(100 * 2 ** Math.min(times, 4), 1000);

/**
 * For the bot: fails within 1.5 s instead of waiting, so that an ack is honest. Nothing is queued in memory,
 * for what lies there is lost with the process after we said "accepted".
 */
export function frontOptions(url: string): ConnectionOptions {
  return {
    ...address(url),
    retryStrategy,
    connectTimeout: 1500,
    commandTimeout: 1500,
    enableOfflineQueue: false,
    maxRetriesPerRequest: 0,
  };
}

/** For workers: waits out an outage. BullMQ demands `maxRetriesPerRequest: null`. */
export function backOptions(url: string): ConnectionOptions {
  return { ...address(url), retryStrategy, connectTimeout: 1500, maxRetriesPerRequest: null };
}

/** Opens a connection; errors go to `onError`, never to the console. */
export function connectRedis(options: ConnectionOptions, onError: (error: Error) => void): RedisClient {
  const client = new Redis(options);
  client.on("error", onError);
  return client;
}

/**
 * Whether `replicas` of them have everything that was written before, by whichever connection: replication keeps the
 * order, so one more write stands for all of them. https://redis.io/docs/latest/commands/wait/
 */
export async function replicatedTo(client: RedisClient, key: string, replicas: number): Promise<boolean> {
  await client.set(key, 1);
  return (await client.wait(replicas, 1000)) >= replicas;
}

/** Waits until the connection is ready, at most `ms`; resolves to whether it is. */
export async function untilReady(
  client: RedisClient,
  ms: number,
  clock: Pick<Clock, "after">,
): Promise<boolean> {
  if (client.status === "ready") return true;
  return await new Promise((resolve) => {
    const callOff = clock.after(ms, () => done(false));
    const onReady = (): void => done(true);
    const done = (ok: boolean): void => {
      callOff();
      client.off("ready", onReady);
      resolve(ok);
    };
    client.once("ready", onReady);
  });
}

function address(url: string) {
  const u = new URL(url);
  return {
    host: u.hostname,
    port: u.port === "" ? 6379 : Number(u.port),
    ...(u.username === "" ? {} : { username: decodeURIComponent(u.username) }),
    ...(u.password === "" ? {} : { password: decodeURIComponent(u.password) }),
    ...(u.pathname.length > 1 ? { db: Number(u.pathname.slice(1)) } : {}),
    ...(u.protocol === "rediss:" ? { tls: {} } : {}),
  };
}
