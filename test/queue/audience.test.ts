import { expect, test } from "vitest";
import type { Refusal, Report } from "../../src/model/report.ts";
import { plain } from "../../src/model/text.ts";
import { aChannel } from "../fakes/people.ts";
import { type Answered, postRefusal, isOnlyForAll, withOffersFor } from "../../src/queue/audience.ts";

const said: Report = { outcome: "done", headline: "orders", lines: [] };
const file = { name: "stacks.txt", title: "Stacks", text: "a.B: c" };
const asked = (over: Partial<Answered> = {}): Answered => ({
  operation: "metrics",
  args: { job: "orders", vertex: "Window" },
  find: { find: "job", job: "orders" },
  target: { kind: "job", cluster: "prod", jobId: "3f9c", name: "orders" },
  place: { channel: "C1", thread: null, door: "command" },
  channel: aChannel(),
  post: false,
  ...over,
});
/** She may only look. */
const dora = { isView: (name: string) => name === "status", may: () => false };
const operator = { ...dora, may: () => true };
const inThread = { channel: "C1", thread: "1.2", door: "mention" } as const;
const offered = (a: Answered) => {
  const what = withOffersFor(said, a, dora);
  return what.offers?.map((o) => [o.label, o.args]);
};

test("what one person sees can be posted, with the job bound by its id", () => {
  expect(offered(asked())).toEqual([["Post to channel", { job: "prod/3f9c", vertex: "Window", post: true }]]);
});

test("a vertex that is called as its job stays what it is", () => {
  expect(offered(asked({ args: { job: "orders", vertex: "orders" } }))).toEqual([
    ["Post to channel", { job: "prod/3f9c", vertex: "orders", post: true }],
  ]);
});

test.each<[string, Partial<Answered>]>([
  ["what is posted already", { post: true }],
  ["a mention's thread", { place: inThread }],
  ["a channel without the bot", { channel: aChannel({ member: false }) }],
])("%s has no such button", (_name, over) => {
  expect(offered(asked(over))).toBeUndefined();
});

const withChanges: Report = {
  ...said,
  offers: [
    { label: "Refresh", operation: "status", args: {} },
    { label: "Stop", operation: "stop", args: {}, danger: true },
  ],
};
const labels = (what: Report | Refusal, a: Answered, who = operator) =>
  (withOffersFor(what, a, who).offers ?? []).map((o) => o.label);

test("one person sees the buttons of what that person may do", () => {
  expect(labels(withChanges, asked(), operator)).toEqual(["Refresh", "Stop", "Post to channel"]);
  expect(labels(withChanges, asked(), dora)).toEqual(["Refresh", "Post to channel"]);
  const outside = asked({ channel: aChannel({ member: false }) });
  expect(labels(withChanges, outside, dora)).toEqual(["Refresh"]);
  expect(labels({ refuse: "no", ...withChanges }, asked(), dora)).toEqual(["Refresh"]);
});

test.each<[string, Partial<Answered>]>([
  ["posted", { post: true }],
  ["in the thread of a mention", { place: inThread }],
])("an answer that is %s offers nobody a change, but everyone their own actions", (_name, over) => {
  expect(labels(withChanges, asked(over), operator)).toEqual(["Refresh", "Show my actions"]);
  const [, own] = withOffersFor(withChanges, asked(over), operator).offers ?? [];
  expect(own).toEqual({
    label: "Show my actions",
    operation: "metrics",
    args: { job: "prod/3f9c", vertex: "Window" },
  });
  expect(labels({ ...withChanges, file }, asked(over))).toEqual(["Refresh"]);
});

test("a file is for all or for nobody", () => {
  expect(isOnlyForAll({ ...said, file })).toBe(true);
  expect(isOnlyForAll(said)).toBe(false);
  expect(isOnlyForAll({ refuse: "no" })).toBe(false);
});

test("where the bot is not, it says what to do", () => {
  const channel = aChannel({ member: false });
  const verdict = postRefusal({ post: true, channel });
  const { refuse = "", instead = [] } = verdict.is === "may" ? {} : verdict.why;
  expect([refuse, ...instead].map(plain).join("\n")).toBe(
    "flinkops is not in this channel, so it cannot post here.\nInvite me.",
  );
  expect(postRefusal({ post: false, channel }).is).toBe("may");
  expect(postRefusal({ post: true, channel: { ...channel, member: true } }).is).toBe("may");
});
