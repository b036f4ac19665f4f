import { describe, expect, it } from "vitest";
import { FlinkUnexpected, FlinkUnreachable, LeaseExpired, SlackUnavailable } from "../../src/model/errors.ts";
import type { Intent } from "../../src/model/intent.ts";
import { plain } from "../../src/model/text.ts";
import type { Next } from "../../src/requests/ports/engine.ts";
import { effectIdOf } from "../../src/requests/record/identity.ts";
import type { RequestRecord } from "../../src/requests/record/record.ts";
import { step } from "../../src/requests/steps/step.ts";
import { gate } from "../slack/workspace.ts";
import {
  aChange,
  anEngine,
  anIntake,
  aSendingTurn,
  aTurn,
  ID,
  runSteps,
  type TestEngine,
} from "./an-engine.ts";
import { withApprovers } from "../fakes/policy.ts";

const intake = anIntake();

const run = async (t: TestEngine): Promise<Next> => await runSteps(t, intake);
const outcome = (t: TestEngine): string => {
  const { end } = t.store.get(ID);
  return end === null ? "open" : `${end.ending} ${end.report.outcome}: ${plain(end.report.headline)}`;
};
const events = (t: TestEngine): string[] =>
  t.store.audit.map((line) => (JSON.parse(line) as { event: string }).event);

/** Opened one way when it is asked, and another way from then on. */
const later = (first: Partial<Intent>, then: Partial<Intent>) => {
  const opened = [first, then];
  const intent = { headline: "turn orders", losses: [], warnings: [], details: [], binds: null, facts: {} };
  return anEngine({
    ...aChange(),
    open: () => Promise.resolve({ ...intent, ...(opened.length > 1 ? opened.shift() : opened[0]) }),
  });
};

describe("what was decided when it was asked is decided again at the start", () => {
  it("so what has become destructive meanwhile needs someone else, however soon it starts", async () => {
    const t = later({}, { class: "destructive" });
    t.engine.policy = withApprovers(t.engine.policy, { groups: [], users: ["U0BEN00001"] });
    await run(t);
    expect(t.effects.performed).toEqual([]);
    expect(outcome(t)).toBe("void failed: It was not sent; nothing was changed");
    expect(t.store.get(ID).end?.report.lines.map(plain).join()).toContain(
      "now needs someone else's approval",
    );
  });

  it("and what is the same starts", async () => {
    const t = later({}, {});
    await run(t);
    expect(t.effects.performed).toHaveLength(1);
  });
});

describe("a lease", () => {
  it("is ended only by whoever has it: a worker that woke late leaves the next one's alone", async () => {
    const t = anEngine(aChange());
    const mine = { holder: "w1", until: 1_010_000 };
    t.store.put(aSendingTurn({ lease: null }));
    t.effects.throws = [new FlinkUnreachable("connection cut", "maybe")];
    // while ours was on its way, another worker took over
    const perform = t.effects.perform.bind(t.effects);
    t.effects.perform = async (effect, id) => {
      const now = t.store.get(ID);
      expect(now.run?.lease).toEqual(mine);
      if (now.run !== null)
        t.store.put({ ...now, run: { ...now.run, lease: { holder: "w2", until: 1_099_000 } } });
      return await perform(effect, id);
    };
    await step(t.engine, intake);
    expect(t.store.get(ID).run?.lease).toEqual({ holder: "w2", until: 1_099_000 });
  });
});

const tooLong = () =>
  ({ kind: "end", report: { outcome: "failed", headline: "too long", lines: [] } }) as const;

/** A change whose first phase may stay pending for so long; its deadline is a minute. */
const limited = (observations: Parameters<typeof aChange>[0], ms = 5000) => {
  const row = aChange(observations);
  const phase = row.phases["one"];
  if (phase === undefined) throw new Error("no phase");
  return anEngine({
    ...row,
    phases: { ...row.phases, one: { ...phase, limit: { ms: () => ms, decide: tooLong } } },
  });
};

