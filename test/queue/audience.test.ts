import { expect, test } from "vitest";
import type { Report } from "../../src/model/report.ts";
import { plain } from "../../src/model/text.ts";
import { aChannel } from "../fakes/people.ts";
import { type Answered, postRefusal, isOnlyForAll, withPostButton } from "../../src/queue/audience.ts";

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
const offered = (a: Answered) => {
  const what = withPostButton(said, a);
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
  ["a mention's thread", { place: { channel: "C1", thread: "1.2", door: "mention" } }],
  ["a channel without the bot", { channel: aChannel({ member: false }) }],
])("%s has no such button", (_name, over) => {
  expect(offered(asked(over))).toBeUndefined();
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
