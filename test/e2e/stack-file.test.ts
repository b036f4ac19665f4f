import type { Browser } from "playwright-core";
import { afterAll, beforeAll, expect, it } from "vitest";
import { until } from "../../playground/processes.ts";
import { ANA, BEN, FLINK_OPS, INCIDENT, RANDOM } from "../../playground/slack/workspace-seed.ts";
import { everyMessage } from "../harness/cards.ts";
import { suiteWith } from "../harness/needs.ts";
import { startWorld, type World } from "../harness/world.ts";
import { listenTo, PageHand, startBrowser } from "./browser.ts";
import { faintTexts } from "./contrast.ts";

const suite = await suiteWith(["redis", "chromium"]);
const MESSAGE =
  "cannot reach https://svc:hunter2@store.example/b?token=tok-123456\npassword='open sesame'\nrO0ABXNyABZq";
const SECRETS = /hunter2|tok-123456|sesame|rO0AB/u;
const PHONE = { width: 390, height: 844 };

suite("the stack of a failure as a file", () => {
  let world: World;
  let browser: Browser;
  beforeAll(async () => {
    [world, browser] = await Promise.all([
      startWorld({ slack: { optionalScopes: "granted" } }),
      startBrowser(),
    ]);
    const { control } = world.flink;
    const { jobId } = await control.addJob({ name: "failing" });
    await control.failJob(jobId, { message: MESSAGE });
    await until("it runs again", async () => ((await control.job(jobId)).tasksRunning ? true : null));
  });
  afterAll(async () => {
    await browser.close();
    await world.stop();
  });

  it("is posted by a button, for all, without a secret", async () => {
    const words = await world.people.ask(ANA, "exceptions failing");
    expect(words.plain).toContain("1 failure");
    await world.driver.click(ANA, words, "Stack traces as a file");
    const posted = await world.driver.waitForMessage(BEN, FLINK_OPS, (m) =>
      m.plain.includes("Asked by @Ana"),
    );
    const reply = await world.driver.waitForReply(BEN, posted, (m) => m.files.length > 0);
    const text = await world.driver.fileText(reply.files[0] ?? { url: "/none" });
    expect(text).toContain("Failures of failing (");
    expect(text).toContain(
      "\nCaused by: java.lang.IllegalStateException: cannot reach https://***@store.example/b",
    );
    expect(text).toContain("\n    at a.B.d(B.java:2)");
    expect(text).not.toMatch(SECRETS);
    expect(JSON.stringify(everyMessage(await world.driver.see(BEN)))).not.toMatch(SECRETS);
  });

  it("is in the thread of a mention, where there is something to show", async () => {
    const root = { channel: INCIDENT, ts: (await world.driver.type(ANA, INCIDENT, "why?")).ts ?? "" };
    const ask = async (words: string) =>
      await world.driver.type(ANA, INCIDENT, `@flink exceptions ${words}`, { thread: root });
    await ask("failing --stack");
    const file = await world.driver.waitForReply(BEN, root, (m) => m.files.length > 0);
    expect(file.files[0]?.preview).toContain("Failures of failing");
    await world.flink.control.addJob({ name: "healthy" });
    await ask("healthy --stack");
    await world.driver.waitForReply(BEN, root, (m) => m.plain.startsWith("healthy has no exceptions"));
    const all = await world.driver.thread(root, BEN);
    expect(all.flatMap((m) => m.files)).toHaveLength(1);
    expect(all.map((m) => m.plain).join("\n")).not.toContain("Asked by");
  });

  it("is not shown where the bot cannot post, and words say what to do", async () => {
    await world.people.type(ANA, "exceptions failing --stack", RANDOM);
    const said = await world.driver.waitForEphemeral(ANA, RANDOM, (m) =>
      m.plain.includes("cannot post here"),
    );
    expect(said.plain).toContain("Invite me with");
  });

  it("is opened on the page without a mouse, fits a phone and can be read", async () => {
    const page = await browser.newPage({ viewport: PHONE, colorScheme: "dark" });
    const errors: string[] = [];
    listenTo(page, errors);
    const hand = new PageHand(page);
    await page.goto(`${world.slack.url}/#/${INCIDENT}`);
    await page.locator("#messages .reply-bar").last().click();
    const card = page.locator("#replies").getByRole("region", { name: "File stacks-" });
    await card.waitFor();
    expect(await card.innerText()).toMatch(/stacks-[0-9a-f]{8}\.txt · \d+ B · \d+ lines/u);
    expect(await card.getByText("a.B.d(B.java:2)").isVisible()).toBe(false);
    await hand.tabTo(card.locator("summary"));
    await page.keyboard.press("Enter");
    await card.getByText("a.B.d(B.java:2)").waitFor();
    expect(await hand.isTooWide()).toBe(false);
    expect((await faintTexts(page)).faint).toEqual([]);
    await page.keyboard.press("Enter");
    await card.getByText("a.B.d(B.java:2)").waitFor({ state: "hidden" });
    await page.close();
    expect(errors).toEqual([]);
  });
});
