import { readFileSync } from "node:fs";
import { mkdtemp, rename, rm, writeFile } from "node:fs/promises";
import type { IncomingHttpHeaders } from "node:http";
import { createServer as createTlsServer } from "node:https";
import { tmpdir } from "node:os";
import { join } from "node:path";
import type { TLSSocket } from "node:tls";
import { afterAll, afterEach, beforeAll, describe, expect, it } from "vitest";
import { type Clusters, createClusters } from "../../src/flink/clusters.ts";
import type { ClusterConfig } from "../../src/model/cluster-config.ts";
import { clusterAt, listen, serve, RETRY_AFTER_MS } from "./local-server.ts";

const pem = (name: string): string => join(import.meta.dirname, "fixtures/tls", name);
const open: Clusters[] = [];
afterEach(async () => {
  await Promise.all(open.splice(0).map((c) => c.close()));
});

function readsAt(url: string, change: Partial<ClusterConfig>) {
  const clusters = createClusters([clusterAt(url, change)], RETRY_AFTER_MS);
  open.push(clusters);
  const cluster = clusters.get("prod");
  if (cluster === null) throw new Error("no cluster");
  return cluster.reads;
}

describe("what is sent with a request", () => {
  let seen: IncomingHttpHeaders[] = [];
  let server: Awaited<ReturnType<typeof serve>>;
  let dir: string;
  beforeAll(async () => {
    dir = await mkdtemp(join(tmpdir(), "flinkops-auth-"));
    server = await serve((req, res) => {
      seen.push(req.headers);
      res.end('{"jobs":[]}');
    });
  });
  afterEach(() => {
    seen = [];
  });
  afterAll(async () => {
    await server.close();
    await rm(dir, { recursive: true });
  });

  it("is nothing where nothing is configured", async () => {
    await readsAt(server.url, {}).overview();
    expect(seen[0]).not.toHaveProperty("authorization");
    expect(seen[0]).toMatchObject({ accept: "application/json" });
  });

  it("is a user's name and password, and further headers", async () => {
    const auth = { kind: "basic", user: "ops", password: { value: "pä:ss" } } as const;
    await readsAt(server.url, { auth, headers: { "x-tenant": "a" } }).overview();
    expect(seen[0]).toMatchObject({
      authorization: `Basic ${Buffer.from("ops:pä:ss").toString("base64")}`,
      "x-tenant": "a",
    });
  });

  it("is the token that is in the file now", async () => {
    const file = join(dir, "token");
    await writeFile(file, "first\n");
    const reads = readsAt(server.url, { auth: { kind: "bearer", token: { file } } });
    await reads.overview();
    await writeFile(`${file}.new`, "second, which is longer\n");
    await rename(`${file}.new`, file);
    await reads.overview();
    expect(seen.map((h) => h["authorization"])).toEqual(["Bearer first", "Bearer second, which is longer"]);
  });

  it("is nothing at all while the token cannot be read", async () => {
    const reads = readsAt(server.url, { auth: { kind: "bearer", token: { file: join(dir, "none") } } });
    await expect(reads.overview()).rejects.toMatchObject({
      code: "flink_unreachable",
      reached: "no",
      message: "reading /jobs/overview of prod: the credentials cannot be read",
    });
    expect(seen).toEqual([]);
  });
});

describe("TLS", () => {
  const name = "server.flinkops.test";
  let server: Awaited<ReturnType<typeof serve>>;
  let clients: string[] = [];
  beforeAll(async () => {
    const tls = createTlsServer(
      {
        cert: readFileSync(pem("server.pem")),
        key: readFileSync(pem("server-key.pem")),
        ca: readFileSync(pem("ca.pem")),
        requestCert: true,
        rejectUnauthorized: false,
      },
      (req, res) => {
        const socket = req.socket as TLSSocket;
        if (req.url?.startsWith("/mtls") === true && !socket.authorized) {
          socket.destroy();
          return;
        }
        clients.push(String(socket.getPeerCertificate().subject?.CN ?? "nobody"));
        res.end('{"jobs":[]}');
      },
    );
    server = await listen(tls, "https");
  });
  afterEach(() => {
    clients = [];
  });
  afterAll(() => server.close());

  it("works with a private authority and another name", async () => {
    await readsAt(server.url, { ca: pem("ca.pem"), servername: name }).overview();
    expect(clients).toEqual(["nobody"]);
  });

  it("shows our certificate", async () => {
    const auth = { kind: "mtls", cert: pem("client.pem"), key: pem("client-key.pem") } as const;
    await readsAt(`${server.url}/mtls`, { ca: pem("ca.pem"), servername: name, auth }).overview();
    expect(clients).toEqual(["client.flinkops.test"]);
  });

  it.each<[string, Partial<ClusterConfig>, RegExp]>([
    ["an authority nobody trusts", { servername: name }, /certificate is not trusted/u],
    ["another name", { ca: pem("ca.pem") }, /is for another name/u],
  ])("refuses %s, before a byte is sent", async (_, change, words) => {
    const reading = readsAt(server.url, change).overview();
    await expect(reading).rejects.toThrow(words);
    await expect(reading).rejects.toMatchObject({ reached: "no" });
    expect(clients).toEqual([]);
  });

  it("names a missing client certificate as a possible cause", async () => {
    const reading = readsAt(`${server.url}/mtls`, { ca: pem("ca.pem"), servername: name }).overview();
    await expect(reading).rejects.toThrow(/does the server want a client certificate/u);
  });
});
