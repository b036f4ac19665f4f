import { expect, test } from "vitest";
import type { AuditHistory, PastRequest } from "../../src/model/knowledge.ts";
import { T0 } from "../fakes/flink-reads.ts";
import { answered, answerTo } from "./ask.ts";

const past: PastRequest = {
  id: "r3f9c12ab00",
  headline: "Stop orders",
  cluster: "prod",
  jobName: "orders",
  requester: "U2",
  approvedBy: ["U3", "U4"],
  breakGlass: null,
  at: T0,
  outcome: "done",
  link: "https://slack.example/p1",
};
const historyOf = (requests: readonly PastRequest[], over: { isAll?: boolean; isWhole?: boolean } = {}) => {
  const seen: Parameters<AuditHistory["past"]>[0][] = [];
  const history: AuditHistory = {
    past: async (filter) => {
      seen.push(filter);
      return await Promise.resolve({ requests, isAll: true, isWhole: true, ...over });
    },
  };
  return { history, seen };
};

test("who did what, approved by whom, when and with what outcome", async () => {
  const { history, seen } = historyOf([past, { ...past, approvedBy: [], link: null, outcome: "refused" }]);
  expect((await answered("history orders", { history })).split("\n")).toEqual([
    "2 requests of orders in the last 7 days",
    "2027-01-15 08:00 UTC | Stop orders on prod | @U2 | @U3, @U4 | done",
    "2027-01-15 08:00 UTC | Stop orders on prod | @U2 | – | refused",
  ]);
  expect(seen).toEqual([{ about: "orders", since: T0 - 7 * 86_400_000, most: 20 }]);
});

const glass = (reviewed: { by: string; justified: boolean } | null) => ({
  ...past,
  approvedBy: [],
  breakGlass: { reviewed },
});

test("what was started with break-glass, and what its reviewer said", async () => {
  const { history } = historyOf([
    glass(null),
    glass({ by: "U3", justified: true }),
    glass({ by: "U3", justified: false }),
  ]);
  const cells = (await answered("history", { history })).split("\n").map((line) => line.split(" | ")[3]);
  expect(cells).toEqual([
    undefined,
    "🚨 break-glass, not reviewed",
    "🚨 break-glass, reviewed by @U3: justified",
    "🚨 break-glass, reviewed by @U3: not justified",
  ]);
});

test("the outcome links to the request's thread", async () => {
  const answer = await answerTo("history", historyOf([past]));
  expect(JSON.stringify(answer)).toContain('{"link":"https://slack.example/p1","label":"Stop orders"}');
});

test.each([
  ["history --since 12h", 12 * 3_600_000],
  ["history @ana --since 30d", 30 * 86_400_000],
])("%s", async (typed, back) => {
  const { history, seen } = historyOf([]);
  expect(await answered(typed, { history })).toMatch(
    /^No requests(?: of @ana)? in the last \d+ (?:hours|days)$/u,
  );
  expect(seen[0]?.since).toBe(T0 - back);
});

test("a time that is none is refused, with what to write", async () => {
  const { history } = historyOf([]);
  for (const since of ["May", "0d", "7", "7w", "9999d"])
    expect(await answered(`history --since ${since}`, { history })).toContain("like 12h or 7d");
});

test("says when there is more, and when the log was altered", async () => {
  expect(await answered("history", historyOf([past], { isAll: false }))).toContain("Only the newest");
  const altered = await answered("history", historyOf([past], { isAll: false, isWhole: false }));
  expect(altered).toContain("is not as flinkops wrote it");
  expect(altered).not.toContain("Only the newest");
  expect(await answered("history", historyOf([], { isWhole: false }))).toContain(
    "is not as flinkops wrote it",
  );
});

test("names from outside are shown as text, without characters that nobody sees", async () => {
  const odd = { ...past, headline: "Stop <!channel>\u202e", link: null };
  const answer = await answerTo("history", historyOf([odd]));
  expect(JSON.stringify(answer)).toContain("Stop <!channel><U+202E>");
});
