import { afterAll, beforeAll, expect, it } from "vitest";
import { until } from "../../playground/processes.ts";
import { ANA, BEN } from "../../playground/slack/workspace-seed.ts";
import { flinkSql } from "../../playground/sql/sql.ts";
import { headOf } from "../harness/cards.ts";
import { FORBIDDEN } from "../harness/judge.ts";
import { suiteWith } from "../harness/needs.ts";
import { type RealWorld, startRealWorld } from "../harness/real.ts";

const suite = await suiteWith(["redis", "flink"]);

/** The name that SQL gives to an unnamed INSERT into `sink`. */
const NAME = "insert-into_default_catalog.default_database.sink";

suite("jobs of Flink SQL, and one of 122 vertices", () => {
  let world: RealWorld;
  let jar = "";
  beforeAll(async () => {
    const sql = await flinkSql();
    world = await startRealWorld({ slots: 6, jvms: { lib: sql.lib } });
    jar = await world.cluster.uploadJar(sql.jobs, "sql-jobs.jar");
  });
  afterAll(async () => await world?.stop());

  /** Starts one and waits until all of its tasks run. */
  async function started(...args: string[]): Promise<string> {
    const answer = await fetch(`${world.cluster.url}/jars/${jar}/run`, {
      method: "POST",
      headers: { "content-type": "application/json" },
      body: JSON.stringify({ programArgsList: args }),
    });
    const { jobid = "" } = (await answer.json()) as { jobid?: string };
    // a bounded part may have finished by then
    await until(
      `${args.join(" ")} runs`,
      async () => {
        const job = (await world.cluster.get(`/jobs/${jobid}`)) as { vertices: { status: string }[] } | null;
        const isUp = job?.vertices.every((v) => v.status === "RUNNING" || v.status === "FINISHED") === true;
        return isUp && job.vertices.length > 0 ? true : null;
      },
      60_000,
    );
    return jobid;
  }
  const told = async (words: string): Promise<string> => {
    const { plain } = await world.people.ask(ANA, words);
    expect(plain).not.toMatch(FORBIDDEN);
    return plain;
  };

  it("of several jobs of one name, each is listed with what tells it apart", async () => {
    const [join, filter] = [await started("join"), await started("filter")];
    const said = await told(`status ${NAME}`);
    expect(said).toContain("matches 2 jobs. Use the id:");
    const lineOf = (id: string): string =>
      said.split("\n").find((line) => line.includes(id.slice(0, 8))) ?? said;
    expect(lineOf(join)).toMatch(/from .*orders.*customers/u);
    expect(lineOf(filter)).not.toContain("orders[");
    expect(await told("list")).toContain("2 of this name: use the id");

    // a change says the same, and the id is enough for it
    const asked = await world.people.ask(ANA, `savepoint ${NAME}`);
    expect(asked.plain).toContain("matches 2 jobs. Use the id:");
    const saved = await world.people.change(ANA, `savepoint ${join.slice(0, 8)}`);
    expect(headOf(await saved.outcome(60_000))).toContain("✅");
    for (const id of [join, filter]) await world.cluster.cancel(id);
  });

  it("a job of which a part has finished is saved and stopped all the same", async () => {
    const mixed = await started("mixed");
    await until("its bounded table has ended", async () => {
      const job = (await world.cluster.get(`/jobs/${mixed}`)) as { vertices: { status: string }[] } | null;
      return job?.vertices.some((v) => v.status === "FINISHED") === true ? true : null;
    });
    const status = await told(`status ${mixed}`);
    expect(status).toContain("finished");
    expect(status).not.toContain("🔴");
    const stopped = await world.people.change(ANA, `stop ${mixed}`);
    await world.driver.click(BEN, await stopped.card(), "approval.approve");
    expect(headOf(await stopped.outcome(60_000))).toContain("✅");
    expect(await world.truth.state(mixed)).toBe("FINISHED");
  });

  it("of 122 vertices those that matter are shown, their names shortened in the middle", async () => {
    const wide = await started("wide", "120");
    const status = await told("status wide");
    expect(status).toContain("40 of 122 vertices");
    expect(status).toMatch(/step \d+ of a pipeline.*….*for a cell/u);
    await world.cluster.cancel(wide);
  });
});
