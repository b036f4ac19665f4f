import { describe, expect, it } from "vitest";
import { SlackUnavailable } from "../../src/model/errors.ts";
import { plain } from "../../src/model/text.ts";
import { createDenial } from "../../src/queue/denial.ts";
import type { RequestRecord } from "../../src/requests/record/record.ts";
import { aMember, FakePeople } from "../fakes/people.ts";
import { FakeStore } from "../fakes/store.ts";
import { aLog } from "../slack/workspace.ts";
import { AT, aRecord } from "../slack/a-record.ts";
import { aPolicy } from "../fakes/policy.ts";

const GROUP = "S0APPROVE1";
const CARD = { channel: "C1", ts: "1.0" };
const policy = aPolicy({
  approve: { groups: [GROUP], users: [] },
});

function aDenial(stored: RequestRecord = aRecord()) {
  const store = new FakeStore();
  store.clock = AT + 1000;
  store.put(stored);
  const people = new FakePeople();
  people.people.set("U0BEN00001", aMember("U0BEN00001", { groups: new Set([GROUP]) }));
  const woken: string[] = [];
  const denial = createDenial({
    store,
    policy,
    people,
    startAfterApproval: 60_000,
    wake: ({ id }) => Promise.resolve(void woken.push(id)),
    log: aLog(),
  });
  const press = async (user = "U0BEN00001", more: { digest?: string; requestId?: string } = {}) => {
    const actor = { user, team: "T0HOME0001" };
    const found = await denial({ requestId: stored.id, digest: "d1", actor, card: CARD, ...more });
    return "refuse" in found ? plain(found.refuse) : found.id;
  };
  return { store, people, press, woken };
}

describe("a press of Deny", () => {
  it("by who may deny asks for the reason and decides nothing", async () => {
    const d = aDenial();
    expect(await d.press()).toBe(aRecord().id);
    expect(d.store.get(aRecord().id)).toEqual(aRecord());
    expect(d.store.audit).toEqual([]);
    // the message with the button is known from now on
    expect((await d.store.cards(aRecord().id)).messages).toMatchObject([{ card: CARD }]);
  });

  it.each<[string, string, RequestRecord, { digest?: string }, string]>([
    ["by the requester", "U0ANA00001", aRecord(), {}, "someone else must approve it. You can withdraw it."],
    ["by who may not", "U0DORA0001", aRecord(), {}, "You are not allowed to approve this."],
    ["too late", "U0BEN00001", aRecord({ state: "running" }), {}, "Too late"],
    [
      "on another version of the card",
      "U0BEN00001",
      aRecord(),
      { digest: "d0" },
      "another version of the card",
    ],
  ])("%s is answered at once, and recorded", async (_, user, stored, more, words) => {
    const d = aDenial(stored);
    expect(await d.press(user, more)).toContain(words);
    expect(d.store.audit.map((entry) => JSON.parse(entry).event)).toEqual(["click refused"]);
    expect(d.woken).toEqual([stored.id]);
  });

  it("by a new approver is judged by what Slack says now", async () => {
    const d = aDenial();
    const lookup = d.people.lookup.bind(d.people);
    d.people.lookup = async (actor, how) => {
      const isNow = how?.notBefore !== undefined;
      d.people.people.set(actor.user, aMember(actor.user, { groups: new Set(isNow ? [GROUP] : []) }));
      return await lookup(actor, how);
    };
    expect(await d.press("U0DORA0001")).toBe(aRecord().id);
    expect(d.people.looked.map((l) => l.how.notBefore)).toEqual([undefined, AT + 1000]);
  });

  it("on a request that is not there or not ours says which", async () => {
    const d = aDenial();
    expect(await d.press("U0BEN00001", { requestId: "r9" })).toContain("unknown here");
    d.store.forged.add(aRecord().id);
    expect(await d.press()).toContain("set aside");
    expect(
      d.store.audit.map((line) => (JSON.parse(line) as { detail: { kind: string; rule: string } }).detail),
    ).toMatchObject([
      { kind: "deny", rule: "unknown_request" },
      { kind: "deny", rule: "forged_record" },
    ]);
  });

  it("waits a second at most for a lookup, because Slack does not wait longer for the form", async () => {
    const d = aDenial();
    await d.press();
    expect(d.people.looked.map((l) => l.how)).toEqual([{ groups: [GROUP], patienceMs: 1000 }]);
    d.people.throws = [new SlackUnavailable("503", 0)];
    expect(await d.press()).toContain("could not be checked");
  });

  it("while Redis is away says that nothing was denied", async () => {
    const d = aDenial();
    d.store.load = () => Promise.reject(new Error("Connection is closed."));
    expect(await d.press()).toBe(
      "Redis does not answer flinkops, so nothing was denied. Press Deny again in a moment.",
    );
  });
});
