import { describe, expect, test } from "vitest";
import type { Offer, Report } from "../../src/model/report.ts";
import type { Span, Text } from "../../src/model/text.ts";
import type { RequestRecord } from "../../src/requests/record/record.ts";
import { answer } from "../../src/slack/answer-message.ts";
import type { Message } from "../../src/slack/blocks.ts";
import { card } from "../../src/slack/card.ts";
import { denyModal } from "../../src/slack/deny.ts";
import { detailsModal } from "../../src/slack/details.ts";
import { reviewModal } from "../../src/slack/review.ts";
import { checkContent, checkModal } from "../../playground/slack/validate/message.ts";
import { AT, aRecord, aRun, view } from "./a-record.ts";

/** A small generator with a seed: a failure can be repeated. */
function random(seed: number): () => number {
  let a = seed;
  return () => {
    a = (a + 0x6d2b79f5) | 0;
    let x = Math.imul(a ^ (a >>> 15), 1 | a);
    x = (x + Math.imul(x ^ (x >>> 7), 61 | x)) ^ x;
    return ((x ^ (x >>> 14)) >>> 0) / 2 ** 32;
  };
}

const PIECES = [
  "",
  " ",
  "<!channel>",
  "&",
  "<",
  "`",
  "*_~",
  "\n> ",
  "👩‍👩‍👧",
  "\ud83d",
  "\u202e",
  "<@U1|x>",
  "x",
  ":fire:",
  "ß",
  "&amp;",
  "|",
  "\0",
];

function hostile(seed: number) {
  const next = random(seed);
  const pick = <T>(all: readonly T[]): T => all[Math.floor(next() * all.length)] as T;
  const size = (): number => pick([0, 1, 3, 40]);
  const string = (most = 40): string => {
    let out = "";
    for (let n = Math.min(size(), most); n > 0; n--) out += pick(PIECES);
    return out.repeat(next() < 0.05 ? 100 : 1);
  };
  const span = (): Span =>
    pick<() => Span>([
      () => string(),
      () => ({ b: string() }),
      () => ({ code: string() }),
      () => ({ person: pick(["U0ANA00001", string(50)]) }),
      () => ({ group: pick(["S0APPROVE1", string(50)]) }),
      () => ({ at: pick([AT, Number.NaN, 1e300, -1]) }),
      () => ({
        link: pick(["https://x.example/" + "y".repeat(3000), "https://x.example/", string()]),
        label: string(),
      }),
    ])();
  const text = (): Text => (next() < 0.3 ? string() : list(span, 5));
  const list = <T>(make: () => T, most: number): T[] =>
    Array.from({ length: Math.floor(next() * most) }, make);
  const offer = (): Offer => ({
    label: string(),
    operation: string(9) || "x",
    args: { a: string() },
    danger: next() < 0.5,
  });
  const report = (): Report => ({
    outcome: pick(["done", "partly", "failed", "unknown"]),
    headline: text(),
    lines: list(text, 60),
    table: { head: list(string, 20), rows: list(() => list(text, 4), 260) },
    offers: list(offer, 40),
  });
  const glass = (): NonNullable<RequestRecord["breakGlass"]> => ({
    review: {
      from: list(string, 9),
      count: 1,
      by: { groups: list(() => "S0REVIEW", 90), users: list(() => string(30), 90) },
    },
    copyIn: string(40),
    claim: string(),
    reviewed: pick([
      null,
      { actor: { user: string(30), team: "T" }, at: AT, justified: next() < 0.5, why: string() },
    ]),
  });
  const record = (): RequestRecord =>
    aRecord({
      id: string(40) || "r",
      operation: string(200),
      class: pick(["operate", "destructive"]),
      args: { a: string() },
      target: { kind: "job", cluster: string(), jobId: string(), name: string() },
      reason: pick([null, string()]),
      state: pick(["awaiting", "ready", "running", "ended", "closed"]),
      intent: {
        headline: text(),
        losses: list(text, 60),
        warnings: list(text, 60),
        details: list(text, 60),
        binds: null,
        facts: {},
      },
      approval: pick([
        null,
        {
          needed: 2,
          by: { groups: list(() => "S0APPROVE1", 90), users: list(() => "U0BEN00001", 90) },
          expiresAt: AT,
          digest: "d".repeat(64),
          votes: list(
            () => ({
              actor: { user: string(30), team: "T" },
              kind: pick(["approve", "deny"] as const),
              at: AT,
              digest: "",
              reason: string(),
            }),
            50,
          ),
        },
      ]),
      ...pick([{}, { breakGlass: glass() }]),
      startBy: pick([null, AT]),
      waiting: pick([null, { holder: pick([null, string()]), words: text() }]),
      run: pick([null, aRun({ note: text(), progress: pick([null, [1, 2]]) })]),
      milestones: list(() => ({ at: AT, text: text() }), 100),
      supersededBy: pick([null, { requestId: string(), actor: string() }]),
      supersedes: pick([[], [{ requestId: string(), link: pick([null, "https://slack.example/x"]) }]]),
      end: pick([null, { ending: pick(["ran", "void", "denied"] as const), at: AT, report: report() }]),
    });
  return { text, list, report, record, offer };
}

