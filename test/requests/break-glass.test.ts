import { describe, expect, it } from "vitest";
import { SlackRefused, SlackUnavailable } from "../../src/model/errors.ts";
import { plain } from "../../src/model/text.ts";
import { createClick } from "../../src/queue/click.ts";
import { Presenter } from "../../src/requests/card/presenter.ts";
import { claimsOf } from "../../src/requests/record/claims.ts";
import { reviewed } from "../../src/requests/steps/review.ts";
import { step } from "../../src/requests/steps/step.ts";
import { ManualClock } from "../fakes/clock.ts";
import { aLock } from "../fakes/locks.ts";
import { aChannel, aMember } from "../fakes/people.ts";
import { asking } from "../fakes/policy.ts";
import { words } from "../operations/drive.ts";
import { aLog } from "../slack/workspace.ts";
import { BEN } from "./a-showing.ts";
import { aGlass, aGlassEngine, ALARM, brakes, endOf, glassPolicy } from "./a-glass.ts";
import { aChange, ANA, ID, runSteps, type TestEngine } from "./an-engine.ts";

const CLAIM = `break-glass/${ANA.user}`;
const DAY = 86_400_000;
const ANNOUNCEMENT =
  "🚨 Break-glass by @U0ANA00001, without approval: turn orders on PROD, reason: pager, sink stuck. Starting now; review needed afterwards from @S0LEADS.";
const WANTED =
  "Review needed from @S0LEADS: turn orders on PROD, which @U0ANA00001 started with break-glass, without approval. Press Review on the card.";

const sent = (t: TestEngine): number => t.effects.performed.length;
const run = async (t: TestEngine, intake = aGlass()) => await runSteps(t, intake);
const replies = (t: TestEngine): string[] =>
  t.conversation.said.filter((s) => s.what === "reply").map((s) => s.words);
const why = (t: TestEngine, id = ID): string => {
  const end = endOf(t, id);
  return end === null ? "open" : words({ refuse: end.report.headline, instead: end.report.lines });
};
const events = (t: TestEngine): string[] => t.store.audit.map((line) => JSON.parse(line).event);
/** Ben of the leads reviews it. */
async function review(t: TestEngine): Promise<void> {
  const { record, rev } = await held(t);
  if (record.breakGlass === undefined) throw new Error("no break-glass");
  const said = { actor: BEN, at: t.store.clock, justified: true, why: "nobody was awake" };
  const glass = { record, glass: record.breakGlass };
  const { next, extras } = reviewed(t.engine.policy, glass, { ...said, person: aMember(BEN.user) });
  await t.store.commit([{ rev, next }], extras);
}
const held = async (t: TestEngine) => {
  const found = await t.store.load(ID);
  if (found.record === null) throw new Error("no record");
  return found;
};
/** A step by hand, without what the presenter does after it. */
const oneStep = async (t: TestEngine) => await step(t.engine, aGlass());
/** Ended, and its outcome and the first wish for a review are in Slack. */
async function over(): Promise<TestEngine> {
  const t = aGlassEngine();
  await run(t);
  expect(sent(t)).toBe(1);
  return t;
}

const locked = (t: TestEngine) => t.store.locks.place(aLock(), { accounts: [], entry: "{}" });

/** Asked, and some time goes by before its announcement. */
async function late(set: (t: TestEngine) => void): Promise<TestEngine> {
  const t = aGlassEngine();
  await oneStep(t);
  t.store.clock += 6000;
  set(t);
  await run(t);
  expect(sent(t)).toBe(0);
  expect(endOf(t)?.ending).toBe("void");
  expect(t.store.claims.size).toBe(0);
  return t;
}

