import { cancel } from "../../playground/flink/simulated/changes.ts";
import { failOver } from "../../playground/flink/simulated/life.ts";
import { isRehearsalName } from "../../src/model/rehearsal.ts";
import type { RequestRecord } from "../../src/requests/record/record.ts";
import type { Random } from "./random.ts";
import type { Process } from "./scheduler.ts";
import { CALM, type Weather } from "./wire.ts";
import { TIMINGS, type World } from "./world.ts";

/** What goes wrong with whom: each kind is of one of these. */
const SORTS = {
  ours: /^(?:worker|bot)/u,
  redis: /^redis/u,
  slack: /^slack|approver/u,
  flink: /flink|jobmanager|deploys/u,
};

/** What goes wrong, by name, and what the requests were doing then. */
export class Faults {
  readonly counts = new Map<string, number>();
  /** `phase` -> `fault` -> how often one met the other. */
  readonly met = new Map<string, Map<string, number>>();
  readonly #world: World;
  readonly #random: Random;
  readonly #tell: (words: string) => void;
  readonly kinds: readonly Kind[];
  /** One of twenty: who sends always stands still until another sends, and nothing else happens. */
  readonly #isAboutSleepers: boolean;
  #end = 0;
  /** Who was sending when it was made to stand still, by request. */
  readonly #asleep = new Map<string, Process>();

