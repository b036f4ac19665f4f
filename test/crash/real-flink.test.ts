import { afterAll, afterEach, beforeAll, expect, it } from "vitest";
import { until } from "../../playground/processes.ts";
import { ANA, BEN } from "../../playground/slack/workspace-seed.ts";
import { requestOf } from "../harness/cards.ts";
import { suiteWith } from "../harness/needs.ts";
import { killedAround, type RealBench, startBench, withoutResends } from "./real/bench.ts";
import { type FlinkTruth, lookAt } from "./real/flink-truth.ts";
import { told } from "./real/slack-truth.ts";

interface Scenario {
  words: string;
  approved: boolean;
  /** Each phase with an effect, and the call that is the effect. */
  effects: readonly { phase: string; call: string }[];
  /** What Flink shows at the end. */
  truth: Partial<FlinkTruth>;
  savepoints: 0 | 1;
}

const POST = "POST /jobs/:id/savepoints";
const PATCH = "PATCH /jobs/:id";
const scenarios: readonly Scenario[] = [
  {
    words: "scale {job} 2",
    approved: false,
    effects: [{ phase: "rescale", call: "PUT /jobs/:id/resource-requirements" }],
    truth: { state: "RUNNING", parallelisms: [2, 2, 2] },
    savepoints: 0,
  },
  {
    words: "savepoint {job}",
    approved: false,
    effects: [{ phase: "savepoint", call: POST }],
    truth: { state: "RUNNING", parallelisms: [1, 1, 1] },
    savepoints: 1,
  },
  {
    words: "stop {job}",
    approved: true,
    effects: [{ phase: "stop", call: "POST /jobs/:id/stop" }],
    truth: { state: "FINISHED" },
    savepoints: 1,
  },
  {
    words: "cancel {job}",
    approved: true,
    effects: [{ phase: "begin", call: PATCH }],
    truth: { state: "CANCELED" },
    savepoints: 0,
  },
  {
    words: "cancel {job} --with-savepoint",
    approved: true,
    effects: [
      { phase: "begin", call: POST },
      { phase: "cancel", call: PATCH },
    ],
    truth: { state: "CANCELED" },
    savepoints: 1,
  },
];
const cases = killedAround(scenarios).map((one, n) => [...one, `job-${n}`] as const);

const suite = await suiteWith(["redis", "flink"]);
suite("killed around each effect, on a real Flink", () => {
  let bench: RealBench;
  beforeAll(async () => {
    bench = await startBench({ slots: 12 });
  });
  afterEach(async () => await Promise.all(bench.world.products.map(async (p) => await p.stop())));
  afterAll(async () => await bench.stop());

  it.each(cases)("%s %s of %s", async (when, _call, words, scenario, point, name) => {
    const { flink, world } = bench;
    const [jobId, first] = await Promise.all([flink.submit({ name }), bench.start(point)]);
    const asked = await world.people.change(ANA, words.replace("{job}", name));
    if (scenario.approved) await world.driver.click(BEN, await asked.card(), "approval.approve");
    await until("it is dead", async () => (first.reached() ? true : null));
    await first.product.exited;

    const second = await bench.start();
    const outcome = await told(world, asked, {
      approved: scenario.approved,
      effects: scenario.effects.length,
    });
    expect(outcome.plain).toMatch(/^✅ /u);
    // what Flink lists may be three seconds old
    const seen = await until("Flink lists what it has", async () => {
      const now = await lookAt(flink, jobId, requestOf(outcome));
      const isThere = now.listed.length === scenario.savepoints && !now.listed.includes("IN_PROGRESS");
      return isThere ? now : null;
    });
    expect(seen).toMatchObject(scenario.truth);
    // a rescale is one restart, from a checkpoint where there is one yet
    expect(seen.restored).toBeLessThanOrEqual(scenario.words.startsWith("scale") ? 1 : 0);
    expect(seen.listed).toEqual(Array.from({ length: scenario.savepoints }, () => "COMPLETED"));
    expect(seen.onDisk).toHaveLength(scenario.savepoints);
    for (const path of seen.onDisk) expect(outcome.plain).toContain(path);
    // what was killed before sending was written down, too
    const sent = [
      ...(when === "before" ? first.changes().slice(0, -1) : first.changes()),
      ...second.changes(),
    ];
    expect(withoutResends(sent)).toEqual(scenario.effects.map((effect) => effect.call));
  });
});
