import { z } from "zod";
import { SlackRefused } from "../model/errors.ts";
import { readAnswer, text } from "./read-answer.ts";

/** The app's own installation, as `auth.test` answers it. */
export interface Ourselves {
  /** The workspace in which the app is installed. */
  team: string;
  /** The Enterprise Grid organization of that workspace; null: it belongs to none. */
  enterprise: string | null;
  /** The id of the bot's user, and the name by which people mention it. */
  botUser: string;
  name: string;
  botId: string | null;
  /** Of the workspace, with a slash at its end. */
  url: string | null;
}

/** The reason of the SlackRefused that an org-wide installation leads to. */
export const ORG_WIDE = "org_wide_install";

/**
 * Whether the token belongs to an installation for a whole organization. Slack sends the flag as a boolean or as text.
 * https://api.slack.com/enterprise/apps/reference
 */
export const isOrgWide = (who: { is_enterprise_install?: unknown }): boolean =>
  who.is_enterprise_install === true || who.is_enterprise_install === "true";

const answered = z.object({
  team: text,
  team_id: text,
  user: text,
  user_id: text,
  enterprise_id: text,
  bot_id: text,
  url: text,
  is_enterprise_install: z.unknown().optional(),
});

/**
 * Throws SlackRefused: Slack names no workspace or user, or the installation is org-wide (ADR 26). Throws
 * SlackUnavailable: the answer cannot be read.
 */
export function ourselvesOf(answer: unknown): Ourselves {
  const who = readAnswer(answered, answer, "auth.test");
  if (isOrgWide(who))
    throw new SlackRefused(ORG_WIDE, {
      message: `The Slack app is installed for the whole organization${who.team == null ? "" : ` ${who.team}`}, and flinkops serves one workspace. Install the app in that workspace and use the bot token of that installation: docs/install.md, "Enterprise Grid".`,
    });
  if (who.team_id == null || who.user_id == null) throw new SlackRefused("auth.test told no team or user");
  return {
    team: who.team_id,
    enterprise: orNull(who.enterprise_id),
    botUser: who.user_id,
    name: who.user ?? "flinkops",
    botId: orNull(who.bot_id),
    url: orNull(who.url),
  };
}

/** Slack leaves a text that does not exist out, or sends null or an empty one. */
export const orNull = (text: string | null | undefined): string | null =>
  text == null || text === "" ? null : text;
