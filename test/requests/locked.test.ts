import { describe, expect, it } from "vitest";
import type { Lock } from "../../src/model/lock.ts";
import { isRefusal } from "../../src/model/report.ts";
import type { ChangeTarget } from "../../src/model/target.ts";
import { plain } from "../../src/model/text.ts";
import { digestOf } from "../../src/requests/record/binding.ts";
import type { Extras } from "../../src/requests/record/store.ts";
import type { DryRun, RequestRecord } from "../../src/requests/record/record.ts";
import { preview } from "../../src/requests/steps/preview.ts";
import { step } from "../../src/requests/steps/step.ts";
import { aLock } from "../fakes/locks.ts";
import { aMember } from "../fakes/people.ts";
import { aPolicy } from "../fakes/policy.ts";
import { words } from "../operations/drive.ts";
import {
  aChange,
  ANA,
  anEngine,
  anIntake,
  aSendingTurn,
  aTurn,
  ID,
  JOB_ID,
  runSteps,
  type TestEngine,
} from "./an-engine.ts";

const BEN = "U0BEN00001";
const OTHER_ACCOUNT = "U0ANA00002";
const HOUR = 3_600_000;
const LOCKED = "prod/orders is locked by @U0BEN00001 until 1970-01-01 02:16 UTC: looking for the leak.";
const UNLOCK = "@U0BEN00001, or someone who approves changes there, can unlock it.";

const lock = (t: TestEngine, over: Partial<Lock> = {}): Lock => {
  const standing = aLock(over);
  t.store.locks.place(standing, { accounts: [], entry: "{}" });
  return standing;
};
const unlock = (t: TestEngine, standing: Lock): void => void t.store.locks.lift(standing, "{}");
const run = async (t: TestEngine) => await runSteps(t, anIntake());
const sent = (t: TestEngine): number => t.effects.performed.length;
const waits = (t: TestEngine): string => plain(t.store.get(ID).waiting?.words ?? "");
const ended = (t: TestEngine): readonly string[] => {
  const { end } = t.store.get(ID);
  if (end === null) return ["open"];
  return [`${end.ending} ${end.report.outcome}`, ...end.report.lines.map(plain)];
};
/** Ana's request, in this state and on its card. */
async function on(stored: RequestRecord, row = aChange()): Promise<TestEngine> {
  const t = anEngine(row);
  t.store.put(stored);
  await t.store.drawn(ID, { channel: "C1", ts: "1.0" }, 1);
  return t;
}
const ready = async (over: Partial<RequestRecord> = {}): Promise<TestEngine> =>
  await on(aTurn({ state: "ready", ...over }));

describe("a request for something locked", () => {
  it("is refused when it is asked: by whom, until when, why, and who can unlock it", async () => {
    const t = anEngine(aChange());
    lock(t);
    expect(await run(t)).toEqual({ is: "done" });
    expect(t.conversation.said.map((s) => s.words)).toEqual([LOCKED]);
    expect(sent(t)).toBe(0);
    expect(JSON.parse(t.store.audit.at(-1) ?? "")).toMatchObject({
      event: "refused",
      detail: { facts: { rule: "lock prod/orders" } },
    });
  });

  it.each<DryRun>(["calls", "rights"])("is refused alike where only its %s are asked for", async (dryRun) => {
    const t = anEngine(aChange());
    lock(t, { job: null });
    const answer = await preview(t.engine, { ...anIntake(), dryRun }, t.store.clock);
    const said = isRefusal(answer) ? words(answer) : "not refused";
    expect(said).toContain(LOCKED.replace("prod/orders", "prod"));
    expect(said).toContain("Rule: lock prod.");
  });

  it("runs where the lock is about another job or cluster, or has expired", async () => {
    const t = anEngine(aChange());
    lock(t, { job: "payments" });
    lock(t, { id: "l2", cluster: "dev", job: null });
    lock(t, { id: "l3", until: t.store.clock });
    await run(t);
    expect(sent(t)).toBe(1);
  });

  it("runs for its holder, also from another account", async () => {
    for (const by of [ANA.user, OTHER_ACCOUNT]) {
      const t = anEngine(aChange());
      t.engine.policy = { ...t.engine.policy, same: [[OTHER_ACCOUNT, ANA.user]] };
      lock(t, { by });
      lock(t, { id: "l2", job: null, by });
      await run(t);
      expect(sent(t)).toBe(1);
    }
  });

  it("is refused also where the holder has locked the job and somebody else its cluster", async () => {
    const t = anEngine(aChange());
    lock(t, { by: ANA.user });
    lock(t, { id: "l2", job: null });
    await run(t);
    expect(sent(t)).toBe(0);
  });
});

