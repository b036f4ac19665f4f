import type { Browser, Page } from "playwright-core";
import { afterAll, afterEach, beforeAll, beforeEach, expect, it } from "vitest";
import { suiteWith } from "../harness/needs.ts";
import { type DetailsApp, startDetailsApp } from "../playground/slack/details-app.ts";
import { newStage, type Stage } from "../playground/slack/harness.ts";
import { listenTo, PageHand, startBrowser } from "./browser.ts";
import { faintTexts } from "./contrast.ts";

const PHONE = { width: 380, height: 800 };
const suite = await suiteWith(["chromium"]);

suite("a table and a modal on the page, in Chromium", () => {
  let browser: Browser;
  let page: Page;
  let stage: Stage;
  let app: DetailsApp;
  const errors: string[] = [];

  beforeAll(async () => {
    browser = await startBrowser();
  });
  afterAll(async () => await browser.close());
  beforeEach(async () => {
    stage = await newStage();
    app = await startDetailsApp(stage);
    await app.post();
    page = await browser.newPage();
    listenTo(page, errors);
    await page.goto(stage.slack.url);
  });
  afterEach(async () => {
    await page.close();
    await stage.end();
    if (errors.length > 0) throw new Error(`the browser complains:\n${errors.splice(0).join("\n")}`);
  });

  it("draws a table with its header", async () => {
    const table = page.getByRole("table");
    // the page has loaded before it has asked for what it shows
    await table.waitFor();
    expect(await table.getByRole("columnheader").allInnerTexts()).toEqual(["job", "state"]);
    expect(await table.getByRole("cell").allInnerTexts()).toEqual(["orders", "RUNNING"]);
  });

  it("keeps what is typed when the app updates the modal, and shows what the app finds wrong", async () => {
    await page.getByRole("button", { name: "Details" }).click();
    const dialog = page.getByRole("dialog", { name: "Details" });
    await dialog.getByText("orders is RUNNING").waitFor();
    expect(await dialog.locator("pre").innerText()).toBe("s3://savepoints/_entropy_/1");
    await dialog.getByLabel("Reason").fill("why");
    await dialog.getByRole("button", { name: "Refresh" }).click();
    await dialog.getByText("orders is FAILED").waitFor();
    expect(await dialog.getByLabel("Reason").inputValue()).toBe("why");
    expect(await page.locator(":focus").innerText()).toBe("Refresh");
    expect(app.clicks[0]?.view?.state.values).toMatchObject({ reason: { text: { value: "why" } } });

    await dialog.getByRole("button", { name: "Send" }).click();
    await dialog.getByText("Say more.").waitFor();
    await dialog.getByLabel("Reason").fill("too late");
    await dialog.getByRole("button", { name: "Send" }).click();
    await dialog.waitFor({ state: "detached" });
    expect(app.reasons).toEqual(["why", "too late"]);
    expect(app.closings).toEqual([]);
  });

  it("closes with Escape, and the app hears of it", async () => {
    await page.getByRole("button", { name: "Details" }).click();
    await page.getByRole("dialog").waitFor();
    await page.keyboard.press("Escape");
    await page.getByRole("dialog").waitFor({ state: "detached" });
    await expect.poll(() => app.closings.length).toBe(1);
  });

  it.each(["light", "dark"] as const)("fits a phone, and can be read when it is %s", async (colorScheme) => {
    await page.emulateMedia({ colorScheme, reducedMotion: "reduce" });
    await page.setViewportSize(PHONE);
    await page.getByRole("button", { name: "Details" }).click();
    await page.getByRole("dialog").waitFor();
    expect(await new PageHand(page).isTooWide()).toBe(false);
    expect((await faintTexts(page)).faint).toEqual([]);
  });
});
