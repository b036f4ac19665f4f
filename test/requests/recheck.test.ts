import { describe, expect, it } from "vitest";
import { digestOf } from "../../src/requests/record/binding.ts";
import { FlinkUnreachable, NotOurTurn, SlackUnavailable } from "../../src/model/errors.ts";
import { createLog } from "../../src/platform/log.ts";
import { plain } from "../../src/model/text.ts";
import type { Approval, RequestRecord } from "../../src/requests/record/record.ts";
import { step } from "../../src/requests/steps/step.ts";
import { aChannel, aMember } from "../fakes/people.ts";
import { aRecord, aRun, AT } from "../slack/a-record.ts";
import { aLog } from "../slack/workspace.ts";
import { aChange, ANA, anEngine, anIntake, ID, JOB_ID, runSteps, type TestEngine } from "./an-engine.ts";
import { aPolicy } from "../fakes/policy.ts";

const BEN = { user: "U0BEN00001", team: "T0HOME0001" };
const GROUP = "S0APPROVE1";
const NOW = AT + 60_000;
const intake = anIntake({ askedAt: NOW });
const target = { kind: "job", cluster: "prod", jobId: JOB_ID, name: "orders" } as const;
const intent = { headline: "turn orders", losses: [], warnings: [], details: [], binds: null, facts: {} };

/** Ready, and approved by Ben at `votedAt`; null: nobody had to agree. */
function ready({ votedAt = NOW, ...change }: Partial<RequestRecord> & { votedAt?: number | null } = {}) {
  const record = aRecord({
    id: ID,
    operation: "turn",
    actor: ANA,
    target,
    intent,
    state: "ready",
    startBy: NOW + 60_000,
    ...change,
  });
  if (votedAt === null) return { ...record, approval: null };
  const digest = digestOf(record);
  const votes = [{ actor: BEN, kind: "approve" as const, at: votedAt, digest }];
  const approval: Approval = {
    needed: 1,
    by: { groups: [GROUP], users: [] },
    expiresAt: AT + 900_000,
    digest,
    votes,
  };
  return { ...record, approval };
}

/** Ben approves by his group, Ana operates by hers. */
async function anApproved(stored: RequestRecord): Promise<TestEngine> {
  const t = anEngine(aChange());
  t.store.clock = NOW;
  t.engine.policy = aPolicy({
    operate: { groups: ["S0OPS"], users: [] },
    approve: { groups: [GROUP], users: [] },
  });
  t.people.people.set(ANA.user, aMember(ANA.user, { groups: new Set(["S0OPS"]) }));
  t.people.people.set(BEN.user, aMember(BEN.user, { groups: new Set([GROUP]) }));
  t.store.put(stored);
  await t.store.drawn(stored.id, { channel: "C1", ts: "1.0" }, 1);
  return t;
}
const why = (t: TestEngine): string => (t.store.get(ID).end?.report.lines ?? []).map(plain).join("\n");

describe("the start of what was approved", () => {
  it("rests on what Slack said after the last vote, and of each of the people only what matters", async () => {
    const t = await anApproved(ready());
    await step(t.engine, intake);
    expect(t.effects.performed).toHaveLength(1);
    expect(t.people.looked).toMatchObject([
      { user: BEN.user, how: { notBefore: NOW, groups: [GROUP] } },
      { user: ANA.user, how: { notBefore: NOW, groups: ["S0OPS"] } },
    ]);
  });
  it("rests on what Slack said after the request that it had to wait for", async () => {
    const t = await anApproved(ready({ waiting: { holder: "r9", words: "Another change" } }));
    const report = { outcome: "done" as const, headline: "over", lines: [] };
    t.store.put(ready({ id: "r9", state: "ended", end: { ending: "ran", at: NOW + 5000, report } }));
    await step(t.engine, intake);
    expect(t.effects.performed).toHaveLength(1);
    expect(t.people.looked.map((l) => l.how.notBefore)).toEqual([NOW + 5000, NOW + 5000]);
  });
  it("asks for the same again where it is tried again, so that it gets there however few look-ups there are", async () => {
    const t = await anApproved(ready());
    t.people.throws = [new NotOurTurn(4000)];
    expect(await step(t.engine, intake)).toEqual({ is: "again", inMs: 4000 });
    t.store.clock += 4000;
    await step(t.engine, intake);
    expect(t.people.looked.map((l) => l.how.notBefore)).toEqual([NOW, NOW, NOW, NOW]);
    expect(t.effects.performed).toHaveLength(1);
  });
  it("warns of Slack's trouble, and not of waiting within our own pace", async () => {
    const t = await anApproved(ready());
    const log = aLog();
    t.engine.log = { ...createLog("silent"), warn: (fields, message) => log.warn(fields, message) };
    t.people.throws = [new NotOurTurn(4000)];
    await step(t.engine, intake);
    expect(log.lines).toEqual([]);
    t.people.throws = [new SlackUnavailable("slack answered HTTP 503", 0)];
    await step(t.engine, intake);
    expect(log.lines.map((line) => line.split(" {")[0])).toEqual(["warn slack is not available"]);
  });
  it("is void where an approver was removed, and nothing is sent", async () => {
    const t = await anApproved(ready());
    t.people.people.set(BEN.user, aMember(BEN.user));
    await runSteps(t, intake);
    expect(t.store.get(ID).end?.ending).toBe("void");
    expect(why(t)).toContain("its approval is not valid: the approver is no longer allowed to approve");
    expect(t.effects.performed).toEqual([]);
  });
  it("is void where the operation is not possible any more, and says what to do instead", async () => {
    const t = await anApproved(ready());
    const refusal = { refuse: "Its rehearsal is too old.", instead: ["Rehearse it again."] };
    t.engine.operations = new Map([["turn", { ...aChange(), open: () => Promise.resolve(refusal) }]]);
    await runSteps(t, intake);
    expect(t.store.get(ID).end?.ending).toBe("void");
    expect(why(t)).toBe("Why: Its rehearsal is too old.\nRehearse it again.");
    expect(t.effects.performed).toEqual([]);
  });
  it("says which group cannot be read any more", async () => {
    const t = await anApproved(ready());
    const unreadable = new Map([[GROUP, "does not exist in Slack"]]);
    t.people.people.set(BEN.user, aMember(BEN.user, { unreadable }));
    await runSteps(t, intake);
    expect(why(t)).toContain(`the user group ${GROUP} (people.approve) does not exist in Slack`);
  });
  it("asks Slack about nobody while the cluster does not answer", async () => {
    const t = await anApproved(ready());
    t.engine.operations = new Map([["turn", { ...aChange(), allowedIn: ["RUNNING"] }]]);
    t.reads.down = new FlinkUnreachable("connect ECONNREFUSED", "no");
    await step(t.engine, intake);
    expect(t.people.looked).toEqual([]);
    expect(t.store.get(ID).state).toBe("ready");
  });
});