describe("a ready request, when the lock falls", () => {
  it("is held, and its card says for whom", async () => {
    const t = await ready();
    const standing = lock(t);
    expect(await run(t)).toEqual({ is: "again", inMs: 15_000 });
    expect(waits(t)).toBe(`${LOCKED} ${UNLOCK}`);
    expect(t.store.get(ID)).toMatchObject({ state: "ready", waiting: { holder: null, lock: standing.id } });
    expect(t.posted).toContain("edit");
    expect(t.store.claims.size).toBe(0);
  });

  it("asks neither Slack nor Flink while it is held", async () => {
    const t = await ready();
    lock(t);
    await run(t);
    const looked = t.people.looked.length;
    await run(t);
    expect(t.people.looked).toHaveLength(looked);
  });

  it("runs when it is unlocked", async () => {
    const t = await ready();
    const standing = lock(t);
    await run(t);
    unlock(t, standing);
    await run(t);
    expect(sent(t)).toBe(1);
    expect(ended(t)[0]).toBe("ran done");
  });

  it("sleeps until the lock expires, and runs then", async () => {
    const t = await ready();
    lock(t, { until: t.store.clock + 5_000 });
    expect(await run(t)).toEqual({ is: "again", inMs: 5_001 });
    t.store.clock += 5_001;
    await run(t);
    expect(sent(t)).toBe(1);
  });

  it("is held further by the next lock, and its card says so", async () => {
    const t = await ready();
    unlock(t, lock(t));
    const first = lock(t, { id: "l2" });
    await run(t);
    unlock(t, first);
    lock(t, { id: "l3", job: null, reason: "a new disk" });
    await run(t);
    expect(waits(t)).toContain("prod is locked by @U0BEN00001");
    expect(t.store.get(ID).waiting?.lock).toBe("l3");
    expect(sent(t)).toBe(0);
  });

  it("is void when it may no longer start, and says for whom it waited", async () => {
    const t = await ready({ startBy: 1_002_000 });
    lock(t);
    expect(await run(t)).toEqual({ is: "again", inMs: 2_001 });
    t.store.clock += 2_001;
    await run(t);
    expect(ended(t)).toEqual(["void failed", `Why: it could not be started in time: ${LOCKED} ${UNLOCK}`]);
    expect(sent(t)).toBe(0);
  });

  it.each<[string, ChangeTarget, Partial<Lock>, boolean]>([
    [
      "a start by name, by the cluster's",
      { kind: "name", cluster: "prod", name: "orders" },
      { job: null },
      true,
    ],
    ["a start by name, by the job's", { kind: "name", cluster: "prod", name: "orders" }, {}, true],
    [
      "a deletion, by the cluster's",
      { kind: "path", cluster: "prod", path: "s3://b/sp" },
      { job: null },
      true,
    ],
    ["no deletion by a job's", { kind: "path", cluster: "prod", path: "s3://b/sp" }, {}, false],
    ["a list of jobs, by the cluster's", { kind: "cluster", cluster: "prod" }, { job: null }, true],
    ["no list of jobs by one job's", { kind: "cluster", cluster: "prod" }, {}, false],
  ])("holds %s", async (_, target, over, isHeld) => {
    const t = await ready({ target });
    lock(t, over);
    await run(t);
    expect(t.store.get(ID).waiting?.lock !== undefined).toBe(isHeld);
    expect(sent(t)).toBe(isHeld ? 0 : 1);
  });
});

