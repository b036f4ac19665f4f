import { fork } from "node:child_process";
import { writeFileSync } from "node:fs";
import { fileURLToPath } from "node:url";
import { parseArgs } from "node:util";
import { type BrokenCase, chanceOf, joined, nothingTold, play, shownInput, type Told } from "./play.ts";
import { again, brokenWords, markdown, table, ways } from "./report.ts";
import { sharesOf, subjects } from "./subjects.ts";

/**
 * `--cases 1000000 [--seed 1] [--only command,slack] [--processes 2] [--ways] [--out file]` lets the product read that many
 * altered inputs and says what it made of them; `--seed 1 --only command --case 7` plays one again and shows its whole input.
 * Leaves with 1 where something does not hold.
 */
const { values } = parseArgs({
  options: {
    cases: { type: "string", default: "10000" },
    seed: { type: "string", default: "1" },
    only: { type: "string", default: "" },
    processes: { type: "string", default: "2" },
    case: { type: "string" },
    ways: { type: "boolean", default: false },
    out: { type: "string" },
    from: { type: "string" },
  },
});
const seed = whole("seed", values.seed);
const names = values.only.split(",").filter((name) => name !== "");
const chosen = subjects.filter(({ name }) => names.length === 0 || names.includes(name));
if (chosen.length === 0 || names.some((name) => !subjects.some((s) => s.name === name)))
  stop(`--only: the subjects are ${subjects.map(({ name }) => name).join(", ")}`);

function whole(option: string, text: string): number {
  if (!/^\d{1,12}$/u.test(text)) stop(`--${option} is a whole number, not ${text}`);
  return Number(text);
}

function stop(words: string): never {
  console.error(words);
  process.exit(2);
}

/** Cases between two messages to the parent, and how long it waits for one, ms: some input may take for ever. */
const AT_ONCE = 250;
const HUNG_MS = 120_000;

type Message = { at: string; from: number } | { broken: BrokenCase } | { told: readonly Told[] };

/** Some of the cases of each subject: those from a number on. */
interface Part {
  subject: string;
  from: number;
  cases: number;
}

async function one(n: number): Promise<boolean> {
  const [subject] = chosen;
  if (subject === undefined || chosen.length > 1) stop("--case needs --only with the subject of the case");
  console.log(shownInput(subject.make(chanceOf(seed, subject, n))));
  const told = await play(subject, { seed, from: n, cases: 1 });
  for (const { words } of told.broken) console.log(`\n${words}`);
  console.log(`\n${Object.keys(told.kinds).join("") || "broken"}, ${told.slowest.ms.toFixed(1)} ms of CPU`);
  return told.bad === 0;
}

/** In a process of its own. */
async function several(parts: readonly Part[]): Promise<Told[]> {
  const all: Told[] = [];
  for (const { subject: name, from, cases } of parts) {
    const subject = subjects.find((s) => s.name === name);
    if (subject === undefined) continue;
    let told = nothingTold(name);
    for (let at = from; at < from + cases; at += AT_ONCE) {
      await new Promise<void>((sent) =>
        process.send?.({ at: name, from: at } satisfies Message, () => sent()),
      );
      told = joined(
        told,
        await play(subject, { seed, from: at, cases: Math.min(AT_ONCE, from + cases - at) }),
      );
    }
    all.push(told);
  }
  return all;
}

async function elsewhere(parts: readonly Part[]): Promise<readonly Told[]> {
  const child = fork(fileURLToPath(import.meta.url), [
    "--seed",
    String(seed),
    "--from",
    JSON.stringify(parts),
  ]);
  return await new Promise((resolve, reject) => {
    let at = "the start";
    const hung = (): NodeJS.Timeout =>
      setTimeout(() => {
        child.kill("SIGKILL");
        reject(new Error(`no end within ${HUNG_MS / 1000} s: one of ${AT_ONCE} cases from ${at}`));
      }, HUNG_MS);
    let timer = hung();
    child.on("message", (message) => {
      clearTimeout(timer);
      const is = message as Message;
      if ("told" in is) resolve(is.told);
      else if ("broken" in is) {
        // a long run tells at once what it tells again at its end
        console.error(`${is.broken.words.split("\n")[0]}\n  ${again(is.broken.subject, seed, is.broken.n)}`);
        timer = hung();
      } else {
        at = again(is.at, seed, is.from);
        timer = hung();
      }
    });
    child.once("exit", (code) => {
      clearTimeout(timer);
      reject(new Error(`a process ended with ${code}, ${AT_ONCE} cases from ${at}`));
    });
  });
}

async function all(): Promise<boolean> {
  const began = performance.now();
  const processes = Math.max(1, whole("processes", values.processes));
  const shares = sharesOf(whole("cases", values.cases), chosen);
  const parts = Array.from({ length: processes }, (_, i) =>
    [...shares].map(([subject, cases]): Part => {
      const each = Math.ceil(cases / processes);
      return { subject, from: 1 + i * each, cases: Math.max(0, Math.min(each, cases - i * each)) };
    }),
  );
  const told = await Promise.all(parts.map(elsewhere));
  const totals = chosen.map(({ name }) =>
    told.flat().reduce((sum, t) => (t.subject === name ? joined(sum, t) : sum), nothingTold(name)),
  );
  const seconds = (performance.now() - began) / 1000;
  if (values.ways) console.log(`${ways(totals)}\n`);
  console.log(`seed ${seed}, ${seconds.toFixed(0)} s\n${table(totals)}`);
  for (const broken of totals.flatMap((t) => t.broken)) console.log(brokenWords(broken, seed));
  if (values.out !== undefined) writeFileSync(values.out, markdown(totals, { seed, seconds, processes }));
  const bad = totals.reduce((sum, t) => sum + t.bad, 0);
  console.log(`\n${bad} of ${totals.reduce((sum, t) => sum + t.cases, 0)} cases are broken`);
  return bad === 0;
}

if (values.from !== undefined) {
  const told = await several(JSON.parse(values.from) as Part[]);
  process.send?.({ told } satisfies Message, () => process.disconnect());
} else
  process.exitCode = (values.case === undefined ? await all() : await one(whole("case", values.case)))
    ? 0
    : 1;
