import { afterEach, expect, test } from "vitest";
import type { Report } from "../../src/model/report.ts";
import type { Place } from "../../src/requests/record/record.ts";
import { draw } from "../../src/pictures/draw.ts";
import type { Draw } from "../../src/slack/attach.ts";
import { ANA, BEN, FLINK_OPS, INCIDENT } from "../../playground/slack/workspace-seed.ts";
import type { StandInOptions } from "../../playground/slack/server.ts";
import { aGraph } from "../pictures/a-picture.ts";
import { view } from "./a-record.ts";
import { aConversation, ana, atRoot, aWorkspace } from "./workspace.ts";

const said: Report = { outcome: "done", headline: "orders is RUNNING", lines: [], picture: aGraph() };
const FILE: Report = {
  outcome: "done",
  headline: "orders: 1 failure",
  lines: [],
  file: { name: "stacks-3f9c0000.txt", title: "Stacks of orders", text: "a.B: größer\n    at c.D\n" },
};
const granted: StandInOptions = { optionalScopes: "granted" };

let close: () => Promise<void> = () => Promise.resolve();
afterEach(() => close());

async function aThread(options: StandInOptions, how: { draw?: Draw } = { draw }) {
  const { slack, driver, access, log } = await aWorkspace(options);
  close = () => slack.close();
  const root = await driver.type(ANA, INCIDENT, "orders are late");
  const place: Place = { channel: INCIDENT, thread: root.ts, door: "mention" };
  const conversation = aConversation({ ...access, view, ...how });
  return {
    driver,
    log,
    answer: async (what: Report = said, at = place, post = false) =>
      await conversation.answer({ actor: ana, place: at, responseUrl: null }, what, { post }),
    thread: async (who = BEN) => await driver.thread({ channel: INCIDENT, ts: root.ts ?? "" }, who),
    calls: async (method: string) => (await driver.calls(method)).length,
    fetchFile: async (url: string) => await fetch(`${slack.url}${url}`),
  };
}

test("in a mention's thread the words come first, then the picture with a description", async () => {
  const t = await aThread(granted);
  await t.answer();
  const [words, picture] = await t.thread();
  expect(words?.plain).toBe("orders is RUNNING");
  expect(words?.files).toEqual([]);
  expect(picture?.files).toMatchObject([
    {
      name: "job-graph.png",
      title: "Job graph of orders",
      mimetype: "image/png",
      alt: expect.stringContaining("Back-pressure starts at Enrich."),
    },
  ]);
  const file = await t.fetchFile(picture?.files[0]?.url ?? "");
  expect(Buffer.from(await file.arrayBuffer()).toString("latin1", 1, 4)).toBe("PNG");
});

const CHARTED: Report = {
  ...said,
  charts: [{ title: "Size, kB", quantity: "Size", of: "Checkpoint", bars: [{ label: "#1", value: 2 }] }],
};

test("charts take the place of the picture, and where Slack refuses them, the picture comes as before", async () => {
  const t = await aThread(granted);
  await t.answer(CHARTED);
  const [charted, ...none] = await t.thread();
  expect(charted?.plain).toBe("orders is RUNNING\n(chart: Size, kB)\nSize: #1 2");
  expect(none).toEqual([]);
  await t.driver.refuseBlocks(["data_visualization"]);
  await t.answer(CHARTED);
  const [, words, picture] = await t.thread();
  expect(words?.plain).toBe("orders is RUNNING");
  expect(picture?.files).toHaveLength(1);
});

test("without the scope nothing is drawn, nothing is tried, and nobody is told", async () => {
  let drawn = 0;
  const t = await aThread({}, { draw: (picture) => ((drawn += 1), draw(picture)) });
  await t.answer();
  expect((await t.thread()).map((m) => m.plain)).toEqual(["orders is RUNNING"]);
  expect([drawn, await t.calls("files.getUploadURLExternal")]).toEqual([0, 0]);
  expect(t.log.lines.filter((line) => line.startsWith("warn"))).toEqual([]);
});

