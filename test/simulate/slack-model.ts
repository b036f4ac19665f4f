import { SlackRefused, SlackUnavailable } from "../../src/model/errors.ts";
import type { Refusal, Report } from "../../src/model/report.ts";
import { plain } from "../../src/model/text.ts";
import type { CardRef, Conversation, Lane, Reply, Outgoing } from "../../src/requests/ports/conversation.ts";
import type { RequestRecord } from "../../src/requests/record/record.ts";
import type { Log } from "../../src/slack/log.ts";
import { type RateLimiter, rates } from "../../src/slack/rate-limits.ts";
import { gcra } from "../fakes/gcra.ts";
import { ACCOUNT_MAX_AGE_MS, GROUP_MAX_AGE_MS, type Roster } from "../../src/slack/roster.ts";
import { createTurns, type Turns } from "../../src/slack/turns.ts";
import type { Process } from "./scheduler.ts";
import { REDIS } from "./store-model.ts";
import type { NoAnswer, Wire } from "./wire.ts";

export const CHANNEL = "C0INCIDENT";
export const TEAM = "T0HOME0001";
export const OPERATORS = "S0OPERATE1";
export const APPROVERS = "S0APPROVE1";
/** Not a group: whose accounts are active. */
export const ACCOUNTS = "accounts";

/** A message as Slack has it. */
export interface Posted {
  ts: string;
  thread: string | null;
  requestId: string;
  /** As last drawn. */
  record: RequestRecord;
  words: string;
  at: number;
}

/** What Slack itself knows: who is in which group, and what was posted. */
export class SlackModel {
  readonly members = new Map<string, Set<string>>();
  readonly posted: Posted[] = [];
  /** Every change of a group, for the judge: who was in it when. */
  readonly changes: { group: string; user: string; is: "in" | "out"; at: number }[] = [];
  /** Until then it asks to wait. */
  limitedUntil = 0;
  onPost: (message: Posted) => void = () => undefined;
  readonly #now: () => number;

  constructor(now: () => number) {
    this.#now = now;
  }

