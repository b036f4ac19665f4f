import type { Page } from "playwright-core";
import { PageHand } from "../test/e2e/browser.ts";

/** One frame: a PNG, and for how long it is shown, ms. */
export interface Frame {
  png: Buffer;
  ms: number;
}

/** Frames of this size are legible in a README, which is less than 900 pixels wide. */
export const SIZE = { width: 900, height: 720 };
/** Where the pointer highlights nothing. */
const ASIDE = { x: 100, y: SIZE.height - 10 };

/**
 * Plays a diagnosis and a broken release on the demo's page, as Ana and Ben, and takes a frame at each moment that
 * matters. The waiting between them is left out.
 */
export async function playStory(page: Page): Promise<readonly Frame[]> {
  const hand = new PageHand(page);
  const frames: Frame[] = [];
  const show = async (ms: number, of = page): Promise<void> => {
    await of.mouse.move(ASIDE.x, ASIDE.y);
    frames.push({ png: await of.screenshot(), ms });
  };
  const say = async (words: string): Promise<void> => {
    const box = page.getByRole("combobox", { name: "Message" });
    await box.fill(words);
    await show(1_500);
    await box.press("Enter");
  };

  await hand.become("Ana");
  await say("/flink diagnose clickstream");
  const answer = page.locator("#messages .ephemeral").last();
  const found = answer.filter({ hasText: "Back-pressure starts" });
  await answer.waitFor();
  // Flink fetches metrics every ten seconds, so a job that has just started is not slow yet
  for (let left = 12; left > 0 && (await found.count()) === 0; left -= 1) {
    await page.waitForTimeout(5_000);
    await answer.getByRole("button", { name: "Diagnose again" }).click();
    await page.waitForTimeout(2_000);
  }
  await found.waitFor({ timeout: 1_000 });
  await show(2_500);

  await answer.getByRole("button", { name: "Post to channel" }).click();
  const posted = page.locator("#messages article").filter({ hasText: "Shown by" }).last();
  await posted.locator(".reply-bar").click();
  const graph = page.getByRole("img", { name: /^Job graph of clickstream/u });
  await graph.waitFor();
  await page.locator("#replies").evaluate("(node) => node.scrollTo(0, node.scrollHeight)");
  await show(2_000);
  const opened = page.waitForEvent("popup");
  await graph.click();
  const full = await opened;
  await full.setViewportSize(SIZE);
  await full.evaluate("document.body.style.background = 'white'");
  await show(2_500, full);
  await full.close();
  await page.getByRole("button", { name: "Close thread" }).click();

  await say('/flink restart payments --jar newest --reason "release 2.0"');
  const card = hand.card("Restart payments");
  const showCard = async (ms: number): Promise<void> => {
    // below the card, and later than it
    await card.locator(".reply-bar").waitFor();
    await page.locator("#messages").evaluate("(node) => node.scrollTo(0, node.scrollHeight)");
    await show(ms);
  };
  const approve = card.getByRole("button", { name: "Approve restart" });
  await approve.waitFor();
  await showCard(3_000);
  await hand.become("Ben");
  await approve.waitFor();
  await showCard(1_500);
  await approve.click();
  const dialog = page.getByRole("dialog");
  await dialog.waitFor();
  await show(2_000);
  await dialog.getByRole("button", { name: "Approve restart", exact: true }).click();

  await approve.waitFor({ state: "detached" });
  await showCard(1_500);
  await card.getByText("IllegalStateException").first().waitFor();
  await showCard(2_000);
  // a restart that ends in another way is no story to show: the next line says which headline it has
  await card
    .getByText(/was rolled back|Partly|unknown/u)
    .first()
    .waitFor();
  await card.getByText("was rolled back").first().waitFor({ timeout: 5_000 });
  await showCard(3_000);

  await card.locator(".reply-bar").click();
  const outcome = page.locator("#replies article").filter({ hasText: "@Ana" }).last();
  await outcome.filter({ hasText: "was rolled back" }).waitFor();
  await outcome.scrollIntoViewIfNeeded();
  await show(3_500);
  return frames;
}
