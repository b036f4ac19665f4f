import { describe, expect, it } from "vitest";
import { SlackUnavailable } from "../../src/model/errors.ts";
import { Presenter } from "../../src/requests/card/presenter.ts";
import type { RequestRecord } from "../../src/requests/record/record.ts";
import { ManualClock, settle } from "../fakes/clock.ts";
import { AT } from "../slack/a-record.ts";
import { gate } from "../slack/workspace.ts";
import { BEN, held, present, record, shown } from "./a-showing.ts";
import { ID } from "./an-engine.ts";

/** Whom the first mention goes to, and what it says is needed, after these votes of Ben's. */
const wanted = async (approved: readonly string[]): Promise<string | undefined> => {
  const { approval } = record();
  if (approval === null) throw new Error("it needs approval");
  const requirements = [
    [
      { from: ["leads"], count: 2, by: { groups: ["S0LEADS"], users: ["U0LEA"] } },
      { from: ["security"], count: 1, by: { groups: [], users: ["U0OLGA"] } },
    ],
  ];
  const votes = approved.map((set) => ({
    actor: BEN,
    kind: "approve" as const,
    at: AT,
    digest: "d1",
    in: [set],
  }));
  const t = await shown(record({ approval: { ...approval, needed: 3, requirements, votes } }));
  const said = await present(t);
  const whom = t.conversation.mentioned.flatMap((one) => one.whom).join(" ");
  return `${whom}: ${said.find((one) => one.startsWith("reply"))?.split("UTC. ")[1]}`;
};

describe("the mention of several approvers", () => {
  it("goes to all sets, to the users of those without a group", async () => {
    expect(await wanted([])).toBe("S0LEADS U0OLGA: Still needed: 2 of @S0LEADS or @U0LEA, @U0OLGA.");
  });

  it("goes to those who are still needed where it comes late", async () => {
    expect(await wanted(["security"])).toBe("S0LEADS: Still needed: 2 of @S0LEADS or @U0LEA.");
  });
});

describe("a reminder of the approvers", () => {
  const MIN = 60_000;
  const REMINDER =
    "reply mention Stop orders with a savepoint on PROD, requested by @U0ANA00001, has been waiting for approval for 10 m. It expires 2026-11-22 10:15 UTC.";
  /** After so many minutes, of a request whose first mention was posted. */
  const after = async (minutes: number, stored = record()) => {
    const t = await shown(stored);
    await t.store.drawn(ID, { channel: "C1", ts: "1.0" }, 2);
    await t.store.said(ID, "approval wanted");
    t.store.clock = AT + minutes * MIN;
    return t;
  };
  const expiring = (minutes: number): RequestRecord => {
    const approval = record().approval;
    if (approval === null) throw new Error("it needs approval");
    return record({ approval: { ...approval, expiresAt: AT + minutes * MIN } });
  };

  it("is posted once, when a third of the time is left", async () => {
    const t = await after(9.99);
    expect(await present(t)).toEqual([]);
    t.store.clock = AT + 10 * MIN;
    expect(await present(t)).toEqual([REMINDER]);
    expect(await present(t)).toEqual([REMINDER]);
  });

  it.each([
    ["a day: an hour before its end", 24 * 60, 22.99 * 60, 23 * 60],
    ["three minutes: a minute before its end", 3, 1.99, 2],
  ])("of %s", async (_, window, early, due) => {
    expect(await present(await after(early, expiring(window)))).toEqual([]);
    expect(await present(await after(due, expiring(window)))).toHaveLength(1);
  });

  it("is not posted in a short time, nor once it has expired", async () => {
    expect(await present(await after(1.9, expiring(1.95)))).toEqual([]);
    expect(await present(await after(15))).toEqual([]);
  });

  it("takes the place of a first mention that comes that late", async () => {
    const t = await after(10);
    await t.store.unsaid(ID, "approval wanted");
    expect(await present(t)).toEqual([REMINDER]);
  });

  it("is posted when the rule says so, also of a short time", async () => {
    const { approval } = expiring(1.5);
    if (approval === null) throw new Error("it needs approval");
    const at = (m: number) => record({ approval: { ...approval, remindAt: AT + m * MIN } });
    expect(await present(await after(0.99, at(1)))).toEqual([]);
    expect(await present(await after(1, at(1)))).toHaveLength(1);
  });

  it("is dropped where the request is decided before its turn comes", async () => {
    const t = await after(10);
    const backlog = gate<void>();
    t.conversation.turn = backlog.promise;
    t.presenter.present(await held(t));
    await settle();
    t.store.put(record({ state: "ready" }), 3);
    t.clock.at += 1000;
    backlog.open();
    await t.presenter.settled();
    expect(t.conversation.said.filter((s) => s.what === "reply")).toEqual([]);
  });

  it.each([
    ["may have been posted is not posted again", new SlackUnavailable("slack did not answer", 0), 0],
    ["was certainly not posted comes later", new SlackUnavailable("429", 2000), 1],
  ])("that %s", async (_, error, posts) => {
    const t = await after(10);
    t.conversation.throws = [{ what: "reply", error }];
    expect(await present(t)).toHaveLength(posts);
    expect(await present(t)).toHaveLength(posts);
  });

  it("of a process that died while posting it is not posted by another one", async () => {
    const t = await after(10);
    t.conversation.reply = async (_card, saying) => {
      await saying.newest();
      await saying.mine();
      return await new Promise(() => undefined);
    };
    t.presenter.present(await held(t));
    await settle();
    const { engine } = await after(10);
    const other = new Presenter({
      engine: { ...t.engine, conversation: engine.conversation, worker: "w2" },
      clock: new ManualClock(),
      wake: () => undefined,
    });
    t.store.clock += MIN;
    other.present(await held(t));
    await other.settled();
    expect(t.posted).toEqual([]);
    expect((await t.store.cards(ID)).said.has("approval reminder")).toBe(true);
  });
});

