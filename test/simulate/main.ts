import { fork } from "node:child_process";
import { fileURLToPath } from "node:url";
import { parseArgs } from "node:util";
import { history } from "./history.ts";
import { noTotals, type Totals, withHistory, withTotals } from "./totals.ts";

/**
 * `--seeds 2000 [--from 1] [--processes 2] [--operation stop]` plays that many histories and says what they met and broke;
 * `--seed 7 [--trace]` plays one again, step by step. Leaves with 1 where something was broken.
 */
const { values } = parseArgs({
  options: {
    seeds: { type: "string", default: "200" },
    from: { type: "string", default: "1" },
    processes: { type: "string", default: "2" },
    operation: { type: "string" },
    seed: { type: "string" },
    trace: { type: "boolean", default: false },
    child: { type: "boolean", default: false },
    "stop-when": { type: "string", default: "" },
  },
});
const operation = values.operation ?? null;

async function one(seed: number): Promise<boolean> {
  const told = await history(seed, {
    operation,
    onEvent: (words) => {
      if (values.trace) console.log(words);
    },
  });
  for (const v of told.violations) console.log(`(${v.rule}) ${v.words}`);
  console.log(
    `seed ${seed}: ${told.steps} steps, ${told.asked} requests, ${told.violations.length} violations`,
  );
  return told.violations.length === 0;
}

/** A run of an hour says how far it is. */
const TELL_EVERY = 5_000;

async function several(from: number, seeds: number): Promise<Totals> {
  let totals = noTotals();
  for (let seed = from; seed < from + seeds; seed += 1) {
    const told = await history(seed, { operation });
    totals = withHistory(totals, told);
    // a long run tells at once what it will say again at its end; who looks for a rule has its own words
    if (values["stop-when"] === "")
      for (const v of told.violations) console.error(`seed ${seed}: (${v.rule}) ${v.words}`);
    if (told.violations.some((v) => values["stop-when"].includes(v.rule))) break;
    const played = seed - from + 1;
    if (played % TELL_EVERY === 0) console.error(`from seed ${from}: ${played} of ${seeds} played`);
  }
  return totals;
}

/** A part of the histories in a process of its own. */
async function elsewhere(from: number, seeds: number): Promise<Totals> {
  const args = ["--child", "--from", String(from), "--seeds", String(seeds)];
  const child = fork(
    fileURLToPath(import.meta.url),
    [...args, ...(operation === null ? [] : ["--operation", operation])],
    // a step leaves much behind at once; with more room for it a tenth of the time is saved
    { execArgv: [...process.execArgv, "--max-semi-space-size=64"] },
  );
  return await new Promise((resolve, reject) => {
    child.once("message", (totals) => resolve(totals as Totals));
    child.once("exit", (code) => reject(new Error(`a part of the histories ended with ${code}`)));
  });
}

const most = (counts: Readonly<Record<string, number>>): string =>
  Object.entries(counts)
    .toSorted(([, a], [, z]) => z - a)
    .map(([what, n]) => `  ${String(n).padStart(7)}  ${what}`)
    .join("\n");

function report(totals: Totals, seconds: number): void {
  const { histories, steps, asked, bad } = totals;
  console.log(`${histories} histories, ${steps} steps, ${asked} requests, ${seconds.toFixed(0)} s`);
  console.log(`\nwhat went wrong\n${most(totals.faults)}`);
  console.log(`\nhow requests ended\n${most(totals.outcomes)}`);
  const faults = Object.keys(totals.faults).toSorted();
  const phases = Object.entries(totals.met).toSorted(([a], [z]) => (a < z ? -1 : 1));
  console.log(`\nhow often a fault met a phase: ${faults.join(", ")}`);
  for (const [phase, row] of phases)
    console.log(`  ${phase.padEnd(34)} ${faults.map((f) => String(row[f] ?? 0).padStart(5)).join(" ")}`);
  for (const { seed, violations } of bad)
    console.log(`\nseed ${seed}:\n${violations.map((v) => `  (${v.rule}) ${v.words}`).join("\n")}`);
  console.log(`\n${bad.length} histories with violations`);
}

if (values.seed !== undefined) process.exitCode = (await one(Number(values.seed))) ? 0 : 1;
else if (values.child) process.send?.(await several(Number(values.from), Number(values.seeds)));
else {
  const began = performance.now();
  const [from, seeds, processes] = [values.from, values.seeds, values.processes].map(Number) as [
    number,
    number,
    number,
  ];
  const each = Math.ceil(seeds / processes);
  const parts = Array.from({ length: processes }, (_, i) => ({
    at: from + i * each,
    n: Math.min(each, seeds - i * each),
  }));
  const all = await Promise.all(
    parts.filter((p) => p.n > 0).map(async ({ at, n }) => await elsewhere(at, n)),
  );
  const totals = all.reduce(withTotals, noTotals());
  report(totals, (performance.now() - began) / 1000);
  process.exitCode = totals.bad.length === 0 ? 0 : 1;
}
