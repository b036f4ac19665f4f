import { execFile } from "node:child_process";
import { promisify } from "node:util";
import { type Browser, chromium, type Locator, type Page } from "playwright-core";

const QUIET = [
  "--headless",
  "--no-sandbox",
  "--disable-gpu",
  "--disable-quic",
  "--no-first-run",
  "--disable-background-networking",
  "--disable-component-update",
  "--disable-sync",
];

/** The system's Chromium, talking to nobody outside. */
export async function startBrowser(): Promise<Browser> {
  const find = "command -v chromium || command -v chromium-browser";
  const { stdout } = await promisify(execFile)("sh", ["-c", find]);
  return await chromium.launch({ executablePath: stdout.trim(), args: QUIET });
}

/** Adds to `errors` whatever the browser complains about on this page. */
export function listenTo(page: Page, errors: string[]): void {
  page.on("console", (message) => {
    if (["error", "warning"].includes(message.type())) errors.push(message.text());
  });
  page.on("pageerror", (error) => errors.push(error.message));
}

/** What a person does on the page, by what they see there. */
export class PageHand {
  readonly page: Page;

  constructor(page: Page) {
    this.page = page;
  }

  async become(name: string): Promise<void> {
    await this.page.locator("label").filter({ hasText: name }).click();
    await this.page.locator("#me", { hasText: name }).waitFor();
  }

  async say(text: string): Promise<void> {
    const box = this.page.getByRole("combobox", { name: "Message" });
    await box.fill(text);
    await box.press("Enter");
  }

  /** The card in the channel of the newest request with this headline. Its text names that, also when it has ended. */
  card(headline: string): Locator {
    return this.page.locator(`#messages article[aria-label*="${headline}"]`).last();
  }

  /** Waits until a card has a good outcome: its name for screen readers says so, and its sign is a picture. */
  async isDone(card: Locator): Promise<void> {
    await card.and(this.page.locator('[aria-label*=": Done: "]')).waitFor();
  }

  /** Presses a button of a card, confirms its dialog, and returns the dialog's text. */
  async press(card: Locator, button: string): Promise<string> {
    // by its words: what a screen reader says is longer
    await card.locator("button", { hasText: button }).click();
    const dialog = this.page.getByRole("dialog");
    const said = await dialog.innerText();
    await dialog.getByRole("button", { name: button, exact: true }).click();
    return said;
  }

  /** Presses Tab (or Shift+Tab) until this has the focus. */
  async tabTo(target: Locator, key: "Tab" | "Shift+Tab" = "Tab"): Promise<void> {
    for (let presses = 0; presses < 60; presses += 1) {
      if ((await target.and(this.page.locator(":focus")).count()) > 0) return;
      await this.page.keyboard.press(key);
    }
    throw new Error(`60 times ${key} did not lead there`);
  }

  /** Whether anything sticks out to the right. */
  async isTooWide(): Promise<boolean> {
    return await this.page.evaluate<boolean>("document.documentElement.scrollWidth > innerWidth");
  }
}
