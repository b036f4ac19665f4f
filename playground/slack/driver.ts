import type { Delivered, DeliveryRecord } from "./dispatch.ts";
import type { DeliveryFault, MethodFault } from "./faults.ts";
import type { Clicked, Clicking } from "./interactions.ts";
import type { Submitted } from "./modals.ts";
import type { Seen, SeenChannel, SeenFile, SeenMessage, SeenModal } from "./see.ts";
import { dump, everything, type MessageRef, repliesOf, roots } from "./seen.ts";
import type { Typed, Typing } from "./typing.ts";
import type { CallRecord } from "./world.ts";

export type { CallRecord, Clicked, DeliveryFault, DeliveryRecord, MessageRef, MethodFault, Submitted, Typed };
export type { Seen, SeenChannel, SeenFile, SeenMessage, SeenModal };

const LONG_POLL_MS = 10_000;

/**
 * Drives the stand-in from a test, as people would drive Slack. Works across processes: it needs only the url.
 *
 *     const slack = await startSlack();                  // or: node --import tsx playground/slack/main.ts, and read its line
 *     const driver = new SlackDriver(slack.url);
 *     const typed = await driver.type(ANA, FLINK_OPS, "/flink stop orders");   // resolves when acked (or after 3 s)
 *     typed.reply                                        // the ack's own answer; a later respond() is an ephemeral
 *     const card = await driver.waitForMessage(ANA, FLINK_OPS, (m) => m.plain.includes("Waiting for approval"));
 *     await driver.click(BEN, card, "Approve stop");     // label or action_id; confirms unless { confirm: false }
 *     await driver.waitForReply(ANA, card, (m) => m.plain.includes("Stopped"));
 *     await driver.waitForEphemeral(DORA, FLINK_OPS, (m) => m.plain.includes("You may not"));
 *
 * People, channels and groups are constants of workspace-seed.ts (ANA, FLINK_OPS, APPROVERS, ...).
 * `plain` is what the screen shows with names resolved; `fallback` is the top-level text; `history` the earlier
 * versions of an edited message. `waitFor...` wait on a condition and throw with a dump of what the person sees.
 *
 * A mention: `driver.type(ANA, INCIDENT, "@flink status orders", { thread: root })`, `{ ageMs: 360_000 }` for a late one.
 * Faults: `driver.fault({ method: "chat.postMessage", drop: true, applied: true })` (done, but the reply lost),
 *   `{ retryAfter: 2 }`, `{ status: 503 }`, `{ error: "..." }`, `{ delayMs: 500 }`; `driver.swallowAcks(1)`;
 *   `driver.delayDeliveries(ms)`; `driver.refreshSockets()`, `driver.cutSockets()`.
 * Evidence: `driver.calls("chat.update")`, `driver.deliveries()`, `driver.redeliver(typed)` (the same payload again).
 * What a person could not do in the client (press a button that is not there) throws.
 */
export class SlackDriver {
  readonly #url: string;

  constructor(url: string) {
    this.#url = url.replace(/\/$/, "");
  }

