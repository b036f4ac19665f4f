import { describe, expect, it } from "vitest";
import { parse } from "../../src/command/parse.ts";
import { isRefusal, type Report, type Refusal } from "../../src/model/report.ts";
import { plain } from "../../src/model/text.ts";
import { operations } from "../../src/operations/index.ts";
import type { Policy, Rule } from "../../src/policy/policy.ts";
import { createLocalAnswers } from "../../src/queue/local.ts";
import type { Recipient } from "../../src/requests/ports/conversation.ts";
import type { RequestRecord } from "../../src/requests/record/record.ts";
import { anEntry, directoryOf, FakeKnowledge } from "../fakes/knowledge.ts";
import { aChannel, aMember, FakePeople } from "../fakes/people.ts";
import { aPolicy, asking } from "../fakes/policy.ts";
import { aSnapshot, aSummary } from "../fakes/snapshots.ts";
import { FakeStore } from "../fakes/store.ts";
import { summariesOf } from "../operations/ask.ts";
import { words } from "../operations/drive.ts";
import { aRecord } from "../slack/a-record.ts";
import { aLog } from "../slack/workspace.ts";

const ANA = "U0ANA00001";
const BEN = "U0BEN00001";
const CEM = "U0CEM00001";
const DORA = "U0DORA0001";
const FAY = "U0FAY00001";
const HOUR = 3_600_000;

/** Ana, Cem and Dora operate, Ben approves. Orders runs on prod. */
function aBot(policy: Policy = aPolicy({ operate: set(ANA, CEM, DORA), approve: set(BEN) })) {
  const store = new FakeStore();
  const locks = store.locks.reached();
  const channel = { facts: aChannel() };
  const told: { to: Recipient; what: Report | Refusal; post: boolean }[] = [];
  const woken: string[] = [];
  const people = new FakePeople();
  let deliveries = 0;
  const local = createLocalAnswers({
    operations,
    commandIn: () => "/flink",
    policy,
    people,
    conversation: {
      channel: () => Promise.resolve(channel.facts),
      answer: (to, what, { post } = { post: false }) => Promise.resolve(void told.push({ to, what, post })),
    },
    catalogue: { entries: [anEntry({ name: "nightly", labels: { tier: "gold" } })], anyJarOn: [] },
    jobCache: directoryOf([aSnapshot([aSummary("orders")])]),
    requests: { ...summariesOf(), find: () => Promise.resolve({ refuse: "none" }) },
    history: { past: () => Promise.resolve({ requests: [], isAll: true, isWhole: true }) },
    restorable: new FakeKnowledge().restorable,
    locks,
    clusters: [
      { name: "prod", zone: "a", changes: true, managedBy: "none" },
      { name: "dev", zone: "a", changes: true, managedBy: "none" },
    ],
    channels: { C1: { cluster: "prod" } },
    store,
    nameOf: (user) => (user === BEN ? "Ben" : null),
    wake: ({ id }) => Promise.resolve(void woken.push(id)),
    log: aLog(),
    now: () => Promise.resolve(store.clock),
    click: () => Promise.resolve({ is: "counted" }),
  });
  /** What the person alone is told; empty: it is said in the channel. */
  const type = async (user: string, text: string, source?: string): Promise<string> => {
    const parsed = parse(text, operations);
    if (parsed.is === "problem" || parsed.operation.kind !== "local")
      throw new Error(`${text} is no command`);
    const answer = await local.answer(parsed.operation, parsed.args, {
      actor: { user, team: "T0HOME0001" },
      place: { channel: "C1", thread: null, door: "command" },
      source: source ?? `delivery ${(deliveries += 1)}`,
      responseUrl: "https://slack.example/response",
      at: 0,
      post: false,
    });
    if (answer === null) return "";
    if (!isRefusal(answer)) throw new Error("an answer for one person");
    return words(answer);
  };
  /** What the channel was told, each post in words. */
  const posts = (): readonly string[] =>
    told.map(({ what }) => {
      if (isRefusal(what)) return words(what);
      const buttons = (what.offers ?? []).map((o) => JSON.stringify([o.label, o.operation, o.args]));
      return [plain(what.headline), ...what.lines.map(plain), ...buttons].join("\n");
    });
  const audited = (): readonly unknown[] => store.audit.map((entry) => JSON.parse(entry) as unknown);
  return { store, type, posts, told, audited, woken, people, channel, locks };
}
function set(...users: readonly string[]) {
  return { groups: [], users };
}

