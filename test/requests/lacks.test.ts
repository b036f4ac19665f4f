import { describe, expect, it } from "vitest";
import type { Intent, Lack } from "../../src/model/intent.ts";
import type { Change } from "../../src/model/operation.ts";
import { isRefusal } from "../../src/model/report.ts";
import { plain } from "../../src/model/text.ts";
import type { Policy } from "../../src/policy/policy.ts";
import { step } from "../../src/requests/steps/step.ts";
import { card } from "../../src/slack/card.ts";
import { asking } from "../fakes/policy.ts";
import { words } from "../operations/drive.ts";
import { aGlass, aGlassEngine, brakes, endOf, glassPolicy } from "./a-glass.ts";
import { aChange, ANA, aTurn, anEngine, anIntake, ID, runSteps, type TestEngine } from "./an-engine.ts";

const lacks: Lack = {
  what: "the rehearsal that this cluster requires",
  refusal: { refuse: "It needs a rehearsal.", instead: ["Rehearse it first."] },
};
const VOID = ["void", "Why: It needs a rehearsal.", "Rehearse it first."];
const HINT = 'In an emergency, say why: --break-glass "...". It is announced, and reviewed.';

/** A change that lacks something as long as `now` says so. */
function aLacking(now: { lacks: boolean } = { lacks: true }): Change<unknown> {
  const row = aChange();
  const open = async (c: Parameters<typeof row.open>[0]): Promise<Intent> => {
    const intent = await row.open(c);
    if (isRefusal(intent)) throw new Error(words(intent));
    return now.lacks ? { ...intent, lacks } : intent;
  };
  return { ...row, open };
}
const ended = (t: TestEngine): readonly string[] => {
  const end = endOf(t);
  return end === null ? ["open"] : [plain(end.report.headline), ...end.report.lines.map(plain)];
};
const details = (t: TestEngine) => t.store.audit.map((line) => JSON.parse(line).detail);
/** Ana may ask for every change without an approval, and use break-glass by these rules. */
const allowing = (breakGlass: Policy["breakGlass"]): Policy =>
  asking([], {
    people: { operate: { groups: [], users: [ANA.user] }, leads: { groups: ["S0LEADS"], users: [] } },
    rules: [{ name: "all", match: {}, when: null, ask: ["operate"], verdict: { is: "allow" } }],
    breakGlass,
  });

describe("a change that lacks what its cluster requires", () => {
  it("is refused, with what to do; who may use break-glass is told of that too", async () => {
    const t = aGlassEngine(glassPolicy(), aLacking());
    await runSteps(t, anIntake());
    expect(endOf(t)?.ending).toBe("refused");
    expect(ended(t)).toEqual(["It needs a rehearsal.", "Rehearse it first.", HINT]);
    const other = aGlassEngine(glassPolicy(null), aLacking());
    await runSteps(other, anIntake());
    expect(ended(other)).toEqual(["It needs a rehearsal.", "Rehearse it first."]);
  });

  it("starts with break-glass: announcement, card and audit log say without what", async () => {
    const t = aGlassEngine(glassPolicy(), aLacking());
    await runSteps(t, aGlass());
    expect(t.effects.performed).toHaveLength(1);
    const without = "without approval and without the rehearsal that this cluster requires";
    const said = t.conversation.said.filter((s) => s.what === "reply").map((s) => s.words);
    expect(said[0]).toContain(`Break-glass by @${ANA.user}, ${without}: turn orders on PROD`);
    expect(said.at(-1)).toContain(`which @${ANA.user} started with break-glass, ${without}.`);
    const view = { deployment: "d", command: "/flink", labelOf: (name: string) => name };
    expect(JSON.stringify(card(t.store.get(ID), view).blocks)).toContain(`${without}, to be reviewed by`);
    const [asked, calling] = details(t);
    for (const detail of [asked, calling])
      expect(detail.breakGlass).toMatchObject({ without: lacks.what, review: ["leads"] });
  });

  it("says nothing of it where nothing is lacking", async () => {
    const t = aGlassEngine();
    await runSteps(t, aGlass());
    expect(details(t)[0].breakGlass).not.toHaveProperty("without");
  });

  it("needs a rule for break-glass also of whom no approval is asked", async () => {
    const t = aGlassEngine(allowing([brakes]), aLacking());
    await runSteps(t, aGlass());
    expect(t.store.get(ID).decided?.rule).toBe("break-glass brakes");
    expect(t.effects.performed).toHaveLength(1);
    const other = aGlassEngine(allowing([]), aLacking());
    await runSteps(other, aGlass());
    expect(ended(other)).toEqual([
      "Nobody may use break-glass for turn on prod. Without it: It needs a rehearsal.",
    ]);
    expect(other.effects.performed).toEqual([]);
  });

  it("is void where it came to lack that before its start, and nothing is sent", async () => {
    const t = anEngine(aLacking());
    t.store.put(aTurn({ state: "ready" }));
    await t.store.drawn(ID, { channel: "C1", ts: "1.0" }, 1);
    await runSteps(t, anIntake());
    expect([endOf(t)?.ending, ...ended(t).slice(1)]).toEqual(VOID);
    expect(t.effects.performed).toEqual([]);
  });

  it("is void with break-glass too, if that was not announced", async () => {
    const now = { lacks: false };
    const t = aGlassEngine(glassPolicy(), aLacking(now));
    await step(t.engine, aGlass());
    now.lacks = true;
    await runSteps(t, aGlass());
    expect([endOf(t)?.ending, ...ended(t).slice(1)]).toEqual(VOID);
    expect(t.effects.performed).toEqual([]);
  });
});
