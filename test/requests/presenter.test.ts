import { describe, expect, it, vi } from "vitest";
import { digestOf } from "../../src/requests/record/binding.ts";
import { SlackRefused, SlackUnavailable } from "../../src/model/errors.ts";
import type { Change } from "../../src/model/operation.ts";
import { plain } from "../../src/model/text.ts";
import { missing } from "../../src/requests/card/missing.ts";
import { Presenter } from "../../src/requests/card/presenter.ts";
import type { RequestRecord } from "../../src/requests/record/record.ts";
import { step } from "../../src/requests/steps/step.ts";
import { ManualClock, settle } from "../fakes/clock.ts";
import { AT } from "../slack/a-record.ts";
import { gate } from "../slack/workspace.ts";
import { BEN, held, over, present, record, running, shown } from "./a-showing.ts";
import { aChange, anEngine, anIntake, ID, JOB_ID, runSteps } from "./an-engine.ts";
import { withApprovers } from "../fakes/policy.ts";

const intake = anIntake();
const brake = { ...aChange(), preempts: () => true };

describe("what is missing is shown, each in its lane", () => {
  it.each<[string, RequestRecord, { card?: boolean; row?: Change<unknown> }, string[]]>([
    [
      "what needs approval: its card, then one mention",
      record(),
      { card: false },
      [
        "card approval awaiting",
        "reply mention @U0ANA00001 asks for approval: Stop orders with a savepoint on PROD, reason: drain before schema change. Approve by 2026-11-22 10:15 UTC.",
      ],
    ],
    [
      "a brake's card and mention go before all others",
      record(),
      { card: false, row: brake },
      [
        "card brake awaiting",
        "reply approval @U0ANA00001 asks for approval: Stop orders with a savepoint on PROD, reason: drain before schema change. Approve by 2026-11-22 10:15 UTC.",
      ],
    ],
    ["what needs none", record({ state: "ready", approval: null }), { card: false }, ["card answer ready"]],
    ["what is about to start is not redrawn for that", record({ state: "ready", approval: null }), {}, []],
    [
      "what waits says so",
      record({ state: "ready", approval: null, waiting: { holder: "r9", words: "Another change" } }),
      {},
      ["edit answer ready"],
    ],
    ["progress", running(), {}, ["edit milestone running"]],
    [
      "a milestone, while it runs",
      running({ milestones: [{ at: AT, text: "Savepoint taken" }] }),
      {},
      ["edit milestone running", "reply milestone Savepoint taken"],
    ],
    [
      "an outcome; milestones and mentions of approvers that nobody needs any more are left out",
      over({ approval: record().approval, milestones: [{ at: AT, text: "Savepoint taken" }] }),
      {},
      ["edit outcome ran", "reply outcome all done. Savepoint: p"],
    ],
    [
      "a denial, with its reason in one sentence",
      over({
        approval: record().approval,
        end: {
          ending: "denied",
          at: AT,
          report: { outcome: "failed", headline: "Denied by Ben: why now?", lines: ["Nothing was changed."] },
        },
      }),
      {},
      ["edit outcome denied", "reply outcome Denied by Ben: why now? Nothing was changed."],
    ],
    [
      "an approval that expired, with the button that asks again",
      over({
        approval: record().approval,
        end: {
          ending: "expired",
          at: AT,
          report: {
            outcome: "failed",
            headline: "It was not approved within 15 m",
            lines: ["Nothing was changed."],
            offers: [{ label: "Ask again", operation: "turn", args: {} }],
          },
        },
      }),
      {},
      [
        "edit outcome expired",
        "reply outcome It was not approved within 15 m. Nothing was changed. [Ask again]",
      ],
    ],
    [
      "a brake's outcome",
      over(),
      { row: brake },
      ["edit approval ran", "reply approval all done. Savepoint: p"],
    ],
    [
      "what became worse afterwards",
      over({ second: { dueAt: AT, line: "1 restart", worse: true } }),
      {},
      ["edit outcome ran", "reply outcome all done. Savepoint: p", "reply followUp Worse since: 1 restart"],
    ],
    [
      "what ended before it had a card is told to who asked alone",
      over(),
      { card: false },
      ["answer null all done"],
    ],
    ["what is one of many has no card of its own", running({ parent: "r0" }), { card: false }, []],
  ])("%s", async (_, stored, how, said) => {
    const t = await shown(stored, how);
    expect((await present(t)).toSorted()).toEqual(said.toSorted());
    // and nothing of it twice
    expect((await present(t)).toSorted()).toEqual(said.toSorted());
  });
});

