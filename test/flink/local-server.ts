import { createServer, type RequestListener, type Server } from "node:http";
import type { AddressInfo } from "node:net";
import type { ClusterConfig } from "../../src/model/cluster-config.ts";

/** A cluster as the configuration would describe it, with short waits. */
export const clusterAt = (url: string, change: Partial<ClusterConfig> = {}): ClusterConfig => ({
  name: "prod",
  label: "Production",
  url,
  zone: "test",
  changes: true,
  savepointRoots: [],
  defaultFileSystem: null,
  auth: { kind: "none" },
  headers: {},
  ca: null,
  servername: null,
  managedBy: null,
  timeouts: { connectMs: 2_000, readMs: 500, changeMs: 500, startMs: 1000 },
  ...change,
});

/** As often as in the product, and sooner. */
export const RETRY_AFTER_MS: readonly number[] = [1, 4];

/** Serves on a free loopback port until `close`. */
export async function serve(listener: RequestListener): Promise<{ url: string; close(): Promise<void> }> {
  const server = createServer(listener);
  return listen(server, "http");
}

export async function listen(
  server: Server,
  scheme: string,
): Promise<{ url: string; close(): Promise<void> }> {
  await new Promise<void>((resolve) => server.listen(0, "127.0.0.1", resolve));
  return {
    url: `${scheme}://127.0.0.1:${(server.address() as AddressInfo).port}`,
    close: () =>
      new Promise((resolve) => {
        server.close(() => resolve());
        server.closeAllConnections();
      }),
  };
}