test("an answer for one person has no picture: files cannot be shown to one", async () => {
  const t = await aThread(granted);
  await t.answer(said, atRoot);
  await t.answer({ outcome: "done", headline: "no picture", lines: [] });
  expect(await t.calls("files.getUploadURLExternal")).toBe(0);
});

test.each([
  ["there is no place for it", { method: "files.getUploadURLExternal", error: "file_uploads_disabled" }],
  ["Slack is slow to say so", { method: "files.getUploadURLExternal", retryAfter: 30 }],
  ["it cannot be shared", { method: "files.completeUploadExternal", error: "internal_error" }],
  ["the scope went away", { method: "files.completeUploadExternal", error: "missing_scope" }],
  ["the answer is lost", { method: "files.completeUploadExternal", drop: true }],
])("the words stand alone, once, when %s", async (_name, fault) => {
  const t = await aThread(granted);
  await t.driver.fault(fault);
  await t.answer();
  expect((await t.thread()).map((m) => m.plain)).toEqual(["orders is RUNNING"]);
  expect(t.log.lines.join("\n")).toContain("warn answered without its picture");
});

test("the words stand alone when it cannot be drawn", async () => {
  const t = await aThread(granted, { draw: () => Promise.reject(new Error("no binary for this platform")) });
  await t.answer();
  expect((await t.thread()).map((m) => m.plain)).toEqual(["orders is RUNNING"]);
  expect(t.log.lines.join("\n")).toContain("answered without its picture");
});

test("a file is below the words, as it is, and a mention's thread needs no name of who asked", async () => {
  const t = await aThread(granted);
  await t.answer(FILE, undefined, true);
  const [words, file] = await t.thread();
  expect(words?.plain).toBe("orders: 1 failure");
  expect(file?.files).toMatchObject([
    {
      name: "stacks-3f9c0000.txt",
      title: "Stacks of orders",
      alt: "",
      size: Buffer.byteLength(FILE.file?.text ?? ""),
      lines: 2,
    },
  ]);
  expect(await t.driver.fileText(file?.files[0] ?? { url: "/none" })).toBe(FILE.file?.text);
  const [asked] = await t.driver.calls("files.getUploadURLExternal");
  expect(Number(asked?.args["length"])).toBe(file?.files[0]?.size);
});

test("at the root of a channel it is in the thread of the answer", async () => {
  const t = await aThread(granted);
  await t.answer(FILE, atRoot, true);
  const [words] = await t.driver.messages(FLINK_OPS, BEN);
  expect(words?.plain).toBe("orders: 1 failure\nAsked by @Ana");
  expect(words?.replies.flatMap((m) => m.files.map((f) => f.name))).toEqual(["stacks-3f9c0000.txt"]);
});

test.each([
  ["the scope is not granted", {}, null, "the Slack app was not granted files:write"],
  ["the scope went away", granted, { error: "missing_scope" }, "was not granted files:write"],
  [
    "files are switched off",
    granted,
    { error: "file_uploads_disabled" },
    "refuses it (file_uploads_disabled)",
  ],
  ["Slack is slow to say so", granted, { retryAfter: 30 }, "slack asks us to wait. Try again in a moment."],
  ["Slack is out of order", granted, { status: 503 }, "slack answered HTTP 503. Try again in a moment."],
])("words say why there is no file when %s", async (_name, options, fault, why) => {
  const t = await aThread(options);
  if (fault !== null) await t.driver.fault({ method: "files.getUploadURLExternal", ...fault });
  await t.answer(FILE);
  const [words, missing] = await t.thread();
  expect(words?.plain).toBe("orders: 1 failure");
  expect(missing?.plain).toContain(why);
});

test("what cannot even be said is a line in the log, and the words are not repeated", async () => {
  const t = await aThread({});
  // the first of the two posts gets through
  await t.driver.fault({ method: "chat.postMessage", delayMs: 0 });
  await t.driver.fault({ method: "chat.postMessage", status: 503 });
  await t.answer(FILE);
  expect((await t.thread()).map((m) => m.plain)).toEqual(["orders: 1 failure"]);
  expect(t.log.lines.join("\n")).toContain("could not report a missing file");
});
