import { type Dispatcher, Pool } from "undici";
import { type Clock, systemClock } from "../../platform/clock.ts";
import { FlinkBusy, FlinkUnexpected, FlinkUnreachable, LeaseExpired, OpsError } from "../../model/errors.ts";
import type { Lease } from "../../model/effect.ts";
import { type FlinkResponse, type RawResponse, sortResponse } from "./response.ts";
import { createAuthorization, createTlsFiles, type TlsFiles } from "./auth.ts";
import type { ClusterConfig } from "../../model/cluster-config.ts";
import { connectionProblem } from "./connection-problem.ts";
import type { Lane } from "../../model/flink-reads.ts";
import { createTail, type TailLimits, type TailReader } from "./tail.ts";
import { createPruner, type Pruner } from "./without-keys.ts";

const MB = 1024 * 1024;
/** Limit for the kept part of an answer, bytes. */
const LARGEST_ANSWER = 8 * MB;
/** Limit for the bytes read of an answer whose unused fields are dropped. */
const LARGEST_PRUNED = 64 * MB;
/** Delays between the attempts of a read, ms. */
const RETRY_AFTER_MS: readonly number[] = [100, 400];

/**
 * Connections per lane. Starts have their own, because Flink answers a start only after the program's main() returns,
 * and other changes must not wait for that.
 */
const CONNECTIONS: Readonly<Record<Lane | "start", number>> = {
  "break-glass": 2,
  brake: 2,
  change: 4,
  start: 4,
  watch: 4,
  read: 4,
  background: 2,
};

/** A request. A change carries a lease, the latest time at which it may be sent; a GET carries none. */
export type Call =
  /** `without`: unused fields of the answer that may be huge. */
  | { method: "GET"; path: string; without?: readonly string[] }
  /** The answer is a long text, of which only the end is kept; `body` is its text and TailPlace. */
  | { method: "GET"; path: string; tail: TailLimits }
  /** A question that Flink takes as a POST: it changes nothing, so it needs no lease. Sent once. */
  | { method: "POST"; path: string; body: unknown; lease: null; mayTakeMs: number }
  /** `mayTakeMs`: replaces the cluster's timeout for changes. */
  | { method: "POST" | "PUT" | "PATCH"; path: string; body: unknown; lease: Lease; mayTakeMs?: number };

/** One cluster's REST endpoint over the connections of one lane. */
export interface Http {
  /**
   * Sends one request: a GET up to three times while Flink does not answer, a change exactly once and only before its
   * lease expires. Never follows redirects. Throws FlinkUnreachable (FlinkBusy if it was never sent), FlinkUnexpected,
   * LeaseExpired.
   */
  call(call: Call): Promise<FlinkResponse>;
}

/** All connections to one cluster. */
export interface Connections {
  lane(lane: Lane | "start"): Http;
  /** The same lane for optional reads: one attempt, all of it within `ms`. */
  hurried(lane: Lane, ms: number): Http;
  close(): Promise<void>;
}

