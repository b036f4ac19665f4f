import { describe, expect, it } from "vitest";
import { NotOurTurn, SlackUnavailable } from "../../src/model/errors.ts";
import { plain } from "../../src/model/text.ts";
import { createReviews } from "../../src/queue/reviewing.ts";
import type { Reviewed } from "../../src/requests/ports/inbox.ts";
import type { RequestRecord } from "../../src/requests/record/record.ts";
import { aMember, FakePeople } from "../fakes/people.ts";
import { FakeStore } from "../fakes/store.ts";
import { BEN } from "../requests/a-showing.ts";
import { glassPolicy } from "../requests/a-glass.ts";
import { AT, aGlassRecord, aRecord } from "../slack/a-record.ts";
import { aLog } from "../slack/workspace.ts";

const CARD = { channel: "C1", ts: "1.0" };
const LEADS = "S0LEADS";
const NOW = AT + 60_000;
const GLASS = aGlassRecord();
const OTHER_ACCOUNT = "U0ANA00002";

function reviews(stored: RequestRecord = GLASS) {
  const store = new FakeStore();
  store.clock = NOW;
  store.put(stored);
  store.claims.set("break-glass/U0ANA00001", stored.id);
  const people = new FakePeople();
  for (const user of [BEN.user, "U0CEM00001", stored.actor.user, OTHER_ACCOUNT])
    people.people.set(user, aMember(user, { groups: new Set([LEADS]), displayName: `name of ${user}` }));
  const woken: string[] = [];
  const reviewing = createReviews({
    store,
    policy: { ...glassPolicy(), same: [[stored.actor.user, OTHER_ACCOUNT]] },
    people,
    wake: ({ id }) => Promise.resolve(void woken.push(id)),
    log: aLog(),
  });
  const said = (user: string, more: Partial<Reviewed> = {}): Reviewed => ({
    requestId: stored.id,
    actor: { ...BEN, user },
    card: CARD,
    justified: true,
    why: "nobody was awake",
    ...more,
  });
  return {
    store,
    people,
    woken,
    press: async (user = BEN.user, requestId = stored.id) => {
      const found = await reviewing.open({ requestId, actor: { ...BEN, user }, card: CARD });
      return "refuse" in found ? plain(found.refuse) : "form";
    },
    submit: async (user = BEN.user, more: Partial<Reviewed> = {}) => {
      const made = await reviewing.make(said(user, more));
      return made.is === "counted" ? "counted" : plain(made.tell);
    },
    reviewed: () => store.get(stored.id).breakGlass?.reviewed,
    entries: () => store.audit.map((line) => JSON.parse(line)),
  };
}

