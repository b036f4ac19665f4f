import { SlackRefused } from "../../model/errors.ts";
import { changeOf, isUrgent } from "../steps/phase-context.ts";
import type { CardRef, Copy, Outgoing } from "../ports/conversation.ts";
import { copyProblem, copyRefused, POSTING_COPY, POSTING_COPY_AGAIN } from "./copies.ts";
import { ANNOUNCED, announcementRefused } from "./announcing.ts";
import { isProgressDue, missing } from "./missing.ts";
import { isOnce, nameOf, type Piece, POSTING, POSTING_AGAIN, type Shown, TOLD, whatOf } from "./pieces.ts";
import { inTheWay, isPutOff, RETRY_MS } from "./retry.ts";
import {
  DrawnAt,
  isFresh,
  justRead,
  newShowing,
  type PresenterOptions,
  type Run,
  type Showing,
  traced,
} from "./showing.ts";
import { end, says } from "../record/transitions.ts";
import type { Held } from "../record/store.ts";

/**
 * How long a process holds the right to post a message, ms; longer than a Slack call takes. If it dies, another one
 * posts after this.
 */
const MINE_MS = 12_000;
/** How long to wait before checking on a message that another process posts, ms. */
const THEIRS_MS = 1000;

/**
 * Shows requests in Slack independently of their steps, so that no step waits for Slack. The missing messages are
 * derived from the record and from what is recorded as shown, so any process may begin them at any time; after a
 * crash the request's next step finds them. Each message is drawn from the record as it is when its turn comes, and
 * dropped if it is no longer wanted.
 */
export class Presenter {
  readonly #engine: PresenterOptions["engine"];
  readonly #clock: PresenterOptions["clock"];
  readonly #wake: PresenterOptions["wake"];
  readonly #showing = new Map<string, Showing>();
  readonly #runs = new Set<Run>();
  /** When the progress of a running request was last checked and last drawn, ms by Redis's clock. */
  readonly #lookedAt = new Map<string, number>();
  readonly #drawnAt = new DrawnAt();
  #stopping = false;

  constructor({ engine, clock, wake }: PresenterOptions) {
    this.#engine = engine;
    this.#clock = clock;
    this.#wake = wake;
  }