/** Opens no connection before the first call. */
export function createConnections(
  config: ClusterConfig,
  retryAfterMs = RETRY_AFTER_MS,
  clock: Clock = systemClock,
): Connections {
  const base = new URL(config.url);
  const prefix = base.pathname.replace(/\/+$/u, "");
  const authorization = createAuthorization(config.auth);
  const tlsFiles = createTlsFiles(config);
  const pools = new Map<Lane | "start", { mark: string; pool: Pool }>();

  function poolFor(lane: Lane | "start", files: TlsFiles): Pool {
    const current = pools.get(lane);
    if (current?.mark === files.mark) return current.pool;
    // the certificate was renewed: calls in progress finish on the old connections
    current?.pool.close().catch(() => undefined);
    const pool = createPool(base.origin, { config, files, connections: CONNECTIONS[lane] });
    pools.set(lane, { mark: files.mark, pool });
    return pool;
  }

  async function once(lane: Lane | "start", call: Call, hurryMs: number | null): Promise<FlinkResponse> {
    const doing = doingOf(call, config);
    let pool: Pool;
    let token: string | null;
    try {
      pool = poolFor(lane, await tlsFiles());
      token = await authorization();
    } catch (error) {
      throw new FlinkUnreachable(`${doing}: the credentials cannot be read`, "no", { cause: error });
    }
    const isGet = call.method === "GET";
    const { connectMs, readMs, changeMs } = config.timeouts;
    const raw = await exchange(pool, {
      doing,
      options: {
        method: call.method,
        path: prefix + call.path,
        headers: {
          accept: "application/json",
          ...config.headers,
          ...(token === null ? {} : { authorization: token }),
          ...(isGet ? {} : { "content-type": "application/json" }),
        },
        ...(isGet ? {} : { body: JSON.stringify(call.body) }),
      },
      waitMs: hurryMs ?? (isGet ? readMs : changeMs),
      answerMs: isGet ? readMs : (call.mayTakeMs ?? changeMs),
      hurryMs,
      connectMs,
      lease: isGet ? null : call.lease,
      pruner: "without" in call && call.without !== undefined ? createPruner(call.without) : null,
      tail: "tail" in call ? call.tail : null,
      clock,
      wantsCertificate: base.protocol === "https:" && config.auth.kind !== "mtls",
    });
    return sortResponse(raw, doing);
  }

  return {
    lane: (lane) => ({
      async call(call) {
        for (let attempt = 0; ; attempt += 1) {
          try {
            return await once(lane, call, null);
          } catch (error) {
            const wait = retryAfterMs[attempt];
            if (call.method !== "GET" || wait === undefined || !mayRetry(error)) throw error;
            await clock.sleep(wait);
          }
        }
      },
    }),
    hurried: (lane, ms) => ({ call: (call) => once(lane, call, ms) }),
    async close() {
      await Promise.all([...pools.values()].map(({ pool }) => pool.destroy()));
    },
  };
}

const doingOf = (call: Call, config: ClusterConfig): string =>
  `${call.method === "GET" ? "reading" : "sending"} ${call.path.split("?")[0]} of ${config.name}`;

function createPool(
  origin: string,
  { config, files, connections }: { config: ClusterConfig; files: TlsFiles; connections: number },
): Pool {
  return new Pool(origin, {
    connections,
    pipelining: 1,
    allowH2: false,
    // `exchange` enforces the deadline; these limits only keep a socket from living forever
    headersTimeout: Math.max(config.timeouts.changeMs, config.timeouts.startMs) * 2,
    bodyTimeout: config.timeouts.changeMs * 2,
    connect: {
      timeout: config.timeouts.connectMs,
      rejectUnauthorized: true,
      ...(config.servername === null ? {} : { servername: config.servername }),
      ...(files.ca === undefined ? {} : { ca: files.ca }),
      ...(files.cert === undefined ? {} : { cert: files.cert }),
      ...(files.key === undefined ? {} : { key: files.key }),
    },
  });
}

/** A timeout is not retried: the person has already waited for its full length. */
const mayRetry = (error: unknown): boolean =>
  error instanceof FlinkUnreachable &&
  !(error instanceof FlinkBusy) &&
  !(error.cause instanceof DeadlinePassed);

class DeadlinePassed extends Error {
  override readonly name = "DeadlinePassed";
}

interface Exchange {
  doing: string;
  options: Dispatcher.DispatchOptions;
  /** Longest wait for a free connection. */
  waitMs: number;
  /** Longest wait for the answer, measured from sending. */
  answerMs: number;
  /** Limit for both together; null: each has its own. */
  hurryMs: number | null;
  connectMs: number;
  lease: Lease | null;
  pruner: Pruner | null;
  tail: TailLimits | null;
  wantsCertificate: boolean;
  clock: Clock;
}

