import { afterAll, beforeAll, expect, it } from "vitest";
import { until } from "../../playground/processes.ts";
import type { PrivateRedis } from "../../playground/redis.ts";
import { ANA, BEN } from "../../playground/slack/workspace-seed.ts";
import { headOf } from "../harness/cards.ts";
import { judge } from "../harness/judge.ts";
import { suiteWith } from "../harness/needs.ts";
import type { Asked } from "../harness/people.ts";
import { startCluster } from "../harness/redis-cluster.ts";
import { startGroup } from "../harness/redis-group.ts";
import { startWorld, type World, type WorldRedis } from "../harness/world.ts";

/** How soon Slack gets its answer, whatever Redis does, ms. The product's own limit is 0.8 s. */
const SOON_MS = 1200;

const acked = ({ typed }: Asked): boolean => typed.error === null && typed.reply === null;

const suite = await suiteWith(["redis"]);

const KINDS = {
  "Sentinel, with TLS and users of few rights": async () =>
    await startGroup({ replicas: 3, guarded: true, waitReplicas: 1 }),
  "Redis Cluster": async () => await startCluster({ waitReplicas: 1 }),
};

for (const [kind, startRedis] of Object.entries(KINDS))
  suite(`a fail-over in the middle of requests, with replicas that confirm: ${kind}`, () => {
    let group: WorldRedis;
    let world: World;
    let asked = 0;

    beforeAll(async () => {
      group = await startRedis();
      world = await startWorld({
        group,
        replicas: 2,
        demo: { slots: 200 },
        config: { requests: { openPerPerson: 500 } },
      });
      await world.driver.waitForConnections(2);
    });
    afterAll(async () => {
      await world.stop();
      await group.stop();
    });

    /** One savepoint of a job of its own each, until one was not acked and another one was acked after it. */
    const askThrough = async (): Promise<readonly (Asked & { job: string; jobId: string })[]> => {
      const all: (Asked & { job: string; jobId: string })[] = [];
      await until(
        "a request is accepted again",
        async () => {
          const job = `job-${(asked += 1)}`;
          const { jobId } = await world.flink.control.addJob({ name: job });
          const one = await world.people.change(
            asked % 2 === 0 ? ANA : BEN,
            `savepoint ${job} --cluster demo`,
          );
          all.push({ ...one, job, jobId });
          return acked(one) && all.some((other) => !acked(other)) ? true : null;
        },
        60_000,
      );
      return all;
    };

    /** Each request has the ending that its answer promised. */
    const endsAsTold = async (all: readonly (Asked & { jobId: string })[]): Promise<void> => {
      for (const { typed } of all) {
        expect(typed.error).toBeNull();
        expect(typed.ackMs ?? Infinity).toBeLessThan(SOON_MS);
        if (typed.reply !== null) expect(typed.reply).toMatch(/nothing was accepted|not certain whether/u);
      }
      for (const one of all.filter(acked)) expect(headOf(await one.outcome(90_000))).toContain("✅");
      // a step whose connection hangs is taken over once its lock has run out
      await world.stored.atRest(90_000);
      const effects = await world.flink.control.effects();
      for (const one of all) {
        const own = effects.filter((e) => e.jobId === one.jobId);
        expect(own.length, `${one.reason}: ${one.typed.reply}`).toBeLessThanOrEqual(1);
        if (acked(one)) expect(own).toHaveLength(1);
        if (one.typed.reply?.includes("nothing was accepted") === true) expect(own).toEqual([]);
      }
    };

    /** Requests that are half done: one is being written, one waits for its approval. */
    const halfDone = async (): Promise<readonly [writing: Asked, waiting: Asked]> => {
      await world.flink.control.timings({ snapshotMs: 2500 });
      const name = `half-${(asked += 1)}`;
      const { jobId } = await world.flink.control.addJob({ name });
      await world.flink.control.addJob({ name: `${name}-stop` });
      const writing = await world.people.change(ANA, `savepoint ${name}`);
      const waiting = await world.people.change(ANA, `stop ${name}-stop`);
      await waiting.headed("Waiting for approval");
      await until("Flink writes", async () =>
        (await world.flink.control.effects()).some((e) => e.jobId === jobId) ? true : null,
      );
      await world.flink.control.timings({ snapshotMs: 50 });
      return [writing, waiting];
    };

    /** The sentinels, or the nodes of a cluster, tell each other one after the other. */
    const anotherThan = async (old: PrivateRedis): Promise<PrivateRedis> =>
      await until("there is another master", async () => {
        const master = await group.master();
        return master === old ? null : master;
      });
    const failOver = async (begin: () => unknown): Promise<void> => {
      const [writing, waiting] = await halfDone();
      await begin();
      const all = await askThrough();
      expect(headOf(await writing.outcome(90_000))).toContain("✅");
      await world.people.approve(BEN, await waiting.headed("Waiting for approval"));
      expect(headOf(await waiting.outcome(90_000))).toContain("✅");
      await endsAsTold(all);
    };

    it("keeps each acked request when the master is killed, and says in time what was not accepted", async () => {
      const master = await group.master();
      await failOver(async () => await master.kill());
      expect(await anotherThan(master)).not.toBe(master);
    }, 240_000);

    it("keeps them when the master hangs, also after it continues", async () => {
      const master = await group.master();
      try {
        await failOver(() => master.signal("SIGSTOP"));
        expect(await anotherThan(master)).not.toBe(master);
      } finally {
        master.signal("SIGCONT");
      }
    }, 240_000);

    it("acks nothing that no replica has", async () => {
      const master = await group.master();
      const others = group.servers.filter((server) => server !== master);
      const { jobId } = await world.flink.control.addJob({ name: "alone" });
      for (const server of others) server.signal("SIGSTOP");
      const alone = await world.people.change(ANA, "savepoint alone").finally(() => {
        for (const server of others) server.signal("SIGCONT");
      });
      expect(alone.typed.reply).toContain("not certain whether your request was accepted");
      // it was there all the same, and is carried out now that replicas have it
      expect(headOf(await alone.outcome())).toContain("✅");
      const own = (await world.flink.control.effects()).filter((e) => e.jobId === jobId);
      expect(own.map((e) => e.do)).toEqual(["savepoint"]);
    });

    it("agrees at the end, and was refused nothing", async () => {
      // where the first card is may be written to a master that is lost before a replica has it
      await judge(world, { perhaps: 2 });
      expect(world.lines.filter((line) => line.includes("NOPERM"))).toEqual([]);
      expect(world.lines.filter((line) => !line.startsWith("{"))).toEqual([]);
    });
  });
