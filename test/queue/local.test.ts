import { describe, expect, it } from "vitest";
import { SlackUnavailable } from "../../src/model/errors.ts";
import { operations } from "../../src/operations/index.ts";
import { createLog } from "../../src/platform/log.ts";
import { plain } from "../../src/model/text.ts";
import { createLocalAnswers } from "../../src/queue/local.ts";
import type { Place } from "../../src/requests/record/record.ts";
import { FakeConversation } from "../fakes/conversation.ts";
import { FakeKnowledge } from "../fakes/knowledge.ts";
import { aMember, FakePeople } from "../fakes/people.ts";
import { FakeStore } from "../fakes/store.ts";
import { ana, atRoot } from "../slack/workspace.ts";
import { aPolicy } from "../fakes/policy.ts";

const BROKEN = "S0123";

/** The bot's own answers, where Slack does not know the group that operates and approves. */
function aBot() {
  const people = new FakePeople();
  const store = new FakeStore();
  const unreadable = new Map([[BROKEN, "does not exist in Slack"]]);
  people.people.set(ana.user, aMember(ana.user, { unreadable }));
  const nothing = new Proxy({}, { get: () => () => Promise.resolve(null) });
  const view = { groups: [BROKEN], users: [] };
  const local = (policy: { view: typeof view | null }) =>
    createLocalAnswers({
      operations: operations,
      commandIn: ({ thread }) => (thread === null ? "/flink" : "@flink"),
      policy: aPolicy({ ...policy, operate: view, approve: view }),
      people,
      conversation: new FakeConversation(),
      catalogue: { entries: [], anyJarOn: [] },
      jobCache: nothing as never,
      requests: nothing as never,
      history: { past: async () => await Promise.resolve({ requests: [], isAll: true, isWhole: true }) },
      restorable: new FakeKnowledge().restorable,
      locks: nothing as never,
      clusters: [],
      channels: {},
      store,
      nameOf: () => null,
      wake: () => Promise.resolve(),
      log: createLog("silent"),
      now: () => Promise.resolve(0),
      click: () => Promise.resolve({ is: "counted" }),
    });
  const help = async (
    policy: { view: typeof view | null } = { view: null },
    place: Place = atRoot,
  ): Promise<string> => {
    const row = operations.find((r) => r.kind === "local");
    if (row?.kind !== "local") throw new Error("no local row");
    const said = { actor: ana, place, source: "s", responseUrl: null, at: 0, post: false };
    const answer = await local(policy).answer(row, {}, said);
    if (answer === null || "may" in answer) throw new Error("no answer of the bot's own");
    const lines = "refuse" in answer ? [answer.refuse] : [answer.headline, ...answer.lines];
    return lines.map(plain).join("\n");
  };
  return { people, help, view, audit: store.audit };
}

describe("what the bot answers itself", () => {
  it("works where a group that it does not need cannot be read", async () => {
    const { help } = aBot();
    expect(await help()).toContain("/flink status");
  });
  it("begins commands with a mention in a thread, because Slack has no slash commands there", async () => {
    const { help } = aBot();
    const said = await help({ view: null }, { ...atRoot, thread: "1.1" });
    expect(said).toContain("@flink status");
    expect(said).not.toContain("/flink");
    expect(said).not.toContain("In a thread");
  });
  it("says which group cannot be read where it is needed, and what to do", async () => {
    const { help, view } = aBot();
    expect(await help({ view })).toBe(
      "The user group S0123 of the configuration (people.view) does not exist in Slack. Ask the flinkops administrators.",
    );
  });
  it("logs whom the policy refuses, and nobody else", async () => {
    const { help, people, audit } = aBot();
    await help();
    expect(audit).toEqual([]);
    people.people.set(ana.user, aMember(ana.user, { member: false, guest: true }));
    expect(await help()).toBe("Guests may not use flinkops.");
    expect(audit).toHaveLength(1);
    expect(JSON.parse(audit[0] ?? "")).toMatchObject({
      event: "refused",
      operation: "help",
      actor: ana.user,
      detail: { rule: "outside", outcome: "failed", headline: "Guests may not use flinkops." },
    });
  });
  it("says that Slack does not answer, and not that something went wrong", async () => {
    const { help, people } = aBot();
    people.throws = [new SlackUnavailable("slack answered HTTP 503", 0)];
    expect(await help()).toContain("Slack does not answer flinkops");
  });
});
