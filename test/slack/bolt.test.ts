import { afterEach, beforeEach, describe, expect, test, vi } from "vitest";
import type { Report } from "../../src/model/report.ts";
import type {
  Answer,
  Click,
  Clicked,
  Foreign,
  Inbox,
  Pressed,
  Said,
} from "../../src/requests/ports/inbox.ts";
import type { RequestRecord } from "../../src/requests/record/record.ts";
import { createSlack, type Slack } from "../../src/slack/bolt.ts";
import type { SlackDriver } from "../../playground/slack/driver.ts";
import type { SlackStandIn } from "../../playground/slack/server.ts";
import {
  ANA,
  BEN,
  BOT,
  EVE,
  FLINK_OPS,
  HOME_TEAM,
  INCIDENT,
  OUTSIDE_TEAM,
  PARTNERS,
  RANDOM,
} from "../../playground/slack/workspace-seed.ts";
import { noReviews } from "../fakes/reviewing.ts";
import { noSuggestions } from "../fakes/suggesting.ts";
import { aRecord, view } from "./a-record.ts";
import { aConversation, type aLog, ana, atRoot, aWorkspace, gate, posted } from "./workspace.ts";

/** An inbox that remembers what came in and answers as told. */
class FakeInbox implements Inbox {
  readonly said: Said[] = [];
  readonly pressed: Pressed[] = [];
  readonly clicked: Click[] = [];
  answer: () => Promise<Answer> = () => Promise.resolve({ is: "accepted", requestId: "r1" });
  verdict: () => Promise<Clicked> = () => Promise.resolve({ is: "counted" });
  say(said: Said): Promise<Answer> {
    this.said.push(said);
    return this.answer();
  }
  press(pressed: Pressed): Promise<Answer> {
    this.pressed.push(pressed);
    return this.answer();
  }
  click(click: Click): Promise<Clicked> {
    this.clicked.push(click);
    return this.verdict();
  }
  readonly strange: Foreign[] = [];
  foreign(pressed: Foreign): Promise<void> {
    this.strange.push(pressed);
    return Promise.resolve();
  }
  readonly suggesting = noSuggestions;
  readonly reviewing = noReviews;
  denial(asked: { requestId: string }): Promise<RequestRecord | { refuse: string }> {
    return Promise.resolve(
      asked.requestId === aRecord().id ? aRecord() : { refuse: "This request is unknown here." },
    );
  }
  details(asked: { requestId: string }): Promise<RequestRecord | { refuse: string }> {
    return Promise.resolve(
      asked.requestId === aRecord().id ? aRecord() : { refuse: "The details are no longer stored here." },
    );
  }
}

let inbox: FakeInbox;
let driver: SlackDriver;
let standIn: SlackStandIn;
let slack: Slack;
let log: ReturnType<typeof aLog>;
let access: Awaited<ReturnType<typeof aWorkspace>>["access"];

beforeEach(async () => {
  ({ slack: standIn, driver, log, access } = await aWorkspace());
  inbox = new FakeInbox();
  const mode = { is: "socket", appToken: standIn.appToken } as const;
  slack = createSlack({ ...access, ...view, mode, inbox, reconnectMs: 1000 });
  await slack.start();
});
afterEach(async () => {
  await slack.stop();
  await standIn.close();
});

const until = (holds: () => boolean) =>
  vi.waitFor(() => expect(holds()).toBe(true), { timeout: 10_000, interval: 10 });
const no = (refuse: string) => (): Promise<Answer> => Promise.resolve({ is: "no", what: { refuse } });
const later = (headline: string) => (): Promise<Answer> =>
  Promise.resolve({ is: "later", answer: () => Promise.resolve({ outcome: "done", headline, lines: [] }) });
const aCard = async () => {
  return await posted(aConversation({ ...access, view }), aRecord());
};
const anAnswer = async (operation: string, user = ana) => {
  const conversation = aConversation({ ...access, view });
  const offers = [{ label: "Do it", operation, args: { job: "prod/orders", n: 2 } }];
  const to = { actor: user, place: atRoot, responseUrl: null };
  await conversation.answer(to, { refuse: "Which?", offers });
  return await driver.waitForEphemeral(user.user, FLINK_OPS, (m) => m.plain.includes("Which?"));
};

