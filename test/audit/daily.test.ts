import { expect, it } from "vitest";
import { createDaily, dailyWords } from "../../src/audit/daily.ts";
import { parseHead, statement } from "../../src/audit/chain.ts";
import type { Daily } from "../../src/audit/stream.ts";
import { NotOurTurn, SlackUnavailable } from "../../src/model/errors.ts";
import { plain } from "../../src/model/text.ts";
import { createLog } from "../../src/platform/log.ts";
import { createSigner, createVerifier, newSigningKey } from "../../src/platform/signing.ts";

const DAY = 86_400_000;
const NOON = 200 * DAY + DAY / 2;
const head = (n: number) => ({ n, hash: "a".repeat(64) });

/** What is stored outlives the process; `fenced`: another worker has taken over. */
function aChannel() {
  const posted: string[] = [];
  const fails: Error[] = [];
  const state: { stored: Daily | null; fenced: boolean } = { stored: null, fenced: false };
  const begin = () =>
    createDaily({
      stream: {
        daily: () => Promise.resolve(state.stored),
        saveDaily: (_, daily) => {
          if (state.fenced) return Promise.resolve("fenced");
          state.stored = daily;
          return Promise.resolve("ok");
        },
      },
      sign: null,
      label: null,
      notice: (what) => {
        const fail = fails.shift();
        if (fail !== undefined) return Promise.reject(fail);
        posted.push(plain(what.refuse));
        return Promise.resolve();
      },
      log: createLog("silent"),
    });
  return { posted, fails, state, begin };
}
const settled = async (): Promise<void> => {
  for (let i = 0; i < 10; i += 1) await Promise.resolve();
};

it("is posted once a day, also by processes that start anew", async () => {
  const c = aChannel();
  for (const [at, n] of [
    [NOON, 5],
    [NOON + 1, 6],
    [NOON + 2, 6],
    [NOON + DAY, 7],
    [NOON + DAY + 1, 8],
  ] as const) {
    const daily = c.begin();
    daily.post("1 w", head(n), at);
    daily.post("1 w", head(n), at);
    await settled();
  }
  expect(c.posted.map((words) => /(\d+) entries/u.exec(words)?.[1])).toEqual(["5", "7"]);
});

it("is not posted where nothing was added, and not without an entry", async () => {
  const c = aChannel();
  const daily = c.begin();
  for (const [at, n] of [
    [NOON, 0],
    [NOON + 1, 5],
    [NOON + DAY, 5],
    [NOON + 2 * DAY, 6],
  ] as const) {
    daily.post("1 w", head(n), at);
    await settled();
  }
  expect(c.posted).toHaveLength(2);
});

it("is tried again only where Slack has certainly not shown it", async () => {
  const c = aChannel();
  const daily = c.begin();
  c.fails.push(new NotOurTurn(5000), new SlackUnavailable("429", 2000), new SlackUnavailable("no answer", 0));
  for (const at of [0, 1000, 5001, 6000, 7100, 20_000]) {
    daily.post("1 w", head(5), NOON + at);
    await settled();
  }
  // the third may have arrived: never twice a day
  expect(c.fails).toEqual([]);
  expect(c.posted).toEqual([]);
  daily.post("1 w", head(6), NOON + DAY);
  await settled();
  expect(c.posted).toHaveLength(1);
});

it("is not posted by a worker that has lost its seat", async () => {
  const c = aChannel();
  c.state.fenced = true;
  c.begin().post("1 w", head(5), NOON);
  await settled();
  expect(c.posted).toEqual([]);
});

it("has number, hash and signature in one piece that verify takes", () => {
  const sign = createSigner(newSigningKey());
  const words = plain(dailyWords(head(7), { sign, label: "production" }).refuse);
  expect(words).toMatch(/^Audit log of production: 7 entries up to now\. Head: /u);
  const copied = parseHead(words.split("Head: ")[1] ?? "");
  expect(copied).toMatchObject(head(7));
  expect(createVerifier(sign.publicKey)?.judge(statement(head(7)), copied?.sig ?? "")).toBe("good");
});
