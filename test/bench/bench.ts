import { join, resolve } from "node:path";
import { parseArgs } from "node:util";
import { startSimulated } from "../../playground/flink/simulated/server.ts";
import { startRedis } from "../../playground/redis.ts";
import { SlackDriver } from "../../playground/slack/driver.ts";
import { startSlack } from "../../playground/slack/server.ts";
import { brakes } from "./brakes.ts";
import { idle } from "./idle.ts";
import { inFlight } from "./in-flight.ts";
import { latency } from "./latency.ts";
import { list } from "./list.ts";
import { many } from "./many.ts";
import { quietList } from "./quiet-list.ts";
import { writeResults } from "./results.ts";
import { type Figures, results, table } from "./show.ts";
import { waiting } from "./waiting.ts";

/**
 * What flinkops adds to what it cannot avoid, and what it costs. Absolute figures depend on the machine; the ratios, taken
 * within one run, are what to compare.
 *
 * `npm run bench -- [--only many] [--real] [--rounds 25] [--against ../other] [--repeat 3] [--profile folder]`: `only` is one of the
 * parts below; `real` adds those that need a real Flink, which is downloaded once; `against` is another checkout that is built, whose costs are measured in turn with this one's. A run of all
 * parts writes bench/RESULTS.md.
 */
const { values } = parseArgs({
  options: {
    only: { type: "string" },
    real: { type: "boolean", default: false },
    rounds: { type: "string", default: "25" },
    against: { type: "string" },
    repeat: { type: "string", default: "1" },
    profile: { type: "string" },
  },
});

const costs: { readonly [part: string]: { heading: string; measure: (dist?: string) => Promise<Figures> } } =
  {
    many: {
      heading: "one request for many jobs",
      measure: async (dist) => ({
        ...(await many(100, dist)),
        ...(await many(600, dist, values.profile)),
      }),
    },
    brakes: { heading: "the brake", measure: async (dist) => await brakes(dist) },
    list: {
      heading: "many jobs in one list, and a list of a quiet cluster",
      measure: async (dist) => ({ ...(await list(dist)), ...(await quietList(dist)) }),
    },
    "in-flight": { heading: "savepoints in flight", measure: async (dist) => await inFlight(dist) },
    waiting: { heading: "requests that wait", measure: async (dist) => await waiting(dist) },
    idle: {
      heading: "nobody types",
      measure: async (dist) => ({
        ...(await idle({ clusters: 50, jobs: 20 }, dist)),
        ...(await idle({ clusters: 1, jobs: 1000 }, dist)),
      }),
    },
  };

const began = performance.now();
let redisWords = "";
/** Parts that run on a real Flink, and only when they are asked for. */
const REAL: readonly string[] = ["flink-cli"];
const isWanted = (part: string): boolean =>
  values.only === undefined ? values.real || !REAL.includes(part) : values.only === part;

async function latencies(): Promise<void> {
  const parts = Object.entries(latency).filter(([part]) => isWanted(part));
  if (parts.length === 0) return;
  const redis = await startRedis();
  redisWords = redis.words;
  const slack = await startSlack({ manifestPath: "manifest.yml" });
  const flink = await startSimulated({ slots: 8 });
  const on = { redis, slack, flink, driver: new SlackDriver(slack.url), rounds: Number(values.rounds) };
  try {
    for (const [, run] of parts) await run(on);
  } finally {
    await slack.close();
    await flink.stop();
    await redis.stop();
  }
}

if (![...Object.keys(latency), ...Object.keys(costs)].some(isWanted))
  throw new RangeError(`--only: one of ${[...Object.keys(latency), ...Object.keys(costs)].join(", ")}`);
await latencies();
const other = values.against === undefined ? null : join(resolve(values.against), "dist");
for (const [part, { heading, measure }] of Object.entries(costs)) {
  if (!isWanted(part)) continue;
  const [mine, theirs]: [Figures[], Figures[]] = [[], []];
  for (let n = 0; n < Number(values.repeat); n += 1) {
    mine.push(await measure());
    if (other !== null) theirs.push(await measure(other));
  }
  table(heading, mine, theirs);
}
// a part, or another build, says nothing of the whole
if (values.only === undefined && other === null)
  writeResults(results, { redis: redisWords, minutes: Math.round((performance.now() - began) / 60_000) });