describe("a slash command", () => {
  test("reaches the inbox with who, where and Slack's own name of the delivery, and is acked silently", async () => {
    const typed = await driver.type(ANA, FLINK_OPS, "/flink stop orders");
    expect(typed).toMatchObject({ error: null, reply: null });
    expect(inbox.said).toMatchObject([
      {
        text: "stop orders",
        actor: { user: ANA, team: HOME_TEAM },
        place: { channel: FLINK_OPS, thread: null, door: "command" },
        source: `${HOME_TEAM}:${typed.triggerId}`,
      },
    ]);
  });
  test("without words is handed over as well", async () => {
    await driver.type(ANA, FLINK_OPS, "/flink");
    expect(inbox.said[0]?.text).toBe("");
  });
  test("is refused in the ack itself", async () => {
    inbox.answer = no("Nothing was accepted.");
    const typed = await driver.type(ANA, FLINK_OPS, "/flink stop orders");
    expect(typed.reply).toContain("Nothing was accepted.");
  });
  test("is acked first where the answer takes longer, also where the bot is no member", async () => {
    const told = gate<Report>();
    inbox.answer = () => Promise.resolve({ is: "later", answer: () => told.promise });
    const typed = await driver.type(ANA, RANDOM, "/flink list");
    expect(typed).toMatchObject({ error: null, reply: null });
    told.open({ outcome: "done", headline: "3 jobs", lines: [] });
    await driver.waitForEphemeral(ANA, RANDOM, (m) => m.plain.includes("3 jobs"));
    expect(await driver.ephemerals(BEN, RANDOM)).toEqual([]);
  });
  test("that breaks us is answered with a reference that is in the log", async () => {
    inbox.answer = () => Promise.reject(new Error("boom"));
    const typed = await driver.type(ANA, FLINK_OPS, "/flink stop orders");
    const reference = /Reference for the log: (\w{8})/u.exec(typed.reply?.replaceAll("`", "") ?? "")?.[1];
    expect(log.lines.join("\n")).toContain(reference);
    expect(typed.reply).not.toContain("boom");
  });
  test("whose later answer breaks us is answered too", async () => {
    inbox.answer = () => Promise.resolve({ is: "later", answer: () => Promise.reject(new Error("boom")) });
    await driver.type(ANA, FLINK_OPS, "/flink list");
    const told = await driver.waitForEphemeral(ANA, FLINK_OPS, (m) => m.ephemeral);
    expect(told.plain).toContain("internal error");
  });
});

describe("a mention", () => {
  test("in a thread reaches the inbox without the bot's name, and is answered there", async () => {
    const root = await driver.type(ANA, INCIDENT, "orders are late");
    inbox.answer = later("orders is running");
    await driver.type(ANA, INCIDENT, "@flink status orders", { thread: root.ts ?? "" });
    const place = { channel: INCIDENT, ts: root.ts ?? "" };
    const answered = await driver.waitForReply(ANA, place, (m) => m.plain.includes("orders is running"));
    expect(answered.ephemeral).toBe(true);
    expect(inbox.said).toMatchObject([
      {
        text: "status orders",
        responseUrl: null,
        place: { channel: INCIDENT, thread: root.ts, door: "mention" },
      },
    ]);
    const [delivery] = await driver.deliveries();
    expect(inbox.said[0]?.source).toBe(delivery?.payload["event_id"]);
  });
  test("at the root of a channel has no thread", async () => {
    await driver.type(ANA, FLINK_OPS, "hey @flink list");
    await until(() => inbox.said.length > 0);
    expect(inbox.said[0]).toMatchObject({ text: "list", place: { thread: null } });
  });
  test("is acked only when the inbox has it, so that it comes again where we die in between", async () => {
    const held = gate<Answer>();
    inbox.answer = () => held.promise;
    await driver.type(ANA, FLINK_OPS, "@flink stop orders");
    await until(() => inbox.said.length > 0);
    expect((await driver.deliveries()).map((d) => d.outcome)).toEqual(["pending"]);
    held.open({ is: "accepted", requestId: "r1" });
    await vi.waitFor(async () => expect((await driver.deliveries())[0]?.outcome).toBe("acked"));
  });
  test("that is older than five minutes is refused with a note", async () => {
    await driver.type(ANA, FLINK_OPS, "@flink stop orders", { ageMs: 360_000 });
    await driver.waitForEphemeral(ANA, FLINK_OPS, (m) => m.plain.includes("nothing was done"));
    expect(inbox.said).toEqual([]);
  });
  test("by somebody from elsewhere carries their own team", async () => {
    await driver.type(EVE, PARTNERS, "@flink list");
    await until(() => inbox.said.length > 0);
    expect(inbox.said[0]?.actor).toEqual({ user: EVE, team: OUTSIDE_TEAM });
  });
});

