import { fork } from "node:child_process";
import { join } from "node:path";
import { parseArgs } from "node:util";
import type { Totals } from "../totals.ts";
import { type Mutant, mutants } from "./mutants.ts";
import { prepare } from "./prepare.ts";

/**
 * `[--only words] [--seeds 2000]`: plays histories with each fault until one is broken, and says by which rule. Leaves with 1
 * where a fault is not seen, or seen by another rule than it should be.
 */
const { values } = parseArgs({
  options: {
    seeds: { type: "string", default: "2000" },
    only: { type: "string", default: "" },
    atOnce: { type: "string", default: "2" },
  },
});

interface Told {
  mutant: Mutant;
  totals: Totals;
}

async function play(mutant: Mutant): Promise<Told> {
  const folder = await prepare(mutant);
  const args = ["--child", "--seeds", values.seeds, "--stop-when", mutant.rules.join("")];
  if (mutant.asks !== undefined) args.push("--operation", mutant.asks);
  const child = fork(join(folder, "test/simulate/main.ts"), args);
  const totals = await new Promise<Totals>((resolve, reject) => {
    child.once("message", (message) => resolve(message as Totals));
    child.once("exit", (code) => reject(new Error(`${mutant.name} ended with ${code}`)));
  });
  return { mutant, totals };
}

/** The first history that is broken by the rule that should see it. */
function seenIn({ mutant, totals }: Told): string | null {
  const all = totals.bad.flatMap(({ seed, violations }) => violations.map((v) => ({ seed, ...v })));
  const first = all.find((v) => mutant.rules.includes(v.rule));
  return first === undefined ? null : `seed ${first.seed} (${first.rule}) ${first.words}`;
}

const waiting = mutants.filter((m) => m.name.includes(values.only));
const blind: string[] = [];
const work = async (): Promise<void> => {
  for (let mutant = waiting.shift(); mutant !== undefined; mutant = waiting.shift()) {
    const told = await play(mutant);
    const seen = seenIn(told);
    if (seen === null) blind.push(mutant.name);
    console.log(`${mutant.name}\n  ${seen ?? `not seen in ${told.totals.histories} histories`}`);
  }
};
await Promise.all(Array.from({ length: Number(values.atOnce) }, work));
console.log(blind.length === 0 ? "\neach of them is seen" : `\nnot seen: ${blind.join("; ")}`);
process.exitCode = blind.length === 0 ? 0 : 1;
