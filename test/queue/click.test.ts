import { describe, expect, it } from "vitest";
import { NotOurTurn, SlackUnavailable } from "../../src/model/errors.ts";
import { plain } from "../../src/model/text.ts";
import { createClick } from "../../src/queue/click.ts";
import type { Click } from "../../src/requests/ports/inbox.ts";
import type { RequestRecord } from "../../src/requests/record/record.ts";
import { aMember, FakePeople } from "../fakes/people.ts";
import { FakeStore } from "../fakes/store.ts";
import { aLog } from "../slack/workspace.ts";
import { AT, aRecord } from "../slack/a-record.ts";
import { aPolicy } from "../fakes/policy.ts";

const GROUP = "S0APPROVE1";
const policy = aPolicy({
  operate: { groups: ["S0OPS"], users: [] },
  approve: { groups: [GROUP], users: ["U0CEM00001"] },
});
const ARRIVED = AT + 1000;

function aClick(stored: RequestRecord = aRecord()) {
  const store = new FakeStore();
  store.clock = ARRIVED;
  store.put(stored);
  const people = new FakePeople();
  people.people.set("U0BEN00001", aMember("U0BEN00001", { groups: new Set([GROUP]) }));
  const woken: string[] = [];
  const log = aLog();
  const click = createClick({
    store,
    policy,
    people,
    startAfterApproval: 60_000,
    nameOf: () => null,
    isBrake: ({ operation }) => operation === "brake",
    wake: ({ state }) => Promise.resolve(void woken.push(state)),
    log,
  });
  const press = async (user: string, kind: Click["kind"] = "approve", more: Partial<Click> = {}) => {
    const clicked = await click({
      requestId: stored.id,
      kind,
      actor: { user, team: "T0HOME0001" },
      digest: "d1",
      card: null,
      ...more,
    });
    return clicked.is === "counted" ? "counted" : plain(clicked.tell);
  };
  return { store, people, press, woken, log, votes: () => store.get(stored.id).approval?.votes ?? [] };
}

