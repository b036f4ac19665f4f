import { createServer } from "node:http";
import { fileURLToPath } from "node:url";
import { createBullBoard } from "@bull-board/api";
import { BullMQAdapter } from "@bull-board/api/bullMQAdapter";
import { ExpressAdapter } from "@bull-board/express";
import { Queue } from "bullmq";
import { OpsError } from "../model/errors.ts";
import type { RedisClient } from "../redis/connect.ts";
import { LANES, queueName } from "./lanes.ts";

/** The port of the queue inspection is taken. */
export class BoardUnavailable extends OpsError {
  override readonly name = "BoardUnavailable";
  readonly code = "board_unavailable";
  readonly retryable = false;
}

export interface BoardOptions {
  port: number;
  /** A connection of its own, because a board asks much at once. */
  client: RedisClient;
  prefix: string;
  zones: readonly string[];
  onError: (error: Error) => void;
}

export interface Board {
  /** Throws BoardUnavailable. */
  start(): Promise<void>;
  stop(): Promise<void>;
}

/** The board's own pages: copied next to the bundle, or in its package. */
const PAGES = ["../board", "../../node_modules/@bull-board/ui"] as const;
/** The pages would load fonts from elsewhere, and tell them who looks at queues. */
const OWN_ONLY = "default-src 'self' 'unsafe-inline' data:";
const HOSTS = /^(?:localhost|127\.0\.0\.1|\[::1\])(?::\d+)?$/iu;

/**
 * Bull Board over all queues, on the loopback address. It only reads: nothing but GET is answered, and only under a local name, so
 * that no page in somebody's browser reaches it under another. Import this file where it is switched on alone.
 */
export function createBoard({ port, client, prefix, zones, onError }: BoardOptions): Board {
  const queues = zones.flatMap((zone) =>
    LANES.map((lane) => {
      const queue = new Queue(queueName(lane, zone), {
        connection: client,
        prefix,
        skipWaitingForReady: true,
        skipVersionCheck: true,
      });
      queue.on("error", onError);
      return queue;
    }),
  );
  const adapter = new ExpressAdapter();
  createBullBoard({
    queues: queues.map((queue) => new BullMQAdapter(queue, { readOnlyMode: true, allowRetries: false })),
    serverAdapter: adapter,
    options: {
      uiBasePath: fileURLToPath(
        new URL(import.meta.url.endsWith(".ts") ? PAGES[1] : PAGES[0], import.meta.url),
      ),
      // our own user of Redis may not list connections, and `flinkops.workers` says which zones have a worker
      uiConfig: { boardTitle: "flinkops queues", hideRedisDetails: true, showWorkers: false },
    },
  });
  const pages = adapter.getRouter();
  const server = createServer((request, response) => {
    const refuse = (status: number, words: string): void =>
      void response.writeHead(status, { "content-type": "text/plain" }).end(`${words}\n`);
    if (!HOSTS.test(request.headers.host ?? "")) return refuse(403, "local names only");
    if (request.method !== "GET" && request.method !== "HEAD") return refuse(405, "GET only");
    response.setHeader("content-security-policy", OWN_ONLY);
    pages(request, response);
  });
  return {
    start: () =>
      new Promise((resolve, reject) => {
        server.once("error", (error) =>
          reject(
            new BoardUnavailable(
              `listening on 127.0.0.1:${port} for Bull Board: ${error.message}; choose another http.bullBoard`,
              {
                cause: error,
              },
            ),
          ),
        );
        server.listen(port, "127.0.0.1", resolve);
      }),
    async stop() {
      server.closeAllConnections();
      await new Promise((resolve) => server.close(resolve));
      await Promise.allSettled(queues.map(async (queue) => await queue.close()));
    },
  };
}
