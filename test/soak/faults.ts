import { setTimeout as sleep } from "node:timers/promises";
import { Redis } from "ioredis";
import type { World } from "../harness/world.ts";
import type { Fleet } from "./fleet.ts";
import type { Load } from "./load.ts";

export interface Setting {
  world: World;
  fleet: Fleet;
  load: Load;
  /** How long a fault lasts, ms. */
  lastsMs: number;
}

/** Something that goes wrong while people work; heals what it broke before it resolves. */
export interface Fault {
  name: string;
  run(on: Setting): Promise<void>;
}

const every = async (ms: number, lastsMs: number, act: () => Promise<unknown>): Promise<void> => {
  const until = Date.now() + lastsMs;
  while (Date.now() < until) {
    await act();
    await sleep(ms);
  }
};

/** On Redis itself; the connection that looks is not the one that breaks. */
async function withRedis<T>({ redis }: World, act: (client: Redis) => Promise<T>): Promise<T> {
  const client = new Redis(redis.url, { maxRetriesPerRequest: null, retryStrategy: () => 50 });
  client.on("error", () => undefined);
  try {
    return await act(client);
  } finally {
    client.disconnect();
  }
}

const usedBytes = async (client: Redis): Promise<number> =>
  Number(/^used_memory:(\d+)/mu.exec(await client.info("memory"))?.[1]);

/** Everything that the promises are about. */
export const FAULTS: readonly Fault[] = [
  { name: "nothing", run: async ({ lastsMs }) => await sleep(lastsMs) },
  {
    name: "a worker is killed every second",
    run: async ({ fleet, lastsMs }) =>
      await every(1000, lastsMs, async () => await fleet.signal("worker", "SIGKILL")),
  },
  {
    name: "a bot is killed every three seconds",
    run: async ({ fleet, lastsMs }) =>
      await every(3000, lastsMs, async () => await fleet.signal("bot", "SIGKILL")),
  },
  {
    name: "every process is asked to end, one after the other",
    run: async ({ fleet, lastsMs }) =>
      await every(2000, lastsMs, async () => {
        await fleet.signal("worker", "SIGTERM");
        await fleet.signal("bot", "SIGTERM");
      }),
  },
  {
    name: "Redis is killed and comes back",
    run: async ({ world: { redis }, lastsMs }) =>
      await every(4000, lastsMs, async () => {
        await redis.kill();
        await sleep(1000);
        await redis.restart();
      }),
  },
  {
    name: "Redis hangs",
    async run({ world: { redis }, lastsMs }) {
      redis.signal("SIGSTOP");
      await sleep(lastsMs);
      redis.signal("SIGCONT");
    },
  },
  {
    name: "Redis is full",
    run: async ({ world, lastsMs }) =>
      await withRedis(world, async (client) => {
        await client.config("SET", "maxmemory", String(await usedBytes(client)));
        await sleep(lastsMs);
        await client.config("SET", "maxmemory", "0");
      }),
  },
  {
    name: "Slack asks to wait (429)",
    async run({ world: { driver }, lastsMs }) {
      const retryAfter = Math.ceil(lastsMs / 1000);
      await driver.fault({ method: "chat.postMessage", retryAfter, times: 3 });
      await driver.fault({ method: "chat.update", retryAfter, times: 2 });
      await sleep(lastsMs);
      await driver.clearFaults();
    },
  },
  {
    name: "chat.update fails all the time",
    async run({ world: { driver }, lastsMs }) {
      await driver.fault({ method: "chat.update", status: 503, times: 1_000_000 });
      await sleep(lastsMs);
      await driver.clearFaults();
    },
  },
  {
    name: "Slack does what it is asked for, and its answer is lost",
    run: async ({ world: { driver }, lastsMs }) =>
      await every(500, lastsMs, async () => {
        await driver.fault({ method: "*", drop: true, applied: true });
      }),
  },
  {
    name: "sockets are cut in the middle of clicks",
    run: async ({ world: { driver }, lastsMs }) =>
      await every(700, lastsMs, async () => await driver.cutSockets()),
  },
  {
    name: "envelopes arrive twice, late and out of order, and acks are lost",
    async run({ world: { driver }, load, lastsMs }) {
      load.twice = true;
      await every(500, lastsMs, async () => {
        await driver.delayDeliveries(900);
        await driver.swallowAcks(1);
      });
      load.twice = false;
      await driver.clearFaults();
    },
  },
  {
    name: "Flink's answers are lost",
    async run({ world: { flink }, lastsMs }) {
      await flink.control.fault({
        path: "savepoints|checkpoints|stop|resource-requirements",
        when: "after",
        cut: true,
      });
      await sleep(lastsMs);
      await flink.control.clearFaults();
    },
  },
  {
    name: "the JobManager fails over",
    run: async ({ world: { flink }, lastsMs }) =>
      await every(6000, lastsMs, async () => await flink.control.failOver({ downMs: 1000, electionMs: 500 })),
  },
  {
    name: "clocks are an hour off",
    async run({ fleet, lastsMs }) {
      const off = [
        await fleet.add("worker", { clockOff: 3_600_000 }),
        await fleet.add("bot", { clockOff: -3_600_000 }),
      ];
      await fleet.whole();
      await sleep(lastsMs);
      // what they leave behind is for those whose clocks are right
      for (const member of off) await fleet.retire(member);
    },
  },
];
