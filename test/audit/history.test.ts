import { expect, it } from "vitest";
import { readLink } from "../../src/audit/chain.ts";
import { createHistory } from "../../src/audit/history.ts";
import { canonical, sha256 } from "../../src/platform/canonical.ts";
import { logRefusal } from "../../src/requests/steps/log-refusal.ts";
import { FakeStore } from "../fakes/store.ts";
import { anIntake } from "../requests/an-engine.ts";
import { aChain, anEntry } from "./an-entry.ts";
import { streamOf } from "./doubles.ts";

const HOUR = 3_600_000;

/** An entry of a request; keys over what every entry has. */
function entryOf(
  requestId: string,
  event: string,
  over: { at?: number; detail?: object; [key: string]: unknown } = {},
) {
  const body = canonical({
    v: 1,
    at: HOUR,
    event,
    requestId,
    headline: `Stop ${requestId}`,
    cluster: "prod",
    jobId: "a".repeat(32),
    jobName: "orders",
    parent: null,
    requester: "U0ANA",
    actor: null,
    detail: {},
    ...over,
  });
  return `${body.slice(0, -1)},"sha256":"${sha256(body)}"}`;
}
const BILLING = { requester: "U0CEM", cluster: "test", jobName: "billing", jobId: "b".repeat(32) };
const entries = [
  entryOf("r1", "asked", { at: 0, actor: "U0ANA", detail: { name: "Ana Ruiz" } }),
  entryOf("r1", "approved", { actor: "U0BEN", detail: { name: "Ben" } }),
  entryOf("r1", "approved", { actor: "U0CEM", detail: { name: "Cem" } }),
  entryOf("r1", "calling"),
  entryOf("r2", "asked", { ...BILLING, at: 2 * HOUR }),
  entryOf("r2", "superseded", { ...BILLING, detail: { by: "r9" } }),
  entryOf("r1", "ended", { at: 3 * HOUR, detail: { outcome: "partly" } }),
  entryOf("r3", "asked", { at: 4 * HOUR, parent: "r1", jobName: "child" }),
  anEntry(1, 4 * HOUR),
  entryOf("r4", "denied", { at: 5 * HOUR, actor: "U0BEN", detail: { outcome: "failed", name: "Ben" } }),
];
const lines = aChain(entries);

function historyOf(kept: readonly string[], chain = kept) {
  const last = readLink(chain.at(-1) ?? "");
  const head = last === null ? null : { n: last.n, hash: last.hash, of: "1-0", began: 0 };
  const stream = { ...streamOf(kept), head: async () => await Promise.resolve({ text: "", head }) };
  return createHistory({
    stream,
    linkOf: async (id) => await Promise.resolve(id === "r1" ? "https://l" : null),
  });
}
const past = async (over: Partial<Parameters<ReturnType<typeof historyOf>["past"]>[0]> = {}, kept = lines) =>
  await historyOf(kept).past({ about: null, since: 0, most: 20, ...over });
const ids = async (about: string): Promise<string[]> => (await past({ about })).requests.map(({ id }) => id);

it("tells each request once, newest first, without children", async () => {
  const { requests, isAll, isWhole } = await past();
  expect(requests.map(({ id, outcome }) => [id, outcome])).toEqual([
    ["r4", "denied"],
    ["r1", "partly"],
    ["r2", "open"],
  ]);
  expect(requests[1]).toEqual({
    id: "r1",
    headline: "Stop r1",
    cluster: "prod",
    jobName: "orders",
    requester: "U0ANA",
    approvedBy: ["U0BEN", "U0CEM"],
    breakGlass: null,
    at: 0,
    outcome: "partly",
    link: "https://l",
  });
  expect([isAll, isWhole]).toEqual([true, true]);
});

it("finds a job, a cluster and a person", async () => {
  expect(await ids("billing")).toEqual(["r2"]);
  expect(await ids("test/billing")).toEqual(["r2"]);
  expect(await ids("bbbbbb")).toEqual(["r2"]);
  expect(await ids("bbbbb")).toEqual([]);
  expect(await ids("test")).toEqual(["r2"]);
  expect(await ids("child")).toEqual(["r3"]);
  // who approved, denied or asked, by name or id
  expect(await ids("@ben")).toEqual(["r4", "r1"]);
  expect(await ids("@Ana Ruiz")).toEqual(["r1"]);
  expect(await ids("u0cem")).toEqual(["r1", "r2"]);
  expect(await ids("nobody")).toEqual([]);
});

const newestOf = async (kept: readonly string[]) => (await past({}, aChain(kept))).requests[0];

it("tells what was started with break-glass, and what its reviewer said", async () => {
  const glass = entryOf("r5", "asked", { detail: { breakGlass: { review: ["leads"] } } });
  const ended = entryOf("r5", "ended", { detail: { outcome: "done" } });
  const review = entryOf("r5", "reviewed", { at: 9 * HOUR, actor: "U0BEN", detail: { justified: false } });
  expect(await newestOf([glass, ended])).toMatchObject({ outcome: "done", breakGlass: { reviewed: null } });
  const reviewed = { by: "U0BEN", justified: false };
  expect(await newestOf([glass, ended, review])).toMatchObject({ outcome: "done", breakGlass: { reviewed } });
});

it("is bounded by time and number, and says so", async () => {
  expect((await past({ since: 4 * HOUR })).requests.map(({ id }) => id)).toEqual(["r4"]);
  expect(await past({ most: 1 })).toMatchObject({ isAll: false, requests: [{ id: "r4" }] });
  const many = aChain(Array.from({ length: 4000 }, (_, i) => entryOf(`r${i}`, "asked", { at: i })));
  const found = await past({ most: 20 }, many);
  expect(found).toMatchObject({ isAll: false, isWhole: true });
  expect(found.requests).toHaveLength(20);
  expect(await past({}, lines.slice(4))).toMatchObject({ isAll: true, isWhole: true });
  expect(await past({}, [])).toEqual({ requests: [], isAll: true, isWhole: true });
});

it("stops where the log was altered in Redis, and says so", async () => {
  const forged = aChain([entryOf("r1", "approved", { actor: "U0EVE" })])[0] ?? "";
  for (const kept of [
    lines.with(1, forged),
    lines.toSpliced(1, 1),
    lines.with(1, (lines[1] ?? "").replace("U0BEN", "U0EVE")),
  ]) {
    const found = await historyOf(kept, lines).past({ about: null, since: 0, most: 20 });
    expect(found.isWhole).toBe(false);
    expect(JSON.stringify(found)).not.toContain("U0EVE");
  }
});

it("a read or an answer that the policy refused is over, and not open", async () => {
  const store = new FakeStore();
  const refusal = { class: "view", rule: "viewing", why: "You may not.", now: HOUR } as const;
  await logRefusal(store, { ...refusal, intake: anIntake({ operation: "status" }) });
  const { requests } = await historyOf(aChain(store.audit)).past({ about: null, since: 0, most: 20 });
  expect(requests).toMatchObject([{ headline: "status orders", outcome: "refused" }]);
});
