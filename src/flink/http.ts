import { type Dispatcher, Pool } from "undici";
import { type Clock, systemClock } from "../clock.ts";
import { FlinkUnexpected, FlinkUnreachable, LeaseExpired, OpsError } from "../errors.ts";
import type { Lease } from "../operations/effect.ts";
import { type Answer, sortAnswer, type RawAnswer } from "./answer.ts";
import { createAuthorization, createTlsFiles, type TlsFiles } from "./auth.ts";
import type { ClusterConfig } from "./connection.ts";
import { connectionProblem } from "./connection-problem.ts";

const LARGEST_ANSWER = 8 * 1024 * 1024;
/** Between the attempts of a read, ms. */
const RETRY_AFTER_MS: readonly number[] = [100, 400];

/** A request that changes something says until when it may leave this process; one that reads is a GET. */
export type Call =
  | { method: "GET"; path: string }
  /** `mayTakeMs`: instead of the cluster's own time-out for changes. */
  | { method: "POST" | "PUT" | "PATCH"; path: string; body: unknown; lease: Lease; mayTakeMs?: number };

/** One cluster's REST endpoint. */
export interface Http {
  /**
   * Sends one request: a GET up to three times while nobody answers, a change exactly once and only while its lease
   * runs. Redirects are never followed. Throws FlinkUnreachable, FlinkUnexpected, LeaseExpired.
   */
  call(call: Call): Promise<Answer>;
  close(): Promise<void>;
}

/** Opens no connection before the first call. */
export function createHttp(
  config: ClusterConfig,
  retryAfterMs = RETRY_AFTER_MS,
  clock: Clock = systemClock,
): Http {
  const base = new URL(config.url);
  const prefix = base.pathname.replace(/\/+$/u, "");
  const authorization = createAuthorization(config.auth);
  const tlsFiles = createTlsFiles(config);
  let current: { mark: string; pool: Pool } | null = null;

  function poolFor(files: TlsFiles): Pool {
    if (current?.mark === files.mark) return current.pool;
    // the certificate was renewed: what is under way ends on the old connections
    current?.pool.close().catch(() => undefined);
    const pool = createPool(base.origin, config, files);
    current = { mark: files.mark, pool };
    return pool;
  }

  async function once(call: Call, doing: string): Promise<Answer> {
    let pool: Pool;
    let token: string | null;
    try {
      pool = poolFor(await tlsFiles());
      token = await authorization();
    } catch (error) {
      throw new FlinkUnreachable(`${doing}: the credentials cannot be read`, "no", { cause: error });
    }
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
          ...(call.method === "GET" ? {} : { "content-type": "application/json" }),
        },
        ...(call.method === "GET" ? {} : { body: JSON.stringify(call.body) }),
      },
      deadlineMs: call.method === "GET" ? readMs : (call.mayTakeMs ?? changeMs),
      connectMs,
      lease: call.method === "GET" ? null : call.lease,
      clock,
      wantsCertificate: base.protocol === "https:" && config.auth.kind !== "mtls",
    });
    return sortAnswer(raw, doing);
  }

  return {
    async call(call) {
      const doing = `${call.method === "GET" ? "reading" : "sending"} ${call.path.split("?")[0]} of ${config.name}`;
      for (let attempt = 0; ; attempt += 1) {
        try {
          return await once(call, doing);
        } catch (error) {
          const wait = retryAfterMs[attempt];
          if (call.method !== "GET" || wait === undefined || !mayRetry(error)) throw error;
          await clock.sleep(wait);
        }
      }
    },
    async close() {
      await current?.pool.destroy();
    },
  };
}

function createPool(origin: string, config: ClusterConfig, files: TlsFiles): Pool {
  return new Pool(origin, {
    connections: 8,
    pipelining: 1,
    allowH2: false,
    // ours is the deadline; these only stop a socket from living for ever
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

/** A time-out has already cost the person its whole length; a second one helps nobody. */
const mayRetry = (error: unknown): boolean =>
  error instanceof FlinkUnreachable && !(error.cause instanceof DeadlinePassed);

class DeadlinePassed extends Error {
  override readonly name = "DeadlinePassed";
}

interface Exchange {
  doing: string;
  options: Dispatcher.DispatchOptions;
  deadlineMs: number;
  connectMs: number;
  lease: Lease | null;
  wantsCertificate: boolean;
  clock: Clock;
}

/** One request, one answer, under one deadline that also covers waiting for a connection. */
function exchange(pool: Pool, x: Exchange): Promise<RawAnswer> {
  return new Promise((resolve, reject) => {
    let started = false;
    let settled = false;
    let controller: Dispatcher.DispatchController | null = null;
    const answer: RawAnswer = { status: 0, location: null, text: "" };
    const chunks: Buffer[] = [];
    let size = 0;

    const fail = (error: OpsError): void => {
      if (settled) return;
      settled = true;
      callOff();
      reject(error);
      controller?.abort(error);
    };
    const unreachable = (words: string, cause: unknown): FlinkUnreachable =>
      new FlinkUnreachable(`${x.doing}: ${words}`, started ? "maybe" : "no", { cause });

    const callOff = x.clock.after(x.deadlineMs, () => {
      const words = `no answer within ${x.deadlineMs / 1000} s`;
      fail(unreachable(words, new DeadlinePassed(words)));
    });

    pool.dispatch(x.options, {
      // runs in the same turn as the write to the socket: a process that was held up until now sends nothing late
      onRequestStart(c) {
        if (x.lease !== null && x.clock.monotonic() >= x.lease.untilMonotonicMs && !settled) {
          const expired = new LeaseExpired(`${x.doing}: too late to send it, nothing was sent`);
          fail(expired);
          throw expired;
        }
        if (settled) throw new DeadlinePassed("nobody waits for this any more");
        started = true;
        controller = c;
      },
      onResponseStart(_c, status, headers) {
        answer.status = status;
        answer.location = typeof headers["location"] === "string" ? headers["location"] : null;
      },
      onResponseData(_c, chunk) {
        size += chunk.length;
        if (size > LARGEST_ANSWER) {
          fail(
            new FlinkUnexpected(`${x.doing}: the answer is longer than ${LARGEST_ANSWER / 1024 / 1024} MB`),
          );
        } else {
          chunks.push(chunk);
        }
      },
      onResponseEnd() {
        if (settled) return;
        settled = true;
        callOff();
        resolve({ ...answer, text: Buffer.concat(chunks).toString("utf8") });
      },
      onResponseError(_c, error) {
        const problem = connectionProblem(error, x);
        if (problem.foreign && started)
          fail(new FlinkUnexpected(`${x.doing}: ${problem.words}`, { cause: error }));
        else fail(unreachable(problem.words, error));
      },
    });
  });
}
