import type { ProductOptions } from "../product.ts";
import { FLINK_OPS, INCIDENT } from "../slack/workspace-seed.ts";
import { type DemoFlink, startStandIn } from "./flink.ts";
import { catalogue, type DemoJob } from "./jobs.ts";
import { BILLING, BILLING_APPROVALS } from "./workspace.ts";

/** A cluster that shows change control. It is always the simulated JobManager: a JVM more would show nothing more. */
export interface Guarded {
  name: string;
  jobs: readonly DemoJob[];
  /** Its keys in the configuration, besides those of each cluster of the demo. */
  config: { readonly [key: string]: unknown };
}

/** What the rules of policy.ts are about. */
export const GUARDED: readonly Guarded[] = [
  {
    name: "billing",
    jobs: [
      { runs: { name: "ledger", rate: 40, parallelism: 2 }, what: "two people approve its stop" },
      { runs: { name: "invoices", rate: 10, parallelism: 1 }, what: "the same" },
    ],
    config: { approvals: BILLING_APPROVALS },
  },
  {
    name: "reports",
    jobs: [{ runs: { name: "statements", rate: 5, parallelism: 1 }, what: "changes are frozen" }],
    config: {},
  },
];

/** All of them, with nothing on them yet. */
export const startGuarded = async (): Promise<readonly (Guarded & { flink: DemoFlink })[]> =>
  await Promise.all(GUARDED.map(async (one) => ({ ...one, flink: await startStandIn(one.jobs) })));

type Place = Pick<DemoFlink, "url" | "savepoints" | "jobs">;

/** `clusters`, `channels` and `jobs` of the configuration. The first cluster is called `demo`. */
export function placesConfig(
  demo: Place,
  guarded: readonly (Guarded & { flink: Place })[],
): Required<Pick<ProductOptions, "clusters" | "channels">> & { jobs: readonly unknown[] } {
  const all = [{ name: "demo", flink: demo, config: {} }, ...guarded];
  return {
    clusters: Object.fromEntries(
      all.map(({ name, flink: { url, savepoints }, config }) => [
        name,
        { url, changes: true, savepointRoots: [savepoints], ...config },
      ]),
    ),
    channels: {
      [FLINK_OPS]: { cluster: "demo" },
      [INCIDENT]: { cluster: "demo" },
      [BILLING]: { cluster: "billing" },
      [BILLING_APPROVALS]: { cluster: "billing" },
    },
    jobs: all.flatMap(({ name, flink: { jobs } }) => catalogue(name, jobs)),
  };
}