describe("an escalation", () => {
  const MIN = 60_000;
  const escalated = (change: Partial<RequestRecord> = {}): RequestRecord => {
    const { approval } = record();
    if (approval === null) throw new Error("it needs approval");
    const escalations = [5, 8].map((m) => ({
      at: AT + m * MIN,
      by: { groups: [`S0BOSS${m}`], users: ["U0BOSS"] },
    }));
    return record({ approval: { ...approval, escalations }, ...change });
  };
  const at = async (minutes: number, stored = escalated()) => {
    const t = await shown(stored);
    await t.store.drawn(ID, { channel: "C1", ts: "1.0" }, 2);
    await t.store.said(ID, "approval wanted");
    t.store.clock = AT + minutes * MIN;
    return t;
  };

  it("mentions others once each, and says who may approve", async () => {
    const t = await at(4.99);
    expect(await present(t)).toEqual([]);
    t.store.clock = AT + 5 * MIN;
    const said = [
      "reply mention Stop orders with a savepoint on PROD, requested by @U0ANA00001, has been waiting for approval for 5 m. Escalated to you; still needed: 1 of @S0APPROVE1. It expires 2026-11-22 10:15 UTC.",
    ];
    expect(await present(t)).toEqual(said);
    expect(await present(t)).toEqual(said);
    t.store.clock = AT + 8 * MIN;
    expect(await present(t)).toHaveLength(2);
    expect(t.conversation.mentioned.map((m) => m.whom)).toEqual([["S0BOSS5"], ["S0BOSS8"]]);
  });

  it.each([
    ["once it is decided", 9, escalated({ state: "ready" })],
    ["once it has expired", 15, escalated()],
  ])("is left out %s", async (_, minutes, stored) => {
    expect(await present(await at(minutes, stored))).toEqual([]);
  });

  it("that may have been posted is not posted again", async () => {
    const t = await at(5);
    t.conversation.throws = [{ what: "reply", error: new SlackUnavailable("slack did not answer", 0) }];
    expect(await present(t)).toEqual([]);
    expect(await present(t)).toEqual([]);
  });
});
