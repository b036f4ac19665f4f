import { expect } from "vitest";
import { until } from "../../playground/processes.ts";
import type { SeenMessage } from "../../playground/slack/driver.ts";
import { ANA, BEN } from "../../playground/slack/workspace-seed.ts";
import { FORBIDDEN } from "./judge.ts";
import { type RealOptions, type RealWorld, startRealWorld } from "./real.ts";

/** A storage for Flink's state that starts beside it. */
interface Storage {
  jvms: NonNullable<RealOptions["jvms"]>;
  flink: Readonly<Record<string, string>>;
  ready(): Promise<void>;
}

/** A real cluster with its state there, and `orders` in its catalog; no job runs yet. */
export interface OnStorage {
  readonly world: RealWorld;
  /** The outcome of a change that Ana asks for, and Ben approves where it waits for him. */
  done(words: string, how?: "approved"): Promise<SeenMessage>;
  /** The id of `orders`, once it is alive. */
  running(): Promise<string>;
}

const ARGS = ["--name", "orders", "--rate", "200", "--keys", "1"];

export async function startOnStorage(
  storage: Storage,
  { savepointRoots, flink = {} }: { savepointRoots: readonly string[]; flink?: Record<string, string> },
): Promise<OnStorage> {
  const [world] = await Promise.all([
    startRealWorld({
      slots: 2,
      jvms: storage.jvms,
      flink: { ...storage.flink, ...flink },
      savepointRoots,
      timings: { healthyWithin: "15s" },
      config: { jobs: [{ name: "orders", cluster: "live", jar: { newest: "orders-*.jar" }, args: ARGS }] },
    }),
    storage.ready(),
  ]);
  await world.cluster.upload("orders-1.0.jar");
  return {
    world,
    async done(words, how) {
      const asked = await world.people.change(ANA, words);
      if (how === "approved") await world.driver.click(BEN, await asked.card(), "approval.approve");
      const over = await asked.outcome(60_000);
      expect(over.plain).not.toMatch(FORBIDDEN);
      return over;
    },
    async running() {
      const { id } = await until("orders runs", async () => (await world.truth.alive("orders"))[0] ?? null);
      return id;
    },
  };
}

/** The path of the savepoint that a message names; else all of it. */
export const savepointIn = ({ plain }: SeenMessage): string =>
  /[a-z0-9]+:\S+\/savepoint-[0-9a-f]{6}-[0-9a-f]{12}/u.exec(plain)?.[0] ?? plain;