/** The strict stand-in's own check, so that this test knows Slack's rules from elsewhere than from our code. */
function refused(message: Message): string | null {
  try {
    checkContent(message, 4000);
  } catch (error) {
    return `${String(error)} ${JSON.stringify(error)}`;
  }
  const shown = JSON.stringify([message.text, mrkdwnOf(message.blocks)]);
  return /<!(channel|here|everyone)|<@U1/u.test(shown) ? `obeys foreign text: ${shown}` : null;
}

/** A modal's blocks, by the same rules; Slack takes 100 of them. */
function refusedModal(record: RequestRecord): string | null {
  const { blocks, title } = detailsModal(record, { ...view, labelOf: (c) => c });
  expect(title.text.length).toBeLessThanOrEqual(24);
  expect(blocks.length).toBeLessThanOrEqual(100);
  const halves = [blocks.slice(0, 50), blocks.slice(50)].filter((some) => some.length > 0);
  return halves.map((some) => refused({ text: "–", blocks: some })).find((no) => no !== null) ?? null;
}

const mrkdwnOf = (value: unknown): unknown[] => {
  if (Array.isArray(value)) return value.flatMap(mrkdwnOf);
  if (typeof value !== "object" || value === null) return [];
  if ("type" in value && value.type === "mrkdwn") return [value];
  return Object.values(value).flatMap(mrkdwnOf);
};

describe("whatever it holds, Slack accepts it", () => {
  test("cards", () => {
    for (let seed = 1; seed <= 150; seed++)
      expect(
        refused(card(hostile(seed).record(), { ...view, labelOf: (c) => c })),
        `seed ${seed}`,
      ).toBeNull();
  });
  test("details", () => {
    for (let seed = 1; seed <= 150; seed++)
      expect(refusedModal(hostile(seed).record()), `seed ${seed}`).toBeNull();
  });
  test.each([
    ["why it is denied", denyModal],
    ["for a review", reviewModal],
  ])("the form that asks %s", (_, modalOf) => {
    for (let seed = 1; seed <= 150; seed++) {
      const denial = {
        requestId: "r".repeat(40),
        digest: "d",
        card: { channel: "C1", ts: "1.0" },
        thread: null,
      };
      const modal = modalOf(hostile(seed).record(), denial, { ...view, labelOf: (c) => c });
      expect(() => checkModal(modal), `seed ${seed}`).not.toThrow();
      expect(JSON.stringify(mrkdwnOf(modal.blocks)), `seed ${seed}`).not.toMatch(
        /<!(channel|here|everyone)|<@U1/u,
      );
    }
  });
  test("answers", () => {
    for (let seed = 1; seed <= 150; seed++) {
      const make = hostile(seed);
      const { text, blocks, older = () => blocks } = answer(make.report(), view);
      for (const some of [blocks, older()])
        expect(refused({ text, blocks: some }), `seed ${seed}`).toBeNull();
      const refusal = {
        refuse: make.text(),
        instead: make.list(make.text, 60),
        offers: make.list(make.offer, 40),
      };
      expect(refused(answer(refusal, view)), `seed ${seed}`).toBeNull();
    }
  });
});