describe("a suggestion of an approver", () => {
  const suggestions = [
    { actor: BEN, at: AT, args: { job: "orders", parallelism: 6 }, command: "scale orders 6" },
  ];
  const SUGGESTED =
    "reply outcome @U0BEN00001 suggests scale orders 6. The request itself stays as it is. [Request this instead]";

  it("is a request of the operation that was suggested, where that is another one", () => {
    const given = { job: "orders", rehearse: true };
    const one = {
      actor: BEN,
      at: AT,
      operation: "restart",
      args: given,
      command: "restart orders --rehearse",
    };
    const stored = record({ operation: "rehearsed-restart", suggestions: [...suggestions, one] });
    const cards = { messages: [{ card: { channel: "C1", ts: "1.0" }, drawn: 1 }], said: new Set<string>() };
    const now = { record: stored, rev: 1, now: AT, readAtMonotonicMs: 0 };
    const pieces = missing({ held: now, cards, isBrake: false, label: "PROD", drawnAt: () => null });
    const offered = pieces.flatMap((p) => (p.do === "reply" ? (p.offers ?? []) : []));
    expect(offered.map((o) => o.operation)).toEqual(["rehearsed-restart", "restart"]);
    expect(offered[1]?.args).toMatchObject({ ...given, cluster: "prod" });
  });

  it("is told to the requester once, with a button that asks for it", async () => {
    const t = await shown(record({ suggestions }));
    await t.store.said(ID, "approval wanted");
    expect((await present(t)).toSorted()).toEqual(["edit answer awaiting", SUGGESTED]);
    expect(await present(t)).toHaveLength(2);
    expect(t.conversation.mentioned).toEqual([{ in: "C1 1.0", whom: ["U0ANA00001"] }]);
  });

  it("is told also where the request is denied at once", async () => {
    const report = { outcome: "failed" as const, headline: "Denied by Ben", lines: [] };
    const t = await shown(over({ suggestions, end: { ending: "denied", at: AT, report } }));
    expect(await present(t)).toContain(SUGGESTED);
  });
});

describe("no step waits for Slack", () => {
  it("the deciding click starts a request whose mention still waits for its turn", async () => {
    const asked = record({
      target: { kind: "job", cluster: "prod", jobId: JOB_ID, name: "orders" },
      intent: { headline: "turn orders", losses: [], warnings: [], details: [], binds: null, facts: {} },
    });
    const digest = digestOf(asked);
    const approval = { needed: 1, by: { groups: [], users: [] }, expiresAt: AT + 900_000, digest, votes: [] };
    const t = await shown({ ...asked, approval });
    t.engine.policy = withApprovers(t.engine.policy, { groups: [], users: [BEN.user] });
    const backlog = gate<void>();
    t.conversation.turn = backlog.promise;
    expect((await step(t.engine, intake)).is).toBe("again");
    await settle();
    const votes = [{ actor: BEN, kind: "approve" as const, at: t.store.clock, digest }];
    t.store.put({ ...asked, approval: { ...approval, votes }, state: "ready", startBy: AT + 120_000 }, 3);
    await step(t.engine, intake);
    expect(t.effects.performed).toHaveLength(1);
    expect(t.posted).toEqual([]);
    t.clock.at += 1000;
    // when its turn comes nobody needs to approve it any more
    backlog.open();
    await t.presenter.settled();
    expect(t.conversation.said.filter((s) => s.what === "reply")).toEqual([]);
  });

  it("a request is closed only when its last edit and its outcome are in Slack, however long that takes", async () => {
    const t = await shown(over());
    const away = gate<void>();
    t.conversation.turn = away.promise;
    for (let i = 0; i < 3; i += 1)
      expect(await step(t.engine, intake)).toEqual({ is: "again", inMs: 15_000 });
    expect(t.store.get(ID).state).toBe("ended");
    t.conversation.throws = [
      { what: "edit", error: new SlackUnavailable("503", 0) },
      { what: "reply", error: new SlackUnavailable("429", 3000) },
    ];
    away.open();
    await t.presenter.settled();
    expect(t.woken).toEqual([ID]);
    expect(await runSteps(t, intake)).toEqual({ is: "done" });
    expect(t.posted.toSorted()).toEqual(["edit", "reply"]);
  });

  it("the follow-up is taken in time although the outcome is not in Slack yet", async () => {
    const row = { ...aChange(), followUp: () => Promise.resolve({ line: "all well", worse: false }) };
    const t = await shown(over({ second: { dueAt: AT, line: null, worse: false } }), { row });
    t.conversation.turn = new Promise(() => undefined);
    await step(t.engine, intake);
    expect(plain(t.store.get(ID).second?.line ?? "")).toBe("all well");
    expect(await step(t.engine, intake)).toEqual({ is: "again", inMs: 15_000 });
  });
});