/** Ben, by his group, has approved Ana's request. */
async function anApproved(): Promise<TestEngine> {
  const stored = aTurn({ state: "ready" });
  const digest = digestOf(stored);
  const vote = { actor: { user: BEN, team: ANA.team }, kind: "approve" as const, at: 1_000_000, digest };
  const by = { groups: ["S0APPROVE"], users: [] };
  const t = await on({
    ...stored,
    approval: { needed: 1, by, expiresAt: 1_900_000, digest, votes: [vote] },
  });
  t.engine.policy = aPolicy({
    operate: { groups: [], users: [ANA.user] },
    approve: { groups: ["S0APPROVE"], users: [] },
    approvalAlso: ["turn"],
  });
  t.people.people.set(BEN, aMember(BEN, { groups: new Set(["S0APPROVE"]) }));
  return t;
}

describe("an approved request that was held", () => {
  it("is decided again by what Slack says after it was unlocked", async () => {
    const t = await anApproved();
    const standing = lock(t, { by: "U0CEM00001" });
    await run(t);
    t.store.clock += 60_000;
    unlock(t, standing);
    const before = t.people.looked.length;
    await run(t);
    const looked = t.people.looked.slice(before);
    expect(looked.map(({ user }) => user).toSorted()).toEqual([ANA.user, BEN]);
    for (const { how } of looked) expect(how.notBefore).toBeGreaterThanOrEqual(1_060_000);
    expect(sent(t)).toBe(1);
  });

  it("is void where its approver has left the group meanwhile", async () => {
    const t = await anApproved();
    const standing = lock(t, { by: "U0CEM00001" });
    await run(t);
    t.people.people.set(BEN, aMember(BEN));
    unlock(t, standing);
    await run(t);
    expect(ended(t)[0]).toBe("void failed");
    expect(ended(t).join("\n")).toContain("its approval is not valid");
    expect(sent(t)).toBe(0);
  });

  it("is judged by the same time where it then had to wait for Flink", async () => {
    const t = await anApproved();
    const standing = lock(t, { by: "U0CEM00001" });
    await run(t);
    t.store.clock += 60_000;
    unlock(t, standing);
    const row = t.engine.operations.get("turn");
    if (row?.kind !== "change") throw new Error("no change");
    const answers = [{ is: "wait" as const, words: "Flink starts" }];
    const waiting = { ...row, waitsFor: async () => answers.shift() ?? { is: "go" as const } };
    t.engine.operations = new Map([["turn", waiting]]);
    await step(t.engine, anIntake());
    await step(t.engine, anIntake());
    expect(waits(t)).toBe("Flink starts");
    const before = t.people.looked.length;
    await run(t);
    for (const { how } of t.people.looked.slice(before))
      expect(how.notBefore).toBeGreaterThanOrEqual(1_060_000);
    expect(sent(t)).toBe(1);
  });
});

/** Somebody locks the job in the moment before the first commit that checks locks. */
function lockedAtTheCommit(t: TestEngine): void {
  const commit = t.store.commit.bind(t.store);
  t.engine.store.commit = async (moves, extras?: Extras) => {
    if (extras?.unlocked !== undefined) {
      t.engine.store.commit = commit;
      lock(t);
    }
    return await commit(moves, extras);
  };
}

