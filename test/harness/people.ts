import type { SeenMessage, SlackDriver, Typed } from "../../playground/slack/driver.ts";
import { FLINK_OPS } from "../../playground/slack/workspace-seed.ts";
import { everyMessage, headOf, isCard, isOver, requestOf } from "./cards.ts";

/** A request that was typed, found again by the reason on its card. */
export interface Asked {
  readonly typed: Typed;
  readonly reason: string;
  readonly channel: string;
  readonly user: string;
  /** Waits for the card. */
  card(): Promise<SeenMessage>;
  /** Waits until the card shows how it ended. */
  outcome(timeoutMs?: number): Promise<SeenMessage>;
  /** Waits until the card's first line begins with this. */
  headed(head: string, timeoutMs?: number): Promise<SeenMessage>;
  /** The replies under the card now. */
  replies(): Promise<SeenMessage[]>;
  /** Flinkops's own id, from the message's metadata. */
  id(): Promise<string>;
}

/** Where and how something is typed. */
export interface Where {
  channel?: string;
  reason?: string;
}

/** How often a person was told in a channel that a press did not count yet. */
const toldToPressAgain = (seen: Parameters<typeof everyMessage>[0], channel: string): number =>
  everyMessage(seen).filter(
    (m) => m.ephemeral && m.channel === channel && /Press (?:\w+ )?again/u.test(m.plain),
  ).length;

/** What people do and read, in their own words. */
export class People {
  readonly #driver: SlackDriver;
  readonly #rooms: readonly string[];
  #asked = 0;

  constructor(driver: SlackDriver, rooms: readonly string[]) {
    this.#driver = driver;
    this.#rooms = rooms;
  }

  /** A channel that nobody has used for a while. */
  room(): string {
    this.#asked += 1;
    return this.#rooms[this.#asked % this.#rooms.length] ?? FLINK_OPS;
  }

  /** `/flink <words>` without waiting for more than the ack. */
  async type(user: string, words: string, channel = FLINK_OPS): Promise<Typed> {
    return await this.#driver.type(user, channel, `/flink ${words}`);
  }

  /** A change under a reason of its own, so that its card is found among many. */
  async change(user: string, words: string, { channel = this.room(), reason }: Where = {}): Promise<Asked> {
    const why = reason ?? `test ${this.#asked} of this file`;
    const typed = await this.type(user, `${words} --reason "${why}"`, channel);
    return this.#watch(user, channel, why, typed);
  }

  /** Somebody asked, with this reason, by another way than `change`. */
  watch(user: string, reason: string, typed: Typed, channel = FLINK_OPS): Asked {
    return this.#watch(user, channel, reason, typed);
  }

  /** Types words that are answered to this person alone, and waits for that answer. */
  async ask(user: string, words: string, channel = FLINK_OPS): Promise<SeenMessage> {
    const before = new Set((await this.#driver.ephemerals(user, channel)).map((one) => one.ts));
    const typed = await this.type(user, words, channel);
    if (typed.error !== null) throw new Error(`/flink ${words}: ${typed.error}`);
    return await this.#driver.waitForEphemeral(user, channel, (one) => !before.has(one.ts), {
      what: `an answer to "/flink ${words}"`,
    });
  }

  /** Presses a button and waits for what only this person is told about it. */
  async clickAndHear(user: string, card: SeenMessage, action: string, how = {}): Promise<string> {
    const before = new Set((await this.#driver.ephemerals(user, card.channel)).map((one) => one.ts));
    await this.#driver.click(user, card, action, how);
    const told = await this.#driver.waitForEphemeral(user, card.channel, (one) => !before.has(one.ts), {
      what: `an answer to the click on "${action}"`,
    });
    return told.plain;
  }

  /**
   * Presses Approve, and again where the person is told to: Slack allows few look-ups of groups a minute, and a suite decides
   * more often than a team does.
   */
  async approve(user: string, card: SeenMessage): Promise<void> {
    for (;;) {
      const before = toldToPressAgain(await this.#driver.see(user), card.channel);
      await this.#driver.click(user, card, "approval.approve");
      const heard = await this.#driver.waitFor(
        user,
        (seen) => {
          const now = everyMessage(seen).find((m) => m.ts === card.ts && m.channel === card.channel);
          if (now !== undefined && !now.plain.includes("Waiting for approval")) return "decided";
          return toldToPressAgain(seen, card.channel) > before ? "press again" : null;
        },
        { timeoutMs: 40_000, what: "a decision" },
      );
      if (heard === "decided") return;
    }
  }

  /** Presses Deny until its form is open: as for Approve, Slack allows few look-ups a minute. */
  async openDenial(user: string, card: SeenMessage): Promise<void> {
    for (;;) {
      const before = toldToPressAgain(await this.#driver.see(user), card.channel);
      await this.#driver.click(user, card, "approval.deny");
      const heard = await this.#driver.waitFor(
        user,
        (seen) =>
          seen.modal === null
            ? toldToPressAgain(seen, card.channel) > before
              ? "press again"
              : null
            : "open",
        { timeoutMs: 40_000, what: "the form of a denial" },
      );
      if (heard === "open") return;
    }
  }

  /** Presses Deny, types the reason where there is one, and submits. */
  async deny(user: string, card: SeenMessage, reason?: string): Promise<void> {
    await this.openDenial(user, card);
    const submitted = await this.#driver.submitModal(user, reason === undefined ? {} : { reason });
    if (!submitted.closed) throw new Error(`the form stays open: ${JSON.stringify(submitted)}`);
  }

  /** Every card in a channel. */
  async cards(user: string, channel = FLINK_OPS): Promise<SeenMessage[]> {
    return everyMessage(await this.#driver.see(user)).filter((one) => one.channel === channel && isCard(one));
  }

  /** How often a mention was posted: edits ring nobody, so only first versions count. */
  async rung(mention: string, under: SeenMessage): Promise<number> {
    const calls = await this.#driver.calls("chat.postMessage");
    return calls
      .filter(
        (call) => call.ok && requestOf(under) === requestOf({ metadata: asJson(call.args["metadata"]) }),
      )
      .reduce((n, call) => n + JSON.stringify(call.args["blocks"]).split(mention).length - 1, 0);
  }

  #watch(user: string, channel: string, reason: string, typed: Typed): Asked {
    const driver = this.#driver;
    const find = async (
      what: string,
      wanted: (card: SeenMessage) => boolean,
      timeoutMs = 20_000,
    ): Promise<SeenMessage> =>
      await driver.waitFor(
        user,
        (seen) =>
          everyMessage(seen).find(
            (one) => isCard(one) && one.plain.includes(`Reason: ${reason}`) && wanted(one),
          ),
        { what: `${what} of "${reason}"`, timeoutMs },
      );
    const card = async (): Promise<SeenMessage> => await find("the card", () => true);
    return {
      typed,
      reason,
      channel,
      user,
      card,
      outcome: async (timeoutMs) => await find("the outcome", isOver, timeoutMs),
      headed: async (head, timeoutMs) =>
        await find(`"${head}"`, (one) => headOf(one).includes(head), timeoutMs),
      replies: async () => await driver.thread(await card(), user),
      id: async () => requestOf(await card()),
    };
  }
}

const asJson = (value: unknown): SeenMessage["metadata"] =>
  typeof value === "string"
    ? (JSON.parse(value) as SeenMessage["metadata"])
    : (value as SeenMessage["metadata"]);
