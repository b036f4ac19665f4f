import { afterAll, afterEach, beforeAll, beforeEach, expect, it } from "vitest";
import { until } from "../../../playground/processes.ts";
import { type PrivateRedis, startRedis } from "../../../playground/redis.ts";
import { readLink } from "../../../src/audit/chain.ts";
import { SEALER_SEAT_MS, startSealer } from "../../../src/audit/sealer.ts";
import type { Sink } from "../../../src/audit/sinks/sink.ts";
import { createAuditStream } from "../../../src/audit/stream.ts";
import { isWhole, verify } from "../../../src/audit/verify.ts";
import { systemClock } from "../../../src/platform/clock.ts";
import { createLog } from "../../../src/platform/log.ts";
import { newKey } from "../../../src/platform/seal.ts";
import { createSigner, newSigningKey, type Signer } from "../../../src/platform/signing.ts";
import { backOptions, connectRedis, type RedisClient } from "../../../src/redis/connect.ts";
import { keysUnder } from "../../../src/redis/keys.ts";
import { createSeat } from "../../../src/redis/seat.ts";
import { anEntry, commitEntries } from "../../audit/an-entry.ts";
import { MemorySink } from "../../audit/doubles.ts";
import { aSeal } from "../../fakes/seal.ts";

const keys = keysUnder("{test}");
const [old, fresh] = [newKey(), newKey()];
let server: PrivateRedis;
let redis: RedisClient;
const opened: RedisClient[] = [];
const running: { close(): Promise<void> }[] = [];
const connect = (): RedisClient => {
  const client = connectRedis(backOptions(server), () => undefined);
  opened.push(client);
  return client;
};
beforeAll(async () => {
  server = await startRedis();
  redis = connect();
});
beforeEach(async () => void (await redis.flushall()));
const stop = async (): Promise<void> =>
  void (await Promise.all(running.splice(0).map(async (one) => await one.close())));
afterEach(stop);
afterAll(async () => {
  for (const client of opened) client.disconnect();
  await server.stop();
});

let workers = 0;
const lines: string[] = [];
/** A worker with these keys of the seal. */
function start(
  sealKeys: readonly string[],
  { sinks = [], sign = null }: { sinks?: Sink[]; sign?: Signer | null } = {},
) {
  const seal = aSeal(sealKeys);
  workers += 1;
  running.push(
    startSealer({
      stream: createAuditStream({ redis, blocking: connect(), keys, seal }),
      seat: createSeat(redis, { worker: `w${workers}`, ttlMs: SEALER_SEAT_MS }),
      keys,
      seal,
      sinks,
      sign,
      keep: 1e15,
      daily: null,
      log: createLog("error", { write: (line: string) => void lines.push(line) }),
      clock: systemClock,
    }),
  );
  return seal;
}
const commit = async (sealKeys: readonly string[], ...numbers: number[]): Promise<void> =>
  await commitEntries(
    { redis, keys, seal: aSeal(sealKeys) },
    numbers.map((i) => anEntry(i)),
  );
const kept = async () => await createAuditStream({ redis, keys, seal: aSeal([fresh]) }).from(1, 100);
const length = async (n: number): Promise<void> =>
  void (await until(`${n} entries`, async () => ((await redis.xlen(keys.auditChain)) === n ? true : null)));

it("a key is changed in three steps: the chain continues, and a sink that was away gets what the old key sealed", async () => {
  const away = new MemorySink("siem", false);
  away.fails = "answered 503";
  start([old], { sinks: [away] });
  await commit([old], 1, 2);
  await length(2);
  await stop();
  // the new one is added, then it seals, then the old one goes
  for (const [i, now] of [[old, fresh], [fresh, old], [fresh]].entries()) {
    const seal = start(now, { sinks: [away] });
    await commit(now, 3 + i);
    await length(3 + i);
    if (i === 2) away.fails = null;
    if (i === 2) await until("the sink has all", () => Promise.resolve(away.got.length === 5 ? true : null));
    await stop();
    expect(seal.told).toEqual([]);
  }
  expect(away.got.map((line) => readLink(line)?.n)).toEqual([1, 2, 3, 4, 5]);
  expect(isWhole(verify([away.got], { head: null, keys: [] }))).toBe(true);
});

it("what someone put between, under a key that nobody has, does not reach a sink", async () => {
  const away = new MemorySink("siem", false);
  away.fails = "answered 503";
  start([fresh], { sinks: [away] });
  await commit([fresh], 1, 2, 3);
  await length(3);
  await stop();
  const [one, two, three] = await redis.xrange(keys.auditChain, "-", "+");
  await redis.del(keys.auditChain);
  const forged = aSeal();
  const line = anEntry(66);
  for (const [id, fields] of [one, two, three].flatMap((entry) => (entry === undefined ? [] : [entry])))
    await redis.xadd(
      keys.auditChain,
      id,
      ...(id === "2-0"
        ? [
            "of",
            "1-1",
            "line",
            line,
            "seal",
            forged.of({ kind: "audit", id: "chain", rev: 2 }, `1-1 ${line}`),
          ]
        : fields),
    );
  away.fails = null;
  start([fresh], { sinks: [away] });
  await until("the sink has the others", () => Promise.resolve(away.got.length === 2 ? true : null));
  expect(away.got.map((text) => readLink(text)?.n)).toEqual([1, 3]);
});

it("a key that is changed at once stops the chain, in words, and destroys nothing", async () => {
  start([old]);
  await commit([old], 1, 2);
  await length(2);
  await stop();
  lines.length = 0;
  start([fresh]);
  await commit([fresh], 3);
  await until("it says so", () => Promise.resolve(lines.length > 0 ? true : null));
  expect(lines.join()).toContain("add the former key to seal.keys");
  expect((await kept()).map(({ n }) => n)).toEqual([1, 2]);
  expect(await redis.xlen(keys.audit)).toBe(1);
  await stop();
  start([fresh, old]);
  await length(3);
});

it("but continues where the entries are signed", async () => {
  const sign = createSigner(newSigningKey());
  start([old], { sign });
  await commit([old], 1, 2);
  await length(2);
  await stop();
  start([fresh], { sign });
  await commit([fresh], 3);
  await until("entry 3", async () =>
    (await kept()).at(-1)?.line.includes("entry 3") === true ? true : null,
  );
  const read = (await kept()).map(({ line }) => readLink(line));
  expect(read.map((link) => link?.n)).toEqual([1, 2, 3, 4]);
  expect(read[2]?.entry).toMatchObject({ event: "went back", detail: { knownBy: "the chain in Redis" } });
});