  /** `tell`: of each as it happens. */
  constructor(world: World, random: Random, tell: (words: string) => void) {
    this.#world = world;
    this.#tell = tell;
    this.#random = random.fork("faults");
    // a quarter of the histories is calm: there promises of time hold as well
    const all = Object.keys(KINDS) as Kind[];
    const chance = this.#random.next();
    // a quarter has trouble of one sort only: what follows from that alone must not be blamed on another
    const sort = this.#random.pick(Object.values(SORTS));
    const among = chance < 0.5 ? all.filter((kind) => sort.test(kind)) : all;
    const some = chance < 0.25 ? [] : among.filter(() => this.#random.happens(chance < 0.5 ? 0.7 : 0.35));
    this.#isAboutSleepers = random.fork("sleepers").happens(0.05);
    this.kinds = this.#isAboutSleepers ? ["worker stands still"] : some;
  }

  /** Nothing of these sorts goes wrong in this history. */
  spare(...sorts: readonly (keyof typeof SORTS)[]): boolean {
    return !this.kinds.some((kind) => sorts.some((sort) => SORTS[sort].test(kind)));
  }

  /** A request has just advanced: that is when a fault hurts. */
  near({ id, state, run }: RequestRecord): void {
    const { scheduler, running } = this.#world;
    if (state !== "running" || this.kinds.length === 0 || scheduler.now > this.#end) return;
    const sender = running.find(({ process }) => run?.lease?.holder.startsWith(`${process.name}-`));
    if (sender !== undefined && this.kinds.includes("worker stands still"))
      this.#overtake(id, sender.process);
    // a cancel that Flink has taken and not written down is forgotten
    if (
      run?.effect?.do === "cancel" &&
      this.kinds.includes("jobmanager fails over") &&
      this.#random.happens(0.2)
    )
      scheduler.plan(scheduler.now + this.#random.whole(0, 300), null, () =>
        this.#do("jobmanager fails over"),
      );
    if (!this.#random.happens(0.08)) return;
    const kind = this.#random.pick(this.kinds);
    const soon = this.#random.happens(0.5) ? 60 : 1500;
    scheduler.plan(scheduler.now + this.#random.whole(0, soon), null, () => this.#do(kind));
  }

  /** The sender pauses until another worker has taken over, and wakes while that one sends. */
  #overtake(id: string, sender: Process): void {
    const { scheduler, wires, running } = this.#world;
    const before = this.#asleep.get(id);
    const wakesIn = (before?.stoppedUntil ?? 0) - scheduler.now;
    if (before !== sender && wakesIn > 0) {
      if (wakesIn < TIMINGS.lease) wires.flink.hang(wakesIn + 500);
      return;
    }
    const always = this.#isAboutSleepers;
    // somebody has to stay awake to take over
    if (always ? running.some((r) => r.process.stoppedUntil > scheduler.now) : !this.#random.happens(0.5))
      return;
    // a queue job is given to another worker once its lock is over
    const ms =
      always || this.#random.happens(0.5)
        ? this.#random.whole(32_000, 45_000)
        : this.#random.whole(20_000, 60_000);
    sender.stoppedUntil = scheduler.now + ms;
    this.#asleep.set(id, sender);
    if (!always && this.#random.happens(0.5)) wires.flink.hang(ms);
  }

  #do(kind: Kind): void {
    this.#note(kind);
    KINDS[kind](this.#world, this.#random);
  }

  /** Until then something goes wrong now and then; afterwards all is well. */
  start(untilMs: number): void {
    const { scheduler } = this.#world;
    const end = scheduler.now + untilMs;
    this.#end = end;
    for (const kind of this.#isAboutSleepers ? [] : this.kinds) {
      const next = (): void => {
        const at = scheduler.now + this.#random.whole(200, 40_000);
        if (at > end) return;
        scheduler.plan(at, null, () => {
          this.#do(kind);
          next();
        });
      };
      next();
    }
    scheduler.plan(end, null, () => this.#calm());
  }

  #calm(): void {
    const { wires, running, slack } = this.#world;
    for (const wire of Object.values(wires)) Object.assign(wire, { weather: CALM, refusesUntil: 0 });
    slack.limitedUntil = 0;
    for (const one of running) {
      if (!one.process.alive) this.#world.revive(one);
      one.process.stoppedUntil = 0;
    }
  }

  #note(kind: Kind): void {
    this.#tell(kind);
    this.counts.set(kind, (this.counts.get(kind) ?? 0) + 1);
    for (const id of this.#world.store.open) {
      const record = this.#world.store.record(id);
      if (record === null) continue;
      const phase =
        record.run === null || record.state !== "running"
          ? `${record.operation} ${record.state}`
          : `${record.operation} ${record.run.phase} ${record.run.stage}`;
      const row = this.met.get(phase) ?? new Map<string, number>();
      this.met.set(phase, row.set(kind, (row.get(kind) ?? 0) + 1));
    }
  }
}

const ROUGH: Weather = { lost: 0.03, unanswered: 0.05, slow: 0.05, slowMs: 25_000 };

/** For a while only. */
function weather(
  world: World,
  wire: keyof World["wires"],
  { random, ms }: { random: Random; ms: number },
): void {
  const { scheduler, wires } = world;
  wires[wire].weather = wire === "redis" ? { ...ROUGH, slowMs: 1500 } : ROUGH;
  scheduler.plan(scheduler.now + random.whole(500, ms), null, () => {
    wires[wire].weather = CALM;
  });
}

const worker = (world: World, random: Random) =>
  random.pick(world.running.filter((r) => r.kind === "worker"));

/** Someone else ends a rehearsal in Flink itself. */
export function endRehearsal(world: World, random: Random): void {
  const rehearsals = world.flink.alive().filter((j) => isRehearsalName(j.name));
  if (rehearsals.length > 0) cancel(world.flink.cluster, random.pick(rehearsals));
}

/** Someone else replaces a job with a new one of the same name. */
export function redeploy(world: World, random: Random): void {
  // nobody deploys a rehearsal
  const alive = world.flink.alive().filter((j) => !isRehearsalName(j.name));
  if (alive.length === 0) return;
  const orders = random.happens(0.7) ? world.flink.alive("orders")[0] : undefined;
  const job = orders ?? random.pick(alive);
  const { name } = job;
  world.flink.cluster.move(job, "CANCELED");
  world.scheduler.plan(world.scheduler.now + random.whole(10, 5000), null, () => {
    if (world.flink.alive(name).length === 0) world.flink.cluster.add({ name, state: "RUNNING" });
  });
}

const KINDS = {
  "worker dies": (world: World, random: Random) => {
    const one = worker(world, random);
    if (!one.process.alive) return;
    world.kill(one);
    world.scheduler.plan(world.scheduler.now + random.whole(10, 20_000), null, () => {
      if (!one.process.alive) world.revive(one);
    });
  },
  "worker stands still": (world: World, random: Random) => {
    worker(world, random).process.stoppedUntil = world.scheduler.now + random.whole(100, 60_000);
  },
  "bot dies": (world: World, random: Random) => {
    const one = random.pick(world.running.filter((r) => r.kind === "bot"));
    if (!one.process.alive) return;
    world.kill(one);
    world.scheduler.plan(world.scheduler.now + random.whole(10, 5000), null, () => {
      if (!one.process.alive) world.revive(one);
    });
  },
  "redis is away": (world: World, random: Random) => {
    world.wires.redis.refusesUntil = world.scheduler.now + random.whole(50, 10_000);
  },
  "redis hangs": (world: World, random: Random) => {
    world.wires.redis.hang(random.whole(50, 10_000));
  },
  "redis loses answers": (world: World, random: Random) => weather(world, "redis", { random, ms: 10_000 }),
  "slack is away": (world: World, random: Random) => {
    world.wires.slack.refusesUntil = world.scheduler.now + random.whole(50, 20_000);
  },
  "slack asks to wait": (world: World, random: Random) => {
    world.slack.limitedUntil = world.scheduler.now + random.whole(500, 20_000);
  },
  "slack loses answers": (world: World, random: Random) => weather(world, "slack", { random, ms: 20_000 }),
  "flink loses answers": (world: World, random: Random) => weather(world, "flink", { random, ms: 20_000 }),
  "flink hangs": (world: World, random: Random) => {
    world.wires.flink.hang(random.whole(100, 60_000));
  },
  "jobmanager fails over": (world: World, random: Random) => {
    const alive = world.flink.alive();
    const down = random.happens(0.5) ? random.whole(0, 15_000) : 0;
    failOver(world.flink.cluster, { downMs: down, electionMs: random.whole(0, 5000) });
    for (const job of alive)
      if (random.happens(0.7)) world.flink.hide(job.jobId, down + random.whole(0, 25_000));
  },
  "two jobmanagers": (world: World) => {
    world.flink.twoProcesses = !world.flink.twoProcesses;
  },
  "somebody deploys": redeploy,
  "an approver leaves": (world: World, random: Random) => {
    const user = random.pick(["U0BEN00001", "U0CEM00001"]);
    world.slack.leave("S0APPROVE1", user);
    world.scheduler.plan(world.scheduler.now + random.whole(1000, 30_000), null, () => {
      world.slack.join("S0APPROVE1", user);
    });
  },
};
type Kind = keyof typeof KINDS;