describe("a lock in the moment of the commit", () => {
  it("holds the start: nothing is saved, and no claim is taken", async () => {
    const t = await ready();
    lockedAtTheCommit(t);
    await run(t);
    expect(t.store.get(ID)).toMatchObject({
      state: "ready",
      run: null,
      claims: [],
      waiting: { lock: "lock1" },
    });
    expect(t.store.claims.size).toBe(0);
    expect(sent(t)).toBe(0);
  });

  it("keeps a saved effect from being sent later by another worker", async () => {
    const t = await on(aSendingTurn({ lease: null }));
    lockedAtTheCommit(t);
    await run(t);
    expect(sent(t)).toBe(0);
    expect(ended(t)).toEqual(["void failed", `Why: ${LOCKED.slice(0, -1)}`]);
  });

  it.each([
    ["keeps", undefined, 0],
    ["lets pass, where it finishes what is half done,", () => true, 1],
  ])("%s a later effect that was saved and not sent", async (_, finishes, times) => {
    const row = aChange();
    const { one, two } = row.phases;
    if (one === undefined || two === undefined) throw new Error("no phases");
    const second = { ...two, ...(finishes !== undefined && { finishes }) };
    const stored = aSendingTurn({ phase: "two", lease: null });
    const t = await on(stored, { ...row, phases: { one, two: second } });
    lock(t);
    await step(t.engine, anIntake());
    expect(sent(t)).toBe(times);
    if (times === 0)
      expect(t.store.get(ID).run?.sent).toEqual({
        is: "refused",
        reason: `${LOCKED.slice(0, -1)}; nothing was sent`,
      });
  });

  it("where a worker may have sent it before, its end is called unknown", async () => {
    const t = await on(aSendingTurn({ lease: { holder: "w0", until: 1_000_000 } }));
    t.store.clock += HOUR / 120;
    lockedAtTheCommit(t);
    await step(t.engine, anIntake());
    expect(t.store.get(ID).run?.sent).toMatchObject({ is: "unknown" });
    expect(sent(t)).toBe(0);
  });

  it("by its requester keeps nothing back", async () => {
    const t = await ready();
    t.engine.policy = { ...t.engine.policy, same: [[BEN, ANA.user]] };
    lockedAtTheCommit(t);
    await run(t);
    expect(sent(t)).toBe(1);
  });
});

/** Its first effect is done; what follows is the phase "two", with an effect. */
async function between(finishes?: boolean): Promise<TestEngine> {
  const row = aChange([{ kind: "next", phase: "two", result: null, milestone: "Savepoint taken: p" }]);
  const { one, two } = row.phases;
  if (one === undefined || two === undefined) throw new Error("no phases");
  const second = { ...two, ...(finishes !== undefined && { finishes: () => finishes }) };
  const stored = aSendingTurn({ stage: "sent", sent: { is: "accepted", answer: null } });
  const claim = `prod/id/${JOB_ID}`;
  const t = await on({ ...stored, claims: [claim] }, { ...row, phases: { one, two: second } });
  t.store.claims.set(claim, ID);
  return t;
}

describe("a lock between two phases", () => {
  it.each([[undefined], [false]])(
    "stops the change halfway, and says what is done and what is not",
    async (finishes) => {
      const t = await between(finishes);
      lock(t);
      await run(t);
      expect(sent(t)).toBe(0);
      expect(ended(t)).toEqual(["ran partly", LOCKED, "Savepoint taken: p", "two was not sent."]);
      expect(plain(t.store.get(ID).end?.report.headline ?? "")).toBe("Stopped halfway");
      expect(t.store.claims.size).toBe(0);
    },
  );

  it("lets a change finish that says so", async () => {
    const t = await between(true);
    lock(t);
    await run(t);
    expect(sent(t)).toBe(1);
    expect(ended(t)[0]).toBe("ran done");
  });

  it("lets its holder's change go on", async () => {
    const t = await between(false);
    lock(t, { by: ANA.user });
    await run(t);
    expect(sent(t)).toBe(1);
  });

  it("stops nothing where the next phase only observes", async () => {
    const row = aChange([{ kind: "next", phase: "two", result: null }]);
    const { one, two } = row.phases;
    if (one === undefined || two === undefined) throw new Error("no phases");
    const stored = aSendingTurn({ stage: "sent", sent: { is: "accepted", answer: null } });
    const t = await on(stored, {
      ...row,
      phases: { one, two: { deadlineMs: two.deadlineMs, observe: (c) => two.observe(c) } },
    });
    lock(t);
    await run(t);
    expect(ended(t)[0]).toBe("ran done");
  });
});