/** How often the record is read for a message whose turn comes after this long. */
const reads = async (waitsMs: number): Promise<number> => {
  const t = await shown(running());
  const load = vi.spyOn(t.store, "load");
  const backlog = gate<void>();
  t.conversation.turn = backlog.promise;
  t.presenter.present(await held(t));
  await settle();
  t.clock.at += waitsMs;
  load.mockClear();
  backlog.open();
  await t.presenter.settled();
  return load.mock.calls.length;
};

describe("a piece that waits for its turn", () => {
  it("is read once where its turn comes at once, and once more where it had to wait", async () => {
    // after it is shown, what else is missing is read in any case
    expect(await reads(0)).toBe(1);
    expect(await reads(1000)).toBe(2);
  });

  it("is drawn as the record is at that time", async () => {
    const t = await shown(running());
    const backlog = gate<void>();
    t.conversation.turn = backlog.promise;
    t.presenter.present(await held(t));
    await settle();
    const ended = over().end;
    if (ended === null) throw new Error("it is over");
    t.store.put(over({ end: { ...ended, ending: "superseded" } }), 3);
    t.presenter.present(await held(t));
    await settle();
    backlog.open();
    await t.presenter.settled();
    // the progress was not needed any more: one edit, in the lane of outcomes
    expect(t.conversation.said.filter((s) => s.what === "edit")).toEqual([
      { what: "edit", lane: "outcome", words: "superseded" },
    ]);
  });

  it("is said by one process alone; by the other where that one died", async () => {
    const t = await shown(over());
    const { conversation } = t;
    const engine = { ...t.engine, worker: "w2" };
    const other = new Presenter({ engine, clock: new ManualClock(), wake: () => undefined });
    const [one, two] = [present(t), present(t, other)];
    await Promise.all([one, two]);
    expect(conversation.said.filter((s) => s.what === "reply")).toHaveLength(1);

    const dead = await shown(over());
    await dead.store.saying(ID, "end", { by: "dead", forMs: 12_000 });
    dead.presenter.present(await held(dead));
    await settle();
    expect(dead.conversation.said.filter((s) => s.what === "reply")).toEqual([]);
    dead.store.clock += 12_001;
    await dead.presenter.settled();
    expect(dead.conversation.said.filter((s) => s.what === "reply")).toHaveLength(1);
  });
});

describe("the first card", () => {
  it("that Slack refuses ends the request in words, and nothing was changed", async () => {
    const t = anEngine(aChange());
    t.conversation.throws = [{ what: "card", error: new SlackRefused("is_archived") }];
    expect(await runSteps(t, intake)).toEqual({ is: "done" });
    expect(t.store.get(ID).end).toMatchObject({ ending: "refused" });
    expect(t.conversation.said.map((s) => s.words)).toEqual([
      "Nothing was changed: the card could not be posted here",
    ]);
    expect(t.effects.performed).toEqual([]);
  });

  it.each([
    ["may have been posted before its answer was lost", new SlackUnavailable("slack did not answer", 0), 1],
    ["was certainly not posted, because Slack asked to wait", new SlackUnavailable("429", 2000), 0],
  ])("that %s", async (_, error, explained) => {
    const t = await shown(record(), { card: false });
    t.conversation.throws = [{ what: "card", error }];
    await present(t);
    expect(t.posted.filter((p) => p === "card")).toHaveLength(1);
    expect(t.conversation.said.filter((s) => s.words.startsWith("I was interrupted"))).toHaveLength(
      explained,
    );
  });
});

describe("a presenter that stops", () => {
  it("begins nothing more, and lets the call under way be written down", async () => {
    const t = await shown(over());
    const answer = gate<boolean>();
    t.conversation.reply = async (_card, saying) => {
      await saying.newest();
      return (await saying.mine()) && (await answer.promise);
    };
    t.presenter.present(await held(t));
    await settle();
    const stopped = { is: false };
    const stopping = t.presenter.stop().then(() => (stopped.is = true));
    await settle();
    expect(stopped.is).toBe(false);
    answer.open(true);
    await stopping;
    expect((await t.store.cards(ID)).said.has("end")).toBe(true);
    t.store.put(record(), 3);
    t.presenter.present(await held(t));
    await settle();
    expect(t.posted.filter((p) => p === "card")).toEqual([]);
  });
});
