import { Redis } from "ioredis";
import { atEndOfTurn, type Clock } from "../platform/clock.ts";
import { addressOf, type RedisAt } from "./address.ts";

/** A Redis connection; no other module imports ioredis. */
export type RedisClient = Redis;

/** Options for opening a connection of ioredis or BullMQ. */
export type ConnectionOptions = ReturnType<typeof usual> & {
  commandTimeout?: number;
  socketTimeout?: number;
  enableOfflineQueue?: boolean;
  keepAlive?: number;
  maxRetriesPerRequest: number | null;
};

const PROBLEMS =
  /Connection is closed|Stream isn't writeable|timed out|Socket timeout|ECONNREFUSED|ECONNRESET|EPIPE|ETIMEDOUT|EHOSTUNREACH|ENETUNREACH|ENOTFOUND|EAI_AGAIN|No master of Redis/u;

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

/** Redis comes out of these by itself: a fail-over, a start, a script that takes long. */
const PASSING = new Set([
  "READONLY",
  "MASTERDOWN",
  "UNBLOCKED",
  "MOVED",
  "CLUSTERDOWN",
  "TRYAGAIN",
  "LOADING",
  "BUSY",
]);

/** Redis's own word for why it refuses, such as `OOM` or `NOPERM`, where that lasts until a person mends it; otherwise null. */
export function lastingRefusal(error: unknown): string | null {
  if (!(error instanceof Error)) return null;
  if (error.name !== "ReplyError") return lastingRefusal(error.cause);
  const word = /^[A-Z]{2,20}\b/u.exec(error.message)?.[0] ?? "ERR";
  return PASSING.has(word) ? null : word;
}

/** A failed connection to several addresses has no message, only a code. */
export function inWords(error: Error): string {
  const code = "code" in error && typeof error.code === "string" ? error.code : "";
  return error.message === "" ? code : error.message;
}

/** At most a quarter of a second: commands right after Redis is back must not fail. */
const retryStrategy = (times: number): number => Math.min(50 * 2 ** Math.min(times, 3), 250);
/**
 * Another server takes the writes now, or will soon. The command fails, and the next one finds that server: sent again by
 * itself, a command of a transaction would be carried out without the others.
 */
const reconnectOnError = ({ message }: Error): boolean =>
  /^(?:READONLY|MASTERDOWN|UNBLOCKED|MOVED|CLUSTERDOWN)\b/u.test(message);
const usual = (at: RedisAt) => ({
  ...addressOf(at, retryStrategy),
  retryStrategy,
  reconnectOnError,
  connectTimeout: 1500,
  // CLIENT SETINFO: our user may not, and before 7.2 no user can be given the right
  disableClientInfo: true,
  // a server that hangs does not close its side
  disconnectTimeout: 500,
  maxLoadingRetryTime: 250,
});

/**
 * For the bot: fails within a second instead of waiting, so that an ack is truthful. Commands are not queued in
 * memory, because they would be lost with the process after "accepted" was shown. A silent socket is replaced, because
 * Redis may have moved to another address.
 */
export const frontOptions = (at: RedisAt): ConnectionOptions => ({
  ...usual(at),
  commandTimeout: 700,
  socketTimeout: 3000,
  enableOfflineQueue: false,
  maxRetriesPerRequest: 0,
});

/** For WAIT alone, which takes a second while a replica is down. */
export const waitingOptions = (at: RedisAt): ConnectionOptions => ({
  ...frontOptions(at),
  commandTimeout: 2000,
  socketTimeout: 5000,
});

/**
 * For workers: waits until an outage is over. BullMQ requires `maxRetriesPerRequest: null`, and waits at most ten seconds
 * for a job: a socket that is silent for longer leads nowhere.
 */
export const backOptions = (at: RedisAt): ConnectionOptions => ({
  ...usual(at),
  socketTimeout: 15_000,
  maxRetriesPerRequest: null,
});

/** For a connection over which nothing is asked: TCP itself finds out within half a minute that it leads nowhere. */
export const listeningOptions = (at: RedisAt): ConnectionOptions => ({
  ...backOptions(at),
  keepAlive: 15_000,
});

/**
 * Commands of one turn of the event loop leave together. Many people at once then cost few system calls, and Redis writes what it
 * got together to its disk together.
 */
class Gathering extends Redis {
  override sendCommand(...[command, to]: Parameters<Redis["sendCommand"]>): unknown {
    const socket: Redis["stream"] | undefined = this.stream;
    if (socket?.writableCorked === 0) {
      socket.cork();
      atEndOfTurn(() => socket.uncork());
    }
    return super.sendCommand(command, to);
  }
}

/** Opens a connection; errors go to `onError`, never to the console. */
export function connectRedis(options: ConnectionOptions, onError: (error: Error) => void): RedisClient {
  const client = new Gathering(options);
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
