import { mkdtemp, readFile, rm } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { afterAll, afterEach, beforeAll, beforeEach, describe, expect, it } from "vitest";
import { until } from "../../../playground/processes.ts";
import { type PrivateRedis, startRedis } from "../../../playground/redis.ts";
import { GENESIS, link, readLink } from "../../../src/audit/chain.ts";
import { createGate } from "../../../src/audit/gate.ts";
import { SEALER_SEAT_MS, type SealerOptions, startSealer } from "../../../src/audit/sealer.ts";
import { createFileSink } from "../../../src/audit/sinks/file.ts";
import type { Sink } from "../../../src/audit/sinks/sink.ts";
import { type AuditStream, createAuditStream } from "../../../src/audit/stream.ts";
import { systemClock } from "../../../src/platform/clock.ts";
import { createLog } from "../../../src/platform/log.ts";
import { createSigner, newSigningKey } from "../../../src/platform/signing.ts";
import { backOptions, connectRedis, type RedisClient } from "../../../src/redis/connect.ts";
import { keysUnder } from "../../../src/redis/keys.ts";
import { createSeat } from "../../../src/redis/seat.ts";
import { dieAt, MemorySink } from "../../audit/doubles.ts";
import { anEntry, commitEntries } from "../../audit/an-entry.ts";
import { aSeal } from "../../fakes/seal.ts";

const keys = keysUnder("{test}");
const sealKeys = [`flinkops_seal_${"k".repeat(43)}`];
const sign = createSigner(newSigningKey());
let seal = aSeal(sealKeys);
let server: PrivateRedis;
let redis: RedisClient;
let directory: string;
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
beforeEach(async () => {
  await redis.flushall();
  seal = aSeal(sealKeys);
  directory = await mkdtemp(join(tmpdir(), "flinkops-sealer-"));
});
afterEach(async () => {
  await Promise.all(running.splice(0).map(async (one) => await one.close()));
  await rm(directory, { recursive: true });
});
afterAll(async () => {
  for (const client of opened) client.disconnect();
  await server.stop();
});

const aStream = (blocking = true): AuditStream =>
  createAuditStream({ redis, keys, seal, ...(blocking ? { blocking: connect() } : {}) });

const start = (worker: string, more: Partial<SealerOptions> = {}) => {
  const sealer = startSealer({
    stream: aStream(),
    seat: createSeat(redis, { worker, ttlMs: SEALER_SEAT_MS }),
    keys,
    seal,
    sinks: [],
    sign,
    keep: 1e15,
    daily: null,
    log: createLog("silent"),
    clock: systemClock,
    ...more,
  });
  running.push(sealer);
  return sealer;
};
const commit = async (from: number, to: number): Promise<void> => {
  const numbers = Array.from({ length: to - from + 1 }, (_, i) => from + i);
  await commitEntries(
    { redis, keys, seal },
    numbers.map((i) => anEntry(i)),
  );
};
const chained = async (n: number) => {
  await until(
    `${n} chained entries`,
    async () => ((await redis.xlen(keys.auditChain)) >= n ? true : null),
    10_000,
  );
  return await aStream(false).from(1, 10_000);
};
/** What a chain of these entries has to be, whoever makes it and however often it is interrupted. */
const expected = (entries: readonly string[]): string[] => {
  let head = GENESIS;
  return entries.map((entry) => {
    const next = link(entry, head, { sign, sealed: "yes" });
    head = next;
    return next.line;
  });
};
const upTo = (n: number): string[] => Array.from({ length: n }, (_, i) => anEntry(i + 1));