  /** Called when the request has changed, or when messages may be missing. Returns at once. */
  present(held: Held): void {
    const { id, parent, state } = held.record;
    if (parent !== null || !isProgressDue(held, this.#lookedAt.get(id) ?? null)) return;
    if (state === "running") this.#lookedAt.set(id, held.now);
    this.#look(id, held);
  }

  /** Begins nothing more. Resolves when no call to Slack is under way. */
  async stop(): Promise<void> {
    this.#stopping = true;
    const calls = [...this.#runs].filter((run) => run.stage === "calling");
    await Promise.allSettled(calls.map((run) => run.over));
  }

  /** Resolves when every message that was begun here is shown. */
  async settled(): Promise<void> {
    for (;;) {
      const one = this.#showing.values().next().value;
      if (one === undefined) return;
      await Promise.all([one.looking, ...one.pieces.values()]);
    }
  }

  /** `held`: the record as a step has just read or committed it; null: it is read. */
  #look(id: string, held: Held | null): void {
    if (this.#stopping) return;
    const one = this.#showing.get(id) ?? newShowing();
    this.#showing.set(id, one);
    one.again = true;
    one.given = held;
    one.looking ??= this.#lookUntilStill(id, one);
  }

  async #lookUntilStill(id: string, one: Showing): Promise<void> {
    while (one.again && !this.#stopping) {
      one.again = false;
      one.shown = null;
      await this.#lookOnce(id, one);
    }
    one.looking = null;
    if (one.pieces.size === 0) this.#showing.delete(id);
  }

  /** Begins every missing message. Where none is missing, wakes the ended request, so that it can be closed. */
  async #lookOnce(id: string, one: Showing): Promise<void> {
    try {
      const shown = await this.#shown(id, isFresh(one.given, this.#clock.monotonic()) ? one.given : null);
      one.shown = shown;
      if (shown === null) return;
      const { record } = shown.held;
      const pieces = missing(shown);
      for (const piece of pieces) this.#begin(id, one, piece);
      if (record.end === null) return;
      this.#lookedAt.delete(id);
      this.#drawnAt.forget(id);
      const isStill = pieces.length === 0 && one.pieces.size === 0 && !one.again;
      if (isStill && record.state === "ended") this.#wake(record);
    } catch (error) {
      this.#engine.log.warn({ requestId: id, err: error }, "what is to be shown cannot be read");
      await this.#clock.sleep(RETRY_MS * 4);
      one.again = true;
    }
  }

  async #shown(id: string, known: Held | null): Promise<Shown | null> {
    const { store, labelOf } = this.#engine;
    const [held, cards] = await Promise.all([known ?? store.load(id), store.cards(id)]);
    if (held.record === null || this.#stopping) return null;
    return {
      held,
      cards,
      isBrake: isUrgent(changeOf(this.#engine, held.record), held.record),
      label: labelOf(held.record.target.cluster),
      drawnAt: (card) => this.#drawnAt.of(id, card),
    };
  }

  #begin(id: string, one: Showing, piece: Piece): void {
    const name = nameOf(piece);
    if (one.pieces.has(name)) return;
    const run: Run = { id, piece, held: null, stage: "waiting", over: Promise.resolve() };
    this.#runs.add(run);
    const work = async (): Promise<void> => {
      await this.#work(run, one);
      one.pieces.delete(name);
      this.#look(id, null);
    };
    one.pieces.set(name, work());
  }

  /** Works on one message until it is shown, is no longer missing, or must be begun again. Never throws. */
  async #work(run: Run, one: Showing): Promise<void> {
    try {
      run.over = traced(this.#engine.traces, run, async () => await this.#say(run));
      await run.over;
      one.failures = 0;
    } catch (error) {
      one.failures += 1;
      const waitMs = inTheWay(this.#engine.log, run, { failures: one.failures, error });
      if (!this.#stopping) await this.#clock.sleep(waitMs);
    } finally {
      this.#runs.delete(run);
    }
    if (run.stage === "theirs") await this.#clock.sleep(THEIRS_MS);
  }

  async #say(run: Run): Promise<void> {
    const { piece } = run;
    if (piece.do === "card") await this.#postCard(run);
    else if (piece.do === "tell") await this.#tell(run);
    else if (piece.do === "copy") await this.#postCopy(run, piece.copy);
    else if (piece.do === "edit") await this.#editCard(run, piece);
    else await this.#reply(run, piece.card);
  }

  /** What the conversation asks when the message's turn comes; `as` turns the message into its content. */
  #outgoing<T>(run: Run, as: (piece: Piece, held: Held) => T | null): Outgoing<T> {
    return {
      lane: run.piece.lane,
      newest: async () => {
        const piece = await this.#newest(run);
        return piece === null || run.held === null ? null : as(piece, run.held);
      },
      mine: async () => await this.#mine(run),
    };
  }

  /** The same message as of now; null: it is no longer missing. */
  async #newest(run: Run): Promise<Piece | null> {
    const shown =
      justRead(this.#showing.get(run.id), this.#clock.monotonic()) ?? (await this.#shown(run.id, null));
    const same = shown === null ? undefined : missing(shown).find((one) => nameOf(one) === nameOf(run.piece));
    run.held = same === undefined ? null : (shown?.held ?? null);
    return same ?? null;
  }

  async #mine(run: Run): Promise<boolean> {
    const { store, worker } = this.#engine;
    const { id, piece } = run;
    const who = { by: worker, forMs: MINE_MS };
    const isMine =
      piece.do === "edit" ||
      (isOnce(piece) ? await store.said(id, piece.what) : await store.saying(id, whatOf(piece), who));
    if (isMine && piece.do === "card" && (await store.cardsToPost(id)).tried)
      await store.said(id, POSTING_AGAIN);
    if (isMine && piece.do === "copy" && !(await store.said(id, POSTING_COPY)))
      await store.said(id, POSTING_COPY_AGAIN);
    run.stage = isMine ? "calling" : "theirs";
    return isMine;
  }

  async #postCard(run: Run): Promise<void> {
    const { store, conversation } = this.#engine;
    const { id } = run;
    try {
      const card = await conversation.postCard(this.#outgoing(run, (_, held) => held.record));
      if (card === null || run.held === null) return;
      await store.drawn(id, card, run.held.rev);
      if (run.held.record.state === "ready") this.#wake(run.held.record);
    } catch (error) {
      // The card was certainly not posted.
      if (error instanceof SlackRefused || isPutOff(error)) await store.unsaid(id, POSTING);
      if (!(error instanceof SlackRefused) || run.held === null) throw error;
      const words = `Slack says ${error.reason}.`;
      const report = says("failed", "Nothing was changed: the card could not be posted here", words);
      await end(store, run.held, { ending: "refused", report });
    }
  }

  /** Where there can be no copy, that is recorded: then the approvers are asked where the request was made. */
  async #postCopy(run: Run, copy: Copy): Promise<void> {
    const { store, conversation, log, policy } = this.#engine;
    let problem = copyProblem(policy, copy.channel, await conversation.channel(copy.channel));
    try {
      if (problem === null) {
        const card = await conversation.postCard(
          this.#outgoing(run, (_, held) => held.record),
          copy,
        );
        if (card !== null && run.held !== null) await store.drawn(run.id, card, run.held.rev);
        return;
      }
    } catch (error) {
      if (error instanceof SlackRefused || isPutOff(error)) await store.unsaid(run.id, POSTING_COPY);
      if (!(error instanceof SlackRefused)) throw error;
      problem = error.reason;
    }
    log.warn({ requestId: run.id, channel: copy.channel, problem }, "approvers' channel cannot be used");
    await store.said(run.id, copyRefused(problem));
  }

