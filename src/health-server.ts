import { createServer, type ServerResponse } from "node:http";
import { OpsError } from "./model/errors.ts";

/** Something that must be so before this process is of use. */
export interface Probe {
  /** Our own word: `slack`, `redis`, `worker`. Never a host or a cluster: anybody may read it. */
  name: string;
  /** From memory, at once. Throwing counts as no. */
  ok(): boolean;
}

/** The address of the health answers is taken, or not ours. */
export class HealthUnavailable extends OpsError {
  override readonly name = "HealthUnavailable";
  readonly code = "health_unavailable";
  readonly retryable = false;
}

export interface Health {
  /** The port taken; throws HealthUnavailable. */
  start(): Promise<number>;
  stop(): Promise<void>;
}

/**
 * `/healthz` answers while the process is up, whatever Redis and Slack do: restarting does not mend them.
 * `/readyz` is 503 with the names of the probes that say no. Values in Redis that are not ours (`forged`) are counted there
 * and fail nothing: whoever writes to Redis must not be able to stop the bot by one of them.
 */
export function createHealth(
  at: { host: string; port: number },
  probes: () => readonly Probe[],
  forged: () => number = () => 0,
): Health {
  const server = createServer((request, response) => {
    if (request.method !== "GET" && request.method !== "HEAD")
      return answer(response, 405, { status: "GET only" });
    const path = request.url?.split("?")[0];
    if (path === "/healthz") return answer(response, 200, { status: "alive" });
    if (path !== "/readyz") return answer(response, 404, { status: "no such page" });
    const failing = probes().flatMap((probe) => (holds(probe) ? [] : [probe.name]));
    const found = forged() === 0 ? {} : { forged: forged() };
    return failing.length === 0
      ? answer(response, 200, { status: "ready", ...found })
      : answer(response, 503, { status: "not ready", failing, ...found });
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

function answer(response: ServerResponse, status: number, body: object): void {
  response.writeHead(status, { "content-type": "application/json", "cache-control": "no-store" });
  response.end(`${JSON.stringify(body)}\n`);
}
