import { createServer, type ServerResponse } from "node:http";
import { OpsError } from "./model/errors.ts";

/** A condition for this process to be ready. */
export interface Probe {
  /** Our own name for it: `slack`, `redis`, `worker`. Never a host or cluster name, because anyone may read it. */
  name: string;
  /** Answers at once, from memory. Throwing counts as not ready. */
  ok(): boolean;
}

/** The health server's address is taken or not local. */
export class HealthUnavailable extends OpsError {
  override readonly name = "HealthUnavailable";
  readonly code = "health_unavailable";
  readonly retryable = false;
}

export interface Health {
  /** Returns the port in use; throws HealthUnavailable. */
  start(): Promise<number>;
  stop(): Promise<void>;
}

/**
 * `/healthz` answers while the process is up, regardless of Redis and Slack: a restart does not repair them.
 * `/readyz` is 503 with the names of the failing probes. `notes` are added to its answer and never make it
 * fail: `forged` counts the values in Redis that flinkops did not write, and someone who writes them must not be able to stop
 * the bot that way; `policy` says whether the newest policy is loaded, because without it people still need savepoints.
 */
export function createHealth(
  at: { host: string; port: number },
  probes: () => readonly Probe[],
  {
    notes = () => ({}),
    metrics = null,
  }: {
    notes?: () => Readonly<Record<string, unknown>>;
    /** The text of `/metrics`; null: there is no such page. */
    metrics?: (() => Promise<string>) | null;
  } = {},
): Health {
  const server = createServer((request, response) => {
    if (request.method !== "GET" && request.method !== "HEAD")
      return answer(response, 405, { status: "GET only" });
    const path = request.url?.split("?")[0];
    if (path === "/healthz") return answer(response, 200, { status: "alive" });
    if (path === "/metrics" && metrics !== null) return void scrape(response, metrics);
    if (path !== "/readyz") return answer(response, 404, { status: "no such page" });
    const failing = probes().flatMap((probe) => (holds(probe) ? [] : [probe.name]));
    return failing.length === 0
      ? answer(response, 200, { status: "ready", ...notes() })
      : answer(response, 503, { status: "not ready", failing, ...notes() });
  });
  server.requestTimeout = 5_000;
  server.headersTimeout = 5_000;
  server.maxConnections = 64;
  return {
    start: () =>
      new Promise((resolve, reject) => {
        const cannot = (error: Error) =>
          reject(
            new HealthUnavailable(
              `listening on ${at.host}:${at.port} for /healthz: ${error.message}; choose another with http.port or FLINKOPS_PORT`,
              { cause: error },
            ),
          );
        server.once("error", cannot);
        server.listen(at.port, at.host, () => {
          server.off("error", cannot);
          const address = server.address();
          resolve(typeof address === "object" && address !== null ? address.port : at.port);
        });
      }),
    stop: () =>
      new Promise((resolve) => {
        server.close(() => resolve());
        server.closeAllConnections();
      }),
  };
}

function holds(probe: Probe): boolean {
  try {
    return probe.ok();
  } catch {
    return false;
  }
}

async function scrape(response: ServerResponse, metrics: () => Promise<string>): Promise<void> {
  try {
    const text = await metrics();
    // https://prometheus.io/docs/instrumenting/exposition_formats/
    response.writeHead(200, { "content-type": "text/plain; version=0.0.4; charset=utf-8" });
    response.end(text);
  } catch {
    answer(response, 500, { status: "metrics cannot be read" });
  }
}

function answer(response: ServerResponse, status: number, body: object): void {
  response.writeHead(status, { "content-type": "application/json", "cache-control": "no-store" });
  response.end(`${JSON.stringify(body)}\n`);
}
