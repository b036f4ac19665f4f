import type { ServerResponse } from "node:http";
import { afterEach, beforeEach, expect, it } from "vitest";
import { until } from "../../playground/flink/session.ts";
import { FlinkBusy, FlinkUnreachable, LeaseExpired } from "../../src/model/errors.ts";
import { type Cluster, type Clusters, createClusters } from "../../src/flink/clusters.ts";
import type { FlinkEffect } from "../../src/model/effect.ts";
import { ManualClock } from "../fakes/clock.ts";
import { clusterAt, serve } from "./local-server.ts";

/** Its timers go off when a test lets the time pass. */
class PassingClock extends ManualClock {
  #timers: { at: number; call: () => void }[] = [];

  override after(ms = 0, call: () => void = () => undefined): () => void {
    const timer = { at: this.at + ms, call };
    this.#timers.push(timer);
    return () => {
      this.#timers = this.#timers.filter((other) => other !== timer);
    };
  }

  get timers(): number {
    return this.#timers.length;
  }

  pass(ms: number): void {
    this.at += ms;
    const due = this.#timers.filter((t) => t.at <= this.at);
    this.#timers = this.#timers.filter((t) => t.at > this.at);
    for (const { call } of due) call();
  }
}

/** Whoever has asked and was not answered yet, in order. */
let asking: ServerResponse[];
let arrived: number;
let clock: PassingClock;
let server: Awaited<ReturnType<typeof serve>>;
let clusters: Clusters;
let flink: Cluster;

beforeEach(async () => {
  asking = [];
  arrived = 0;
  clock = new PassingClock();
  server = await serve((_req, res) => {
    arrived += 1;
    asking.push(res);
  });
  const timeouts = { connectMs: 3000, readMs: 10_000, changeMs: 20_000, startMs: 60_000 };
  clusters = createClusters([clusterAt(server.url, { timeouts })], [], { clock });
  flink = clusters.get("prod") as Cluster;
});
afterEach(async () => {
  await clusters.close();
  await server.close();
});

const reach = (n: number): Promise<void> => until(`${n} have arrived`, () => Promise.resolve(arrived === n));
/** Requests that are waited for, sent or not. */
const under = (n: number): Promise<void> =>
  until(`${n} are under way`, () => Promise.resolve(clock.timers === n));
const answer = (body = '{"jobs":[]}'): void => {
  const res = asking.shift();
  res?.writeHead(200, { "content-type": "application/json" });
  res?.end(body);
};
const outcome = (reading: Promise<unknown>): Promise<unknown> =>
  reading.then(
    (value) => value,
    (error: unknown) => error,
  );
const savepoint: FlinkEffect = {
  do: "savepoint",
  jobId: "a".repeat(32),
  directory: "file:///sp",
  format: "CANONICAL",
};

it("counts from sending: who waited for a connection has the whole of it still", async () => {
  const all = Array.from({ length: 5 }, () => outcome(flink.reads.overview()));
  await reach(4);
  clock.pass(8000);
  answer();
  await reach(5);
  clock.pass(8000);
  // the others, which were sent at once, are given up by now
  asking.splice(0, 3);
  answer();
  expect(await all[4]).toEqual([]);
  expect(await all[0]).toEqual([]);
  expect(await all[1]).toMatchObject({ message: "reading /jobs/overview of prod: no answer within 10 s" });
});

it("of waiting is another one: nothing was sent, and that is no silence of Flink's", async () => {
  const all = Array.from({ length: 5 }, () => outcome(flink.reads.overview()));
  await reach(4);
  const sighting = flink.reads.sighting("a".repeat(32));
  await under(6);
  clock.pass(10_000);
  expect(await all[4]).toBeInstanceOf(FlinkBusy);
  expect(await all[4]).toMatchObject({
    reached: "no",
    did: "has not answered earlier requests yet",
    message: "reading /jobs/overview of prod: no connection was free for 10 s, nothing was sent",
  });
  expect(await sighting).toEqual({ is: "unanswered", forMs: 0, refused: false });
  clock.pass(60_000);
  const next = flink.reads.sighting("a".repeat(32));
  await reach(5);
  clock.pass(10_000);
  // since the first that was sent
  expect(await next).toEqual({ is: "unanswered", forMs: 0, refused: false });
});

it("of a change is its lease while it waits for a connection, and it is not sent afterwards", async () => {
  const { effects } = clusters.get("prod", "change") as Cluster;
  const send = (untilMonotonicMs: number) =>
    outcome(effects.perform(savepoint, "b".repeat(32), { untilMonotonicMs }));
  const first = Array.from({ length: 4 }, () => send(60_000));
  await reach(4);
  const late = send(5000);
  await under(5);
  clock.pass(5000);
  expect(await late).toBeInstanceOf(LeaseExpired);
  for (let i = 0; i < 4; i += 1) answer(JSON.stringify({ "request-id": "b".repeat(32) }));
  expect(await Promise.all(first)).toEqual(
    Array.from({ length: 4 }, () => expect.objectContaining({ is: "accepted" })),
  );
  const again = send(60_000);
  await reach(5);
  answer(JSON.stringify({ "request-id": "b".repeat(32) }));
  expect(await again).toMatchObject({ is: "accepted" });
});

it("of decoration covers all of it, and is asked for once", async () => {
  const reading = outcome(flink.reads.decoration.exceptions("a".repeat(32), 1));
  await reach(1);
  clock.pass(1999);
  clock.pass(1);
  expect(await reading).toBeInstanceOf(FlinkUnreachable);
  expect(await reading).toMatchObject({ message: expect.stringMatching(/within 2 s$/u) });
  expect(arrived).toBe(1);
});
