import { createServer, type AddressInfo } from "node:net";
import { afterEach, beforeEach, describe, expect, it } from "vitest";
import type { Fault } from "../../playground/flink/simulated/faults.ts";
import { type SimulatedFlink, startSimulated } from "../../playground/flink/simulated/server.ts";
import { FlinkRefused, FlinkUnexpected, FlinkUnreachable } from "../../src/model/errors.ts";
import { type Cluster, type Clusters, createClusters } from "../../src/flink/clusters.ts";
import type { FlinkEffect, Lease } from "../../src/model/effect.ts";
import { clusterAt, RETRY_AFTER_MS } from "./local-server.ts";

const ID = "a".repeat(32);
const soon = (): Lease => ({ untilMonotonicMs: performance.now() + 10_000 });

let sim: SimulatedFlink;
let clusters: Clusters;
let flink: Cluster;
let jobId: string;

beforeEach(async () => {
  sim = await startSimulated();
  jobId = (await sim.control.addJob({ name: "orders" })).jobId;
  // a path prefix as proxies have one: Flink's own /v1 serves as it
  clusters = createClusters([clusterAt(`${sim.url}/v1/`)], RETRY_AFTER_MS);
  flink = clusters.get("prod") as Cluster;
});
afterEach(async () => {
  await clusters.close();
  await sim.stop();
});

const arrived = async (method: string): Promise<number> =>
  (await sim.control.requests()).filter((r) => r.method === method).length;
const savepoint = (): FlinkEffect => ({
  do: "savepoint",
  jobId,
  directory: "file:///sp/r1",
  format: "CANONICAL",
});
const perform = () => flink.effects.perform(savepoint(), ID, soon());

describe("reading", () => {
  it.each<[string, Fault, number]>([
    ["503 once", { path: "overview", status: 503, words: "leader election", times: 1 }, 2],
    ["502 twice", { path: "overview", status: 502, times: 2 }, 3],
    ["a cut connection", { path: "overview", cut: true, times: 1 }, 2],
    ["half an answer", { path: "overview", half: true, when: "after", times: 1 }, 2],
  ])("survives %s", async (_, fault, requests) => {
    await sim.control.fault(fault);
    expect(await flink.reads.overview()).toHaveLength(1);
    expect(await arrived("GET")).toBe(requests);
  });

  it.each<
    [string, Fault, typeof FlinkUnreachable | typeof FlinkUnexpected | typeof FlinkRefused, RegExp, number]
  >([
    [
      "503",
      { path: ".", status: 503, words: "Leader election." },
      FlinkUnreachable,
      /of prod: Leader election\.$/u,
      3,
    ],
    ["a proxy's 504", { path: ".", status: 504 }, FlinkUnreachable, /HTTP 504/u, 3],
    ["half answers", { path: ".", half: true, when: "after" }, FlinkUnreachable, /cut/u, 3],
    ["silence", { path: ".", delayMs: 5_000 }, FlinkUnreachable, /no answer within 0\.5 s/u, 1],
    ["a web page", { path: ".", status: 200 }, FlinkUnexpected, /HTTP 200 and a web page$/u, 1],
    [
      "a redirect",
      { path: ".", status: 302, location: "https://u:p@sso.example/login?x=1" },
      FlinkUnexpected,
      /a redirect to sso\.example; redirects are not followed/u,
      1,
    ],
    ["401", { path: ".", status: 401 }, FlinkUnexpected, /a proxy before Flink; check the credentials/u, 1],
    [
      "a proxy's 404",
      { path: ".", status: 404 },
      FlinkUnexpected,
      /without Flink's error body but a web page/u,
      1,
    ],
    ["a proxy's 500", { path: ".", status: 500 }, FlinkUnexpected, /HTTP 500/u, 1],
    [
      "other JSON",
      { path: ".", status: 200, text: '{"jobs":7}' },
      FlinkUnexpected,
      /jobs is not what Flink/u,
      1,
    ],
    [
      "Flink's own no",
      { path: ".", status: 400, words: "a.BException: Bad.\n\tat x" },
      FlinkRefused,
      /^Bad\.$/u,
      1,
    ],
  ])("names %s", async (_, fault, type, words, requests) => {
    await sim.control.fault(fault);
    const reading = flink.reads.overview();
    await expect(reading).rejects.toThrow(type);
    await expect(reading).rejects.toThrow(words);
    expect(await arrived("GET")).toBe(requests);
  });

  it("does not take a proxy's or a wrong route's 404 for an unknown id", async () => {
    await sim.control.fault({ path: "savepoints", status: 404, words: "Not found: /jobs/x/savepoints/y" });
    await expect(flink.reads.trigger(jobId, ID)).rejects.toThrow(FlinkRefused);
  });

  it("stops at 8 MB", async () => {
    await sim.control.fault({ path: ".", status: 200, text: "x".repeat(9_000_000) });
    // on a busy machine that much takes longer than half a second
    const timeouts = { connectMs: 2_000, readMs: 20_000, changeMs: 500, startMs: 1_000 };
    const patient = createClusters([clusterAt(sim.url, { timeouts })], RETRY_AFTER_MS);
    await expect(patient.get("prod")?.reads.overview()).rejects.toThrow(/longer than 8 MB/u);
    await patient.close();
  });

  it("lets no text from outside shape a path", async () => {
    await expect(flink.reads.job("../config")).rejects.toThrow(RangeError);
    await expect(flink.reads.trigger(jobId, "x/../..")).rejects.toThrow(RangeError);
    expect(await arrived("GET")).toBe(0);
  });
});