describe("a click", () => {
  test("carries which request, what was seen and which message, and says what the inbox says", async () => {
    const card = await aCard();
    inbox.verdict = () => Promise.resolve({ is: "not counted", tell: "You asked for this <!channel>" });
    await driver.click(ANA, card, "Approve stop");
    const told = await driver.waitForEphemeral(ANA, FLINK_OPS, (m) => m.plain.includes("You asked for this"));
    expect(told.text).toContain("&lt;!channel&gt;");
    expect(inbox.clicked).toEqual([
      { requestId: aRecord().id, kind: "approve", actor: { user: ANA, team: HOME_TEAM }, digest: "d1", card },
    ]);
    // the card itself stays as it is
    expect((await driver.messages(FLINK_OPS, ANA))[0]?.plain).toContain("Waiting for approval");
  });
  test("on a card in a thread is answered in that thread", async () => {
    const root = await driver.type(ANA, INCIDENT, "orders are late");
    const conversation = aConversation({ ...access, view });
    const place = { channel: INCIDENT, thread: root.ts, door: "mention" } as const;
    const card = await posted(conversation, aRecord({ place }));
    inbox.verdict = () => Promise.resolve({ is: "not counted", tell: "Somebody else must approve it." });
    await driver.click(ANA, card, "Approve stop");
    const thread = { channel: INCIDENT, ts: root.ts ?? "" };
    const told = await driver.waitForReply(ANA, thread, (m) => m.plain.includes("Somebody else"));
    expect(told.ephemeral).toBe(true);
  });
  test("that counts says nothing; approve and withdraw are told apart", async () => {
    const card = await aCard();
    await driver.click(BEN, card, "Approve stop");
    await driver.click(ANA, card, "Withdraw");
    await until(() => inbox.clicked.length === 2);
    expect(inbox.clicked.map((c) => c.kind)).toEqual(["approve", "withdraw"]);
    expect(await driver.ephemerals(ANA, FLINK_OPS)).toEqual([]);
  });
  test("is acked before it is judged", async () => {
    const card = await aCard();
    const held = gate<Clicked>();
    inbox.verdict = () => held.promise;
    const clicked = await driver.click(BEN, card, "Approve stop");
    expect(clicked.error).toBeNull();
    held.open({ is: "counted" });
  });
  test.each([
    ["a forged value", "no json", "cannot be read", "unreadable"],
    [
      "another deployment's value",
      '{"v":1,"d":"staging","r":"x","g":"y"}',
      "another deployment",
      "other_deployment",
    ],
    ["another version's value", '{"v":9,"d":"flinkops"}', "another version", "other_version"],
  ])("with %s is answered, and handed on for the audit log", async (_name, value, says, rule) => {
    const card = await aCard();
    await driver.click(BEN, card, "approval.approve", { value });
    await driver.waitForEphemeral(BEN, FLINK_OPS, (m) => m.plain.includes(says));
    expect(inbox.clicked).toEqual([]);
    expect(inbox.strange).toEqual([
      { actor: { user: BEN, team: HOME_TEAM }, channel: FLINK_OPS, kind: "button", rule },
    ]);
  });
  test("that breaks us is answered", async () => {
    const card = await aCard();
    inbox.verdict = () => Promise.reject(new Error("boom"));
    await driver.click(BEN, card, "Approve stop");
    const told = await driver.waitForEphemeral(BEN, FLINK_OPS, (m) => m.ephemeral);
    expect(told.plain).toContain("internal error");
  });
  test("on an offer is a request of whoever pressed it", async () => {
    const message = await anAnswer("scale");
    inbox.answer = no("You may not.");
    const clicked = await driver.click(ANA, message, "Do it");
    await driver.waitForEphemeral(ANA, FLINK_OPS, (m) => m.plain.includes("You may not."));
    expect(inbox.pressed).toMatchObject([
      {
        operation: "scale",
        args: { job: "prod/orders", n: 2 },
        actor: { user: ANA, team: HOME_TEAM },
        place: { channel: FLINK_OPS, thread: null, door: "button" },
        source: `${HOME_TEAM}:${clicked.triggerId}`,
      },
    ]);
    // what was pressed is still there
    expect((await driver.ephemerals(ANA, FLINK_OPS)).some((m) => m.plain.includes("Which?"))).toBe(true);
  });
});

