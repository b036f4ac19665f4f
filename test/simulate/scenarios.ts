import type { JarOptions } from "../../playground/flink/simulated/jar.ts";
import { begin as beginSnapshot, complete } from "../../playground/flink/simulated/snapshots.ts";
import type { Random } from "./random.ts";
import { STALE_MS, type World } from "./world.ts";

/** How it is when a history begins, and what is asked besides. */
export interface Scenario {
  /** Further commands, to be picked from like all others. */
  commands: readonly string[];
  /** Typed by one person, so long after the beginning each, ms. */
  typed: readonly { text: string; at: number }[];
}

/** When a release is asked for at first, ms. */
const EARLY_MS = 1000;

/** Half of them are two jobs that run; the others have more to go wrong with. */
export function begin(world: World, random: Random): Scenario {
  const chance = random.fork("scenario");
  const running = (names: readonly string[]): void => {
    for (const name of names) world.flink.cluster.add({ name, state: "RUNNING" });
  };
  const among = chance.next();
  if (among < 0.15) {
    running(["payments"]);
    return afterTheEnd(world);
  }
  running(["orders", "payments"]);
  if (among < 0.25) return inABusyChannel(running, chance);
  if (among < 0.35) return withManyJobs(running);
  if (among < 0.5) return withABadRelease(world);
  return among < 0.65 ? withARelease(world, chance) : { commands: [], typed: [] };
}

/** The job is not there any more: what is left are its newest checkpoint, and an old one that nobody lists. */
function afterTheEnd(world: World): Scenario {
  const { cluster } = world.flink;
  const job = cluster.add({ name: "orders", state: "RUNNING" });
  const old = complete(cluster, job, beginSnapshot(cluster, job, "CHECKPOINT"));
  complete(cluster, job, beginSnapshot(cluster, job, "CHECKPOINT"));
  job.checkpoints = job.checkpoints.filter((c) => c.path !== old);
  cluster.snapshots.keep({ path: old, id: 1, counted: 0, checkpointOf: null });
  world.oldState.set(old, world.scheduler.now - 3 * STALE_MS);
  cluster.move(job, "CANCELED");
  const resume = `run orders --from ${old}`;
  return { commands: Array.from({ length: 8 }, () => resume), typed: [] };
}

/** Twenty savepoints in one go, and then somebody has to stop something. */
function inABusyChannel(running: (names: readonly string[]) => void, random: Random): Scenario {
  const names = Array.from({ length: 20 }, (_, i) => `job-${i + 1}`);
  running(names);
  const from = random.whole(1000, 60_000);
  return {
    commands: [],
    typed: [
      ...names.map((name, i) => ({ text: `savepoint ${name}`, at: from + i * 100 })),
      { text: "cancel orders", at: from + 2500 },
    ],
  };
}

/** Releases that are rehearsed: good ones, and such as fail in a way that no plan shows, or call themselves like the job. */
const RELEASES: readonly Partial<JarOptions>[] = [
  {},
  {},
  { jobs: { fails: "on every record" } },
  { readsState: false },
  { jobName: "orders" },
];

/** A new jar is there, and nobody has started it yet. */
function withARelease(world: World, random: Random): Scenario {
  const release = random.pick(RELEASES);
  world.flink.cluster.addJar({ name: "orders-2.jar", id: "jar2_orders-2.jar", ...release });
  const commands = [
    "rehearse orders",
    "rehearse orders",
    "rehearse orders --keep",
    "restart orders --jar newest --rehearse",
    "restart orders --jar newest --rehearse",
  ];
  return {
    commands: [...commands, ...commands, ...commands],
    typed: [{ text: random.pick(commands), at: EARLY_MS }],
  };
}

/** More than are worked on at once, so that some wait for their turn. */
function withManyJobs(running: (names: readonly string[]) => void): Scenario {
  running(["orders-1", "orders-2", "orders-3", "orders-4"]);
  return {
    commands: Array.from({ length: 12 }, (_, i) => (i % 2 === 0 ? "stop --all" : "savepoint --all")),
    typed: [],
  };
}

/** The newest jar never runs well, so that a restart has to roll back. */
function withABadRelease(world: World): Scenario {
  world.flink.cluster.addJar({
    name: "orders-2.jar",
    id: "jar2_orders-2.jar",
    jobs: { fails: "on every record" },
  });
  const restart = "restart orders --jar newest";
  // early, before anything else has ended the job
  return { commands: Array.from({ length: 8 }, () => restart), typed: [{ text: restart, at: EARLY_MS }] };
}
