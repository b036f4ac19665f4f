import { afterAll, beforeAll, expect, it } from "vitest";
import { ANA, FLINK_OPS, INCIDENT } from "../../playground/slack/workspace-seed.ts";
import { headOf } from "../harness/cards.ts";
import { judge } from "../harness/judge.ts";
import { suiteWith } from "../harness/needs.ts";
import { startWorld, type World } from "../harness/world.ts";

const suite = await suiteWith(["redis"]);

suite("where no worker serves a zone, people are told at once", () => {
  let world: World;
  beforeAll(async () => {
    world = await startWorld({ roles: ["bot"] });
    await world.flink.control.addJob({ name: "orders" });
    // a job of its own, as two equal changes that waited become one, whichever is taken up first
    await world.flink.control.addJob({ name: "payments" });
  });
  afterAll(async () => await world.stop());

  const told = async (words: string, channel = FLINK_OPS): Promise<string> =>
    (await world.people.ask(ANA, words, channel)).plain;

  it("by the answer to a change and to a question, which wait, and by mention", async () => {
    expect(await told('savepoint orders --reason "nobody there"')).toContain(
      "No worker is running for zone default. Your request waits, and is dropped at",
    );
    expect(await told("status orders")).toContain("No worker is running for zone default");
    await world.driver.type(ANA, INCIDENT, '@flink savepoint payments --reason "by mention"');
    await world.driver.waitForEphemeral(ANA, INCIDENT, (m) =>
      m.plain.includes("No worker is running for zone default"),
    );
    // that is no fault of the bot's
    expect((await fetch(`${world.products[0]?.healthUrl}/readyz`)).status).toBe(200);
  });

  it("by `requests`, which lists what waits", async () => {
    const open = await told("requests --open");
    expect(open).toContain("3 requests");
    expect(open.split("waiting for a worker")).toHaveLength(4);
    expect(await told("requests --mine")).toContain("waiting for a worker");
  });

  it("and by nothing more once a worker is there, which does what waited", async () => {
    const worker = await world.start({ roles: ["worker"] });
    const asked = world.people.watch(ANA, "nobody there", { error: null } as never, FLINK_OPS);
    expect(headOf(await asked.outcome())).toContain("✅");
    await world.stored.atRest();
    const typed = await world.people.change(ANA, "savepoint orders");
    await typed.outcome();
    const ephemerals = await world.driver.ephemerals(ANA, typed.channel);
    expect(ephemerals.filter((m) => m.plain.includes("No worker"))).toEqual([]);
    expect(await told("requests --open")).toContain("No such requests");
    // one that says goodbye is gone at once
    await worker.stop();
    expect(await told("status orders")).toContain("No worker is running for zone default");
  });

  it("and a question that waited too long is answered in words", async () => {
    // as if a minute and a half had passed
    for (const id of await world.stored.queued(["reads-default"]))
      await world.stored.askedEarlier("reads-default", id, 95_000);
    await world.start({ roles: ["worker"] });
    const late = await world.driver.waitForEphemeral(ANA, FLINK_OPS, (m) =>
      m.plain.includes("This took too long: status orders"),
    );
    expect(late.plain).toContain("Try again");
    await judge(world);
  });
});
