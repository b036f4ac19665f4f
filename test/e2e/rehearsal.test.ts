import { afterAll, beforeAll, expect, it } from "vitest";
import { until } from "../../playground/processes.ts";
import type { SeenMessage } from "../../playground/slack/driver.ts";
import { ANA, BEN } from "../../playground/slack/workspace-seed.ts";
import { headOf } from "../harness/cards.ts";
import { suiteWith } from "../harness/needs.ts";
import { type RealWorld, startRealWorld } from "../harness/real.ts";

const suite = await suiteWith(["redis", "flink"]);

/** One key, so that its counter is how many events there ever were. */
const ARGS = ["--rate", "200", "--keys", "1"];
const MANY = 500;

suite("a new version, before the old one is stopped, on a real Flink 2.3.0", () => {
  let world: RealWorld;
  let orders = "";
  beforeAll(async () => {
    world = await startRealWorld({
      slots: 8,
      timings: { healthyWithin: "20s", followUp: "1s" },
      config: {
        jobs: [
          {
            name: "orders",
            cluster: "live",
            jar: { newest: "orders-*.jar" },
            args: ["--name", "orders", ...ARGS],
            rehearsal: { args: ["--name", "{name}", ...ARGS], parallelism: 1, healthyWithin: "20s" },
          },
          {
            name: "payments",
            cluster: "live",
            jar: { newest: "payments-*.jar" },
            args: ["--name", "payments"],
            rehearsal: { args: ["--name", "payments"] },
          },
        ],
      },
    });
    await world.cluster.upload("orders-1.0.jar");
    await world.cluster.upload("payments-1.0.jar");
    for (const name of ["orders", "payments"]) await agreed(`run ${name} --from none`);
    orders = await one("orders");
    await world.truth.checkpointed(orders);
    await world.cluster.upload("orders-4.0.jar", { "count-type": "string" });
    await world.cluster.upload("orders-3.0.jar", { "uid-suffix": "2" });
    await world.cluster.upload("orders-2.0.jar", { pass: "true" });
  }, 180_000);
  afterAll(async () => await world.stop());

  async function agreed(words: string, timeoutMs = 60_000): Promise<SeenMessage> {
    const asked = await world.people.change(ANA, words);
    const card = await asked.headed("Waiting for approval");
    const button = card.controls.find((k) => k.label.startsWith("Approve"))?.label ?? "Approve";
    await world.driver.click(BEN, card, button);
    return await asked.outcome(timeoutMs);
  }
  async function one(name: string): Promise<string> {
    const [job, ...others] = await world.truth.alive(name);
    expect(others).toEqual([]);
    return job?.id ?? "";
  }
  const rehearsed = async (words: string): Promise<SeenMessage> =>
    await (await world.people.change(ANA, words)).outcome(90_000);
  /** Nothing of a rehearsal is left, and the job never stopped. */
  async function untouched(): Promise<void> {
    expect(await one("orders")).toBe(orders);
    expect((await world.truth.alive()).map((j) => j.id)).toHaveLength(2);
  }

  it("is refused where its uid has changed, before anything is touched", async () => {
    for (const words of ["rehearse orders --jar orders-3.0.jar", "restart orders --jar orders-3.0.jar"]) {
      const answer = await world.people.ask(ANA, words);
      expect(answer.plain).toMatch(/would not take the state of count \(.*\)/u);
    }
    await untouched();
  });

  it("is refused where it would run under the name of the job", async () => {
    expect((await world.people.ask(ANA, "rehearse payments")).plain).toMatch(
      /would be called payments, not payments rehearsal r[0-9a-f]{7}.*\{name\}/su,
    );
  });

  it("fails the rehearsal where the type of its state has changed, and the job never stops", async () => {
    const over = await rehearsed("rehearse orders --jar orders-4.0.jar");
    expect(headOf(over)).toContain("❌");
    expect(over.plain).toMatch(/The rehearsal of orders failed/u);
    expect(over.plain).toMatch(/state serializer/iu);
    await untouched();
    const asked = await agreed("restart orders --jar orders-4.0.jar --rehearse", 90_000);
    expect(asked.plain).toMatch(/orders was not restarted: its rehearsal failed/u);
    await untouched();
  });

  it("is rehearsed, approved and restarted, and goes on counting", async () => {
    const before = await until("it has counted many", async () => {
      const counted = await world.truth.metric(orders, "counted");
      return counted >= MANY ? counted : null;
    });
    const over = await rehearsed("rehearse orders");
    expect(headOf(over)).toContain("✅");
    expect(over.plain).toMatch(/The rehearsal of orders was healthy after/u);
    expect(over.plain).toMatch(/It restored \S+ \S+ of state of 2 vertices/u);
    expect(over.plain).toContain("Its savepoint is deleted.");
    await untouched();
    const restart = await world.people.change(ANA, "restart orders --jar newest");
    const card = await restart.headed("Waiting for approval");
    expect(card.plain).toMatch(/Rehearsed .* by ana: healthy after .*, \S+ \S+ restored/u);
    await world.driver.click(BEN, card, "Approve restart");
    expect(headOf(await restart.outcome(90_000))).toContain("✅");
    const now = await one("orders");
    expect(now).not.toBe(orders);
    await until("it has counted on", async () =>
      (await world.truth.metric(now, "counted")) > before ? true : null,
    );
    expect(await world.truth.metric(now, "misses")).toBe(0);
  });
});