describe("forty that one request has started", () => {
  it("are judged by the same look at who approved it: younger than the vote, and no younger", async () => {
    const children = [{ id: ID, jobId: JOB_ID, name: "orders" }];
    const parent = ready({ id: "r0", state: "running", run: aRun(), votedAt: AT, children });
    const t = await anApproved(parent);
    const decided = { rule: "operate", policy: t.engine.policy.hash };
    t.store.put({ ...parent, decided });
    t.store.put({ ...ready({ class: "operate", votedAt: null, parent: "r0", askedAt: NOW }), decided });
    await step(t.engine, anIntake({ parent: "r0" }));
    expect(t.effects.performed).toHaveLength(1);
    expect(t.people.looked).toMatchObject([{ user: BEN.user, how: { notBefore: AT, groups: [GROUP] } }]);
  });
  it("are not started where the policy could not be loaded since they were decided, a moment ago", async () => {
    const children = [{ id: ID, jobId: JOB_ID, name: "orders" }];
    const parent = ready({ id: "r0", state: "running", run: aRun(), votedAt: AT, children });
    const t = await anApproved(parent);
    t.engine.operations = new Map([["turn", { ...aChange(), class: "destructive" }]]);
    const { policy } = t.engine;
    const decided = { rule: "destructive", policy: policy.hash };
    t.store.put({ ...parent, decided });
    t.store.put({ ...ready({ class: "destructive", votedAt: null, parent: "r0", askedAt: NOW }), decided });
    t.engine.policy = { ...policy, nothingDestructive: "The policy could not be loaded." };
    await step(t.engine, anIntake({ parent: "r0" }));
    expect(t.effects.performed).toEqual([]);
    expect(why(t)).toContain("The policy could not be loaded.");
  });
});

const refused = async (set: (t: TestEngine) => void): Promise<string> => {
  const t = anEngine(aChange());
  t.store.clock = NOW;
  set(t);
  expect(await runSteps(t, intake)).toEqual({ is: "done" });
  expect(t.effects.performed).toEqual([]);
  const { end } = t.store.get(ID);
  return `${end?.ending} ${plain(end?.report.headline ?? "")}`;
};

describe("a look-up that Slack refuses for good", () => {
  it("ends the request at once, in words: a channel", async () => {
    const unreadable = "cannot be read: the Slack app was not granted channels:read";
    expect(await refused((t) => (t.conversation.facts = aChannel({ member: false, unreadable })))).toBe(
      `refused This channel ${unreadable}. Ask the flinkops administrators.`,
    );
  });
  it("ends the request at once, in words: an account", async () => {
    const unknown = "cannot be read: the Slack app was not granted users:read";
    const set = (t: TestEngine) =>
      t.people.people.set(ANA.user, aMember(ANA.user, { unknown, member: false }));
    expect(await refused(set)).toBe(
      `refused flinkops cannot verify your account: it ${unknown}. Ask the flinkops administrators.`,
    );
  });
  it("ends the request at once, in words: a group", async () => {
    expect(
      await refused((t) => {
        t.engine.policy = aPolicy({ operate: { groups: ["S0123"], users: [] } });
        const unreadable = new Map([["S0123", "does not exist in Slack"]]);
        t.people.people.set(ANA.user, aMember(ANA.user, { unreadable }));
      }),
    ).toBe(
      "refused The user group S0123 of the configuration (people.operate) does not exist in Slack. Ask the flinkops administrators.",
    );
  });
  it("is no refusal where the person is named by user id", async () => {
    const t = anEngine(aChange());
    t.store.clock = NOW;
    t.people.people.set(
      ANA.user,
      aMember(ANA.user, { unreadable: new Map([["S0123", "does not exist in Slack"]]) }),
    );
    t.engine.policy = aPolicy({ operate: { groups: ["S0123"], users: [ANA.user] } });
    await runSteps(t, intake);
    expect(t.effects.performed).toHaveLength(1);
  });
});

describe("where the bot is not", () => {
  it("a change is refused with what can be done there", async () => {
    const t = anEngine(aChange());
    t.store.clock = NOW;
    t.conversation.facts = aChannel({
      member: false,
      join: "Nobody can invite me to a direct message: use a channel.",
    });
    await runSteps(t, intake);
    expect(t.conversation.said.map((s) => s.words)).toEqual([
      "flinkops makes changes only where people can see them. Nobody can invite me to a direct message: use a channel.",
    ]);
  });
});
