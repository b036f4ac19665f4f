import { existsSync, readFileSync } from "node:fs";
import { mkdtemp, rm } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { type FlinkOptions, type RealFlink, startFlink } from "../../../playground/flink/launcher.ts";
import { type Product, startProduct } from "../../../playground/product.ts";
import { QUICK, startSurroundings, type Surroundings } from "../../harness/world.ts";

const CRASH = new URL("../crash.mjs", import.meta.url).pathname;

/** A JVM that shares two cores with all of this answers late now and then; only a dead one shall count as silent. */
const TIMINGS = {
  ...QUICK,
  flinkTimeout: "3s",
  flinkChangeTimeout: "2s",
  directoryIdle: "2s",
  directoryWatched: "1s",
  healthyWithin: "6s",
  steadyFor: "3500ms",
};

/** Where the product is killed, as in ../crash.mjs. */
export interface Point {
  name: string;
  when: "before" | "after";
}

const RUN = "POST /jars/:id/run";

/** The phases of a restart that change Flink, each with its call: the last two where it is rolled back. */
export const RESTART = {
  stop: { phase: "stop", call: "POST /jobs/:id/stop" },
  run: { phase: "run", call: RUN },
  cancel: { phase: "cancel", call: "PATCH /jobs/:id" },
  back: { phase: "back", call: RUN },
};
export const ROLLED_BACK = [RESTART.stop, RESTART.run, RESTART.cancel, RESTART.back];

interface Around {
  words: string;
  /** Each phase with an effect, and the call that is the effect. */
  effects: readonly { phase: string; call: string }[];
}

/** Before and after each effect of each scenario: rows for `it.each`. */
export const killedAround = <S extends Around>(scenarios: readonly S[]) =>
  scenarios.flatMap((scenario) =>
    scenario.effects.flatMap(({ phase, call }) =>
      (["before", "after"] as const).map((when): [Point["when"], string, string, S, Point] => {
        const point: Point = { name: `running ${phase}.0 sending leased | ${call} #1`, when };
        return [when, `${phase}: ${call}`, scenario.words, scenario, point];
      }),
    ),
  );

/** One process of the product that is watched from outside. */
export interface Watched {
  product: Product;
  /** Whether it came to its point. */
  reached(): boolean;
  /** What it was about to change in Flink, in order: `POST /jobs/:id/stop`. */
  changes(): string[];
}

/**
 * The calls without those that repeat the one before. On a busy machine a call misses its time limit of a second; Flink
 * is asked, and it is sent again under the same id. That Flink did it once is checked on disk and in its list of jobs.
 */
export const withoutResends = (calls: readonly string[]): readonly string[] =>
  calls.filter((call, i) => call !== calls[i - 1]);

/** A real cluster called `real`, and everything else of the product's world; no product yet. */
export interface RealBench {
  flink: RealFlink;
  world: Surroundings;
  /** One more process; killed at the point where there is one. */
  start(point?: Point): Promise<Watched>;
  stop(): Promise<void>;
}

/** `jobs`: what may be started, as in the configuration; its cluster is `real`. */
export async function startBench(
  options: Omit<FlinkOptions, "version">,
  jobs: readonly object[] = [],
): Promise<RealBench> {
  const closing: (() => Promise<unknown>)[] = [];
  const stop = async (): Promise<void> => {
    for (const close of closing.splice(0).reverse()) await close();
  };
  try {
    const folder = await mkdtemp(join(tmpdir(), "flinkops-real-"));
    closing.push(async () => await rm(folder, { recursive: true, force: true }));
    const flink = await startFlink({
      version: "2.3.0",
      ...options,
      // long enough that no savepoint of a test is pushed out by checkpoints
      config: { "web.checkpoints.history": "200", ...options.config },
    });
    const clusters = { real: { url: flink.url, changes: true, savepointRoots: [flink.savepointsDir] } };
    const world = await startSurroundings({ replicas: 0, clusters }, async () => await flink.stop());
    closing.push(async () => await world.stop());
    let n = 0;
    return {
      flink,
      world,
      stop,
      async start(point) {
        n += 1;
        const [record, reached] = [join(folder, `calls-${n}`), join(folder, `reached-${n}`)];
        const at = point === undefined ? {} : { point: point.name, when: point.when, reached };
        const product = await startProduct({
          slack: world.slack,
          redisUrl: world.redis.url,
          clusters,
          config: { timings: TIMINGS, jobs: jobs.map((job) => ({ ...job, cluster: "real" })) },
          node: ["--import", CRASH],
          env: { FLINKOPS_CRASH: JSON.stringify({ record, ...at }) },
          onLine: (line) => world.lines.push(line),
        });
        world.products.push(product);
        void product.exited.then(() => world.products.splice(world.products.indexOf(product), 1));
        return { product, reached: () => existsSync(reached), changes: () => changesIn(record) };
      },
    };
  } catch (error) {
    await stop();
    throw error;
  }
}

/** From what ../crash.mjs wrote down: `<context> | POST /jobs/:id/stop #1`. To plan a program changes nothing. */
function changesIn(record: string): string[] {
  const text = existsSync(record) ? readFileSync(record, "utf8") : "";
  return [...text.matchAll(/\| ((?:POST|PUT|PATCH) \/(?:jobs|jars|savepoint-disposal)\S*) #\d+$/gmu)]
    .map(([, call = ""]) => call)
    .filter((call) => !call.endsWith("/plan"));
}