describe("a review", () => {
  it("counts once: the claim is free, the audit log says it, and the request goes on", async () => {
    const r = reviews();
    expect(await r.press()).toBe("form");
    expect(r.reviewed()).toBeNull();
    expect(await r.submit(BEN.user, { justified: false, why: "it could wait" })).toBe("counted");
    expect(r.reviewed()).toEqual({ actor: BEN, at: NOW, justified: false, why: "it could wait" });
    expect(r.store.get(GLASS.id).state).toBe("ended");
    expect(r.store.claims.size).toBe(0);
    expect(r.woken).toEqual([GLASS.id]);
    expect(r.entries()).toMatchObject([
      {
        event: "reviewed",
        actor: BEN.user,
        requester: "U0ANA00001",
        detail: { justified: false, why: "it could wait", in: ["leads"], name: `name of ${BEN.user}` },
      },
    ]);
    expect(await r.submit("U0CEM00001")).toMatch(/^It has already been reviewed by @U0BEN00001/u);
    expect(await r.press("U0CEM00001")).toContain("already been reviewed");
    expect(r.entries().filter((e) => e.event === "reviewed")).toHaveLength(1);
  });

  it("is judged by what Slack says after it arrived", async () => {
    const r = reviews();
    await r.press();
    await r.submit();
    expect(r.people.looked.map(({ how }) => how)).toEqual([
      { groups: [LEADS], patienceMs: 1000 },
      { groups: [LEADS], patienceMs: 15_000, notBefore: NOW },
    ]);
    const former = reviews();
    expect(await former.press()).toBe("form");
    former.people.people.set(BEN.user, aMember(BEN.user));
    expect(await former.submit()).toContain("You are not allowed to review this.");
    expect(former.reviewed()).toBeNull();
  });

  it("by two people at once counts for one, and the other is told", async () => {
    const r = reviews();
    const both = await Promise.all([r.submit(BEN.user), r.submit("U0CEM00001", { justified: false })]);
    expect(both.filter((one) => one === "counted")).toHaveLength(1);
    expect(both.join(" ")).toContain("already been reviewed");
    expect(r.entries().filter((e) => e.event === "reviewed")).toHaveLength(1);
  });

  const { end: _, ...open } = GLASS;
  const never = { ...GLASS, run: null };
  const running: RequestRecord = { ...open, end: null, state: "running" };
  it.each<[string, string, RequestRecord, string, string]>([
    ["of the requester", "U0ANA00001", GLASS, "may_not_review", "so someone else must review it"],
    ["of their other account", OTHER_ACCOUNT, GLASS, "may_not_review", "your other account"],
    [
      "of somebody in no set of its reviewers",
      "U0DORA0001",
      GLASS,
      "may_not_review",
      "not allowed to review",
    ],
    ["before its end", BEN.user, running, "not_over", "It has not ended yet."],
    ["of what never ran", BEN.user, never, "not_started", "never started, so there is nothing to review"],
    [
      "of what was closed without having run",
      BEN.user,
      { ...never, state: "closed" },
      "not_started",
      "there is nothing to review",
    ],
    ["of an ordinary request", BEN.user, aRecord(), "no_break_glass", "was not made with break-glass"],
  ])("%s does not count, and is recorded", async (_name, user, stored, rule, words) => {
    const r = reviews(stored);
    expect(await r.press(user)).toContain(words);
    expect(await r.submit(user)).toContain(words);
    expect(r.store.get(stored.id)).toEqual(stored);
    expect(r.store.claims.size).toBe(1);
    expect(r.entries()).toMatchObject([
      { event: "click refused", actor: user, requestId: stored.id, detail: { kind: "review", rule } },
      { event: "click refused", detail: { kind: "review", rule } },
    ]);
  });

  it("of the requester asks Slack for nothing", async () => {
    const r = reviews();
    await r.submit("U0ANA00001");
    expect(r.people.looked).toEqual([]);
  });

  it("of a request that is not there or not ours says which", async () => {
    const r = reviews();
    expect(await r.press(BEN.user, "r9")).toContain("unknown here");
    expect(await r.submit(BEN.user, { requestId: "r9" })).toContain("unknown here");
    r.store.forged.add(GLASS.id);
    expect(await r.press()).toContain("set aside");
    expect(await r.submit()).toContain("set aside");
    expect(r.entries().map(({ detail }) => detail.rule)).toEqual([
      "unknown_request",
      "unknown_request",
      "forged_record",
      "forged_record",
    ]);
    expect(r.store.claims.size).toBe(1);
  });

  it.each([
    ["Slack is away", new SlackUnavailable("503", 0), "could not be checked, so it did not count"],
    ["Slack allows no look-up now", new NotOurTurn(0), "too many lookups"],
  ])("does not count while %s, and its person is told", async (_name, error, words) => {
    const r = reviews();
    r.people.throws = [error, error];
    expect(await r.press()).toContain(words);
    expect(await r.submit()).toContain(words);
    expect([r.reviewed(), r.entries()]).toEqual([null, []]);
    expect(await r.submit()).toBe("counted");
  });

  it("makes the card with the button known", async () => {
    const r = reviews();
    await r.press();
    expect((await r.store.cards(GLASS.id)).messages).toMatchObject([{ card: CARD }]);
  });
});
