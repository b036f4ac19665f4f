import { afterAll, beforeAll, expect, it } from "vitest";
import { until } from "../../playground/processes.ts";
import {
  ANA,
  APPROVERS,
  BEN,
  CEM,
  DORA,
  FLINK_OPS,
  INCIDENT,
} from "../../playground/slack/workspace-seed.ts";
import { everyMessage, headOf, isCard, isOver } from "../harness/cards.ts";
import { FORBIDDEN } from "../harness/judge.ts";
import { suiteWith } from "../harness/needs.ts";
import { isSavepoint, type RealWorld, startRealWorld } from "../harness/real.ts";

const suite = await suiteWith(["redis", "flink"]);

const LOCATION = /file:\/\S+savepoint-\S+/u;
const locationIn = (text: string): string => LOCATION.exec(text)?.[0] ?? "";

suite("stories on a real Flink 2.3.0", () => {
  let world: RealWorld;
  let orders = "";
  beforeAll(async () => {
    world = await startRealWorld({ slots: 12 });
    orders = await world.cluster.submit({ name: "orders" });
    await until("the directory knows the job", async () =>
      (await world.people.ask(ANA, "list")).plain.includes("orders") ? true : null,
    );
  });
  afterAll(async () => await world.stop());

  it("help: only what this person may do, with examples to copy", async () => {
    const { plain } = await world.people.ask(ANA, "help");
    for (const word of ["list", "status", "scale", "savepoint", "stop", "cancel", "withdraw", "requests"])
      expect(plain).toContain(`/flink ${word}`);
    expect((await world.people.ask(DORA, "help")).plain).not.toContain("/flink scale");
  });

  it("list and status tell what Flink tells", async () => {
    // RUNNING comes before its last task does
    const row = new RegExp(`orders.*${orders.slice(0, 8)}.*RUNNING.*3 of 3`, "u");
    const list = await until("a list with all tasks running", async () => {
      const { plain } = await world.people.ask(DORA, "list");
      return row.test(plain) ? plain : null;
    });
    expect(list).toContain("1 job");
    await world.truth.checkpointed(orders);
    const { plain } = await world.people.ask(DORA, "status orders");
    expect(plain).toMatch(/orders (?:is|has been) RUNNING/u);
    expect(plain).toContain(orders);
    expect(plain).toMatch(/Last checkpoint/u);
    for (const vertex of ["events", "count", "sink"]) expect(plain).toContain(vertex);
  });

  it("scale 1 -> 2: done means that Flink runs it at 2", async () => {
    const asked = await world.people.change(ANA, "scale orders 2");
    const over = await asked.outcome(60_000);
    expect(headOf(over)).toContain("✅");
    expect(over.plain).toMatch(/1 (?:->|→) 2/u);
    expect(await world.truth.vertices(orders)).toEqual(
      ["events", "count", "sink"].map(() => ({ parallelism: 2, running: 2 })),
    );
    expect(await world.truth.state(orders)).toBe("RUNNING");
  });

  it("scale above what there are slots for: the truth of where it settled", async () => {
    expect((await world.people.ask(ANA, "scale orders 100")).plain).toContain("Possible now: up to 12.");
    const asked = await world.people.change(ANA, "scale orders 100 --wait-for-slots");
    await world.people.approve(BEN, await asked.headed("Waiting for approval"));
    const over = await asked.outcome(90_000);
    expect(headOf(over)).toContain("Partly done");
    expect(over.plain).toMatch(/runs at 12 instead of 100/u);
    expect((await world.truth.vertices(orders)).map((v) => v.parallelism)).toEqual([12, 12, 12]);
    const back = await world.people.change(ANA, "scale orders 1");
    expect(headOf(await back.outcome(60_000))).toContain("✅");
  });

  it("savepoint: its location is on the card and on disk; one card, one reply, one ring", async () => {
    const asked = await world.people.change(ANA, "savepoint orders", { reason: "before the upgrade" });
    const over = await asked.outcome(30_000);
    expect(headOf(over)).toContain("✅");
    expect(isSavepoint(locationIn(over.plain))).toBe(true);
    expect(headOf(over)).toContain("Savepoint of orders");
    expect(over.plain).toContain(" · Reason: before the upgrade");
    expect(over.fallback).toMatch(
      /^Done: Savepoint of orders on live\. Reason: before the upgrade\. Requested by/u,
    );
    await world.stored.atRest();
    const replies = await asked.replies();
    expect(replies.map((m) => m.plain)).toEqual([
      expect.stringContaining("@Ana Savepoint of orders is complete"),
    ]);
    expect(await world.people.rung(`<@${ANA}>`, over)).toBe(1);
    expect(await world.truth.state(orders)).toBe("RUNNING");
  });

  it("savepoint to a directory of ours, in native format", async () => {
    const dir = `${world.cluster.savepointsDir}/releases`;
    const asked = await world.people.change(ANA, `savepoint live/orders ${dir} --format native`);
    const over = await asked.outcome(30_000);
    expect(headOf(over)).toContain("✅");
    expect(locationIn(over.plain)).toContain("/savepoints/releases/r");
    expect(isSavepoint(locationIn(over.plain))).toBe(true);
  });

  it("a slow savepoint shows how far it is, and one more waits for it", async () => {
    const jobId = await world.cluster.submit({ name: "slow", snapshotMs: 8000 });
    const first = await world.people.change(ANA, "savepoint slow");
    // the first edit may come before Flink counts anything
    await expect
      .poll(async () => (await first.card()).plain, { timeout: 30_000 })
      .toMatch(/Running[^]*\d of \d+ subtasks/u);
    const second = await world.people.change(BEN, `savepoint ${jobId.slice(0, 8)}`);
    expect((await second.headed("Waiting to start")).plain).toContain(
      "Another change of this job is in progress",
    );
    expect(headOf(await first.outcome(60_000))).toContain("✅");
    expect(headOf(await second.outcome(60_000))).toContain("✅");
  });

  it("stop: refused to its requester, done after another's click, to be resumed from where it says", async () => {
    const jobId = await world.cluster.submit({ name: "payments" });
    const asked = await world.people.change(ANA, "stop payments", { reason: "schema change" });
    const card = await asked.headed("Waiting for approval");
    expect(await world.people.clickAndHear(ANA, card, "Approve stop")).toContain("someone else must approve");
    expect(await world.truth.state(jobId)).toBe("RUNNING");
    await world.people.approve(BEN, card);
    const over = await asked.outcome(60_000);
    expect(headOf(over)).toContain("✅");
    expect(over.plain).toContain("approved by @Ben");
    expect(await world.truth.state(jobId)).toBe("FINISHED");
    const location = locationIn(over.plain);
    expect(isSavepoint(location)).toBe(true);
    await world.stored.atRest();
    expect(await world.people.rung(`<!subteam^${APPROVERS}>`, over)).toBe(1);
    const resumed = await world.cluster.submit({ name: "payments", savepointPath: location });
    expect(await world.truth.state(resumed)).toBe("RUNNING");
  });

  it("stop --drain says before and after that it must not be resumed from", async () => {
    const jobId = await world.cluster.submit({ name: "drained" });
    const asked = await world.people.change(ANA, "stop drained --drain");
    const card = await asked.headed("Waiting for approval");
    expect(card.plain).toContain("must not be resumed from");
    const clicked = await world.driver.click(CEM, card, "Approve stop");
    expect(JSON.stringify(clicked.confirm)).toContain("must not be resumed from");
    const over = await asked.outcome(60_000);
    expect(headOf(over)).toContain("✅");
    expect(over.plain).toContain("must not be resumed from");
    expect(await world.truth.state(jobId)).toBe("FINISHED");
  });

  it("cancel: says what is lost, offers stop, and is done after another's click", async () => {
    const jobId = await world.cluster.submit({ name: "doomed" });
    await world.truth.checkpointed(jobId);
    const asked = await world.people.change(ANA, "cancel doomed");
    const card = await asked.headed("Waiting for approval");
    expect(card.plain).toMatch(/Will be lost or repeated.*last checkpoint/su);
    await world.people.approve(BEN, card);
    expect(headOf(await asked.outcome(60_000))).toContain("✅");
    expect(await world.truth.state(jobId)).toBe("CANCELED");
  });

  it("cancel --with-savepoint: the savepoint first, then the end, and what is processed again", async () => {
    const jobId = await world.cluster.submit({ name: "kept" });
    const asked = await world.people.change(ANA, "cancel kept --with-savepoint");
    const card = await asked.headed("Waiting for approval");
    expect(card.plain).toContain("processed again");
    await world.people.approve(BEN, card);
    const over = await asked.outcome(60_000);
    expect(headOf(over)).toContain("✅");
    expect(isSavepoint(locationIn(over.plain))).toBe(true);
    expect(over.plain).toContain("processed again");
    expect(await world.truth.state(jobId)).toBe("CANCELED");
  });

  it("a mention in a thread is answered there, for everyone, and its card is posted there", async () => {
    const root = await world.driver.type(CEM, INCIDENT, "Orders are late");
    const thread = root.ts ?? "";
    await world.driver.type(ANA, INCIDENT, "@flink status orders", { thread });
    const status = await world.driver.waitFor(BEN, (seen) =>
      everyMessage(seen).find(
        (m) => m.threadTs === thread && m.isBot && /orders (?:is|has been) RUNNING/u.test(m.plain),
      ),
    );
    expect(status.ephemeral).toBe(false);
    await world.driver.type(ANA, INCIDENT, "@flink savepoint orders —reason “late orders”", { thread });
    const card = await world.driver.waitFor(
      BEN,
      (seen) => everyMessage(seen).find((m) => isCard(m) && m.threadTs === thread && isOver(m)),
      { timeoutMs: 30_000 },
    );
    expect(card.plain).toContain("Reason: late orders");
    expect((await world.driver.messages(INCIDENT, BEN)).filter((m) => m.isBot)).toEqual([]);
  });

  it("twins are told apart by id, also when the second one runs for a moment only", async () => {
    const ids = [await world.cluster.submit({ name: "twin" }), await world.cluster.submit({ name: "twin" })];
    const { plain } = await world.people.ask(ANA, "savepoint twin");
    for (const id of ids) expect(plain).toContain(id.slice(0, 8));
    const asked = await world.people.change(ANA, `savepoint live/${ids[1]?.slice(0, 8)}`);
    expect(headOf(await asked.outcome(30_000))).toContain("✅");
    await until("Flink lists the savepoint of the one that was meant", async () =>
      (await world.truth.savepoints(ids[1] ?? "")).length === 1 ? true : null,
    );
    expect(await world.truth.savepoints(ids[0] ?? "")).toEqual([]);
  });

  it("withdraw and requests", async () => {
    const asked = await world.people.change(ANA, "stop orders");
    await asked.headed("Waiting for approval");
    const id = (await asked.id()).slice(0, 8);
    const open = (await world.people.ask(ANA, "requests --mine --open")).plain;
    expect(open).toContain(id);
    expect(open).toContain("waiting for approval");
    await world.people.type(ANA, `withdraw ${id}`);
    expect(headOf(await asked.outcome())).toContain("Withdrawn");
    const all = await world.people.ask(BEN, "requests --job orders");
    expect(all.plain).toMatch(new RegExp(`${id}.*withdrawn`, "u"));
    expect(JSON.stringify(all.blocks)).toContain("/archives/");
    expect(await world.truth.state(orders)).toBe("RUNNING");
  });

  it("a failing job: its state and exception in status, its savepoint refused by Flink in Flink's words", async () => {
    const jobId = await world.cluster.submit({ name: "broken", failSnapshot: true });
    const over = await (await world.people.change(ANA, "savepoint broken")).outcome(60_000);
    expect(headOf(over)).toContain("Failed");
    expect(over.plain).toContain("The job is");
    expect(`${over.text}${JSON.stringify(over.blocks)}`).not.toMatch(FORBIDDEN);
    expect(await world.truth.savepoints(jobId)).toEqual([]);
  });

  it("leaves nothing open, and no claim", async () => {
    await world.stored.atRest();
    expect(await world.stored.claims()).toEqual({});
    const seen = everyMessage(await world.driver.see(ANA)).filter((m) => FORBIDDEN.test(m.plain));
    expect(seen.map((m) => m.plain)).toEqual([]);
    expect((await world.people.cards(ANA, FLINK_OPS)).map(headOf)).toEqual([]);
  });
});
