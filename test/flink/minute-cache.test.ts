import { afterEach, beforeEach, describe, expect, it } from "vitest";
import { type SimulatedFlink, startSimulated } from "../../playground/flink/simulated/server.ts";
import { FlinkUnreachable } from "../../src/model/errors.ts";
import { type Cluster, type Clusters, createClusters } from "../../src/flink/clusters.ts";
import { cachedForAMinute } from "../../src/flink/rest/minute-cache.ts";
import { ManualClock } from "../fakes/clock.ts";
import { clusterAt, RETRY_AFTER_MS } from "./local-server.ts";

describe("an answer that is kept", () => {
  it("is asked for again after a minute", async () => {
    let asked = 0;
    const clock = new ManualClock();
    const ask = cachedForAMinute(() => Promise.resolve((asked += 1)), clock);
    expect(await Promise.all([ask(), ask()])).toEqual([1, 1]);
    clock.at = 59_999;
    expect(await ask()).toBe(1);
    clock.at = 60_000;
    expect(await ask()).toBe(2);
  });

  it("is not an error", async () => {
    let asked = 0;
    const ask = cachedForAMinute(async () => {
      asked += 1;
      if (asked === 1) throw new Error("nobody answers");
      return asked;
    });
    const both = await Promise.allSettled([ask(), ask()]);
    expect(both.map((b) => b.status)).toEqual(["rejected", "rejected"]);
    expect(await ask()).toBe(2);
    expect(await ask()).toBe(2);
  });
});

describe("what a cluster can do", () => {
  let sim: SimulatedFlink;
  let clusters: Clusters;
  let flink: Cluster;
  beforeEach(async () => {
    sim = await startSimulated({ slots: 8 });
    clusters = createClusters([clusterAt(sim.url)], RETRY_AFTER_MS);
    flink = clusters.get("prod") as Cluster;
  });
  afterEach(async () => {
    await clusters.close();
    await sim.stop();
  });
  const reads = async (path: string): Promise<number> =>
    (await sim.control.requests()).filter((r) => r.path === path).length;

  it("costs one round trip from the second time on, and its slots are those of now", async () => {
    const first = await flink.reads.capabilities();
    expect(first.slotsFree).toBe(8);
    await sim.control.addJob({ name: "orders" });
    const second = await flink.reads.capabilities();
    expect(second.slotsFree).toBeLessThan(8);
    expect({ ...second, slotsFree: 8 }).toEqual(first);
    // by that time it is known, without a request, who manages it and where its savepoints go
    expect(await flink.reads.managed()).toBeNull();
    expect(await flink.reads.savepointDirectory()).toBe(first.savepointDirectory);
    expect(await reads("/overview")).toBe(2);
    expect(await reads("/config")).toBe(1);
    expect(await reads("/jobmanager/config")).toBe(1);
  });

  it("tells a cluster that takes jars from one that is a single program", async () => {
    expect(await flink.reads.capabilities()).toMatchObject({ submit: true, application: false });
    const settings = { "$internal.application.main": "com.x.Main" };
    const program = await startSimulated({ jars: null, settings });
    const others = createClusters([clusterAt(program.url)]);
    const other = others.get("prod") as Cluster;
    expect(await other.reads.capabilities()).toMatchObject({ submit: false, application: true });
    expect(await other.reads.jars()).toBeNull();
    await others.close();
    await program.stop();
  });

  it("is shared with asking about an effect", async () => {
    const { jobId } = await sim.control.addJob({ name: "orders" });
    const { savepointDirectory } = await flink.reads.capabilities();
    expect(savepointDirectory).not.toBeNull();
    const effect = {
      do: "savepoint",
      jobId,
      directory: `${savepointDirectory}/r1`,
      format: "CANONICAL",
    } as const;
    await flink.effects.ask(effect, "c".repeat(32), {
      anchor: await flink.effects.anchor(effect),
      sent: "perhaps",
    });
    // once for the settings; which process answers is asked each time
    expect(await reads("/jobmanager/config")).toBe(2);
  });

  it("is read again after an error", async () => {
    await sim.control.fault({ path: "^/config", status: 503, times: 3 });
    await expect(flink.reads.capabilities()).rejects.toBeInstanceOf(FlinkUnreachable);
    await sim.control.fault({ path: "^/jobmanager/config", status: 403, times: 1 });
    const shut = createClusters([clusterAt(sim.url)], RETRY_AFTER_MS);
    const other = shut.get("prod") as Cluster;
    expect((await other.reads.capabilities()).savepointDirectory).toBeNull();
    expect((await other.reads.capabilities()).savepointDirectory).not.toBeNull();
    await shut.close();
    expect((await flink.reads.capabilities()).version).not.toBe("");
  });
});