describe("the sealer", () => {
  it("chains entries in the order of the commits, and leaves none behind", async () => {
    await commit(1, 3);
    start("w1");
    await chained(3);
    await commit(4, 450);
    expect((await chained(450)).map(({ line }) => line)).toEqual(expected(upTo(450)));
    expect(await redis.xlen(keys.audit)).toBe(0);
    expect((await redis.xrange(keys.auditChain, "-", "+", "COUNT", 1))[0]?.[0]).toBe("1-0");
  });

  it("is one at a time: two workers make the chain that one would make", async () => {
    const sinks = [new MemorySink("one"), new MemorySink("two")];
    start("w1", { sinks: [sinks[0] ?? new MemorySink("")] });
    start("w2", { sinks: [sinks[1] ?? new MemorySink("")] });
    for (let i = 0; i < 20; i += 1) await commit(1 + i * 10, 10 + i * 10);
    expect((await chained(200)).map(({ line }) => line)).toEqual(expected(upTo(200)));
    await until("a sink has all", () =>
      Promise.resolve(sinks.some(({ got }) => got.length === 200) ? true : null),
    );
    expect(sinks.map(({ got }) => got.length).toSorted((a, z) => a - z)).toEqual([0, 200]);
  });

  it("is replaced when it stops, and when it dies with its seat", async () => {
    const first = start("w1");
    await commit(1, 5);
    await chained(5);
    start("w2");
    await first.close();
    await commit(6, 9);
    await chained(9);
    // the seat of a sealer that died
    await Promise.all(running.splice(0).map(async (one) => await one.close()));
    await redis.set(keys.auditSealer, "99 dead", "PX", 400);
    start("w3");
    await commit(10, 12);
    expect((await chained(12)).map(({ line }) => line)).toEqual(expected(upTo(12)));
  });

  it("changes nothing once another one has taken over, wherever it was paused", async () => {
    await commit(1, 4);
    const stream = aStream(false);
    const token = (await createSeat(redis, { worker: "old", ttlMs: 60_000 }).take(SEAT)).token ?? "";
    const [one, two] = expected(upTo(2));
    const before = {
      before: "",
      after: { n: 1, hash: readLink(one ?? "")?.hash ?? "", of: "1-1", began: 1 },
    };
    await redis.set(keys.auditSealer, "2 new");
    const entries = [{ n: 1, of: "1-1", line: one ?? "" }];
    expect((await stream.append(token, before, entries)).is).toBe("fenced");
    expect(await stream.saveMark(token, "siem", { n: 9, hash: "", of: "9-9" })).toBe("fenced");
    expect(await stream.saveReached(token, { of: "9-9", problem: null })).toBe("fenced");
    expect(await stream.clearAbove(token, 0)).toBe("fenced");
    expect(await redis.xlen(keys.audit)).toBe(4);
    expect(await redis.exists(keys.auditChain, keys.auditHead, keys.auditSinks, keys.auditReached)).toBe(0);
    expect(two).not.toBe(one);
  });

  it("killed between any two of its calls, it neither skips nor repeats nor renumbers an entry", async () => {
    const all = upTo(30);
    const file = join(directory, "audit.ndjson");
    const memory = new MemorySink("siem");
    const files: Sink[] = [];
    const aFile = (): Sink => {
      const one = createFileSink({ name: "file", required: false, path: file });
      files.push(one);
      return one;
    };
    // dies at its first, second, third... call, and the next worker continues
    for (let life = 1; life <= 24; life += 1) {
      if (life <= 10) await commit(life * 3 - 2, life * 3);
      const dying = dieAt(life, aStream());
      const sinks = [memory, aFile()];
      const sealer = start(`w${life}`, { stream: dying.stream, sinks });
      await Promise.race([dying.dead, systemClock.sleep(300)]);
      running.splice(0);
      dying.kill();
      void sealer.close();
      await redis.del(keys.auditSealer);
    }
    start("last", { sinks: [memory, aFile()] });
    expect((await chained(30)).map(({ line }) => line)).toEqual(expected(all));
    const lines = async () => (await readFile(file, "utf8")).trimEnd().split("\n");
    await until("the file has all", async () => ((await lines()).length >= 30 ? true : null));
    expect([...new Set(await lines())]).toEqual(expected(all));
    await until("the other sink too", () => Promise.resolve(new Set(memory.got).size === 30 ? true : null));
    expect([...new Set(memory.got)]).toEqual(expected(all));
    await Promise.all(files.map(async (one) => await one.close()));
  });
});