describe("a click", () => {
  it("on a request whose record is not ours decides nothing, and whoever pressed is told why", async () => {
    const c = aClick();
    c.store.forged.add(aRecord().id);
    expect(await c.press("U0BEN00001")).toContain("set aside");
    expect(await c.press("U0BEN00001", "approve", { requestId: "r9" })).toContain("unknown here");
    expect(c.votes()).toEqual([]);
    expect(c.store.audit.map((line) => JSON.parse(line) as object)).toMatchObject(
      [
        { kind: "approve", rule: "forged_record", request: aRecord().id },
        { kind: "approve", rule: "unknown_request", request: "r9" },
      ].map((detail) => ({ event: "click refused", requestId: "", actor: "U0BEN00001", detail })),
    );
    expect(c.woken).toEqual([]);
  });

  it("that decides is judged by what Slack says after it arrived, of the groups that matter alone", async () => {
    const c = aClick();
    expect(await c.press("U0BEN00001")).toBe("counted");
    expect(c.people.looked[0]).toMatchObject({
      user: "U0BEN00001",
      how: { notBefore: ARRIVED, groups: [GROUP] },
    });
    expect(c.votes()).toMatchObject([{ kind: "approve", at: ARRIVED }]);
    expect(c.woken).toEqual(["ready"]);
  });
  it("on a brake has look-ups that others cannot use up", async () => {
    const c = aClick(aRecord({ operation: "brake" }));
    expect(await c.press("U0BEN00001")).toBe("counted");
    expect(c.people.looked.map((l) => l.how.urgency)).toEqual(["brake", "brake"]);
  });
  it("of somebody who is named by user id needs no group", async () => {
    const c = aClick();
    expect(await c.press("U0CEM00001")).toBe("counted");
    expect(c.people.looked[0]).toMatchObject({ how: { notBefore: ARRIVED, groups: [] } });
  });
  it("of a former approver does not count, and that of a new one does", async () => {
    const c = aClick();
    c.people.people.set("U0BEN00001", aMember("U0BEN00001"));
    expect(await c.press("U0BEN00001")).toContain("You are not allowed to approve this");
    c.people.people.set("U0DORA0001", aMember("U0DORA0001", { groups: new Set([GROUP]) }));
    expect(await c.press("U0DORA0001")).toBe("counted");
    expect(c.people.looked.slice(0, 2).map((l) => l.how.notBefore)).toEqual([ARRIVED, ARRIVED]);
  });
  it.each<[string, string, RequestRecord, Partial<Click>]>([
    ["comes too late", "U0BEN00001", aRecord({ state: "ready" }), {}],
    ["is on another version of the card", "U0BEN00001", aRecord(), { digest: "d0" }],
  ])("that would count from nobody asks Slack for nothing fresh: it %s", async (_, user, stored, more) => {
    const c = aClick(stored);
    expect(await c.press(user, "approve", more)).not.toBe("counted");
    expect(c.people.looked.map((l) => l.how.notBefore)).toEqual([undefined]);
  });
  it("of the requester never counts, whoever Slack says they are", async () => {
    const c = aClick();
    expect(await c.press("U0ANA00001")).toContain("someone else must approve it");
    expect(c.people.looked).toEqual([]);
  });
  it("that withdraws needs nobody looked up", async () => {
    const c = aClick();
    c.people.throws = [new SlackUnavailable("503", 0)];
    expect(await c.press("U0BEN00001", "withdraw")).toContain("Only @U0ANA00001");
    expect(await c.press("U0ANA00001", "withdraw")).toBe("counted");
    expect(c.people.looked).toEqual([]);
  });
  it("by a group that Slack cannot read says which, and what to do", async () => {
    const c = aClick();
    const unreadable = new Map([[GROUP, "does not exist in Slack"]]);
    c.people.people.set("U0BEN00001", aMember("U0BEN00001", { unreadable }));
    expect(await c.press("U0BEN00001")).toBe(
      `The user group ${GROUP} of the configuration (people.approve) does not exist in Slack. Ask the flinkops administrators.`,
    );
    expect(await c.press("U0CEM00001")).toBe("counted");
  });
  it.each([
    [new SlackUnavailable("503", 0), "could not be checked", "warn click not counted"],
    [new NotOurTurn(4000), "Press again in a few seconds", "warn click not counted"],
    [new Error("boom"), "could not be checked", "error click not counted"],
  ])("that cannot be checked does not count, and says so: %s", async (error, words, logged) => {
    const c = aClick();
    c.people.throws = [error];
    expect(await c.press("U0BEN00001")).toContain(words);
    expect(c.votes()).toEqual([]);
    expect(c.log.lines.some((line) => line.startsWith(logged))).toBe(true);
  });
  it("on a request that another policy decided does not count, which is in the audit log; a denial counts", async () => {
    const c = aClick(aRecord({ decided: { rule: "destructive", policy: "0123456789ab" } }));
    expect(await c.press("U0BEN00001")).toBe(
      `The policy has changed since this was requested, or bot and worker have different ones (0123456789ab, here ${policy.hash}), so nobody can approve it any more. Ask again.`,
    );
    expect(c.store.audit.map((line) => JSON.parse(line) as unknown)).toMatchObject([
      { event: "click refused", actor: "U0BEN00001", detail: { kind: "approve", rule: "other_policy" } },
    ]);
    expect(c.votes()).toEqual([]);
    expect(await c.press("U0BEN00001", "deny")).toBe("counted");
    expect(c.store.get(aRecord().id).end?.ending).toBe("denied");
  });
  it("under the policy that decided counts, and the audit log says as whom", async () => {
    const c = aClick(aRecord({ decided: { rule: "destructive", policy: policy.hash } }));
    expect(await c.press("U0BEN00001")).toBe("counted");
    expect(JSON.parse(c.store.audit[0] ?? "")).toMatchObject({
      event: "approved",
      detail: { digest: "d1", in: ["approve"] },
    });
  });
});
