import { writeFileSync } from "node:fs";
import { cpus } from "node:os";
import { setTimeout as sleep } from "node:timers/promises";
import { parseArgs } from "node:util";
import { startWorld } from "../harness/world.ts";
import { createRandom } from "../simulate/random.ts";
import { FAULTS } from "./faults.ts";
import { Fleet, type Footprint } from "./fleet.ts";
import { EXPIRES, Load } from "./load.ts";
import { REAL, startReal } from "./real.ts";
import { judge } from "./verdict.ts";

/**
 * `--minutes 30 [--seed 1] [--in-flight 200] [--only redis] [--real] [--out bench/soak.md]`: people work on two bots, two workers, a real
 * Redis and a simulated JobManager (`real`: and on a real Flink beside it, which is downloaded once) while one thing after the other breaks. After each, everything ends and is judged. The
 * seed decides which comes first. Leaves with 1 where a promise was broken.
 */
const { values } = parseArgs({
  options: {
    minutes: { type: "string", default: "2" },
    seed: { type: "string", default: "1" },
    "in-flight": { type: "string", default: "60" },
    only: { type: "string", default: "" },
    real: { type: "boolean", default: false },
    out: { type: "string" },
  },
});
const inFlight = Number(values["in-flight"]);
const random = createRandom(Number(values.seed));
/** Longer than Slack takes to show so many cards: 50 edits a minute. */
const PATIENCE_MS = 60_000 + inFlight * 2500;
const faults = shuffled(FAULTS.filter((fault) => fault.name.includes(values.only)));
/** How long something is broken. What Slack then has to catch up with takes longer. */
const lastsMs = Math.min(30_000, Number(values.minutes) * 5000);

const real = values.real ? await startReal() : null;
const world = await startWorld({
  replicas: 0,
  demo: { slots: 1000, timings: { snapshotMs: 300 } },
  timings: { approvalExpires: EXPIRES },
  ...(real !== null && {
    clusters: {
      [REAL]: { url: real.flink.url, changes: true, savepointRoots: [real.flink.savepointsDir] },
    },
  }),
  config: { requests: { openPerPerson: 500 }, bulk: { atOnce: 20 } },
});
const fleet = new Fleet(world);
const load = new Load(world, random, real?.names);
const table: string[] = [];
const broken: string[] = [];
const deciding = new AbortController();
let before: readonly Footprint[] = [];

/** In an order of the seed's, because a short soak does not come to all of them. */
function shuffled<T>(all: readonly T[]): readonly T[] {
  return all
    .map((one) => ({ one, at: random.next() }))
    .toSorted((a, b) => a.at - b.at)
    .map(({ one }) => one);
}

const counted = (outcomes: Readonly<Record<string, number>>): string =>
  Object.entries(outcomes)
    .toSorted(([a], [b]) => a.localeCompare(b))
    .map(([name, count]) => `${name} ${count}`)
    .join(", ");

const words = (all: readonly Footprint[]): string =>
  all.map(({ role, rssMb, files }) => `${role} ${Math.round(rssMb)} MB ${files} files`).join(", ");

try {
  await fleet.start();
  await fleet.whole();
  await load.jobs();
  await sleep(2000);
  void load.decide(deciding.signal);
  // a slow start takes nothing from it
  const ends = Date.now() + Number(values.minutes) * 60_000;
  for (let round = 0; Date.now() < ends; round += 1) {
    const fault = faults[round % faults.length];
    if (fault === undefined)
      throw new RangeError(`--only: nothing that goes wrong is called "${values.only}"`);
    const [began, asked] = [Date.now(), load.commands.length];
    await load.jobs();
    await load.fill(inFlight, Date.now() + lastsMs);
    const typing = new AbortController();
    const typed = load.keep(inFlight, typing.signal);
    await fault.run({ world, fleet, load, lastsMs }).finally(() => typing.abort());
    await typed;
    await fleet.whole();
    await world.stored.atRest(PATIENCE_MS);
    const verdict = await judge(world, load.commands, real);
    if (round === 0) before = fleet.footprints();
    const said = verdict.broken.filter((one) => !broken.includes(one));
    broken.push(...said);
    for (const one of said) console.log(`BROKEN: ${one}`);
    const seconds = Math.round((Date.now() - began) / 1000);
    const line = `| ${fault.name} | ${load.commands.length - asked} | ${seconds} | ${said.length} |`;
    console.log(line);
    table.push(line);
  }
  const { requests, outcomes, onReal } = await judge(world, load.commands, real);
  const after = fleet.footprints();
  const grown = after.filter(({ role, rssMb, files }) => {
    const was = before.filter((one) => one.role === role);
    const most = (of: (one: Footprint) => number): number => Math.max(...was.map(of));
    return rssMb > most((one) => one.rssMb) * 2 + 50 || files > most((one) => one.files) + 30;
  });
  for (const one of grown) broken.push(`a ${one.role} has grown to ${words([one])}`);
  const unsure = load.commands.filter((one) => one.accepted === "perhaps").length;
  const refused = load.commands.filter((one) => one.accepted === "no").length;
  const report = [
    `${requests} requests of ${load.commands.length} commands (${refused} refused, ${unsure} without an answer), up to ${inFlight} at a time, seed ${values.seed}; ${fleet.started} processes were started.`,
    `Outcomes: ${counted(outcomes)}.`,
    ...(real === null ? [] : [`Of these on a real Flink ${real.flink.version}: ${counted(onReal)}.`]),
    `At the start ${words(before)}; at the end ${words(after)}.`,
    `${process.version}, ${world.redis.words}, ${cpus().length} cores, ${new Date().toISOString().slice(0, 10)}.`,
  ];
  const head = ["| while | commands | s until all was over | broken |", "|---|---|---|---|"];
  for (const line of report) console.log(line);
  console.log(`${broken.length} promises broken`);
  if (values.out !== undefined)
    writeFileSync(values.out, ["# Soak", "", ...report, "", ...head, ...table, ""].join("\n"));
} finally {
  deciding.abort();
  fleet.stop();
  await world.stop();
  await real?.stop();
}
process.exitCode = broken.length === 0 ? 0 : 1;
