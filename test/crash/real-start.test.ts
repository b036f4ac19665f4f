import { afterAll, afterEach, beforeAll, expect, it } from "vitest";
import { until } from "../../playground/processes.ts";
import { programArgs } from "../../playground/flink/session.ts";
import { ANA, BEN } from "../../playground/slack/workspace-seed.ts";
import { requestOf } from "../harness/cards.ts";
import { suiteWith } from "../harness/needs.ts";
import { truthOf } from "../harness/real.ts";
import {
  killedAround,
  type RealBench,
  REHEARSED,
  RESTART,
  ROLLED_BACK,
  startBench,
  withoutResends,
} from "./real/bench.ts";
import { lookAt } from "./real/flink-truth.ts";
import { told } from "./real/slack-truth.ts";

interface Scenario {
  words: string;
  /** Each phase with an effect, and the call that is the effect. */
  effects: readonly { phase: string; call: string }[];
  outcome: RegExp;
  /** What there is before; `newer`: an upload that fails on every record, and completes no checkpoint before the first. */
  before: { runs: boolean; newer: boolean };
  /** Nobody approves it, and the job that runs before runs on. */
  rehearses?: true;
  parallelism: number;
  savepoints: 0 | 1;
  /** Where it is killed; absent: before and after each effect. */
  killed?: (when: "before" | "after", phase: string) => boolean;
}

const scenarios: readonly Scenario[] = [
  {
    words: "run {job} --from none",
    effects: [RESTART.run],
    outcome: /^✅ /u,
    before: { runs: false, newer: false },
    parallelism: 1,
    savepoints: 0,
  },
  {
    words: "restart {job} --parallelism 2",
    effects: [RESTART.stop, RESTART.run],
    outcome: /^✅ /u,
    before: { runs: true, newer: false },
    parallelism: 2,
    savepoints: 1,
  },
  {
    words: "restart {job} --jar newest",
    effects: ROLLED_BACK,
    outcome: /^❌ .*the old version runs again/su,
    before: { runs: true, newer: true },
    parallelism: 1,
    savepoints: 1,
    // up to there it is the restart above
    killed: (_when, phase) => ["cancel", "back"].includes(phase),
  },
  {
    words: "rehearse {job} --jar same",
    effects: REHEARSED,
    outcome: /^✅ .*was healthy after/su,
    before: { runs: true, newer: false },
    rehearses: true,
    parallelism: 1,
    savepoints: 0,
    // before an effect it is as after the one before
    killed: (when) => when === "after",
  },
];
const cases = killedAround(scenarios)
  .filter(([when, effect, , { killed }]) => killed?.(when, effect.split(":")[0] ?? "") ?? true)
  .map((one, n) => [...one, `start-${n}`] as const);

// between two restarts there is time for a checkpoint, and with one complete nothing is rolled back automatically
const BROKEN = { "fail-record-every": "1", "fail-snapshot": "true" };
const ARGS = { rate: 200, keys: 1 };
const catalogued = (name: string): object => ({
  name,
  jar: { newest: `${name}-*.jar` },
  args: programArgs({ name, ...ARGS }),
  parallelism: 1,
  rehearsal: { args: programArgs({ name: "{name}", ...ARGS }) },
});

const suite = await suiteWith(["redis", "flink"]);
suite("killed around each effect that ends or starts a job, on a real Flink", () => {
  let bench: RealBench;
  beforeAll(async () => {
    bench = await startBench(
      { slots: 8 },
      cases.map(([, , , , , name]) => catalogued(name)),
    );
  });
  afterEach(async () => await Promise.all(bench.world.products.map(async (p) => await p.stop())));
  afterAll(async () => await bench.stop());

  it.each(cases)("%s %s of %s", async (when, effect, words, scenario, point, name) => {
    const [phase] = effect.split(":");
    const { flink, world } = bench;
    const truth = truthOf(flink);
    const jar = await flink.upload(`${name}-1.jar`);
    const before = scenario.before.runs
      ? await flink.submit({ name, ...ARGS, parallelism: 1 }, { jar })
      : null;
    if (scenario.before.newer) await flink.upload(`${name}-2.jar`, BROKEN);
    const first = await bench.start(point);
    const asked = await world.people.change(ANA, words.replace("{job}", name));
    if (scenario.rehearses !== true) await world.driver.click(BEN, await asked.card(), "approval.approve");
    await until("it is dead", async () => (first.reached() ? true : null), 40_000);
    await first.product.exited;

    const second = await bench.start();
    const approved = scenario.rehearses !== true;
    // Flink names a deletion in its answer alone, so one whose answer is lost is sent once more
    const again = phase === "rehearsal-dispose" ? 1 : 0;
    const outcome = await told(world, asked, { approved, effects: scenario.effects.length + again });
    expect(outcome.plain).toMatch(scenario.outcome);
    const [alive, ...twins] = await truth.alive(name);
    expect(twins).toEqual([]);
    const jobId = alive?.id ?? "";
    await until("every task runs", async () => {
      const vertices = await truth.vertices(jobId);
      return vertices.every((v) => v.running === scenario.parallelism) ? true : null;
    });
    if (scenario.rehearses === true) {
      expect(jobId).toBe(before);
      // itself and nothing else, also of those that were killed before
      expect(await truth.alive()).toHaveLength(1);
      expect((await lookAt(flink, jobId, `${requestOf(outcome)}-rehearsal`)).onDisk).toEqual([]);
    } else if (before !== null) {
      expect(jobId).not.toBe(before);
      expect(await truth.state(before)).toBe("FINISHED");
      const { onDisk } = await lookAt(flink, before, requestOf(outcome));
      expect(onDisk).toHaveLength(scenario.savepoints);
      expect(await truth.restoredFrom(jobId)).toBe(onDisk[0]);
      expect(outcome.plain).toContain(onDisk[0]);
    }
    // its state went with it, each event once; at parallelism 2 the events are not numbered in order
    if (scenario.parallelism === 1) expect(await truth.metric(jobId, "misses")).toBe(0);
    // what was killed before sending was written down, too
    const sent = [
      ...(when === "before" ? first.changes().slice(0, -1) : first.changes()),
      ...second.changes(),
    ];
    expect(withoutResends(sent)).toEqual(scenario.effects.map((effect) => effect.call));
    await flink.cancel(jobId);
  });
});
