import { Agent, request } from "undici";
import { SinkProblem } from "./sink.ts";
import type { Sink } from "./sink.ts";

/** How long the receiver may take to connect and to answer one batch, ms. */
const CONNECT_MS = 3000;
const ANSWER_MS = 10_000;

export interface HttpSinkOptions {
  name: string;
  required: boolean;
  url: string;
  /** May contain a secret: never log them. */
  headers: Readonly<Record<string, string>>;
}

/**
 * Posts entries to a collector, one batch at a time as NDJSON. A batch counts when it was answered with 2xx, and is sent
 * again otherwise, so the collector may get it twice; `flinkops-audit-entries` has its first and last number. Redirects
 * are not followed.
 */
export function createHttpSink({ url, headers, ...how }: HttpSinkOptions): Sink {
  const agent = new Agent({
    connections: 1,
    connect: { timeout: CONNECT_MS },
    headersTimeout: ANSWER_MS,
    bodyTimeout: ANSWER_MS,
  });
  return {
    ...how,
    newest: async () => await Promise.resolve(null),
    async push({ first, last, lines }, signal) {
      const status = await post(`${first}-${last}`, lines, signal);
      if (status < 200 || status > 299) throw new SinkProblem(`${originOf(url)} answered ${status}`);
    },
    close: async () => await agent.destroy(),
  };

  async function post(entries: string, lines: readonly string[], signal: AbortSignal): Promise<number> {
    try {
      const { statusCode, body } = await request(url, {
        dispatcher: agent,
        method: "POST",
        signal,
        headers: {
          ...headers,
          "content-type": "application/x-ndjson",
          "flinkops-audit-entries": entries,
        },
        body: lines.map((line) => `${line}\n`).join(""),
      });
      await body.dump();
      return statusCode;
    } catch (error) {
      const code = error instanceof Error && "code" in error ? ` (${String(error.code)})` : "";
      throw new SinkProblem(`${originOf(url)} did not answer${code}`, { cause: error });
    }
  }
}

/** The path of a collector's address may be a secret. */
const originOf = (url: string): string => new URL(url).origin;
