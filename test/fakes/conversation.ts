import type { Refusal, Report } from "../../src/model/report.ts";
import { plain } from "../../src/model/text.ts";
import type {
  CardRef,
  Copy,
  ChannelFacts,
  Conversation,
  Lane,
  Recipient,
  Reply,
  Outgoing,
} from "../../src/requests/ports/conversation.ts";
import type { RequestRecord } from "../../src/requests/record/record.ts";
import { aChannel } from "./people.ts";

/** Slack in memory: every call in its order, with its lane and its words. */
export class FakeConversation implements Conversation {
  /** `card`, `copy`, `edit`, `reply`, `answer`, `notice`. */
  readonly posted: string[] = [];
  readonly said: { what: string; lane: Lane | null; words: string }[] = [];
  /** Of each reply: the thread that it is in, as `channel ts`, and whom it mentions. */
  readonly mentioned: { in: string; whom: readonly string[] }[] = [];
  facts: ChannelFacts = aChannel();
  /** Of single channels, by id. */
  readonly factsOf = new Map<string, ChannelFacts>();
  /** What calls throw, in turn, by the word above. */
  throws: { what: string; error: Error }[] = [];
  /** Until then nobody's turn comes. */
  turn: Promise<unknown> = Promise.resolve();

  async postCard(outgoing: Outgoing<RequestRecord>, copy?: Copy): Promise<CardRef | null> {
    const what = copy === undefined ? "card" : "copy";
    const record = await this.#due(what, outgoing);
    if (record === null) return null;
    const n = this.#note(what, outgoing.lane, record.state);
    return { channel: copy?.channel ?? record.place.channel, ts: `${n}.0` };
  }

  async editCard(
    { channel }: CardRef,
    outgoing: Outgoing<RequestRecord>,
    origin?: CardRef,
  ): Promise<boolean> {
    const record = await this.#due("edit", outgoing);
    const of = origin === undefined ? "" : ` in ${channel}, of ${origin.channel} ${origin.ts}`;
    if (record !== null) this.#note("edit", outgoing.lane, `${record.end?.ending ?? record.state}${of}`);
    return record !== null;
  }

  async reply(card: CardRef, outgoing: Outgoing<Reply>): Promise<boolean> {
    const reply = await this.#due("reply", outgoing);
    if (reply !== null)
      this.mentioned.push({
        in: `${card.channel} ${card.ts}`,
        whom: [...reply.mention.groups, ...reply.mention.users],
      });
    const buttons = (reply?.offers ?? []).map((offer) => ` [${offer.label}]`).join("");
    if (reply !== null) this.#note("reply", outgoing.lane, `${plain(reply.text)}${buttons}`);
    return reply !== null;
  }

  notice(_channel: string, what: Refusal): Promise<void> {
    this.#note("notice", "outcome", plain(what.refuse));
    return Promise.resolve();
  }

  answer(_to: Recipient, what: Report | Refusal): Promise<void> {
    const error = this.#fault("answer");
    if (error !== null) return Promise.reject(error);
    this.#note("answer", null, plain("refuse" in what ? what.refuse : what.headline));
    return Promise.resolve();
  }

  link(card: CardRef): Promise<string | null> {
    return Promise.resolve(`https://slack.example/${card.ts}`);
  }

  channel(channel: string): Promise<ChannelFacts> {
    return Promise.resolve(this.factsOf.get(channel) ?? this.facts);
  }

  /** As slack/ does it: asked, in turn, asked again, and only then ours. */
  async #due<T>(what: string, outgoing: Outgoing<T>): Promise<T | null> {
    if ((await outgoing.newest()) === null) return null;
    await this.turn;
    const content = await outgoing.newest();
    if (content === null || !(await outgoing.mine())) return null;
    const error = this.#fault(what);
    if (error !== null) throw error;
    return content;
  }

  #fault(what: string): Error | null {
    const at = this.throws.findIndex((one) => one.what === what);
    return at < 0 ? null : (this.throws.splice(at, 1)[0]?.error ?? null);
  }

  #note(what: string, lane: Lane | null, words: string): number {
    this.said.push({ what, lane, words });
    return this.posted.push(what);
  }
}