const SEAT = { seat: keys.auditSealer, fence: keys.auditFence, watched: keys.auditChain };

describe("somebody who writes to Redis", () => {
  it("cannot add an entry: the chain says that somebody tried", async () => {
    start("w1");
    await commit(1, 1);
    const forged = anEntry(666);
    await redis.xadd(
      keys.audit,
      "*",
      "entry",
      forged,
      "seal",
      aSeal().of({ kind: "audit", id: "entry", rev: 0 }, forged),
    );
    await commit(2, 2);
    const entries = (await chained(3)).map(({ line }) => readLink(line)?.entry);
    expect(entries).toMatchObject([
      { event: "policy loaded" },
      { event: "set aside", detail: { why: "unknown key", characters: forged.length } },
      { event: "policy loaded" },
    ]);
    expect(JSON.stringify(entries)).not.toContain("entry 666");
    expect(seal.told).toContainEqual(expect.objectContaining({ kind: "audit", why: "unknown key" }));
  });

  it("is told apart from an older version, whose entries have no seal: they are marked, for a day", async () => {
    await redis.xadd(keys.audit, "*", "entry", anEntry(1));
    start("w1");
    const [first] = await chained(1);
    expect(readLink(first?.line ?? "")).toMatchObject({ unsealed: true, whole: true });
    expect(seal.told).toEqual([]);
    const soon = Date.now() + 25 * 3_600_000;
    await redis.xadd(keys.audit, `${soon}-0`, "entry", anEntry(2));
    await redis.xadd(keys.audit, "*", "entry", '{"v":1,"event":"asked","n":7}');
    const [, second, third] = (await chained(3)).map(({ line }) => readLink(line)?.entry);
    expect([second, third]).toMatchObject([{ event: "set aside" }, { event: "set aside" }]);
  });

  it("cannot change the chain, its head or a sink's place unseen", async () => {
    const sink = new MemorySink("siem");
    const first = start("w1", { sinks: [sink] });
    await commit(1, 5);
    await until("the sink has five", () => Promise.resolve(sink.got.length === 5 ? true : null));
    await first.close();
    running.splice(0);
    // the end is cut off, another one is put there, the head is deleted, and the sink's place is raised
    await redis.xdel(keys.auditChain, "4-0", "5-0");
    await redis.xadd(keys.auditChain, "9-0", "of", "1-1", "line", anEntry(9), "seal", "x");
    await redis.hset(keys.auditSinks, "siem", JSON.stringify({ n: 50, hash: "", of: "9-9" }));
    const head = await redis.get(keys.auditHead);
    start("w2", { sinks: [sink] });
    await commit(6, 6);
    await until("entry 6", async () =>
      (await redis.xrange(keys.auditChain, "6-0", "6-0")).length > 0 ? true : null,
    );
    const all = expected(upTo(6));
    expect((await aStream(false).from(6, 10)).map(({ line }) => line)).toEqual([all[5]]);
    expect((await aStream(false).from(1, 10)).map(({ n }) => n)).toEqual([1, 2, 3, 6]);
    await until("the sink has it", () => Promise.resolve(sink.got.includes(all[5] ?? "") ? true : null));
    expect(new Set(sink.got)).toEqual(new Set(all));
    expect(head).not.toBe(await redis.get(keys.auditHead));
    expect(seal.told.map(({ id }) => id)).toEqual(expect.arrayContaining(["chain", "sink siem"]));
  });

  it("or restores an old copy, finds the chain continued after what a file has", async () => {
    const path = join(directory, "audit.ndjson");
    const sink = () => createFileSink({ name: "file", required: true, path });
    const first = start("w1", { sinks: [sink()] });
    await commit(1, 3);
    await chained(3);
    const copy = await redis.get(keys.auditHead);
    await commit(4, 5);
    const size = async () => (await readFile(path, "utf8")).split("\n").length - 1;
    await until("the file has five", async () => ((await size()) === 5 ? true : null));
    await first.close();
    running.splice(0);
    await redis.set(keys.auditHead, copy ?? "");
    await redis.xdel(keys.auditChain, "4-0", "5-0");
    start("w2", { sinks: [sink()] });
    await commit(6, 6);
    await until("the file has seven", async () => ((await size()) === 7 ? true : null));
    const lines = (await readFile(path, "utf8")).trimEnd().split("\n").map(readLink);
    expect(lines.map((read) => read?.n)).toEqual([1, 2, 3, 4, 5, 6, 7]);
    expect(lines.every((read, i) => i === 0 || read?.prev === lines[i - 1]?.hash)).toBe(true);
    expect(lines[5]?.entry).toMatchObject({
      event: "went back",
      detail: { inRedis: 3, continuesAt: 5, knownBy: "sink file" },
    });
  });
});

