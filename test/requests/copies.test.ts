import { describe, expect, it } from "vitest";
import { SlackRefused, SlackUnavailable } from "../../src/model/errors.ts";
import { Presenter } from "../../src/requests/card/presenter.ts";
import type { RequestRecord } from "../../src/requests/record/record.ts";
import { ManualClock } from "../fakes/clock.ts";
import { aChannel } from "../fakes/people.ts";
import { asking, aPolicy } from "../fakes/policy.ts";
import { aRun, AT } from "../slack/a-record.ts";
import { held, over, present, record, shown } from "./a-showing.ts";
import { aChange, anEngine, anIntake, ID, runSteps, type TestEngine } from "./an-engine.ts";

const APPROVALS = "C0APPROVAL";
const MIN = 60_000;

const copied = (change: Partial<RequestRecord> = {}): RequestRecord => {
  const { approval } = record();
  if (approval === null) throw new Error("it needs approval");
  return record({ approval: { ...approval, copyIn: APPROVALS }, ...change });
};
const WANTED =
  "reply mention @U0ANA00001 asks for approval: Stop orders with a savepoint on PROD, reason: drain before schema change. Approve by 2026-11-22 10:15 UTC.";
/** Whose card in C1 is drawn as it is. */
const asked = async (stored = copied()): Promise<TestEngine> => {
  const t = await shown(stored);
  await t.store.drawn(ID, { channel: "C1", ts: "1.0" }, 2);
  return t;
};
const placesOf = (t: TestEngine): string[] => t.conversation.mentioned.map((m) => m.in);

describe("a request whose approvers have a channel of their own", () => {
  it("has a copy there, and the mention below it; where it was made there is only the card", async () => {
    const t = await shown(copied(), { card: false });
    expect(await present(t)).toEqual(["card approval awaiting", "copy approval awaiting", WANTED]);
    expect(placesOf(t)).toEqual([`${APPROVALS} 2.0`]);
    expect(t.conversation.mentioned[0]?.whom).toEqual(["S0APPROVE1"]);
    // and nothing of it twice
    expect(await present(t)).toHaveLength(3);
  });

  it("has its reminder and its escalations there", async () => {
    const { approval } = copied();
    if (approval === null) throw new Error("it needs approval");
    const escalations = [{ at: AT + 5 * MIN, by: { groups: ["S0BOSS"], users: [] } }];
    const t = await asked(copied({ approval: { ...approval, escalations } }));
    await present(t);
    t.store.clock = AT + 11 * MIN;
    await present(t);
    expect(placesOf(t)).toEqual(Array.from({ length: 3 }, () => `${APPROVALS} 1.0`));
  });

  it("says its outcome where it was made, and both cards show it", async () => {
    const t = await asked(over({ approval: copied().approval }));
    await t.store.drawn(ID, { channel: APPROVALS, ts: "2.0" }, 1);
    await t.store.drawn(ID, { channel: "C1", ts: "1.0" }, 1);
    const said = await present(t);
    expect(said.toSorted()).toEqual([
      "edit outcome ran",
      `edit outcome ran in ${APPROVALS}, of C1 1.0`,
      "reply outcome all done. Savepoint: p",
    ]);
    expect(placesOf(t)).toEqual(["C1 1.0"]);
  });

  it("shows on the copy that it runs, once; and on the card how far it is", async () => {
    const t = await asked(copied({ state: "running", run: aRun() }));
    await t.store.drawn(ID, { channel: APPROVALS, ts: "2.0" }, 1);
    await t.store.drawn(ID, { channel: "C1", ts: "1.0" }, 1);
    await present(t);
    t.store.put(copied({ state: "running", run: aRun({ note: "half way" }) }), 3);
    t.store.clock += MIN;
    const said = await present(t);
    const edits = said.filter((one) => one.startsWith("edit"));
    expect(edits.filter((one) => one.includes(APPROVALS))).toHaveLength(1);
    expect(edits.filter((one) => !one.includes(APPROVALS))).toHaveLength(2);
  });

  it("needs no copy once it is decided", async () => {
    const t = await asked(copied({ state: "ready" }));
    expect(await present(t)).toEqual([]);
  });
});

const facts = (t: TestEngine, change: Parameters<typeof aChannel>[0]): void =>
  void t.conversation.factsOf.set(APPROVALS, aChannel(change));