describe("a limit of a phase", () => {
  const pending = { kind: "pending", note: "still at it" } as const;

  it.each<[string, Parameters<typeof aChange>[0]]>([
    ["what it is about only continues", Array.from({ length: 30 }, () => pending)],
    ["nothing can be read", Array.from({ length: 30 }, () => new FlinkUnreachable("no answer", "no"))],
  ])("is kept by the clock where %s", async (_, observations) => {
    const t = limited(observations);
    await run(t);
    expect(outcome(t)).toBe("open");
    t.store.clock += 6000;
    await run(t);
    expect(outcome(t)).toBe("ran failed: too long");
  });

  const accepted = { is: "accepted", answer: null } as const;
  it.each<[string, Partial<TestEngine["effects"]>]>([
    ["Flink answers", {}],
    [
      "Flink has it, and the answer was not Flink's",
      { throws: [new FlinkUnexpected("HTML")], asked: [{ is: "not" }, accepted] },
    ],
    [
      "Flink has it, and the connection was cut",
      { throws: [new FlinkUnreachable("cut", "maybe")], asked: [{ is: "not" }, accepted] },
    ],
  ])(
    "counts from when it was sent, where whoever entered the phase died before that: %s",
    async (_, effects) => {
      const t = limited(Array.from({ length: 30 }, () => pending));
      Object.assign(t.effects, effects);
      t.store.put(aSendingTurn());
      t.store.clock = 1_060_000;
      await run(t);
      await run(t);
      expect(t.store.get(ID).run?.sent.is).toBe("accepted");
      expect(outcome(t)).toBe("open");
      t.store.clock += 6000;
      await run(t);
      expect(outcome(t)).toBe("ran failed: too long");
    },
  );

  it("counts in place of a deadline that is shorter: one bad answer between them ends nothing", async () => {
    const observations: Parameters<typeof aChange>[0] = Array.from({ length: 30 }, () => pending);
    const t = limited(observations, 3_600_000);
    await run(t);
    observations.splice(0, observations.length, new FlinkUnreachable("no answer", "no"));
    t.store.clock += 120_000;
    await run(t);
    expect(outcome(t)).toBe("open");
    await run(t);
    expect(outcome(t)).toBe("ran done: all done");
  });

  it("does not overrule an end that can be seen", async () => {
    const t = limited([]);
    await step(t.engine, intake);
    await step(t.engine, intake);
    t.store.clock += 6000;
    await run(t);
    expect(outcome(t)).toBe("ran done: all done");
  });
});

describe("a request from intake to its end", () => {
  it("is shown before it is sent, sent once, told once", async () => {
    const t = anEngine(aChange());
    expect(await run(t)).toEqual({ is: "done" });
    expect(outcome(t)).toBe("ran done: all done");
    expect(t.effects.performed).toHaveLength(1);
    expect(t.posted).toEqual(["card", "edit", "reply"]);
    expect(events(t)).toEqual(["asked", "calling", "called", "ended"]);
    expect(t.store.claims.size).toBe(0);
  });

  it("passes through its phases, an effect each", async () => {
    const t = anEngine(aChange([{ kind: "next", phase: "two", result: { path: "p" } }]));
    await run(t);
    expect(t.effects.performed.map((p) => p.effectId)).toEqual([
      effectIdOf(ID, "one", 0),
      effectIdOf(ID, "two", 0),
    ]);
    expect(events(t)).toEqual(["asked", "calling", "called", "passed", "calling", "called", "ended"]);
  });

  it("may enter a phase again: another visit, another effect id", async () => {
    const t = anEngine(aChange([{ kind: "next", phase: "one", result: null }]));
    await run(t);
    expect(t.effects.performed.at(-1)?.effectId).toBe(effectIdOf(ID, "one", 1));
  });

  it("that nobody took in time is not started", async () => {
    const t = anEngine(aChange());
    t.store.clock = 1_000_000 + 600_001;
    await run(t);
    expect(outcome(t)).toContain("refused failed: It waited too long for a worker and was dropped");
    expect(t.effects.performed).toEqual([]);
    expect(t.posted).toEqual(["answer"]);
  });

  it("on a cluster that does not answer is refused, and says so to the person alone", async () => {
    const t = anEngine(aChange());
    t.reads.down = new FlinkUnreachable("connect ECONNREFUSED", "no");
    await run(t);
    expect(outcome(t)).toContain("does not answer");
    expect(t.posted).toEqual(["answer"]);
  });
});

describe("sending", () => {
  it("does not send what Flink has already", async () => {
    const t = anEngine(aChange());
    t.store.put(aSendingTurn());
    t.effects.asked = [{ is: "accepted", answer: null }];
    await run(t);
    expect(t.effects.performed).toEqual([]);
    expect(outcome(t)).toBe("ran done: all done");
  });

  it("does not send while another worker still may", async () => {
    const t = anEngine(aChange());
    t.store.put(aSendingTurn({ lease: { holder: "w2", until: 1_005_000 } }));
    expect(await run(t)).toEqual({ is: "again", inMs: 25_000 });
    expect(t.effects.performed).toEqual([]);
    t.store.clock = 1_030_001;
    await run(t);
    expect(t.effects.performed).toHaveLength(1);
  });

  it("checks again what was saved and never sent, and does not send it too late", async () => {
    const t = anEngine(aChange());
    t.store.put(aSendingTurn());
    t.store.clock = 1_600_001;
    await run(t);
    expect(outcome(t)).toContain("void failed: It was not sent");
    expect(t.effects.performed).toEqual([]);
  });

  it("sends again after its own lease ran out unused", async () => {
    const t = anEngine(aChange());
    t.effects.throws = [new LeaseExpired("too late")];
    expect((await run(t)).is).toBe("again");
    await run(t);
    expect(t.effects.performed).toHaveLength(1);
    expect(outcome(t)).toBe("ran done: all done");
  });

  it("waits out a request that may have arrived before it sends another", async () => {
    const t = anEngine(aChange());
    t.effects.throws = [new FlinkUnreachable("socket hang up", "maybe")];
    await run(t);
    const wait = await step(t.engine, intake);
    expect(wait).toEqual({ is: "again", inMs: 20_000 });
    t.store.clock += 20_001;
    await run(t);
    expect(t.effects.performed).toHaveLength(1);
  });

  it("asks after an answer that was not Flink's, and takes its no", async () => {
    const t = anEngine(aChange());
    t.effects.throws = [new FlinkUnexpected("the answer is HTML")];
    await run(t);
    const { run: left } = t.store.get(ID);
    expect(left?.sent).toEqual({ is: "refused", reason: "the answer is HTML" });
    expect(t.effects.performed).toEqual([]);
  });

  it("says unknown where Flink cannot tell, and sends nothing", async () => {
    const t = anEngine(aChange());
    t.store.put(aSendingTurn());
    t.effects.asked = [{ is: "unknown", looked: "/savepoints" }];
    await run(t);
    expect(t.store.get(ID).run?.sent).toEqual({ is: "unknown", looked: "/savepoints" });
    expect(t.effects.performed).toEqual([]);
  });

  it("never sent and the cluster gone until it is too late: nothing was changed", async () => {
    const t = anEngine(aChange());
    t.store.put(aSendingTurn());
    t.store.clock = 1_600_001;
    t.effects.asked = ["unreachable"];
    await run(t);
    expect(outcome(t)).toContain("void failed: It was not sent");
  });
});

