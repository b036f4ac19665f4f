import { setTimeout as sleep } from "node:timers/promises";
import { Redis } from "ioredis";
import { afterAll, beforeAll, beforeEach, describe, expect, it } from "vitest";
import { type PrivateRedis, startRedis } from "../../../playground/redis.ts";
import { type Answers, createAnswers, type Looked } from "../../../src/redis/answers.ts";
import { keysUnder } from "../../../src/redis/keys.ts";
import { FakeAnswers } from "../../fakes/answers.ts";

const keys = keysUnder("{test}");

let server: PrivateRedis;
let redis: Redis;
beforeAll(async () => {
  server = await startRedis();
  redis = new Redis(server.url);
});
afterAll(async () => {
  redis.disconnect();
  await server.stop();
});
beforeEach(async () => void (await redis.flushall()));

/** Both have to pass: the fake of the unit tests is what Redis is. */
const kinds: [string, () => { answers: Answers; forge: (at: number, value: string) => Promise<void> }][] = [
  [
    "in Redis",
    () => ({
      answers: createAnswers(redis, keys),
      forge: async (at, value) => void (await redis.hset(keys.answer("group:S1"), { at, value })),
    }),
  ],
  [
    "in memory",
    () => {
      const answers = new FakeAnswers();
      return {
        answers,
        forge: (at, value) => Promise.resolve(void answers.kept.set("group:S1", { at, value })),
      };
    },
  ],
];

describe.each(kinds)("answers that are shared, %s", (_, make) => {
  const WHAT = "group:S1";
  const look = async (answers: Answers, who: string, notBefore = 0): Promise<Looked> =>
    await answers.look(WHAT, { notBefore, maxAgeMs: 30_000, who });
  const ask = async (answers: Answers, who: string): Promise<number> => {
    const looked = await look(answers, who);
    if (looked.is !== "ask") throw new Error(`${who} is not to ask: ${looked.is}`);
    return looked.now;
  };

  it("one asks, the others wait, and then all know as of when it was asked", async () => {
    const { answers } = make();
    const askedAt = await ask(answers, "one");
    expect(await look(answers, "two")).toEqual({ is: "wait" });
    await answers.keep(WHAT, { askedAt, value: "v", who: "one", forMs: 60_000 });
    expect(await look(answers, "two")).toEqual({ is: "known", askedAt, value: "v" });
  });

  it("who wants it younger asks anew", async () => {
    const { answers } = make();
    const askedAt = await ask(answers, "one");
    await answers.keep(WHAT, { askedAt, value: "v", who: "one", forMs: 60_000 });
    expect((await look(answers, "two", askedAt)).is).toBe("known");
    expect((await look(answers, "two", askedAt + 1)).is).toBe("ask");
  });

  it("who cannot ask yet lets others try", async () => {
    const { answers } = make();
    await ask(answers, "one");
    await answers.letGo(WHAT, "one");
    expect((await look(answers, "two")).is).toBe("ask");
  });

  it("an answer from the future is none, and does not stay", async () => {
    const { answers, forge } = make();
    await forge(9_000_000_000_000, "forged");
    const askedAt = await ask(answers, "one");
    await answers.keep(WHAT, { askedAt, value: "v", who: "one", forMs: 60_000 });
    expect(await look(answers, "two")).toEqual({ is: "known", askedAt, value: "v" });
  });
});

describe("answers in Redis", () => {
  it("do not wait for somebody who died, and are forgotten", async () => {
    const answers = createAnswers(redis, keys);
    const want = { notBefore: 0, maxAgeMs: 30_000 };
    await answers.look("account:U1", { ...want, who: "dead" });
    expect(await redis.pttl(keys.asking("account:U1"))).toBeLessThanOrEqual(2000);
    await redis.del(keys.asking("account:U1"));
    const looked = await answers.look("account:U1", { ...want, who: "one" });
    const askedAt = looked.is === "ask" ? looked.now : 0;
    await answers.keep("account:U1", { askedAt, value: "v", who: "one", forMs: 20 });
    await sleep(40);
    expect((await answers.look("account:U1", { ...want, who: "two" })).is).toBe("ask");
  });

  it("an older one does not replace a newer one", async () => {
    const answers = createAnswers(redis, keys);
    const looked = await answers.look("account:U2", { notBefore: 0, maxAgeMs: 30_000, who: "one" });
    const askedAt = looked.is === "ask" ? looked.now : 0;
    await answers.keep("account:U2", { askedAt, value: "new", who: "one", forMs: 60_000 });
    await answers.keep("account:U2", { askedAt: askedAt - 5, value: "old", who: "two", forMs: 60_000 });
    expect(await redis.hget(keys.answer("account:U2"), "value")).toBe("new");
  });
});