/** One request, one answer. Waiting for a connection has its own deadline, because it says nothing about the server. */
function exchange(pool: Pool, x: Exchange): Promise<RawResponse> {
  return new Promise((resolve, reject) => {
    const began = x.clock.monotonic();
    let started = false;
    let settled = false;
    let controller: Dispatcher.DispatchController | null = null;
    const answer: RawResponse = { status: 0, location: null, text: "" };
    const chunks: Buffer[] = [];
    let tail: TailReader | null = null;
    let [size, read] = [0, 0];

    const fail = (error: OpsError): void => {
      if (settled) return;
      settled = true;
      callOff();
      reject(error);
      controller?.abort(error);
    };
    const finish = (): void => {
      if (settled) return;
      settled = true;
      callOff();
      resolve({ ...answer, ...(tail?.kept() ?? { text: Buffer.concat(chunks).toString("utf8") }) });
    };
    /** Enough of a long text was read. */
    const stop = (): void => {
      finish();
      controller?.abort(new DeadlinePassed("the rest is not read"));
    };
    const unreachable = (words: string, cause: unknown, refused = false): FlinkUnreachable =>
      new FlinkUnreachable(`${x.doing}: ${words}`, started ? "maybe" : "no", { cause, refused });
    const tooLong = (limit: number): void =>
      fail(new FlinkUnexpected(`${x.doing}: the answer is longer than ${limit / MB} MB`));
    const expired = (): LeaseExpired =>
      new LeaseExpired(`${x.doing}: it was too late to send it; nothing was sent`);

    const leaseMs = x.lease === null ? Number.POSITIVE_INFINITY : x.lease.untilMonotonicMs - began;
    let callOff = x.clock.after(Math.max(0, Math.min(x.waitMs, leaseMs)), () =>
      fail(
        leaseMs <= x.waitMs
          ? expired()
          : new FlinkBusy(`${x.doing}: no connection was free for ${x.waitMs / 1000} s, nothing was sent`),
      ),
    );

    pool.dispatch(x.options, {
      // runs in the same tick as the write to the socket, so a process that was suspended sends nothing late
      onRequestStart(c) {
        const now = x.clock.monotonic();
        if (x.lease !== null && now >= x.lease.untilMonotonicMs && !settled) {
          const error = expired();
          fail(error);
          throw error;
        }
        if (settled) throw new DeadlinePassed("nobody waits for this answer any longer");
        started = true;
        controller = c;
        callOff();
        const ms = x.hurryMs === null ? x.answerMs : Math.max(0, x.hurryMs - (now - began));
        callOff = x.clock.after(ms, () => {
          const words = `no answer within ${(x.hurryMs ?? ms) / 1000} s`;
          if (tail === null || tail.isEmpty) fail(unreachable(words, new DeadlinePassed(words)));
          else stop();
        });
      },
      onResponseStart(_c, status, headers) {
        answer.status = status;
        answer.location = typeof headers["location"] === "string" ? headers["location"] : null;
        if (x.tail === null || status !== 200) return;
        const length = headers["content-length"];
        tail = createTail(x.tail, typeof length === "string" ? length : undefined);
        if (tail.isTooLong) stop();
      },
      onResponseData(_c, chunk) {
        if (tail !== null) {
          if (!settled && !tail.take(chunk)) stop();
          return;
        }
        read += chunk.length;
        const kept = x.pruner === null ? chunk : x.pruner(chunk);
        size += kept.length;
        if (size > LARGEST_ANSWER) tooLong(LARGEST_ANSWER);
        else if (read > LARGEST_PRUNED) tooLong(LARGEST_PRUNED);
        else if (kept.length > 0) chunks.push(kept);
      },
      onResponseEnd() {
        tail?.end();
        finish();
      },
      onResponseError(_c, error) {
        const problem = connectionProblem(error, x);
        if (problem.foreign && started)
          fail(new FlinkUnexpected(`${x.doing}: ${problem.words}`, { cause: error }));
        else fail(unreachable(problem.words, error, problem.refused));
      },
    });
  });
}
