import { expect, it } from "vitest";
import { RedisUnavailable } from "../../src/model/errors.ts";
import { createNotices } from "../../src/requests/record/notices.ts";
import { SteppedClock, settle } from "../fakes/clock.ts";
import { FakeStore } from "../fakes/store.ts";

/** A store that fails with these errors first; one that may have been taken was taken. */
function failing(...errors: Error[]) {
  const store = new FakeStore();
  const clock = new SteppedClock();
  const warned: string[] = [];
  const notices = createNotices({
    store: {
      now: async () => await Promise.resolve(store.clock + clock.at),
      async commit(moves, extras) {
        const error = errors.shift();
        if (error instanceof RedisUnavailable && error.maybeTaken) await store.commit(moves, extras);
        if (error !== undefined) throw error;
        return await store.commit(moves, extras);
      },
    },
    log: { warn: (_fields: object, words?: string) => void warned.push(words ?? "") },
    clock,
  });
  const entries = () => store.audit.map((line) => JSON.parse(line) as { at: number; detail: object });
  return { notices, clock, warned, store, entries };
}
const away = new RedisUnavailable("away", { maybeTaken: false });
const unsure = new RedisUnavailable("no answer", { maybeTaken: true });
const loaded = (hash: string) => ["policy loaded", { headline: "It was loaded", detail: { hash } }] as const;

it("writes entries in their order, with the time by Redis's clock at which they happened", async () => {
  const t = failing(away, away);
  t.notices.write(...loaded("a"));
  await t.clock.advance(100);
  t.notices.write(...loaded("b"));
  await settle();
  expect(t.entries()).toEqual([]);
  await t.clock.advance(400);
  expect(t.entries()).toMatchObject([
    { at: 1_000_000, detail: { hash: "a" } },
    { at: 1_000_100, detail: { hash: "b" } },
  ]);
  expect(t.warned).toEqual(["audit entry is not written yet"]);
  t.notices.write(...loaded("c"));
  await settle();
  expect(t.entries()).toHaveLength(3);
});

it("says that an entry may be there twice, because two that are the same would count as copied", async () => {
  const t = failing(away, unsure);
  t.notices.write(...loaded("a"));
  await t.clock.advance(1000);
  expect(t.entries().map(({ detail }) => detail)).toEqual([{ hash: "a" }, { hash: "a", again: 1 }]);
  expect(new Set(t.store.audit).size).toBe(2);
});

it("does not keep the process from ending while Redis is away", async () => {
  const t = failing(...Array.from({ length: 50 }, () => away));
  t.notices.write(...loaded("a"));
  await t.clock.advance(1000);
  await t.notices.close();
  await t.clock.advance(60_000);
  expect(t.entries()).toEqual([]);
});
