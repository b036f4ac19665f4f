import { beforeEach, describe, expect, it } from "vitest";
import { ownRedis } from "../../harness/own-redis.ts";
import { keysUnder } from "../../../src/redis/keys.ts";
import type { RequestRecord } from "../../../src/requests/record/record.ts";
import { createStore, type Extras, type Store } from "../../../src/requests/record/store.ts";
import { FakeStore } from "../../fakes/store.ts";
import { aRecord } from "../../slack/a-record.ts";
import { aSeal } from "../../fakes/seal.ts";

const keys = keysUnder("{test}");
const [A, B] = ["prod/id/a", 'prod/name/b \n"c"'];
const { redis } = await ownRedis();

interface Both {
  store: Store;
  /** The requests in the line of a claim, in order. */
  line: (claim: string) => Promise<readonly string[]>;
}

const inRedis = (): Both => ({
  store: createStore({ redis, keys, seal: aSeal() }),
  line: async (claim) => await redis.zrange(keys.waiters(claim), "0", "-1"),
});
const inMemory = (): Both => {
  const store = new FakeStore();
  return {
    store,
    line: async (claim) =>
      await Promise.resolve(
        [...(store.lines.standing.get(claim) ?? [])].toSorted(([, x], [, y]) => x - y).map(([id]) => id),
      ),
  };
};

/** What the simulator and the unit tests run on keeps the same lines as Redis. */
describe.each([
  ["Redis", inRedis],
  ["the model of it", inMemory],
])("lines of %s", (_, make) => {
  let on: Both;
  beforeEach(() => {
    on = make();
  });

  const at = Date.now();
  const revs = new Map<string, number>();
  beforeEach(() => revs.clear());
  const move = async (change: Partial<RequestRecord> & { id: string }, extras: Extras = {}) => {
    const rev = revs.get(change.id) ?? 0;
    const done = await on.store.commit([{ rev, next: aRecord({ askedAt: at, ...change }) }], extras);
    if (done.is === "ok") revs.set(change.id, rev + 1);
    return done;
  };
  const holds = async (id: string, ...take: string[]) =>
    await move({ id, state: "running", claims: take }, { take });
  const waits = async (id: string, claims: readonly string[], askedAt = at) =>
    await move({ id, state: "ready", askedAt, waiting: { holder: "h", words: "busy", claims } });
  const ends = async (id: string, ...release: string[]) => await move({ id, state: "ended" }, { release });

  it("a waiting request is in the line of the claim that another one holds, in the order of asking", async () => {
    await holds("h", A);
    expect(await waits("w2", [A, B], at + 2)).toMatchObject({ is: "ok", recall: [] });
    await waits("w1", [A], at + 1);
    expect(await on.line(A)).toEqual(["w1", "w2"]);
    expect(await on.line(B)).toEqual([]);
  });

  it("whatever releases a claim recalls the first in its line, and nobody else", async () => {
    await holds("h", A, B);
    await waits("w1", [A]);
    await waits("w2", [A, B], at + 1);
    expect(await move({ id: "h", state: "running" })).toMatchObject({ recall: [] });
    expect(await ends("h", A, B)).toMatchObject({ recall: ["w1", "w2"] });
    // still there: it was told, and has not moved yet
    expect(await on.line(A)).toEqual(["w1", "w2"]);
  });

  it("whoever starts leaves its line, and its own end recalls the next", async () => {
    await holds("h", A);
    await waits("w1", [A]);
    await waits("w2", [A], at + 1);
    await ends("h", A);
    expect(await holds("w1", A)).toMatchObject({ is: "ok", recall: [] });
    expect(await on.line(A)).toEqual(["w2"]);
    expect(await ends("w1", A)).toMatchObject({ recall: ["w2"] });
    await holds("w2", A);
    expect(await on.line(A)).toEqual([]);
  });

  it("whoever ends while it waits leaves every line, and holds up nobody behind it", async () => {
    await holds("h", A, B);
    await waits("w1", [A, B]);
    await waits("w2", [A], at + 1);
    await ends("h", A, B);
    expect(await ends("w1")).toMatchObject({ recall: ["w2"] });
    expect(await on.line(A)).toEqual(["w2"]);
    expect(await on.line(B)).toEqual([]);
  });

  it("a request that waits for another claim meanwhile leaves its turn to the next one", async () => {
    await holds("h", A);
    await holds("k", B);
    await waits("w1", [A, B]);
    await waits("w2", [A], at + 1);
    await ends("h", A);
    expect(await waits("w1", [A, B])).toMatchObject({ recall: ["w2"] });
    expect(await on.line(A)).toEqual(["w2"]);
    expect(
      await move({ id: "w2", state: "ready", waiting: { holder: null, words: "silent" } }),
    ).toMatchObject({
      recall: [],
    });
    expect(await on.line(A)).toEqual([]);
    expect(await on.line(B)).toEqual(["w1"]);
  });

  it("what was released before it stood in line is told by its own commit", async () => {
    expect(await waits("w1", [A])).toMatchObject({ recall: ["w1"] });
    expect(await on.line(A)).toEqual([]);
  });

  it("whose claim was taken over wakes the line when both are over, whichever ends last", async () => {
    await holds("h", A);
    await waits("w1", [A]);
    const over = aRecord({ id: "h", state: "running", supersededBy: { requestId: "c", actor: "U" } });
    const brake = aRecord({ id: "c", state: "running", claims: [A] });
    await on.store.commit(
      [
        { rev: 0, next: brake },
        { rev: 1, next: over },
      ],
      { take: [A], from: ["h"] },
    );
    revs.set("c", 1).set("h", 2);
    expect(await ends("c", A)).toMatchObject({ recall: ["w1"] });
    expect(await ends("h", A)).toMatchObject({ recall: ["w1"] });
  });

  it("a commit that writes nothing moves no line", async () => {
    await holds("h", A);
    await waits("w1", [A]);
    const busy = await on.store.commit([{ rev: 1, next: aRecord({ id: "w1", state: "running" }) }], {
      take: [A],
    });
    expect(busy).toEqual({ is: "busy", holder: "h" });
    expect(await on.line(A)).toEqual(["w1"]);
  });
});

it("a request whose record is gone holds up nobody behind it", async () => {
  const { store, line } = inRedis();
  const waiting = { holder: "h", words: "busy", claims: [A] };
  await store.commit([{ rev: 0, next: aRecord({ id: "h", state: "running" }) }], { take: [A] });
  for (const [i, id] of ["w1", "w2"].entries())
    await store.commit([{ rev: 0, next: aRecord({ id, state: "ready", waiting, askedAt: Date.now() + i }) }]);
  await redis.del(keys.record("w1"));
  const done = await store.commit([{ rev: 1, next: aRecord({ id: "h", state: "ended" }) }], { release: [A] });
  expect(done).toMatchObject({ recall: ["w2"] });
  expect(await line(A)).toEqual(["w2"]);
});