describe("a change with break-glass", () => {
  it("is announced, starts without approval, and waits at its end for the review", async () => {
    const t = aGlassEngine();
    const next = await run(t);
    expect(t.store.get(ID)).toMatchObject({
      state: "ended",
      approval: null,
      decided: { rule: "break-glass brakes" },
      breakGlass: { review: { from: ["leads"], count: 1 }, copyIn: ALARM, claim: CLAIM, reviewed: null },
      end: { ending: "ran", report: { outcome: "done" } },
    });
    expect(replies(t)).toEqual([ANNOUNCEMENT, "all done", WANTED]);
    expect(t.conversation.mentioned).toEqual([
      { in: `${ALARM} 2.0`, whom: ["S0LEADS"] },
      { in: "C1 1.0", whom: [ANA.user] },
      { in: `${ALARM} 2.0`, whom: ["S0LEADS"] },
    ]);
    expect(next).toEqual({ is: "again", inMs: 15_000 });
    expect(events(t)).toEqual(["asked", "calling", "called", "ended"]);
    const [asked, calling] = t.store.audit.map((line) => JSON.parse(line).detail);
    const glass = { review: ["leads"], groups: ["S0LEADS"], users: [] };
    expect(asked).toMatchObject({ rule: "break-glass brakes", breakGlass: glass, approval: null });
    expect(calling).toMatchObject({ approval: null, breakGlass: glass });
  });

  it("sends nothing before it is announced, however often it is tried", async () => {
    const t = aGlassEngine();
    const wait = new Promise(() => undefined);
    t.conversation.turn = wait;
    for (let n = 0; n < 5; n += 1) await oneStep(t);
    expect(t.store.get(ID).state).toBe("ready");
    // the card alone is not enough
    t.conversation.turn = Promise.resolve();
    await t.store.drawn(ID, { channel: "C1", ts: "1.0" }, 1);
    const before = await oneStep(t);
    expect(before).toEqual({ is: "again", inMs: 15_000 });
    expect([sent(t), t.store.get(ID).state]).toEqual([0, "ready"]);
  });

  it("has its card and announcement ahead of everything else in their channel", async () => {
    const t = await over();
    const lanes = t.conversation.said.slice(0, 3).map(({ what, lane }) => `${what} ${lane}`);
    expect(lanes).toEqual(["card brake", "copy brake", "reply brake"]);
  });

  it("is announced in the channel of the cluster's approvals, else where it was asked", async () => {
    const t = aGlassEngine(glassPolicy({ announce: null }));
    await run(t);
    expect(t.store.get(ID).breakGlass).not.toHaveProperty("copyIn");
    expect(t.conversation.mentioned[0]).toEqual({ in: "C1 1.0", whom: ["S0LEADS"] });
    const other = aGlassEngine(glassPolicy({ announce: null }));
    const cluster = other.engine.cluster("prod", "background");
    if (cluster === undefined) throw new Error("no cluster");
    other.engine.cluster = () => ({ ...cluster, config: { ...cluster.config, approvals: "C0APPROVE" } });
    await run(other);
    expect(other.store.get(ID).breakGlass?.copyIn).toBe("C0APPROVE");
    expect(other.conversation.mentioned[0]?.in).toBe("C0APPROVE 2.0");
  });

  it.each<[string, (t: TestEngine) => void, string]>([
    [
      "flinkops is not in the channel",
      (t) => void t.conversation.factsOf.set(ALARM, aChannel({ member: false })),
      "flinkops is not a member of it",
    ],
    [
      "others share the channel",
      (t) => void t.conversation.factsOf.set(ALARM, aChannel({ externallyShared: true })),
      "it is shared with another organization",
    ],
    [
      "Slack refuses the card there",
      (t) => void (t.conversation.throws = [{ what: "copy", error: new SlackRefused("is_archived") }]),
      "Slack says is_archived",
    ],
    [
      "Slack refuses the announcement",
      (t) => void (t.conversation.throws = [{ what: "reply", error: new SlackRefused("restricted_action") }]),
      "Slack says restricted_action",
    ],
  ])("is void, and nothing is sent, where %s", async (_, set, reason) => {
    const t = aGlassEngine();
    set(t);
    expect(await run(t)).toEqual({ is: "done" });
    expect(endOf(t)?.ending).toBe("void");
    expect(why(t)).toContain(
      `Why: break-glass is announced before it starts, and #${ALARM} cannot be used: ${reason}`,
    );
    expect(sent(t)).toBe(0);
    // what never ran needs no review
    expect(t.store.claims.size).toBe(0);
    expect(t.store.get(ID).state).toBe("closed");
    expect(replies(t)).not.toContain(WANTED);
  });

  it("waits for an announcement that Slack could not take", async () => {
    const t = aGlassEngine();
    t.conversation.throws = [{ what: "reply", error: new SlackUnavailable("503", 0) }];
    await run(t);
    expect(replies(t)[0]).toBe(ANNOUNCEMENT);
    expect(sent(t)).toBe(1);
  });

  it("passes a freeze and a lock, and says of both what it passed", async () => {
    const freeze = {
      name: "year end",
      clusters: null,
      except: [],
      why: null,
      window: { is: "once" as const, from: 0, until: 2_000_000 },
    };
    const t = aGlassEngine({ ...glassPolicy(), freezes: [freeze] });
    locked(t);
    await run(t);
    expect(sent(t)).toBe(1);
    const { breakGlass: _, ...ordinary } = aGlass({ requestId: "r2" });
    await runSteps(t, ordinary);
    expect(why(t, "r2")).toMatch(/is locked by|frozen/u);
    expect(sent(t)).toBe(1);
  });
});