describe("trimming", () => {
  it("deletes what is older than configured and in every sink, and nothing else", async () => {
    const [quick, slow] = [new MemorySink("quick", false), new MemorySink("slow", false)];
    slow.fails = "answered 503";
    await commit(1, 10);
    const sealer = start("w1", { sinks: [quick, slow], keep: 1 });
    await until("one has all", () => Promise.resolve(quick.got.length === 10 ? true : null));
    await sealer.close();
    running.splice(0);
    // a new sealer trims when it begins
    const again = start("w2", { sinks: [quick, slow], keep: 1 });
    await commit(11, 11);
    await until("entry 11", async () => ((await redis.xlen(keys.auditChain)) === 11 ? true : null));
    slow.fails = null;
    await until("both have all", () => Promise.resolve(slow.got.length === 11 ? true : null));
    await again.close();
    running.splice(0);
    start("w3", { sinks: [quick, slow], keep: 1 });
    // the newest stays: the chain continues there
    await until("trimmed", async () => ((await redis.xlen(keys.auditChain)) === 1 ? true : null), 10_000);
    expect((await redis.xrange(keys.auditChain, "-", "+"))[0]?.[0]).toBe("11-0");
  });
});

describe("a required sink", () => {
  it("lets an effect pass once it has the entry, and says what keeps it otherwise", async () => {
    const sink = new MemorySink("siem");
    const gate = createGate({ stream: aStream(false), clock: systemClock });
    start("w1", { sinks: [sink] });
    const entry = anEntry(1);
    const { id } = await committed(entry);
    expect(await gate(id, 5000)).toEqual({ is: "may" });
    expect(sink.got).toHaveLength(1);
    sink.fails = "https://siem answered 503";
    const next = await committed(anEntry(2));
    expect(await gate(next.id, 700)).toEqual({ is: "may not", why: "siem: https://siem answered 503" });
    sink.fails = null;
    expect(await gate(next.id, 5000)).toEqual({ is: "may" });
  });

  it("that is not served by any worker keeps the effect", async () => {
    const gate = createGate({ stream: aStream(false), clock: systemClock });
    const { id } = await committed(anEntry(1));
    expect(await gate(id, 100)).toMatchObject({ is: "may not", why: expect.stringContaining("no worker") });
  });

  it("cannot be talked into it by somebody who writes to Redis", async () => {
    const gate = createGate({ stream: aStream(false), clock: systemClock });
    const { id } = await committed(anEntry(1));
    await redis.set(keys.auditReached, JSON.stringify({ of: "9999999999999-0", problem: null }));
    expect(await gate(id, 100)).toMatchObject({ is: "may not" });
  });
});

async function committed(entry: string): Promise<{ id: string }> {
  const id = await redis.xadd(
    keys.audit,
    "*",
    "entry",
    entry,
    "seal",
    seal.of({ kind: "audit", id: "entry", rev: 0 }, entry),
  );
  return { id: id ?? "" };
}
