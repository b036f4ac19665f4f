import { parseArgs } from "node:util";
import { startRedis } from "../../playground/redis.ts";
import { judge } from "./evidence.ts";
import { type Lane, openLane, type Point } from "./lane.ts";
import { type Scenario, scenarios } from "./scenario.ts";

/** One row of the table. */
export interface Result {
  scenario: string;
  point: Point;
  reached: boolean;
  accepted: boolean;
  wrong: readonly string[];
  ms: number;
}

/** How Flink is told of an effect; what is not named the same in two runs would be left out without a word. */
const CALLS: { readonly [effect in Scenario["effects"][number]]: string } = {
  rescale: "PUT /jobs/:id/resource-requirements",
  savepoint: "POST /jobs/:id/savepoints",
  checkpoint: "POST /jobs/:id/checkpoints",
  stop: "POST /jobs/:id/stop",
  cancel: "PATCH /jobs/:id",
  run: "POST /jars/:id/run",
  dispose: "POST /savepoint-disposal",
};

/** Every point of a scenario that two undisturbed runs have in common: what a poll's timing adds is left out. */
async function pointsOf(lane: Lane, scenario: Scenario): Promise<Point[]> {
  const first = await lane.record(scenario);
  const second = await lane.record(scenario);
  for (const { evidence } of [first, second]) {
    const wrong = judge(scenario, evidence);
    if (wrong.length > 0)
      throw new Error(
        `undisturbed ${scenario.name}: ${wrong.join("; ")}\n${JSON.stringify(evidence, null, 1)}`,
      );
  }
  const again = new Set(second.points);
  for (const effect of scenario.effects)
    if (!first.points.some((name) => again.has(name) && name.includes(CALLS[effect])))
      throw new Error(`${scenario.name}: no run would be killed around ${CALLS[effect]}`);
  const polled = /\| (?:GET|hmget|hgetall|script) .*#(?!1$)\d+$/;
  // the first look at the cluster needs it as well, and whoever comes first has it for both
  const shared = /\| GET \/jobmanager\/config #1$/;
  return first.points
    .filter((name) => again.has(name) && !polled.test(name) && !shared.test(name))
    .flatMap((name): Point[] => [
      { name, when: "before" },
      { name, when: "after" },
    ]);
}

/**
 * One scenario from finding its points to the judgement. It has lanes of its own: what earlier runs left behind in a Slack
 * and a Flink makes every look at them slower, until what is well is late.
 */
export async function whole(
  redisUrl: string,
  scenario: Scenario,
  o: {
    lanes: number;
    choose: (all: readonly Point[]) => readonly Point[];
    tell?: (result: Result) => void;
  },
): Promise<Result[]> {
  const lanes = await Promise.all(Array.from({ length: o.lanes }, async () => await openLane(redisUrl)));
  const [lane] = lanes;
  try {
    if (lane === undefined) throw new RangeError("at least one lane");
    const points = await pointsOf(lane, scenario);
    return await sweep(lanes, scenario, o.choose(points), o.tell);
  } finally {
    await Promise.all(lanes.map(async (each) => await each.close()));
  }
}

/** Kills at each point, `lanes` at a time, and judges what is left. */
async function sweep(
  lanes: readonly Lane[],
  scenario: Scenario,
  points: readonly Point[],
  tell: (result: Result) => void = () => undefined,
): Promise<Result[]> {
  const left = [...points];
  const results: Result[] = [];
  await Promise.all(
    lanes.map(async (lane) => {
      for (let point = left.shift(); point !== undefined; point = left.shift()) {
        const result = await one(lane, scenario, point);
        results.push(result);
        tell(result);
      }
    }),
  );
  return results;
}

/** How often a point is tried that another order of events passed by. */
const ATTEMPTS = 10;

async function one(lane: Lane, scenario: Scenario, point: Point): Promise<Result> {
  const start = performance.now();
  const row = { scenario: scenario.name, point };
  try {
    for (let attempt = 1; ; attempt += 1) {
      const { reached, evidence } = await lane.crash(scenario, point);
      const wrong = judge(scenario, evidence);
      // a click may come before or after what the worker does meanwhile: such a run was undisturbed, and counts as one
      if (!reached && wrong.length === 0 && attempt < ATTEMPTS) continue;
      const missed = reached ? [] : ["not reached"];
      const ms = Math.round(performance.now() - start);
      return { ...row, reached, accepted: evidence.accepted, wrong: [...wrong, ...missed], ms };
    }
  } catch (error) {
    const words = error instanceof Error ? error.message : String(error);
    return {
      ...row,
      reached: true,
      accepted: true,
      wrong: [`no end: ${words}`],
      ms: Math.round(performance.now() - start),
    };
  }
}

/** Repeatable: the same seed picks the same points. */
export function sample<T>(from: readonly T[], most: number, seed: number): readonly T[] {
  let state = seed;
  const next = (): number => {
    // the minimal standard generator: https://en.wikipedia.org/wiki/Lehmer_random_number_generator
    state = (state * 48_271) % 2_147_483_647;
    return state / 2_147_483_647;
  };
  return from
    .map((item) => ({ item, by: next() }))
    .toSorted((x, y) => x.by - y.by)
    .slice(0, most)
    .map(({ item }) => item);
}

/** A line per scenario: how many points, and what went wrong in how many of them. */
export function table(results: readonly Result[]): string {
  const rows = [...new Set(results.map((r) => r.scenario))].map((name) => {
    const of = results.filter((r) => r.scenario === name);
    const count = (what: string): number => of.filter((r) => r.wrong.some((w) => w.startsWith(what))).length;
    const told = ["duplicate", "lost", "untrue", "not reached"].map(count);
    const other =
      of.filter((r) => r.wrong.length > 0).length -
      of.filter((r) => r.wrong.some((w) => /^(duplicate|lost|untrue|not reached)/.test(w))).length;
    return [name, of.length, of.filter((r) => !r.accepted).length, ...told, other].map(String);
  });
  const head = [
    "scenario",
    "points",
    "never accepted",
    "duplicates",
    "lost",
    "untrue",
    "not reached",
    "other",
  ];
  const widths = head.map((h, i) => Math.max(h.length, ...rows.map((r) => r[i]?.length ?? 0)));
  return [head, ...rows].map((r) => r.map((c, i) => c.padEnd(widths[i] ?? 0)).join("  ")).join("\n");
}

/** `npm run crash -- [scenario...] [--sample n] [--seed n] [--lanes n]`: all points unless told otherwise. */
async function main(): Promise<void> {
  const { values, positionals } = parseArgs({
    allowPositionals: true,
    options: {
      sample: { type: "string" },
      seed: { type: "string", default: "1" },
      lanes: { type: "string", default: "3" },
    },
  });
  const redis = await startRedis();
  const results: Result[] = [];
  try {
    for (const scenario of scenarios.filter(
      (s) => positionals.length === 0 || positionals.includes(s.name),
    )) {
      const found = await whole(redis.url, scenario, {
        lanes: Number(values.lanes),
        choose: (all) =>
          values.sample === undefined ? all : sample(all, Number(values.sample), Number(values.seed)),
        tell(r) {
          if (r.wrong.length > 0)
            console.log(`${r.scenario}: ${r.point.when} ${r.point.name}: ${r.wrong.join("; ")}`);
        },
      });
      results.push(...found);
      console.log(table(found));
    }
    console.log(`\n${table(results)}`);
    process.exitCode = results.some((r) => r.wrong.length > 0) ? 1 : 0;
  } finally {
    await redis.stop();
  }
}

if (process.argv[1]?.endsWith("sweep.ts") === true) await main();