  /** One control command; the answer is what control.ts returns for it. */
  async #ask<T>(command: string, body: object): Promise<T> {
    const response = await fetch(`${this.#url}/_control/${command}`, {
      method: "POST",
      headers: { "content-type": "application/json" },
      body: JSON.stringify(body),
    });
    const answer = (await response.json()) as T & { error?: string };
    if (!response.ok) throw new Error(`${command}: ${answer.error}`);
    return answer;
  }

  /** Types a slash command, a mention or plain words. A command resolves with its ack, or after the three seconds. */
  async type(
    user: string,
    channel: string,
    text: string,
    where: { thread?: MessageRef | string; ageMs?: number } = {},
  ): Promise<Typed> {
    const threadTs = typeof where.thread === "object" ? where.thread.ts : where.thread;
    const typing: Typing = { user, channel, text, threadTs, ageMs: where.ageMs };
    return await this.#ask<Typed>("type", typing);
  }

  /** Presses a button by its words or `action_id`; goes through its confirm dialog unless `confirm: false`. */
  async click(
    user: string,
    message: MessageRef,
    action: string,
    how: Pick<Clicking, "confirm" | "choice" | "version" | "value"> = {},
  ): Promise<Clicked> {
    return await this.#ask<Clicked>("click", {
      user,
      channel: message.channel,
      ts: message.ts,
      action,
      ...how,
    });
  }

  /** Everything that a person sees now. */
  async see(user: string): Promise<Seen> {
    return await this.#ask<Seen>("see", { user });
  }

  /** The messages at the root of a channel, without ephemerals and deleted ones, oldest first. */
  async messages(channel: string, as: string): Promise<SeenMessage[]> {
    return roots(await this.see(as), channel).filter((one) => !one.ephemeral);
  }

  /** The replies in a thread, ephemerals of that person included, oldest first. */
  async thread(root: MessageRef, as: string): Promise<SeenMessage[]> {
    return repliesOf(await this.see(as), root);
  }

  /** What only this person sees in a channel or its threads, oldest first. */
  async ephemerals(user: string, channel: string): Promise<SeenMessage[]> {
    return everything(await this.see(user), channel).filter((one) => one.ephemeral);
  }

  /** Waits until the condition gives something other than `undefined`, `null` or `false`, and returns that. */
  async waitFor<T>(
    user: string,
    condition: (seen: Seen) => T | undefined | null | false,
    { timeoutMs = 15_000, what = "a condition" }: { timeoutMs?: number; what?: string } = {},
  ): Promise<T> {
    const deadline = Date.now() + timeoutMs;
    for (;;) {
      const seen = await this.see(user);
      const found = condition(seen);
      if (found !== undefined && found !== null && found !== false) return found;
      const left = deadline - Date.now();
      if (left <= 0) throw new Error(`waited ${timeoutMs} ms for ${what}; ${user} sees:\n${dump(seen)}`);
      await this.#ask("wait", { since: seen.seq, timeoutMs: Math.min(left, LONG_POLL_MS) });
    }
  }

  /** Waits for a message at the root of a channel. */
  async waitForMessage(
    user: string,
    channel: string,
    matches: (message: SeenMessage) => boolean,
    options: { timeoutMs?: number; what?: string } = {},
  ): Promise<SeenMessage> {
    return await this.waitFor(
      user,
      (seen) => roots(seen, channel).find((one) => !one.ephemeral && matches(one)),
      { what: `a message in ${channel}`, ...options },
    );
  }

  /** Waits until this very message (say, an edited card) is as wanted. */
  async waitForChange(
    user: string,
    message: MessageRef,
    matches: (message: SeenMessage) => boolean,
    options: { timeoutMs?: number; what?: string } = {},
  ): Promise<SeenMessage> {
    return await this.waitFor(
      user,
      (seen) => everything(seen, message.channel).find((one) => one.ts === message.ts && matches(one)),
      { what: `a change of ${message.ts}`, ...options },
    );
  }

  /** Waits for a reply in a thread. */
  async waitForReply(
    user: string,
    root: MessageRef,
    matches: (message: SeenMessage) => boolean,
    options: { timeoutMs?: number; what?: string } = {},
  ): Promise<SeenMessage> {
    return await this.waitFor(user, (seen) => repliesOf(seen, root).find(matches), {
      what: `a reply under ${root.ts}`,
      ...options,
    });
  }

  /** Waits for something that only this person sees, in the channel or one of its threads. */
  async waitForEphemeral(
    user: string,
    channel: string,
    matches: (message: SeenMessage) => boolean,
    options: { timeoutMs?: number; what?: string } = {},
  ): Promise<SeenMessage> {
    return await this.waitFor(
      user,
      (seen) => everything(seen, channel).find((one) => one.ephemeral && matches(one)),
      { what: `an ephemeral in ${channel}`, ...options },
    );
  }

  /** Opens a file of a message, and reads it. */
  async fileText({ url }: Pick<SeenFile, "url">): Promise<string> {
    const answer = await fetch(`${this.#url}${url}`);
    if (!answer.ok) throw new Error(`${url}: HTTP ${answer.status}`);
    return await answer.text();
  }

  /** Submits the modal in front of a person; values by action id, block id or label. */
  async submitModal(user: string, values: Record<string, string>): Promise<Submitted> {
    return await this.#ask<Submitted>("modal/submit", { user, values });
  }

  async closeModal(user: string): Promise<Submitted> {
    return await this.#ask<Submitted>("modal/close", { user });
  }

  /** Presses a button of the modal in front of a person; `values` is what they have typed into it at that time. */
  async clickInModal(
    user: string,
    action: string,
    how: { confirm?: boolean; choice?: string; values?: Record<string, string> } = {},
  ): Promise<Clicked> {
    return await this.#ask<Clicked>("modal/click", { user, action, ...how });
  }

  /** Waits until a person has a modal in front of them that is as wanted. */
  async waitForModal(
    user: string,
    matches: (modal: SeenModal) => boolean = () => true,
    options: { timeoutMs?: number; what?: string } = {},
  ): Promise<SeenModal> {
    return await this.waitFor(user, ({ modal }) => (modal !== null && matches(modal) ? modal : null), {
      what: "a modal",
      ...options,
    });
  }

  /** Delivers the same payload once more: of what was typed or clicked, or a delivery's id. */
  async redeliver(what: { delivery: number | null } | number): Promise<Delivered> {
    const delivery = typeof what === "number" ? what : what.delivery;
    return await this.#ask<Delivered>("redeliver", { delivery });
  }

  /** Arms a fault of a Web API method; see `MethodFault`. */
  async fault(fault: MethodFault): Promise<void> {
    await this.#ask("fault/method", fault);
  }

  /** From now on these types of blocks are refused with `invalid_blocks`, as by a Slack that does not know them: `["table"]`. */
  async refuseBlocks(types: readonly string[]): Promise<void> {
    await this.#ask("blocks/unknown", { types });
  }

  /** The next `count` acks are lost on their way back: the app believes it acked, Slack says it did not respond. */
  async swallowAcks(count: number): Promise<void> {
    await this.#ask("fault/delivery", { swallowAcks: count });
  }

  /** The next `times` envelopes arrive `ms` later. */
  async delayDeliveries(ms: number, times = 1): Promise<void> {
    await this.#ask("fault/delivery", { delayMs: ms, times });
  }

  async clearFaults(): Promise<void> {
    await this.#ask("fault/clear", {});
  }

  /** Asks each Socket Mode connection to reconnect, as Slack does every few hours. */
  async refreshSockets(): Promise<void> {
    await this.#ask("socket/refresh", {});
  }

  /** Cuts each Socket Mode connection without a word. */
  async cutSockets(): Promise<void> {
    await this.#ask("socket/cut", {});
  }

  /** Waits until this many Socket Mode connections take envelopes. */
  async waitForConnections(count: number, timeoutMs = 30_000): Promise<void> {
    const deadline = Date.now() + timeoutMs;
    for (;;) {
      const { open, seq } = await this.#ask<{ open: number; seq: number }>("socket/count", {});
      if (open === count) return;
      const left = deadline - Date.now();
      if (left <= 0) throw new Error(`waited ${timeoutMs} ms for ${count} connections; ${open} are open`);
      await this.#ask("wait", { since: seq, timeoutMs: Math.min(left, LONG_POLL_MS) });
    }
  }

  async addToGroup(group: string, user: string): Promise<void> {
    await this.#ask("group", { group, user, change: "add" });
  }

  async removeFromGroup(group: string, user: string): Promise<void> {
    await this.#ask("group", { group, user, change: "remove" });
  }

  /** Deactivates an account, or makes it a guest, or undoes either. */
  async changeUser(user: string, change: { deleted?: boolean; isRestricted?: boolean }): Promise<void> {
    await this.#ask("user", { user, ...change });
  }

  /** Archives a channel, or adds or removes a person (by default the bot). */
  async changeChannel(
    channel: string,
    change: { member?: string; present?: boolean; archived?: boolean },
  ): Promise<void> {
    await this.#ask("channel", { channel, ...change });
  }

  /** Every Web API call so far, or those of one method. */
  async calls(method?: string): Promise<CallRecord[]> {
    return await this.#ask<CallRecord[]>("calls", method === undefined ? {} : { method });
  }

  /** Everything that was sent to the app, with its acks. */
  async deliveries(): Promise<DeliveryRecord[]> {
    return await this.#ask<DeliveryRecord[]>("deliveries", {});
  }
}
