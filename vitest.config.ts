import { availableParallelism } from "node:os";
import { defineConfig } from "vitest/config";

/**
 * unit: fast, no network. contract: real Redis, real Flink, the simulated JobManager. e2e: the built program.
 * Suites that hold servers run one after the other: two cores carry one Flink cluster well.
 */
export default defineConfig({
  test: {
    // unit tests wait for sockets more than they compute
    maxWorkers: availableParallelism() + 1,
    projects: [
      {
        test: {
          name: "unit",
          // nothing is mocked and nothing is left behind, so files need no process each
          isolate: false,
          include: ["test/**/*.test.ts"],
          exclude: ["test/contract/**", "test/e2e/**", "test/promises/**", "test/crash/**"],
          // hundreds of made-up cases take seconds where the machine is busy with something else
          testTimeout: 30_000,
        },
      },
      {
        test: {
          name: "contract",
          include: ["test/contract/**/*.test.ts"],
          globalSetup: "test/harness/redis-setup.ts",
          fileParallelism: false,
          testTimeout: 60_000,
          hookTimeout: 180_000,
        },
      },
      {
        test: {
          name: "e2e",
          include: ["test/e2e/**/*.test.ts", "test/promises/**/*.test.ts", "test/crash/**/*.test.ts"],
          globalSetup: "test/harness/redis-setup.ts",
          fileParallelism: false,
          testTimeout: 120_000,
          hookTimeout: 300_000,
        },
      },
    ],
  },
});
