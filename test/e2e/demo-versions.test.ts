import { afterEach, expect, it } from "vitest";
import { type SeenMessage, SlackDriver } from "../../playground/slack/driver.ts";
import { ANA, BEN, FLINK_OPS } from "../../playground/slack/workspace-seed.ts";
import { headOf } from "../harness/cards.ts";
import { suiteWith } from "../harness/needs.ts";
import { People } from "../harness/people.ts";
import { type DemoProcess, startDemoProcess } from "./demo-process.ts";

/** It is up to its health check, 45 s in the demo, and the way back after that. */
const ROLLED_BACK_MS = 150_000;

let demo: DemoProcess | null = null;
afterEach(async () => {
  await demo?.stop();
  demo = null;
});

interface Orders {
  people: People;
  /** Starts it with that jar, as Ana, with Ben's approval. */
  restart: (jar: string) => Promise<{ card: string; over: SeenMessage }>;
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
      return { card: card.plain, over: await asked.outcome(ROLLED_BACK_MS) };
    },
    async running() {
      const { jobs } = (await started.askFlink("/jobs/overview")) as { jobs: Record<string, string>[] };
      return jobs.flatMap((j) =>
        j["name"] === "orders" && j["state"] === "RUNNING" ? [j["jid"] ?? ""] : [],
      );
    },
  };
}

for (const [where, suite, args] of [
  ["the simulated JobManager", await suiteWith(["redis"]), ["--simulated"]],
  ["a real Flink", await suiteWith(["redis", "flink"]), []],
] as const)
  suite(`the versions of the demo's orders on ${where}`, () => {
    it("2.0 fits, 3.0 is refused before the stop, 4.0 fits by its plan and is rolled back", async () => {
      const { people, restart, running } = await startOrders(args);
      const before = await running();
      expect(before).toHaveLength(1);
      const { plain } = await people.ask(ANA, "restart orders --jar orders-3.0.jar");
      expect(plain).toMatch(
        /The new version would not take the state of count \(\d\S* kB\)\. Nothing was changed\./u,
      );
      expect(await running()).toEqual(before);

      const good = await restart("newest");
      expect(good.card).toContain("with orders-2.0.jar");
      expect(good.card).toMatch(/takes all of the state: 2 of 2 vertices, \d/u);
      expect(good.card).toContain("New, starts empty: pass.");
      expect(headOf(good.over)).toContain("✅");

      const typed = await restart("orders-4.0.jar");
      expect(typed.card).toMatch(/takes all of the state: 2 of 2 vertices, \d/u);
      expect(headOf(typed.over)).toContain("Failed");
      expect(typed.over.plain).toContain("the old version runs again");
      expect(typed.over.plain).toMatch(/the new state serializer .* must not be incompatible/u);
    }, 300_000);
  });