describe("break-glass past a lock alone", () => {
  const free = {
    name: "free",
    match: { operations: ["turn"] },
    when: null,
    ask: ["operate"],
    verdict: { is: "allow" as const },
  };
  const allowing = (rules: readonly (typeof brakes)[]) =>
    asking([], { people: glassPolicy().people, rules: [free], breakGlass: rules });

  it("is for those alone whom a break-glass rule names", async () => {
    const t = aGlassEngine(allowing([{ ...brakes, people: ["leads"] }]));
    locked(t);
    await run(t);
    expect(endOf(t)?.report.facts).toEqual({ rule: "break-glass brakes" });
    expect(why(t)).toContain("prod/orders is locked by @U0BEN00001");
    const named = aGlassEngine(allowing([brakes]));
    locked(named);
    await run(named);
    expect(sent(named)).toBe(1);
    expect(named.store.get(ID).breakGlass?.claim).toBe(CLAIM);
  });

  it("is decided again at the start: whom the policy no longer names does not pass it", async () => {
    const t = aGlassEngine(allowing([brakes]));
    locked(t);
    await oneStep(t);
    t.engine.policy = allowing([]);
    await run(t);
    expect(endOf(t)?.ending).toBe("void");
    expect(why(t)).toContain("Nobody may use break-glass for turn on prod.");
    expect(sent(t)).toBe(0);
  });

  it("is nothing where there is no lock: the request is an ordinary one", async () => {
    const t = aGlassEngine(allowing([brakes]));
    await run(t);
    expect(t.store.get(ID)).not.toHaveProperty("breakGlass");
    expect(t.store.get(ID).state).toBe("closed");
  });
});

describe("everything else is checked again at the start", () => {
  it("a deactivated requester starts nothing", async () => {
    const t = await late((e) => e.people.people.set(ANA.user, aMember(ANA.user, { deactivated: true })));
    expect(why(t)).toContain("deactivated");
  });
  it("nor whom the policy no longer names", async () => {
    const t = await late((e) => void (e.engine.policy = glassPolicy(null)));
    expect(why(t)).toContain("Nobody may use break-glass");
  });
  it("nor anybody while the policy file could not be loaded", async () => {
    const t = await late(
      (e) => void (e.engine.policy = { ...glassPolicy(), nothingDestructive: "It is broken." }),
    );
    expect(why(t)).toContain("Break-glass is not available: It is broken.");
  });
  it("nor what comes too late", async () => {
    const t = await late((e) => void (e.store.clock += 600_000));
    expect(why(t)).toContain("it could not be started in time");
  });
});

describe("a second use by the same person", () => {
  it("is refused until the first is reviewed, with a link to it", async () => {
    const t = await over();
    t.engine.link = (id) => Promise.resolve(`https://slack.example/${id}`);
    const second = aGlass({ requestId: "r2" });
    expect(await runSteps(t, second)).toEqual({ is: "done" });
    expect(endOf(t, "r2")?.report.facts).toEqual({ rule: "unreviewed" });
    expect(why(t, "r2")).toContain(
      "You have used break-glass in request r1, which nobody has reviewed yet. Nothing was changed.",
    );
    expect(JSON.stringify(endOf(t, "r2")?.report.headline)).toContain("https://slack.example/r1");
    expect(sent(t)).toBe(1);
    await review(t);
    await run(t);
    await runSteps(t, aGlass({ requestId: "r3", askedAt: t.store.clock }));
    expect(sent(t)).toBe(2);
    expect(t.store.claims.get(CLAIM)).toBe("r3");
  });

  it("is refused from the person's other account too", async () => {
    const t = await over();
    const other = { ...ANA, user: "U0ANA00002" };
    const { people } = t.engine.policy;
    t.engine.policy = {
      ...t.engine.policy,
      same: [[ANA.user, other.user]],
      people: { ...people, operate: { groups: [], users: [ANA.user, other.user] } },
    };
    await runSteps(t, aGlass({ requestId: "r2", actor: other }));
    expect(endOf(t, "r2")?.report.facts).toEqual({ rule: "unreviewed" });
  });

  it("may start where the first was withdrawn before its start", async () => {
    const t = aGlassEngine();
    await oneStep(t);
    expect(t.store.claims.get(CLAIM)).toBe(ID);
    const click = createClick({
      ...t.engine,
      log: aLog(),
      startAfterApproval: 60_000,
      isBrake: () => false,
    });
    const withdraw = { requestId: ID, kind: "withdraw" as const, digest: "", actor: ANA, card: null };
    expect(await click(withdraw)).toMatchObject({ is: "counted" });
    expect(t.store.claims.has(CLAIM)).toBe(false);
    await run(t);
    expect([endOf(t)?.ending, t.store.get(ID).state, sent(t)]).toEqual(["withdrawn", "closed", 0]);
    await runSteps(t, aGlass({ requestId: "r2" }));
    expect(sent(t)).toBe(1);
  });
});