  post(message: Omit<Posted, "ts" | "at">): string {
    this.#limit();
    const ts = `${this.#now()}.${String(this.posted.length).padStart(6, "0")}`;
    const posted = { ...message, ts, at: this.#now() };
    this.posted.push(posted);
    this.onPost(posted);
    return ts;
  }

  update(ts: string, record: RequestRecord): void {
    this.#limit();
    const found = this.posted.find((p) => p.ts === ts);
    if (found === undefined) throw new SlackRefused("message_not_found");
    found.record = record;
  }

  join(group: string, user: string): void {
    this.members.set(group, (this.members.get(group) ?? new Set()).add(user));
    this.changes.push({ group, user, is: "in", at: this.#now() });
  }

  leave(group: string, user: string): void {
    this.members.get(group)?.delete(user);
    this.changes.push({ group, user, is: "out", at: this.#now() });
  }

  /** Whether they were in it at some moment of these, ms. */
  wasIn(group: string, user: string, { from, until }: { from: number; until: number }): boolean {
    const theirs = this.changes.filter((c) => c.group === group && c.user === user && c.at <= until);
    const before = theirs.findLast((c) => c.at <= from);
    return before?.is === "in" || theirs.some((c) => c.at > from && c.is === "in");
  }

  /** All who ever were in it. */
  ever(group: string): readonly string[] {
    return [...new Set(this.changes.filter((c) => c.group === group).map((c) => c.user))];
  }

  /** Whether their account is active. */
  isActive(user: string): boolean {
    return this.members.get(ACCOUNTS)?.has(user) === true;
  }

  usersIn(group: string): readonly string[] {
    this.#limit();
    return [...(this.members.get(group) ?? [])];
  }

  #limit(): void {
    const waitMs = this.limitedUntil - this.#now();
    if (waitMs > 0) throw new SlackUnavailable("ratelimited", waitMs);
  }
}

const SLACK: NoAnswer = {
  timeoutMs: 10_000,
  refused: () => new SlackUnavailable("connect ECONNREFUSED", 0),
  timedOut: () => new SlackUnavailable("no answer", 0),
};

/** Slack's pace as all processes share it in Redis. */
export function sharedLimiter(now: () => number): { over(wire: Wire, process: Process): RateLimiter } {
  const dues = new Map<string, number>();
  return {
    over: (wire, process) => ({
      take: async (key, turn) =>
        await wire.call(
          process,
          () => {
            const { due, waitMs } = gcra(dues.get(key) ?? null, now(), turn);
            if (waitMs === 0) dues.set(key, due);
            return { waitMs };
          },
          REDIS,
        ),
    }),
  };
}

export interface ConversationOver {
  slack: SlackModel;
  wire: Wire;
  process: Process;
  limiter: RateLimiter;
  log: Log;
}

/** As src/slack/conversation.ts: in turn, asked again when the turn has come, held where Slack asks to wait. */
export function conversationOver({ slack, wire, process, limiter, log }: ConversationOver): Conversation {
  const turns = createTurns({ limiter, clock: process.clock, log });
  const call = async <T>(key: string, perform: () => T): Promise<T> => {
    try {
      return await wire.call(process, perform, SLACK);
    } catch (error) {
      if (error instanceof SlackUnavailable) turns.hold(key, error.retryAfterMs);
      throw error;
    }
  };
  const post = { key: `post:${CHANNEL}`, rate: rates.post };
  return {
    async postCard(outgoing) {
      const record = await due(turns, { ...post, lane: outgoing.lane }, outgoing);
      if (record === null) return null;
      const message = { thread: null, requestId: record.id, record, words: "card" };
      return { channel: CHANNEL, ts: await call(post.key, () => slack.post(message)) };
    },
    async editCard(card: CardRef, outgoing) {
      const record = await due(turns, { key: "update", rate: rates.update, lane: outgoing.lane }, outgoing);
      if (record === null) return false;
      await call("update", () => slack.update(card.ts, record));
      return true;
    },
    notice: async () => await Promise.resolve(),
    async reply(card: CardRef, outgoing: Outgoing<Reply>) {
      const reply = await due(turns, { ...post, lane: outgoing.lane }, outgoing);
      if (reply === null) return false;
      const { record, text } = reply;
      await call(post.key, () =>
        slack.post({ thread: card.ts, requestId: record.id, record, words: plain(text) }),
      );
      return true;
    },
    async answer(_to, what: Report | Refusal) {
      void what;
      await call("ephemeral", () => undefined);
    },
    link: async (card) => await Promise.resolve(`https://slack.example/${card.ts}`),
    channel: async () =>
      await Promise.resolve({ member: true, externallyShared: false, join: "Invite me.", unreadable: null }),
  };
}

async function due<T>(
  turns: Turns,
  wanted: { key: string; rate: { periodMs: number; burst: number }; lane: Lane },
  outgoing: Outgoing<T>,
): Promise<T | null> {
  const what = await turns.take(wanted, async () => await outgoing.newest());
  return what !== null && (await outgoing.mine()) ? what : null;
}

/** What Slack was asked last of each group, as all processes share it in Redis. */
export function sharedRoster(slack: SlackModel, now: () => number) {
  const known = new Map<string, { askedAt: number; users: readonly string[] }>();
  const accounts = new Map<string, { askedAt: number; isActive: boolean }>();
  /** No call of its own: it would draw chance, and every history would become another one. */
  const isActive = (user: string, notBefore: number): boolean => {
    const last = accounts.get(user);
    if (last !== undefined && last.askedAt >= Math.max(notBefore, now() - ACCOUNT_MAX_AGE_MS))
      return last.isActive;
    const found = { askedAt: now(), isActive: slack.isActive(user) };
    accounts.set(user, found);
    return found.isActive;
  };
  return {
    over: (redis: Wire, toSlack: Wire, process: Process): Roster => ({
      ourselves: async () =>
        await Promise.resolve({
          team: TEAM,
          enterprise: null,
          botUser: "U0FLINKBOT",
          name: "flinkops",
          botId: null,
          url: null,
        }),
      account: async (user, { notBefore = 0 }) =>
        await Promise.resolve({
          nobody: false as const,
          name: user,
          team: TEAM,
          enterprise: null,
          stranger: false,
          deleted: !isActive(user, notBefore),
          bot: false,
          guest: false,
        }),
      async members(group, { notBefore = 0 }) {
        const asked = await redis.call(
          process,
          () => {
            const last = known.get(group);
            const fresh = last !== undefined && last.askedAt >= Math.max(notBefore, now() - GROUP_MAX_AGE_MS);
            return { users: fresh ? last.users : null, now: now() };
          },
          REDIS,
        );
        if (asked.users !== null) return { users: [...asked.users] };
        const users = await toSlack.call(process, () => slack.usersIn(group), SLACK);
        await redis.call(
          process,
          () => {
            if ((known.get(group)?.askedAt ?? 0) <= asked.now)
              known.set(group, { askedAt: asked.now, users });
          },
          REDIS,
        );
        return { users: [...users] };
      },
      nameOf: async (user) => await Promise.resolve(user),
      handleOf: async (group) => await Promise.resolve(group),
    }),
  };
}

/** A cancel without a savepoint: it waits behind nothing. */
export const isBrake = ({ operation, args }: RequestRecord): boolean =>
  operation === "cancel" && args["withSavepoint"] !== true;