describe("a lock", () => {
  it("is placed, told in the channel with a button, and audited", async () => {
    const bot = aBot();
    expect(await bot.type(ANA, 'lock orders "looking for the leak" --for 2h')).toBe("");
    expect(await bot.locks.all()).toMatchObject([
      { cluster: "prod", job: "orders", by: ANA, at: 1_000_000, until: 1_000_000 + 2 * HOUR, channel: "C1" },
    ]);
    expect(bot.posts()).toEqual([
      [
        "🔒 prod/orders is locked until 1970-01-01 02:16 UTC",
        "Reason: looking for the leak",
        `Until then only @${ANA} can change it. @${ANA}, or someone who approves changes there, can unlock it.`,
        '["Unlock","unlock",{"where":"prod/orders"}]',
      ].join("\n"),
    ]);
    // everybody is to know, so it does not go through the typist's own response URL
    expect(bot.told[0]).toMatchObject({ post: true, to: { responseUrl: null } });
    expect(bot.audited()).toMatchObject([
      {
        event: "locked",
        actor: ANA,
        cluster: "prod",
        jobName: "orders",
        channel: "C1",
        reason: "looking for the leak",
        detail: { holder: ANA, until: 1_000_000 + 2 * HOUR },
      },
    ]);
  });

  it("of a cluster is about no job", async () => {
    const bot = aBot();
    await bot.type(ANA, "lock prod maintenance");
    expect(await bot.locks.all()).toMatchObject([
      { cluster: "prod", job: null, until: 1_000_000 + 8 * HOUR },
    ]);
    expect(await bot.type(CEM, "unlock orders")).toBe("prod/orders is not locked.");
  });

  it("that is delivered again is not placed again, also after it was lifted", async () => {
    const bot = aBot();
    await bot.type(ANA, "lock orders x", "one delivery");
    await bot.type(ANA, "lock orders x", "one delivery");
    expect(bot.audited()).toHaveLength(1);
    await bot.type(ANA, "unlock orders");
    await bot.type(ANA, "lock orders x", "one delivery");
    expect(await bot.locks.all()).toEqual([]);
    expect(bot.posts()).toHaveLength(2);
  });

  it("of somebody else's is left, and the answer says whose", async () => {
    const bot = aBot();
    await bot.type(ANA, "lock orders mine");
    expect(await bot.type(CEM, "lock orders x")).toBe(
      `prod/orders is locked by @${ANA} until 1970-01-01 08:16 UTC: mine.\n@${ANA}, or someone who approves changes there, can unlock it.`,
    );
    expect(await bot.locks.all()).toMatchObject([{ by: ANA, reason: "mine" }]);
    expect(bot.posts()).toHaveLength(1);
    expect(bot.audited()).toHaveLength(1);
  });

  it("is replaced by its holder's next one, from any account of theirs", async () => {
    const bot = aBot({ ...aPolicy({ operate: set(ANA, CEM) }), same: [[ANA, CEM]] });
    await bot.type(ANA, "lock orders first");
    await bot.type(CEM, "lock orders second --for 1h");
    expect(await bot.locks.all()).toMatchObject([{ by: CEM, reason: "second", until: 1_000_000 + HOUR }]);
  });

  it("beside another one stands by itself: a cluster and its job are two", async () => {
    const bot = aBot();
    await bot.type(ANA, "lock orders x");
    await bot.type(CEM, "lock prod y");
    expect(await bot.locks.all()).toHaveLength(2);
  });
});

const rule = (name: string, match: Rule["match"], verdict: Rule["verdict"]): Rule => ({
  name,
  match,
  when: null,
  ask: ["operate"],
  verdict,
});

describe("a lock is refused", () => {
  it("to a person without the right, before the job is looked for", async () => {
    const bot = aBot();
    const said = `You are not allowed to use lock. Allowed: @${ANA}, @${CEM}, @${DORA}, @${BEN}.`;
    expect(await bot.type(FAY, "lock orders x")).toBe(said);
    expect(await bot.type(FAY, "lock no-such-job x")).toBe(said);
  });

  it("by the rules about that cluster and job", async () => {
    const rules = [
      rule("not nightly", { classes: ["lock"], jobs: ["night*"] }, { is: "refuse", why: "It must run." }),
      rule("locks", { classes: ["lock"], clusters: ["prod"] }, { is: "allow" }),
    ];
    const bot = aBot(asking([], { people: { operate: set(ANA) }, rules }));
    expect(await bot.type(ANA, "lock prod/nightly x")).toBe("It must run.");
    expect(await bot.type(ANA, "lock prod/orders x")).toBe("");
    expect(await bot.type(ANA, "lock dev x")).toContain("No rule of the policy allows lock here.");
  });

  it("where the bot cannot be seen: everybody has to know of it", async () => {
    const bot = aBot();
    bot.channel.facts = aChannel({ member: false });
    for (const command of ["lock orders x", "unlock orders"])
      expect(await bot.type(ANA, command)).toBe(
        "flinkops makes changes only where people can see them. Invite me.",
      );
    expect(await bot.locks.all()).toEqual([]);
  });

  it("of a cluster that is not configured: it is taken for a job of the channel's cluster", async () => {
    const bot = aBot();
    expect(await bot.type(ANA, "lock staging/orders x")).toContain("There is no job staging/orders on prod");
    expect(await bot.type(ANA, "unlock staging")).toBe("prod/staging is not locked.");
  });
});