describe("superseded", () => {
  const by = { requestId: "r2", actor: "U0BEN" };
  it("before it was sent: sends nothing", async () => {
    const t = anEngine(aChange());
    t.store.put({ ...aSendingTurn(), supersededBy: by });
    await run(t);
    expect(outcome(t)).toContain("superseded failed");
    expect(t.effects.performed).toEqual([]);
  });

  it("between two phases: the second is not sent, the first is told", async () => {
    const t = anEngine(
      aChange([{ kind: "next", phase: "two", result: null, milestone: "Savepoint taken: p" }]),
    );
    t.store.put({
      ...aSendingTurn({ stage: "sent", sent: { is: "accepted", answer: null } }),
      supersededBy: by,
    });
    await run(t);
    expect(outcome(t)).toContain("superseded partly");
    expect(t.store.get(ID).end?.report.lines.map(plain)).toContain("Savepoint taken: p");
    expect(t.effects.performed).toEqual([]);
  });
});

describe("what this version does not know", () => {
  const gone = { ...aSendingTurn({ stage: "sent" }) };
  it.each<[string, TestEngine, RequestRecord, string]>([
    ["an operation, under way", anEngine(null), gone, "ran unknown"],
    ["an operation, not started", anEngine(null), aTurn({ state: "ready" }), "void failed: It was not sent"],
    ["a cluster, under way", anEngine(aChange(), []), gone, "ran unknown"],
    ["a cluster, not started", anEngine(aChange(), []), aTurn({ state: "ready" }), "void failed"],
    ["a phase", anEngine(aChange()), { ...aSendingTurn({ stage: "sent", phase: "three" }) }, "ran unknown"],
  ])("%s: in words, not in silence", async (_, t, stored, words) => {
    t.store.put(stored);
    expect(await run(t)).toEqual({ is: "done" });
    expect(outcome(t)).toContain(words);
  });
});

describe("trouble", () => {
  it("of our own ends the request in words", async () => {
    const t = anEngine(aChange([new TypeError("a mistake")]));
    await run(t);
    expect(outcome(t)).toContain("ran unknown: flinkops failed with an internal error");
    expect(t.store.get(ID).end?.report.lines.map(plain).join()).not.toContain("a mistake");
  });

  it("of Slack's with the card delays the start and loses nothing", async () => {
    const t = anEngine(aChange());
    const away = gate<void>();
    t.conversation.turn = away.promise;
    expect(await step(t.engine, intake)).toEqual({ is: "again", inMs: 0 });
    expect(await step(t.engine, intake)).toEqual({ is: "again", inMs: 15_000 });
    expect(t.effects.performed).toEqual([]);
    expect(t.store.get(ID).state).toBe("ready");
    t.conversation.throws = [{ what: "card", error: new SlackUnavailable("429", 7000) }];
    away.open();
    await t.presenter.settled();
    expect(t.woken).toEqual([ID]);
    await run(t);
    expect(outcome(t)).toBe("ran done: all done");
    expect(t.posted).toEqual(["card", "edit", "reply"]);
  });

  it("of Flink's while observing is waited for, until it is too late to know", async () => {
    const t = anEngine(aChange(Array.from({ length: 50 }, () => new FlinkUnreachable("no route", "no"))));
    await run(t);
    expect(outcome(t)).toBe("open");
    t.store.clock += 60_001;
    await run(t);
    expect(outcome(t)).toContain("ran unknown: It is unknown how turn orders ended");
  });
});