describe("after its end", () => {
  it("keeps its claim and stays ended until it is reviewed, and is closed then", async () => {
    const t = await over();
    t.store.clock += 3_600_000;
    expect(await run(t)).toMatchObject({ is: "again" });
    expect([t.store.get(ID).state, t.store.claims.get(CLAIM)]).toEqual(["ended", ID]);
    await review(t);
    expect(t.store.claims.has(CLAIM)).toBe(false);
    expect(await run(t)).toEqual({ is: "done" });
    expect(t.store.get(ID).state).toBe("closed");
    expect(replies(t).at(-1)).toBe("Reviewed by @U0BEN00001 as justified: nobody was awake");
    expect(t.conversation.mentioned.at(-1)).toEqual({ in: `${ALARM} 2.0`, whom: [ANA.user] });
    expect(events(t).at(-1)).toBe("reviewed");
  });

  it("has its reviewers reminded once a day, by whichever of two processes", async () => {
    const t = await over();
    const engine = { ...t.engine, worker: "w2" };
    const other = new Presenter({ engine, clock: new ManualClock(), wake: () => undefined });
    const reminded = async (): Promise<string[]> => {
      const before = replies(t).length;
      for (let n = 0; n < 3; n += 1) {
        await oneStep(t);
        other.present(await held(t));
        await Promise.all([t.presenter.settled(), other.settled()]);
      }
      return replies(t).slice(before);
    };
    expect(await reminded()).toEqual([]);
    t.store.clock = (endOf(t)?.at ?? 0) + DAY - 1;
    expect(await oneStep(t)).toEqual({ is: "again", inMs: 1 });
    expect(await reminded()).toEqual([]);
    t.store.clock += 1;
    expect(await reminded()).toEqual([WANTED.replace("Press", "It ended a day ago. Press")]);
    // nothing ran for two days: one reminder, not two
    t.store.clock += 2 * DAY;
    expect(await reminded()).toEqual([WANTED.replace("Press", "It ended 3 days ago. Press")]);
  });

  it("holds its claim from its beginning to its review, also where its record is put back", async () => {
    const t = aGlassEngine(glassPolicy(), aChange());
    await oneStep(t);
    const ready = t.store.get(ID);
    expect(claimsOf(ready)).toEqual({ held: [CLAIM], free: [] });
    await run(t);
    const ended = t.store.get(ID);
    expect(claimsOf(ended)).toEqual({ held: [CLAIM], free: ended.claims });
    await review(t);
    expect(claimsOf(t.store.get(ID)).held).toEqual([]);
    const { end } = ended;
    if (end === null) throw new Error("it has not ended");
    const unsent = { ...ready, state: "ended" as const, end: { ...end, ending: "void" as const } };
    expect(claimsOf(unsent)).toEqual({ held: [], free: [CLAIM] });
  });
});

describe("a person who is the only reviewer", () => {
  it("is refused before anything is announced", async () => {
    const t = aGlassEngine(glassPolicy({ review: ["operate"] }));
    await run(t);
    expect(endOf(t)?.report.facts).toEqual({ rule: "no_reviewers" });
    expect(why(t)).toContain("you are the only reviewer (people.operate)");
    expect(plain(endOf(t)?.report.headline ?? "")).not.toBe("");
    expect(t.conversation.said.map((s) => s.what)).toEqual(["answer"]);
    expect(t.store.claims.size).toBe(0);
  });
});
