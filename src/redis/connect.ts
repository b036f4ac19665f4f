import { Redis } from "ioredis";
import type { Clock } from "../platform/clock.ts";

/** A Redis connection; no other module imports ioredis. */
export type RedisClient = Redis;

/** Options for opening a connection of ioredis or BullMQ. */
export type ConnectionOptions = ReturnType<typeof address> & {
  retryStrategy: (times: number) => number;
  connectTimeout: number;
  maxLoadingRetryTime: number;
  commandTimeout?: number;
  socketTimeout?: number;
  enableOfflineQueue?: boolean;
  maxRetriesPerRequest: number | null;
};

const PROBLEMS =
  /Connection is closed|Stream isn't writeable|timed out|Socket timeout|ECONNREFUSED|ECONNRESET|EPIPE|ETIMEDOUT|EHOSTUNREACH|ENOTFOUND|EAI_AGAIN/u;

/** Redis did not answer or refused: the step is tried again, and nothing is concluded from it. */
export const isRedisProblem = (error: unknown): boolean =>
  error instanceof Error && (error.name === "ReplyError" || isConnectionProblem(error));

/** The connection failed. Otherwise Redis itself refused: out of memory, read-only, a wrong password. */
export const isConnectionProblem = (error: Error): boolean =>
  ["MaxRetriesPerRequestError", "AbortError"].includes(error.name) || PROBLEMS.test(inWords(error));

/**
 * Redis has certainly not executed the command: it was never sent, or Redis refused it. A sent one may have arrived.
 */
export const isCertainlyNotTaken = (error: unknown): boolean =>
  error instanceof Error &&
  (error.name === "ReplyError" || error.message.startsWith("Stream isn't writeable"));

/** A failed connection to several addresses has no message, only a code. */
export function inWords(error: Error): string {
  const code = "code" in error && typeof error.code === "string" ? error.code : "";
  return error.message === "" ? code : error.message;
}

/** At most a quarter of a second: commands right after Redis is back must not fail. */
const retryStrategy = (times: number): number => Math.min(50 * 2 ** Math.min(times, 3), 250);
const usual = { retryStrategy, connectTimeout: 1500, maxLoadingRetryTime: 250 };

/**
 * For the bot: fails within a second instead of waiting, so that an ack is truthful. Commands are not queued in
 * memory, because they would be lost with the process after "accepted" was shown. A silent socket is replaced, because
 * Redis may have moved to another address.
 */
export const frontOptions = (url: string): ConnectionOptions => ({
  ...address(url),
  ...usual,
  commandTimeout: 700,
  socketTimeout: 3000,
  enableOfflineQueue: false,
  maxRetriesPerRequest: 0,
});

/** For WAIT alone, which takes a second while a replica is down. */
export const waitingOptions = (url: string): ConnectionOptions => ({
  ...frontOptions(url),
  commandTimeout: 2000,
  socketTimeout: 5000,
});

/** For workers: waits until an outage is over. BullMQ requires `maxRetriesPerRequest: null`. */
export const backOptions = (url: string): ConnectionOptions => ({
  ...address(url),
  ...usual,
  maxRetriesPerRequest: null,
});

/** Opens a connection; errors go to `onError`, never to the console. */
export function connectRedis(options: ConnectionOptions, onError: (error: Error) => void): RedisClient {
  const client = new Redis(options);
  client.on("error", onError);
  // each waiting caller adds a listener: during an outage that may be a whole channel
  client.setMaxListeners(1000);
  return client;
}

/** Waits at most `ms` for the connection to be ready; resolves to whether it is. */
export async function untilReady(
  client: RedisClient,
  ms: number,
  clock: Pick<Clock, "after">,
): Promise<boolean> {
  if (client.status === "ready") return true;
  return await new Promise((resolve) => {
    const callOff = clock.after(ms, () => done("too late"));
    const onReady = (): void => done("ready");
    const done = (how: "ready" | "too late"): void => {
      callOff();
      client.off("ready", onReady);
      resolve(how === "ready");
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
