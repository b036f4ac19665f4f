import { z } from "zod";
import { SlackRefused } from "../model/errors.ts";
import { type Account, accountOf, accountSchema } from "./account.ts";
import { type AskOnceOptions, createAskOnce, type How } from "./ask-once.ts";
import { asking, createClient, type SlackAccess } from "./client.ts";
import { type Ourselves, ourselvesOf } from "./ourselves.ts";
import { rates } from "./rate-limits.ts";
import { readAnswer, text } from "./read-answer.ts";
import { whyNot } from "./refusals.ts";

/** Highest age of an account's data for a decision on rights, ms, unless the caller requires newer data. */
export const ACCOUNT_MAX_AGE_MS = 5000;
/** The same for a group's members. */
export const GROUP_MAX_AGE_MS = 30_000;
/** The same for a group that Slack refuses to show: short, so that a repair takes effect soon. */
const UNREADABLE_MAX_AGE_MS = 10_000;
/** Names rarely change and decide nothing. */
const NAME_MAX_AGE_MS = 10 * 60_000;

const membersSchema = z.union([
  z.object({ users: z.array(z.string()) }),
  /** Why Slack does not show the members, as text. */
  z.object({ unreadable: z.string() }),
]);
export type Members = z.infer<typeof membersSchema>;

const membersAnswer = z.object({ users: z.array(z.string()).nullish() });
const groupsAnswer = z.object({ usergroups: z.array(z.object({ id: text, handle: text })).nullish() });

const handlesSchema = z.record(z.string(), z.string());

/** The users and groups of the workspace. All reads are shared between processes and within Slack's pace. */
export interface Roster {
  /** The bot's own identity; read once. Throws SlackUnavailable, SlackRefused. */
  ourselves(): Promise<Ourselves>;
  /** Throws SlackUnavailable, SlackRefused. */
  account(user: string, how: How): Promise<Account>;
  /** Throws SlackUnavailable. */
  members(group: string, how: How): Promise<Members>;
  /** For display only: may be minutes old. Null: not known. Throws as `account` does. */
  nameOf(user: string): Promise<string | null>;
  /** `@flink-approvers`, for display only. */
  handleOf(group: string): Promise<string | null>;
}

export type RosterOptions = SlackAccess & AskOnceOptions;

/** Uses its own client. */
export function createRoster(options: RosterOptions): Roster {
  const client = createClient(options);
  const ask = createAskOnce(options);
  let us: Ourselves | null = null;

  const account = async (user: string, how: How, maxAgeMs: number): Promise<Account> =>
    await ask(
      {
        what: `account:${user}`,
        key: "account",
        rate: rates.account,
        maxAgeMs,
        keepMs: () => NAME_MAX_AGE_MS,
        ask: async () => accountOf(await asking(() => client.users.info({ user })).catch(noSuchUser)),
        schema: accountSchema,
      },
      how,
    );
  const readMembers = async (group: string): Promise<Members> => {
    try {
      const answer = await asking(() => client.usergroups.users.list({ usergroup: group }));
      return { users: readAnswer(membersAnswer, answer, "usergroups.users.list").users ?? [] };
    } catch (error) {
      if (!(error instanceof SlackRefused)) throw error;
      return { unreadable: whyNot(error) };
    }
  };
  const readHandles = async (): Promise<Record<string, string>> => {
    const answer = await asking(() => client.usergroups.list());
    const { usergroups } = readAnswer(groupsAnswer, answer, "usergroups.list");
    return Object.fromEntries(
      (usergroups ?? []).flatMap(({ id, handle }) => (id == null || handle == null ? [] : [[id, handle]])),
    );
  };
  return {
    async ourselves() {
      if (us !== null) return us;
      us = ourselvesOf(await asking(() => client.auth.test()));
      return us;
    },
    account: async (user, how) => await account(user, how, ACCOUNT_MAX_AGE_MS),
    members: async (group, how) =>
      await ask(
        {
          what: `group:${group}`,
          key: "group",
          rate: rates.group,
          maxAgeMs: GROUP_MAX_AGE_MS,
          keepMs: (found) => ("users" in found ? GROUP_MAX_AGE_MS : UNREADABLE_MAX_AGE_MS),
          ask: async () => await readMembers(group),
          schema: membersSchema,
        },
        how,
      ),
    async nameOf(user) {
      const found = await account(user, FOR_SHOW, NAME_MAX_AGE_MS);
      return found.nobody ? null : found.name;
    },
    async handleOf(group) {
      const handles = await ask(
        {
          what: "handles",
          key: "group",
          rate: rates.group,
          maxAgeMs: NAME_MAX_AGE_MS,
          keepMs: () => NAME_MAX_AGE_MS,
          ask: readHandles,
          schema: handlesSchema,
        },
        FOR_SHOW,
      );
      return handles[group] === undefined ? null : `@${handles[group]}`;
    },
  };
}

/** Reads for display have a low priority and a short wait, so that they take no turns from decisions. */
const FOR_SHOW: How = { lane: "milestone", patienceMs: 300 };

/** Slack hides some strangers completely: they have no account here, which is not an error. */
function noSuchUser(error: unknown): null {
  if (error instanceof SlackRefused && ["user_not_found", "user_not_visible"].includes(error.reason))
    return null;
  throw error;
}
