import { EventEmitter, once } from "node:events";
import type { Browser, Page } from "playwright-core";
import { afterAll, afterEach, beforeAll, beforeEach, expect, it } from "vitest";
import { z } from "zod";
import { suiteWith } from "../harness/needs.ts";
import { listenTo, PageHand, startBrowser } from "./browser.ts";
import { faintTexts } from "./contrast.ts";
import { type DemoProcess, startDemoProcess } from "./demo-process.ts";

const overview = z.object({
  jobs: z.array(z.object({ jid: z.string(), name: z.string(), state: z.string() })),
});
const detail = z.object({ vertices: z.array(z.object({ parallelism: z.number() })) });

/** An operation on Flink, and its reply. */
const DONE_MS = 60_000;
const PHONE = { width: 390, height: 844 };

const suite = await suiteWith(["redis", "chromium"]);

// on a real Flink where there can be one: the demo itself decides
suite("the page of the demo, in Chromium", () => {
  let demo: DemoProcess;
  let browser: Browser;
  let url = "";
  let page: Page;
  let hand: PageHand;
  const errors: string[] = [];

  beforeAll(async () => {
    [demo, browser] = await Promise.all([startDemoProcess(), startBrowser()]);
    url = await demo.page();
  });
  afterAll(async () => {
    await browser.close();
    await demo.stop();
  });
  beforeEach(async () => {
    page = await browser.newPage();
    page.setDefaultTimeout(DONE_MS);
    listenTo(page, errors);
    hand = new PageHand(page);
    await page.goto(url);
    await page.getByRole("combobox", { name: "Message" }).waitFor();
  });
  afterEach(async () => {
    await page.close();
    if (errors.length > 0) throw new Error(`the browser complains:\n${errors.splice(0).join("\n")}`);
  });

  /** Flink's own word, which the page has to agree with. */
  async function job(name: string): Promise<{ jid: string; name: string; state: string }> {
    const found = overview.parse(await demo.askFlink("/jobs/overview")).jobs.find((one) => one.name === name);
    if (found === undefined) throw new Error(`Flink has no job ${name}`);
    return found;
  }

  it("lists the jobs, and scales one", async () => {
    const list = async (): Promise<string> => {
      const answers = page.locator("#messages .ephemeral");
      const before = await answers.count();
      await hand.say("/flink list");
      await answers.nth(before).waitFor();
      return await answers.nth(before).innerText();
    };
    // it says how old it is: the jobs have just been started
    await expect.poll(list, { timeout: DONE_MS, interval: 500 }).toMatch(/^6 jobs$/mu);
    for (const name of ["orders", "payments", "clickstream", "ledger", "statements"])
      expect(await list()).toContain(name);
    await hand.say("/flink scale orders 2");
    const card = hand.card("Scale orders to 2");
    await hand.isDone(card);
    const { vertices } = detail.parse(await demo.askFlink(`/jobs/${(await job("orders")).jid}`));
    expect(vertices.map((vertex) => vertex.parallelism)).toEqual([2, 2, 2]);
  });

  it("stops a job once someone else has approved, and refuses the requester's own click", async () => {
    await hand.become("Ana");
    await hand.say('/flink stop orders --reason "new release"');
    const card = hand.card("Stop orders with a savepoint");
    await card.getByText("Waiting for approval").waitFor();
    expect(await card.innerText()).toContain("Reason: new release");

    expect(await hand.press(card, "Approve stop")).toContain("Stop orders with a savepoint");
    const own = page.locator("#messages .ephemeral").filter({ hasText: "someone else must approve it" });
    await own.waitFor();
    expect(await own.innerText()).toContain("Only visible to you");

    await hand.become("Ben");
    await own.waitFor({ state: "detached" });
    await hand.press(card, "Approve stop");
    await hand.isDone(card);
    await card.locator(".reply-bar").click();
    const outcome = page.locator("#replies article").filter({ hasText: "@Ana" }).last();
    await outcome.filter({ hasText: /file:\S+\/savepoint-/u }).waitFor();
    expect(await outcome.innerText()).toMatch(/orders (?:is |was )?stopped/iu);
    expect(await job("orders")).toMatchObject({ state: "FINISHED" });
  });

  it("does what the terminal says to click first", async () => {
    const said = demo.lines.join("\n");
    for (const words of ['"/flink status orders"', '"Stop"', '"Ben"', '"Approve stop"', '"Reply in thread"'])
      expect(said).toContain(words);
    await page.getByRole("button", { name: "/flink diagnose clickstream" }).click();
    await page.locator("#messages .ephemeral").filter({ hasText: "clickstream" }).last().waitFor();
  });

  it("answers a mention in its thread", async () => {
    await page.getByRole("link", { name: "incident-42" }).click();
    await page.locator("#messages article").filter({ hasText: "Orders have been late" }).hover();
    await page.getByRole("button", { name: "Reply in thread" }).first().click();
    const box = page.getByRole("combobox", { name: /^Reply/u });
    await box.fill("@flink status payments");
    await box.press("Enter");
    const answer = page.locator("#replies article").filter({ hasText: /payments (?:is|has been) RUNNING/u });
    await answer.waitFor();
    expect(await answer.innerText()).toContain("1 of 1 running");
    await page.getByRole("img", { name: /^Job graph of payments, RUNNING, 3 vertices/u }).waitFor();
  });

  it("needs no mouse", async () => {
    const { keyboard } = page;
    // the message box has the focus from the start, and completes what is half typed
    await keyboard.type("/flink canc");
    await page.getByRole("option", { name: "cancel" }).waitFor();
    await keyboard.press("Tab");
    await keyboard.type("clickstream");
    await keyboard.press("Enter");
    const card = hand.card("Cancel clickstream");
    await card.getByText("Waiting for approval").waitFor();

    await hand.tabTo(page.getByRole("radio", { name: /^Ana/u }), "Shift+Tab");
    await keyboard.press("ArrowDown");
    await page.locator("#me", { hasText: "Ben" }).waitFor();
    const approve = card.getByRole("button", { name: "Approve cancel" });
    await hand.tabTo(approve);
    await keyboard.press("Enter");
    await page.getByRole("dialog").waitFor();
    await keyboard.press("Escape");
    await page.getByRole("dialog").waitFor({ state: "detached" });
    expect(await card.getByText("Waiting for approval").isVisible()).toBe(true);
    // back where it was, and once more
    await hand.tabTo(approve);
    await keyboard.press("Enter");
    await page.getByRole("dialog").waitFor();
    await keyboard.press("Enter");
    await hand.isDone(card);
    expect(await card.innerText()).toMatch(/clickstream (?:is |was )?cancel/iu);
    expect(await job("clickstream")).toMatchObject({ state: "CANCELED" });
  });

  it("offers no box to type into before there is a channel to type to", async () => {
    const asked = new EventEmitter();
    const first = once(asked, "asked");
    const answered = once(asked, "answer");
    await page.route("**/_control/see", async (route) => {
      asked.emit("asked");
      await answered;
      await route.continue();
    });
    await page.goto(url);
    await first;
    const box = page.getByRole("combobox", { name: "Message" });
    expect(await box.count()).toBe(0);
    asked.emit("answer");
    await box.waitFor();
    await hand.say("/flink help");
    await page.locator("#messages .ephemeral").last().waitFor();
    await page.unrouteAll({ behavior: "wait" });
  });

  it("fits a phone, in each of its panes", async () => {
    await page.setViewportSize(PHONE);
    await hand.say("/flink savepoint payments");
    const card = hand.card("Savepoint of payments");
    await hand.isDone(card);
    expect(await hand.isTooWide()).toBe(false);
    await card.locator(".reply-bar").click();
    await page.locator("#replies article").filter({ hasText: "@Ana" }).last().waitFor();
    expect(await hand.isTooWide()).toBe(false);
    await page.getByRole("button", { name: "Close thread" }).click();
    await page.getByRole("button", { name: "Channels and people" }).click();
    await page.getByRole("link", { name: "incident-42" }).waitFor();
    expect(await hand.isTooWide()).toBe(false);
  });

  it.each(["light", "dark"] as const)("can be read when it is %s", async (colorScheme) => {
    await page.emulateMedia({ colorScheme, reducedMotion: "reduce" });
    await hand.say("/flink status payments");
    await page
      .locator("#messages article")
      .filter({ hasText: /payments (?:is|has been) RUNNING/u })
      .last()
      .waitFor();
    await hand.say("/flink stop payments");
    await hand.card("Stop payments with a savepoint").getByText("Waiting for approval").waitFor();
    const { faint, looked } = await faintTexts(page);
    expect(looked).toBeGreaterThan(40);
    expect(faint).toEqual([]);
  });
});
