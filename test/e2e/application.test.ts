import { afterEach, expect, it } from "vitest";
import { until } from "../../playground/processes.ts";
import type { SeenMessage } from "../../playground/slack/driver.ts";
import { ANA, BEN } from "../../playground/slack/workspace-seed.ts";
import { headOf } from "../harness/cards.ts";
import { FORBIDDEN } from "../harness/judge.ts";
import { suiteWith } from "../harness/needs.ts";
import { isSavepoint, type RealWorld, startRealWorld } from "../harness/real.ts";

const suite = await suiteWith(["redis", "flink"]);

const REDEPLOY = /deploy the application again with --fromSavepoint (file:\/\S+)\./u;

/** What is said of the job's state, as it is to be copied. */
const stateIn = (said: SeenMessage): string => REDEPLOY.exec(said.plain)?.[1] ?? said.plain;

suite("a real application cluster, which ends with its job", () => {
  let world: RealWorld | null = null;
  afterEach(async () => {
    await world?.stop();
    world = null;
  });

  async function started(savepointPath?: string): Promise<RealWorld> {
    const from = savepointPath === undefined ? {} : { savepointPath };
    world = await startRealWorld({
      slots: 2,
      // nobody can be asked for a checkpoint that is complete just before the cluster is gone
      flink: { "execution.checkpointing.interval": "10s" },
      jvms: { application: { name: "orders", rate: 20, ...from } },
      config: { jobs: [{ name: "orders", cluster: "live", jar: { newest: "orders-*.jar" } }] },
    });
    const { truth } = world;
    const { id } = await until("its job", async () => (await truth.alive("orders"))[0] ?? null);
    await truth.checkpointed(id);
    return world;
  }

  it.each([
    ["stop orders", "orders is stopped", "savepoint"],
    ["cancel orders", "orders is cancelled", "checkpoint"],
    ["cancel orders --with-savepoint", "orders is cancelled", "savepoint"],
  ])("%s: says before what ends with it, and after how to come back", async (words, head, kind) => {
    const { people, driver, cluster } = await started();
    expect((await people.ask(ANA, "clusters")).plain).toContain("application mode");
    expect((await people.ask(ANA, "run orders --from none")).plain).toContain(
      "orders is already running on live",
    );
    const asked = await people.change(ANA, words);
    const card = await asked.card();
    expect(card.plain).toContain(
      "It is the last job of an application cluster, which ends with it. Only deploying the application again brings it back.",
    );
    await driver.click(BEN, card, "approval.approve");
    const over = await asked.outcome(30_000);
    expect(headOf(over)).toContain(`✅ ${head}`);
    expect(over.controls.map((one) => one.label)).not.toContain("Resume");
    const state = stateIn(over);
    expect(isSavepoint(state)).toBe(true);
    await cluster.ended();

    await until("it is known that the cluster is gone", async () =>
      (await people.ask(ANA, "clusters")).plain.includes("ended with its last job") ? true : null,
    );
    for (const later of ["status orders", "resume orders", "savepoints orders"]) {
      const told = await people.ask(ANA, later);
      expect(isSavepoint(stateIn(told))).toBe(true);
      expect(told.controls.map((one) => one.label).join()).not.toContain("Resume");
      expect(told.plain).not.toMatch(FORBIDDEN);
    }
    expect((await people.ask(ANA, "resume orders")).plain).toMatch(
      new RegExp(
        `live is an application cluster; it ended with its last job.*newest known state is the ${kind}`,
        "su",
      ),
    );
    expect((await people.ask(ANA, "list")).plain).toContain(
      "live is an application cluster; it ended with its last job",
    );
  });
});