describe("a lock is lifted", () => {
  it("by its holder: told in the channel with the reason, and audited", async () => {
    const bot = aBot();
    await bot.type(ANA, "lock orders leak");
    bot.store.clock += 60_000;
    expect(await bot.type(ANA, "unlock orders")).toBe("");
    expect(await bot.locks.all()).toEqual([]);
    expect(bot.posts()[1]).toBe(
      `🔓 prod/orders is unlocked\nIt was locked by @${ANA} since 1970-01-01 00:16 UTC: leak`,
    );
    expect(bot.audited()[1]).toMatchObject({ event: "unlocked", actor: ANA, at: 1_060_000, reason: "leak" });
  });

  it("by an approver, whose name and whose lock it was are audited", async () => {
    const bot = aBot();
    await bot.type(ANA, "lock orders leak");
    expect(await bot.type(BEN, "unlock orders")).toBe("");
    expect(bot.audited()[1]).toMatchObject({ actor: BEN, detail: { holder: ANA, name: "Ben" } });
  });

  it("not by another operator, who is told whose it is", async () => {
    const bot = aBot();
    await bot.type(ANA, "lock orders leak");
    expect(await bot.type(CEM, "unlock orders")).toBe(
      [
        `Only @${ANA}, who locked it, and those who approve changes there may unlock it. Allowed: @${BEN}.`,
        `prod/orders is locked by @${ANA} until 1970-01-01 08:16 UTC: leak.`,
      ].join("\n"),
    );
    expect(await bot.locks.all()).toHaveLength(1);
    expect(bot.posts()).toHaveLength(1);
  });

  it("not by somebody without the right to unlock", async () => {
    const bot = aBot(aPolicy({ operate: set(ANA), approve: set(BEN) }));
    await bot.type(ANA, "lock orders leak");
    bot.people.people.set(ANA, aMember(ANA, { deactivated: true }));
    expect(await bot.type(CEM, "unlock orders")).toContain("You are not allowed to use unlock.");
    expect(await bot.type(ANA, "unlock orders")).toBe("This account is deactivated.");
  });

  it("by one of two who do so at the same moment", async () => {
    const bot = aBot();
    await bot.type(ANA, "lock orders leak");
    const said = await Promise.all([bot.type(ANA, "unlock orders"), bot.type(BEN, "unlock orders")]);
    expect(said.toSorted()).toEqual(["", "prod/orders is not locked."]);
    expect(bot.audited()).toHaveLength(2);
  });

  it("by nobody once it has expired", async () => {
    const bot = aBot();
    await bot.type(ANA, "lock orders leak --for 30m");
    bot.store.clock += HOUR / 2;
    expect(await bot.type(ANA, "unlock orders")).toBe("prod/orders is not locked.");
  });

  it("is lifted also where the requests that it held cannot be read, which ends no process", async () => {
    const bot = aBot();
    await bot.type(ANA, "lock orders mine");
    bot.store.put(aRecord({ state: "ready" }));
    bot.store.loadMany = () => Promise.reject(new Error("redis is gone"));
    expect(await bot.type(ANA, "unlock orders")).toBe("");
    // a rejection that nobody handles fails the test run
    await new Promise((resolve) => setTimeout(resolve, 20));
    expect(await bot.locks.all()).toEqual([]);
    expect(bot.woken).toEqual([]);
  });
  it("and the requests that it held are woken, no others", async () => {
    const bot = aBot();
    await bot.type(ANA, "lock orders leak");
    const [lock] = await bot.locks.all();
    const held = (id: string, waiting: RequestRecord["waiting"]) =>
      bot.store.put(aRecord({ id, state: "ready", waiting }));
    held("r1", { holder: null, words: "locked", lock: lock?.id ?? "" });
    held("r2", { holder: null, words: "locked", lock: "another" });
    held("r3", { holder: "r0", words: "busy" });
    held("r4", null);
    await bot.type(BEN, "unlock orders");
    await expect.poll(() => bot.woken).toEqual(["r1"]);
  });
});