describe("nobody there", () => {
  it("is known not to have been reached", async () => {
    await sim.stop();
    await expect(perform()).rejects.toMatchObject({ code: "flink_unreachable", reached: "no" });
    await expect(flink.reads.overview()).rejects.toThrow(/connection refused/u);
  });

  it("may be another server", async () => {
    const other = createServer((socket) => socket.on("data", () => socket.end("SSH-2.0-OpenSSH\r\n")));
    await new Promise<void>((resolve) => other.listen(0, "127.0.0.1", resolve));
    const url = `http://127.0.0.1:${(other.address() as AddressInfo).port}`;
    const wrong = createClusters([clusterAt(url)], RETRY_AFTER_MS);
    await expect(wrong.get("prod")?.reads.overview()).rejects.toThrow(/not HTTP/u);
    await wrong.close();
    other.close();
  });
});

describe("changing", () => {
  it.each<[string, Fault, boolean]>([
    ["503 before", { path: "savepoints", method: "POST", status: 503, times: 1 }, false],
    ["a cut before", { path: "savepoints", method: "POST", cut: true, times: 1 }, false],
    ["a cut after", { path: "savepoints", method: "POST", cut: true, when: "after", times: 1 }, true],
    ["half an answer", { path: "savepoints", method: "POST", half: true, when: "after", times: 1 }, true],
    ["a late answer", { path: "savepoints", method: "POST", delayMs: 800, when: "after", times: 1 }, true],
    ["a 502 after", { path: "savepoints", method: "POST", status: 502, when: "after", times: 1 }, true],
    [
      "a web page with 200",
      { path: "savepoints", method: "POST", status: 200, when: "after", times: 1 },
      true,
    ],
    [
      "a time-out inside Flink",
      {
        path: "savepoints",
        method: "POST",
        status: 500,
        words: "java.util.concurrent.TimeoutException: late",
        times: 1,
      },
      false,
    ],
  ])("is sent once through %s, and asking tells", async (_, fault, happened) => {
    const anchor = await flink.effects.anchor(savepoint());
    await sim.control.fault(fault);
    await expect(perform()).rejects.toMatchObject({ code: "flink_unreachable", reached: "maybe" });
    expect(await arrived("POST")).toBe(1);
    expect((await flink.effects.ask(savepoint(), ID, { anchor, sent: "perhaps" })).is).toBe(
      happened ? "accepted" : "not",
    );
    expect(await sim.control.effects()).toHaveLength(happened ? 1 : 0);
  });

  it.each<[string, Fault, RegExp]>([
    ["a redirect", { path: ".", method: "POST", status: 302, location: "/login" }, /redirect/u],
    ["403", { path: ".", method: "POST", status: 403 }, /credentials/u],
    ["405", { path: ".", method: "POST", status: 405 }, /does not allow this method/u],
    [
      "Flink's 400",
      { path: ".", method: "POST", status: 400, words: "a.b.CException: No.\n\tat x" },
      /^No\.$/u,
    ],
  ])("is refused by %s, and nothing happened", async (_, fault, reason) => {
    await sim.control.fault(fault);
    expect(await perform()).toEqual({ is: "refused", reason: expect.stringMatching(reason) });
    expect(await sim.control.effects()).toEqual([]);
  });

  it("is refused where the cluster is read-only, before anything is sent", async () => {
    const shut = createClusters([clusterAt(sim.url, { changes: false })], RETRY_AFTER_MS);
    const sent = await shut.get("prod")?.effects.perform(savepoint(), ID, soon());
    expect(sent).toEqual({ is: "refused", reason: expect.stringContaining("read-only") });
    expect(await arrived("POST")).toBe(0);
    await shut.close();
  });
});
