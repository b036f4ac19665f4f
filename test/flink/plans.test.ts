import type { RequestListener } from "node:http";
import { afterEach, describe, expect, it } from "vitest";
import { startSimulated } from "../../playground/flink/simulated/server.ts";
import { type Cluster, type Clusters, createClusters } from "../../src/flink/clusters.ts";
import { read } from "../../src/flink/wire/jobs.ts";
import { jobGraph, planBody, stateSizes } from "../../src/flink/wire/plan.ts";
import type { ClusterConfig } from "../../src/model/cluster-config.ts";
import type { Program } from "../../src/model/planned-job.ts";
import { clusterAt, RETRY_AFTER_MS, serve } from "./local-server.ts";
import { recorded } from "./recorded.ts";

const PROGRAM: Program = { jar: "1_a.jar", entryClass: null, args: ["--a", "b,c"], parallelism: 2 };
const SOURCE = "0c80f7e50ab54b30f6a2580946f9e942";
const COUNT = "b71731f1c0df9c3076c4a455334d0ad6";
const SINK = "2e588ce1c86a9d46e2e85186773ce4fd";

describe.each(["2.3.0", "1.20.5"])("what Flink %s answered", (version) => {
  it("reads as a graph, with every operator of a chain", () => {
    expect(read(jobGraph, recorded(version, "plan").body, "reading a fixture")).toEqual({
      name: "orders",
      vertices: [
        { id: SINK, operators: ["sink: Writer"], parallelism: 2 },
        { id: COUNT, operators: ["count", "pass"], parallelism: 2 },
        { id: SOURCE, operators: ["Source: events"], parallelism: 2 },
      ],
      edges: [
        { from: COUNT, to: SINK, ship: "REBALANCE" },
        { from: SOURCE, to: COUNT, ship: "HASH" },
      ],
    });
  });

  it("reads as the state of each vertex", () => {
    const sizes = read(stateSizes, recorded(version, "checkpoint-details").body, "reading a fixture");
    expect([...sizes.keys()].toSorted()).toEqual([SOURCE, SINK, COUNT].toSorted());
    expect(sizes.get(SINK)).toBe(0);
    expect(sizes.get(COUNT)).toBeGreaterThan(1_000);
  });
});

it("an operator's name is what it is in a program, also where a chain branches", () => {
  const node = {
    id: COUNT,
    parallelism: 1,
    description: "a &lt;b&gt;<br/>:- c &amp; d<br/>+- e<br/>   +- f<br/>",
  };
  const graph = read(jobGraph, { plan: { name: "x", nodes: [node] } }, "reading");
  expect(graph.vertices[0]?.operators).toEqual(["a <b>", "c & d", "e", "f"]);
});

it("only what is named is sent, and arguments one by one", () => {
  expect(planBody(PROGRAM)).toEqual({ programArgsList: ["--a", "b,c"], parallelism: 2 });
  expect(planBody({ ...PROGRAM, entryClass: "com.x.Main", parallelism: null })).toEqual({
    entryClass: "com.x.Main",
    programArgsList: ["--a", "b,c"],
  });
});

describe("planning", () => {
  const open: { close(): Promise<void> }[] = [];
  afterEach(async () => {
    for (const one of open.splice(0).toReversed()) await one.close();
  });
  const at = (url: string, change: Partial<ClusterConfig> = {}): Cluster => {
    const clusters: Clusters = createClusters([clusterAt(url, change)], RETRY_AFTER_MS);
    open.push(clusters);
    return clusters.get("prod") as Cluster;
  };
  const asked = async (listener: RequestListener, change?: Partial<ClusterConfig>) => {
    let times = 0;
    const server = await serve((req, res) => {
      times += 1;
      listener(req, res);
    });
    open.push(server);
    return { planned: await at(server.url, change).reads.planOf(PROGRAM), times };
  };

  it("is given up after a while, and not tried again: main() may still be running", async () => {
    const { planned, times } = await asked(() => undefined);
    expect(planned).toEqual({ is: "not told", why: "Flink had not planned it within 1 s" });
    expect(times).toBe(1);
  });

  it("cannot be told where a proxy does not let it through", async () => {
    const { planned } = await asked((_req, res) => {
      res.writeHead(403, { "content-type": "text/html" });
      res.end("<html>no</html>");
    });
    expect(planned).toMatchObject({ is: "not told", why: expect.stringMatching(/^the cluster /u) });
  });

  it("runs nothing on a cluster that is read-only here", async () => {
    const { planned, times } = await asked(() => undefined, { changes: false });
    expect(planned).toEqual({
      is: "not told",
      why: "prod is read-only here, and planning runs the program",
    });
    expect(times).toBe(0);
  });

  it("cannot be told by an application cluster", async () => {
    const flink = await startSimulated({ jars: null });
    open.push({ close: async () => await flink.stop() });
    expect(await at(flink.url).reads.planOf(PROGRAM)).toEqual({
      is: "not told",
      why: "prod does not plan jars",
    });
  });
});
