import { afterEach, expect, it } from "vitest";
import { type SeenMessage, SlackDriver } from "../../playground/slack/driver.ts";
import { ANA, BEN, FLINK_OPS } from "../../playground/slack/workspace-seed.ts";
import { headOf } from "../harness/cards.ts";
import { suiteWith } from "../harness/needs.ts";
import { People } from "../harness/people.ts";
import { type DemoProcess, startDemoProcess } from "./demo-process.ts";

/** A start has 45 s in the demo, a rehearsal a minute. */
const OVER_MS = 90_000;

let demo: DemoProcess | null = null;
afterEach(async () => {
  await demo?.stop();
  demo = null;
});

interface Orders {
  people: People;
  /** Starts it with that jar, as Ana, with Ben's approval. */
  restart: (jar: string) => Promise<{ card: string; over: SeenMessage }>;
  /** Rehearses it with that jar, as Ana. */
  rehearse: (jar: string) => Promise<SeenMessage>;
  /** The ids of the jobs of this name that run. */
  running: () => Promise<readonly string[]>;
}

async function startOrders(args: readonly string[]): Promise<Orders> {
  const started = await startDemoProcess({ args });
  demo = started;
  const people = new People(new SlackDriver(await started.page()), [FLINK_OPS]);
  return {
    people,
    async restart(jar) {
      const asked = await people.change(ANA, `restart orders --jar ${jar}`);
      const card = await asked.headed("Waiting for approval");
      await people.approve(BEN, card);
      return { card: card.plain, over: await asked.outcome(OVER_MS) };
    },
    rehearse: async (jar) =>
      await (await people.change(ANA, `rehearse orders --jar ${jar}`)).outcome(OVER_MS),
    async running() {
      const { jobs } = (await started.askFlink("/jobs/overview")) as { jobs: Record<string, string>[] };
      return jobs.flatMap((j) =>
        j["name"] === "orders" && j["state"] === "RUNNING" ? [j["jid"] ?? ""] : [],
      );
    },
  };
}

const suite = await suiteWith(["redis"]);
suite("the versions of the demo's orders", () => {
  it("3.0 is refused before the stop, 4.0 fails its rehearsal, 2.0 is rehearsed and restarted", async () => {
    const { people, restart, rehearse, running } = await startOrders(["--simulated"]);
    const before = await running();
    expect(before).toHaveLength(1);
    const { plain } = await people.ask(ANA, "restart orders --jar orders-3.0.jar");
    expect(plain).toMatch(
      /The new version would not take the state of count \(\d\S* kB\)\. Nothing was changed\./u,
    );
    expect(await running()).toEqual(before);

    const typed = await rehearse("orders-4.0.jar");
    expect(headOf(typed)).toContain("Failed");
    expect(typed.plain).toMatch(/the new state serializer .* must not be incompatible/u);
    expect(await running()).toEqual(before);

    const good = await rehearse("newest");
    expect(headOf(good)).toContain("The rehearsal of orders was healthy after");
    expect(await running()).toEqual(before);
    const restarted = await restart("newest");
    expect(restarted.card).toContain("with orders-2.0.jar");
    expect(restarted.card).toMatch(/Rehearsed .* by ana: healthy after/u);
    expect(restarted.card).toMatch(/takes all of the state: 2 of 2 vertices, \d/u);
    expect(restarted.card).toContain("New, starts empty: pass.");
    expect(headOf(restarted.over)).toContain("✅");
    expect(await running()).not.toEqual(before);
  }, 200_000);
});