describe("the connection", () => {
  test("is ready after hello, knows who it is and how many there are", () => {
    expect(slack.ready()).toBe(true);
    expect(slack.numConnections()).toBe(1);
    expect(slack.identity()).toMatchObject({ team: HOME_TEAM, botUser: BOT });
  });
  test("comes back when Slack asks for a new one", async () => {
    await driver.refreshSockets();
    await driver.waitForConnections(1);
    await until(() => slack.ready());
    expect((await driver.type(ANA, FLINK_OPS, "/flink list")).error).toBeNull();
  }, 20_000);
  test("lets what is under way finish before it hangs up", async () => {
    const held = gate<Answer>();
    inbox.answer = () => held.promise;
    const typing = driver.type(ANA, FLINK_OPS, "/flink list");
    await until(() => inbox.said.length > 0);
    const stopping = slack.stop();
    expect(slack.ready()).toBe(false);
    held.open({ is: "no", what: { refuse: "just in time" } });
    expect((await typing).reply).toContain("just in time");
    await stopping;
    await driver.waitForConnections(0);
  });
  test("a table that Slack refuses is answered in words", async () => {
    await driver.refuseBlocks(["table"]);
    const table = { head: ["job", "state"], rows: [["orders", "RUNNING"]] };
    const report = { outcome: "done", headline: "1 job", lines: [], table } as const;
    inbox.answer = () => Promise.resolve({ is: "later", answer: () => Promise.resolve(report) });
    await driver.type(ANA, FLINK_OPS, "/flink list");
    const shown = await driver.waitForEphemeral(ANA, FLINK_OPS, (m) => m.plain.includes("1 job"));
    expect(shown.plain).toContain("orders · RUNNING");
  });
  test("Details opens what is recorded of a request", async () => {
    await driver.click(BEN, await aCard(), "Details");
    const modal = await driver.waitFor(BEN, (seen) => seen.modal, { what: "a modal" });
    expect(modal.plain).toContain("Waiting for approval · Stop orders with a savepoint · PROD EU");
  });
  test("waits where Slack is away at the start", async () => {
    await slack.stop();
    await driver.fault({ method: "auth.test", status: 503 });
    slack = createSlack({ ...access, ...view, mode: { is: "socket", appToken: standIn.appToken }, inbox });
    await slack.start();
    expect(slack.ready()).toBe(true);
    expect(log.lines.join("\n")).toContain("slack does not answer yet");
  });
  test("a wrong token is a refusal at the start", async () => {
    const wrong = createSlack({
      ...access,
      ...view,
      botToken: "xoxb-wrong",
      mode: { is: "socket", appToken: standIn.appToken },
      inbox,
    });
    await expect(wrong.start()).rejects.toMatchObject({ code: "slack_refused", reason: "invalid_auth" });
    await wrong.stop();
  });
  test("nothing that Slack's packages say holds a token", () => {
    expect(log.lines.join("\n")).not.toContain("playground-");
  });
});
