import { availableParallelism } from "node:os";
import { defineConfig } from "vitest/config";
import { BaseSequencer } from "vitest/node";

/** Minutes each: whoever starts last must not be one of them. */
const LONGEST =
  /\/(?:real-start|sweep|stories|comeback|restart|real-flink|supersede|failover|flink-1\.20|flink-2\.3)\.test\.ts$/u;
type Specs = Parameters<BaseSequencer["sort"]>[0];

class LongestFirst extends BaseSequencer {
  override async sort(specs: Specs): Promise<Specs> {
    const sorted = await super.sort(specs);
    const isLong = (spec: Specs[number]): boolean => LONGEST.test(spec.moduleId);
    return [...sorted.filter(isLong), ...sorted.filter((spec) => !isLong(spec))];
  }
}

/** Suites that hold servers. Redis is fetched before them if none is installed. */
const SERVERS = { globalSetup: "test/harness/redis-setup.ts", testTimeout: 120_000, hookTimeout: 300_000 };
const one = (groupOrder: number) => ({ fileParallelism: false, sequence: { groupOrder } });
/** They wait for servers half of their time: two cores carry two of them. */
const two = (groupOrder: number) => ({ maxWorkers: 2, sequence: { groupOrder } });

/** What is about time, or kept under load, is shown with nothing else running. */
const PUNCTUAL = [
  ...["outage", "replicas", "sentinel"].map((name) => `test/contract/redis/${name}.test.ts`),
  ...[
    "accepted",
    "approval",
    "break-glass",
    "clocks",
    "crowd",
    "failover",
    "forged",
    "not-late",
    "redis-outage",
    "redis-under-load",
    "restarted-worker",
    "slack-outage",
    "unreadable",
  ].map((name) => `test/promises/${name}.test.ts`),
];

/**
 * One project after the other. unit: fast, no network. contract: real Redis, real Flink, the simulated JobManager. e2e: the
 * built program. promises: the punctual ones of both. full: what takes long on top of that, for `npm run test:full`.
 */
export default defineConfig({
  test: {
    // unit tests wait for sockets more than they compute
    maxWorkers: availableParallelism() + 1,
    sequence: { sequencer: LongestFirst },
    projects: [
      {
        test: {
          name: "unit",
          // nothing is mocked and nothing is left behind, so files need no process each
          isolate: false,
          include: ["test/**/*.test.ts"],
          exclude: ["contract", "e2e", "promises", "crash", "full"].map((folder) => `test/${folder}/**`),
          // hundreds of made-up cases take seconds where the machine is busy with something else
          testTimeout: 30_000,
        },
      },
      {
        test: {
          name: "contract",
          include: ["test/contract/**/*.test.ts"],
          exclude: PUNCTUAL,
          ...SERVERS,
          ...two(1),
        },
      },
      {
        test: {
          name: "e2e",
          include: ["e2e", "crash", "promises"].map((folder) => `test/${folder}/**/*.test.ts`),
          exclude: PUNCTUAL,
          ...SERVERS,
          ...two(2),
        },
      },
      { test: { name: "promises", include: PUNCTUAL, ...SERVERS, ...one(3) } },
      { test: { name: "full", include: ["test/full/**/*.test.ts"], ...SERVERS, ...one(4) } },
    ],
  },
});