const here = (reason: string): string =>
  `The approvers' channel #${APPROVALS} cannot be used: ${reason}. So they are asked here.`;

const why = async (set: (t: TestEngine) => void): Promise<string> => {
  const t = await asked();
  set(t);
  const [wanted = ""] = await present(t);
  expect(placesOf(t)).toEqual(["C1 1.0"]);
  expect(wanted.startsWith(WANTED)).toBe(true);
  expect(await present(t)).toHaveLength(1);
  return wanted.slice(WANTED.length + 1);
};

describe("an approvers' channel that cannot be used", () => {
  it("is named where the request was made, and its approvers are mentioned there", async () => {
    expect(await why((t) => facts(t, { member: false }))).toBe(here("flinkops is not a member of it"));
    expect(await why((t) => facts(t, { externallyShared: true }))).toBe(
      here("it is shared with another organization"),
    );
    expect(await why((t) => facts(t, { member: false, unreadable: "cannot be read" }))).toBe(
      here("Slack does not return it"),
    );
    const archived = { what: "copy", error: new SlackRefused("is_archived") };
    expect(await why((t) => void (t.conversation.throws = [archived]))).toBe(here("Slack says is_archived"));
  });

  it("may be shared with others where the configuration says so", async () => {
    const t = await asked();
    t.engine.policy = aPolicy({ externalChannels: [APPROVALS] });
    const presenter = new Presenter({ engine: t.engine, clock: new ManualClock(), wake: () => undefined });
    facts(t, { externallyShared: true });
    expect(await present(t, presenter)).toEqual(["copy approval awaiting", WANTED]);
  });

  it("is said in the reminder where the first mention came too late", async () => {
    const t = await asked();
    facts(t, { member: false });
    t.store.clock = AT + 11 * MIN;
    expect((await present(t)).join("\n")).toContain(here("flinkops is not a member of it"));
  });
});

describe("a copy", () => {
  it.each([
    ["may have been posted before its answer was lost", new SlackUnavailable("slack did not answer", 0), 1],
    ["was certainly not posted", new SlackUnavailable("429", 2000), 0],
  ])("that %s", async (_, error, explained) => {
    const t = await asked();
    t.conversation.throws = [{ what: "copy", error }];
    await present(t);
    expect(t.posted.filter((p) => p === "copy")).toHaveLength(1);
    const replies = t.conversation.said.filter((s) => s.words.startsWith("I was interrupted"));
    expect(replies).toHaveLength(explained);
    expect(placesOf(t).every((place) => place.startsWith(APPROVALS))).toBe(true);
  });

  it("is posted by one process alone", async () => {
    const t = await asked();
    const engine = { ...t.engine, worker: "w2" };
    const other = new Presenter({ engine, clock: new ManualClock(), wake: () => undefined });
    other.present(await held(t));
    await Promise.all([present(t), other.settled()]);
    expect(t.posted.filter((p) => p === "copy")).toHaveLength(1);
    expect(t.posted.filter((p) => p === "reply")).toHaveLength(1);
  });
});

const begun = async (channel: string, approvals?: string): Promise<string | undefined> => {
  const t = anEngine(aChange());
  const people = {
    operate: { groups: [], users: ["U0ANA00001"] },
    approve: { groups: ["S0APPROVE1"], users: [] },
  };
  t.engine.policy = asking([{ from: ["approve"], count: 1 }], { people });
  const cluster = t.engine.cluster("prod", "background");
  if (cluster === undefined) throw new Error("no cluster");
  const config = { ...cluster.config, ...(approvals !== undefined && { approvals }) };
  t.engine.cluster = () => ({ ...cluster, config });
  await runSteps(t, anIntake({ place: { channel, thread: null, door: "command" } }));
  expect(t.store.get(ID).state).toBe("awaiting");
  return t.store.get(ID).approval?.copyIn;
};

describe("where approvers are asked", () => {
  it("is the cluster's channel, unless the request was made there, or there is none", async () => {
    expect(await begun("C1", APPROVALS)).toBe(APPROVALS);
    expect(await begun(APPROVALS, APPROVALS)).toBeUndefined();
    expect(await begun("C1")).toBeUndefined();
  });
});
