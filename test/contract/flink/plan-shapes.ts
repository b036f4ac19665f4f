import { expect, it } from "vitest";
import { until } from "../../../playground/flink/session.ts";
import type { Cluster } from "../../../src/flink/clusters.ts";
import type { Bench } from "./bench.ts";
import { accepted, type Kit, newId, soon } from "./kit.ts";
import { graphOf, idsOf } from "./plans.ts";
import { stateNow } from "../../fakes/sighted.ts";

/** By the name of the first operator of a chain. */
type Shape = Readonly<Record<string, { id: string; chain: string; parallelism: number }>>;

/** How the ids of a plan follow from the program; only a real Flink can tell. */
export function planShapes(on: () => { bench: Bench; flink: Cluster; kit: Kit }): void {
  async function shape(args: readonly string[], parallelism: number | null = null): Promise<Shape> {
    const { bench, flink } = on();
    const { vertices } = await graphOf(flink, { jar: await bench.jar("own"), args, parallelism });
    return Object.fromEntries(
      vertices.map((v) => [
        v.operators[0] ?? "",
        { id: v.id, chain: v.operators.join(", "), parallelism: v.parallelism },
      ]),
    );
  }

  it("an id follows from the uid of the first operator in a chain, and from nothing else", async () => {
    const own = await shape([]);
    expect(Object.keys(own)).toEqual(["sink: Writer", "count", "Source: events"]);
    const renamed = await shape(["--uid-suffix", "2"]);
    expect(renamed["count"]?.id).not.toBe(own["count"]?.id);
    expect(renamed["sink: Writer"]).toEqual(own["sink: Writer"]);
    const added = await shape(["--pass"]);
    for (const name of Object.keys(own)) expect(added[name]).toEqual(own[name]);
    expect(Object.keys(added)).toContain("pass");
    // an operator in a chain has no id of its own here
    const chained = await shape(["--pass-chained"]);
    expect(Object.keys(chained)).toEqual(Object.keys(own));
    expect(chained["count"]).toEqual({ ...own["count"], chain: "count, pass" });
    const moved = await shape(["--chained"]);
    expect(Object.keys(moved)).toEqual(["count", "Source: events"]);
    expect(moved["count"]).toEqual({ ...own["count"], chain: "count, sink: Writer" });
  });

  it("without uids an operator may get the id that another one had", async () => {
    const plain = await shape(["--no-uids"]);
    const wide = await shape(["--no-uids"], 4);
    for (const name of Object.keys(plain)) expect(wide[name]?.id).toBe(plain[name]?.id);
    const added = await shape(["--no-uids", "--pass"]);
    expect(added["count"]?.id).toBe(plain["count"]?.id);
    expect(added["pass"]?.id).toBe(plain["sink: Writer"]?.id);
  });

  it("does not tell the maximum parallelism, which the state must have", async () => {
    const { bench, flink, kit } = on();
    const own = await shape([]);
    expect(await shape(["--max-parallelism", "64"])).toEqual(own);
    const tooWide = await shape([], 200);
    expect(tooWide["count"]).toEqual({ ...own["count"], parallelism: 200 });
    const jobId = await kit.running();
    const from = await kit.savepoint(jobId);
    await kit.cancelJob(jobId);
    const args = ["--keys", "1", "--max-parallelism", "64"];
    const effect = kit.runOf(await bench.jar("own"), { from, args });
    expect(await flink.effects.perform(effect, newId(), soon())).toEqual(accepted);
    await until("failed", async () => (await stateNow(flink.reads, effect.jobId)) === "FAILED");
    expect(await flink.reads.failure(effect.jobId)).toMatch(/Max parallelism mismatch/u);
  });

  it("cannot tell the graph of a main() that catches what ends it", async () => {
    const { bench, flink } = on();
    const program = { jar: await bench.jar("own"), entryClass: null, parallelism: null };
    expect(await flink.reads.planOf({ ...program, args: ["--swallow"] })).toEqual({
      is: "not told",
      why: "its main() ends before Flink has seen a job",
    });
    expect(await flink.reads.planOf({ ...program, args: ["--needs-env", "NOT_SET_HERE"] })).toEqual({
      is: "cannot start",
      why: "the environment variable NOT_SET_HERE is not set",
    });
    expect(idsOf((await graphOf(flink, { ...program, args: ["--needs-env", "PATH"] })).vertices).size).toBe(
      3,
    );
  });
}
