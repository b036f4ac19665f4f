import { expect, test } from "vitest";
import type { Intent } from "../../src/model/intent.ts";
import type { RequestSummary } from "../../src/model/knowledge.ts";
import type { Target } from "../../src/model/target.ts";
import { T0 } from "../fakes/flink-reads.ts";
import { answered, summariesOf } from "./ask.ts";

const asked: RequestSummary = {
  id: "3f9c12ab00",
  operation: "stop",
  headline: "Stop orders",
  cluster: "prod",
  jobId: "1",
  jobName: "orders",
  actor: "U2",
  askedAt: T0,
  state: "waiting for approval",
  open: true,
  link: "https://slack.example/p1",
};

test("what, by whom, when, and the state", async () => {
  const said = await answered("requests", { requests: summariesOf({ recent: async () => [asked] }) });
  expect(said).toContain("1 request\n3f9c12ab | Stop orders on prod | @U2 | 2027-01-15 08:00 UTC | waiting");
  expect(await answered("requests")).toBe("No such requests");
});

test("only my own, only unfinished ones, only those of a job", async () => {
  const seen: unknown[] = [];
  const requests = summariesOf({
    recent: async (filter: unknown) => {
      seen.push(filter);
      return Array.from({ length: 20 }, () => asked);
    },
  });
  expect(await answered("requests --mine --open --job orders", { requests })).toContain(
    "The newest 20; narrow",
  );
  await answered("requests", { requests });
  expect(seen).toEqual([{ actor: "U1", job: "orders", open: true, most: 20 }, { most: 20 }]);
});

test("one request: its terms; of many jobs each of them; a list that cannot be read is not to be approved", async () => {
  const intent = {
    headline: "",
    losses: [],
    warnings: ["mind"],
    details: ["as it is"],
    binds: null,
    facts: {},
  };
  const one = (facts: Intent["facts"]) =>
    summariesOf({ one: async () => ({ ...asked, intent: { ...intent, facts } }) });
  const target: Target = { kind: "request", requestId: "3f9c12ab00" };
  const request = "requests 3f9c12ab";
  expect(await answered(request, { target, requests: one({}) })).toBe(
    "Stop orders on prod\nRequest 3f9c12ab of @U2, asked 2027-01-15 08:00 UTC: waiting for approval.\nmind\nas it is",
  );
  const many = { jobs: [{ jobId: "a".repeat(32), name: "orders" }], leftOut: ["payments (a batch job)"] };
  expect(await answered(request, { target, requests: one(many) })).toContain(
    "orders | aaaaaaaa\nLeft out: payments (a batch job)",
  );
  expect(await answered(request, { target, requests: one({ jobs: "all" }) })).toContain("cannot be read");
  expect(await answered(request, { target })).toBe("There is no request 3f9c12ab.");
  expect(await answered("requests 3f9c12ab --mine")).toContain("leave out the other arguments");
  expect(await answered("requests --page 2")).toContain("--page needs a request's id");
});