  async #editCard(run: Run, { card, origin }: Extract<Piece, { do: "edit" }>): Promise<void> {
    const { store, conversation } = this.#engine;
    const draw = this.#outgoing(run, (_, held) => held.record);
    const isShown = await conversation
      .editCard(card, draw, origin)
      .catch(this.#refusedFor(run, "card cannot be edited"));
    if (!isShown || run.held === null) return;
    if (run.held.record.state === "running") this.#drawnAt.note(run.id, card, run.held.now);
    await store.drawn(run.id, card, run.held.rev);
  }

  async #reply(run: Run, card: CardRef): Promise<void> {
    const { store, conversation } = this.#engine;
    const words = this.#outgoing(run, (piece, { record }) =>
      piece.do === "reply" ? { ...piece, record } : null,
    );
    const refused = this.#refusedFor(run, "reply cannot be posted");
    const isShown = await conversation.reply(card, words).catch(async (error: unknown) => {
      // what nobody sees is not announced: the request ends instead of starting
      if (whatOf(run.piece) === ANNOUNCED && error instanceof SlackRefused) {
        await store.said(run.id, announcementRefused(error.reason));
        return false;
      }
      // It was certainly not posted, so it may be tried again.
      if (isOnce(run.piece) && run.stage === "calling" && isPutOff(error))
        await store.unsaid(run.id, run.piece.what);
      return refused(error);
    });
    if (isShown) await store.said(run.id, whatOf(run.piece));
    if (whatOf(run.piece) === ANNOUNCED && run.held !== null) this.#wake(run.held.record);
  }

  /** A refusal without a card is sent to the requester alone. */
  async #tell(run: Run): Promise<void> {
    const { store, conversation, responseUrl } = this.#engine;
    await this.#newest(run);
    const record = run.held?.record;
    if (record?.end == null || !(await this.#mine(run))) return;
    const { headline, lines, offers } = record.end.report;
    const to = { actor: record.actor, place: record.place, responseUrl: await responseUrl(run.id) };
    const what = { refuse: headline, instead: lines, ...(offers === undefined ? {} : { offers }) };
    await conversation.answer(to, what).catch(this.#refusedFor(run, "refusal cannot be told"));
    await store.said(run.id, TOLD);
  }

  /** A message that Slack refuses permanently counts as shown. */
  #refusedFor({ id }: Run, message: string): (error: unknown) => true {
    return (error) => {
      if (!(error instanceof SlackRefused)) throw error;
      this.#engine.log.warn({ requestId: id, reason: error.reason }, message);
      return true;
    };
  }
}
