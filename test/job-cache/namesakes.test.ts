import { expect, it } from "vitest";
import { findJob, isAmbiguous } from "../../src/job-cache/find.ts";
import { toldApart } from "../../src/job-cache/namesakes.ts";
import { FlinkUnreachable } from "../../src/model/errors.ts";
import type { Edge, Vertex } from "../../src/model/flink-jobs.ts";
import { plain } from "../../src/model/text.ts";
import { aJob, aSummary, aVertex, FakeFlinkReads } from "../fakes/flink-reads.ts";

const NAME = "insert-into_default_catalog.default_database.sink";
const [ONE, TWO] = ["1".repeat(32), "2".repeat(32)];

/** Two jobs of one name, as SQL makes them; each has these sources and one sink. */
async function told(sources: Readonly<Record<string, readonly string[]>>): Promise<string> {
  const flink = new FakeFlinkReads();
  const of = (jobId: string): { vertices: Vertex[]; edges: Edge[] } => {
    const names = sources[jobId] ?? [];
    const sink = aVertex({ id: "sink", name: "sink[7]: Writer" });
    return {
      vertices: [...names.map((name) => aVertex({ id: name, name })), sink],
      edges: names.map((name) => ({ from: name, to: "sink", ship: "HASH" })),
    };
  };
  flink.job = async (jobId) => await Promise.resolve(aJob({ jobId, vertices: of(jobId).vertices }));
  flink.edges = async (jobId) => {
    if (sources[jobId] === undefined) throw new FlinkUnreachable("no answer", "maybe");
    return await Promise.resolve(of(jobId).edges);
  };
  const jobs = [ONE, TWO].map((jobId) => aSummary({ jobId, name: NAME }));
  const found = findJob({ cluster: "prod", job: NAME, bound: null }, jobs);
  if (!isAmbiguous(found)) throw new Error("one of two was chosen");
  const { refuse, instead = [] } = await toldApart(found, flink);
  return [refuse, ...instead].map(plain).join("\n");
}

it("says what each reads and writes", async () => {
  const said = await told({
    [ONE]: ["Source: orders[1]", "Source: customers[2]"],
    [TWO]: ["Source: clicks[1]"],
  });
  expect(said).toMatch(/matches 2 jobs\. Use the id:/u);
  expect(said).toMatch(
    /• 11111111 insert-into_\S+ \(RUNNING, started .*\), from Source: orders\[1\], Source: customers\[2\] to sink\[7\]: Writer\n/u,
  );
  expect(said).toMatch(/• 22222222 .*, from Source: clicks\[1\] to sink\[7\]: Writer$/u);
});

it("names three of many", async () => {
  const many = ["a", "b", "c", "d", "e"];
  expect(await told({ [ONE]: many, [TWO]: ["a"] })).toContain("from a, b, c and 2 more to sink[7]: Writer");
});

it("leaves out what all of them share, and what Flink does not say", async () => {
  expect(await told({ [ONE]: ["a"], [TWO]: ["a"] })).not.toContain("from a");
  expect(await told({})).not.toContain("from");
  const half = await told({ [ONE]: ["a"] });
  expect(half).toContain("from a to sink[7]: Writer");
  expect(half).toMatch(/• 22222222 .*\)$/u);
});
