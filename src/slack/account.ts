import { z } from "zod";
import { flag, readAnswer, text } from "./read-answer.ts";

/** The form in which accounts are kept in Redis. Older versions wrote no `enterprise`. */
export const accountSchema = z.union([
  z.object({ nobody: z.literal(true) }),
  z.object({
    nobody: z.literal(false),
    name: z.string().nullable(),
    team: z.string().nullable(),
    /** The person's Enterprise Grid organization, and the workspaces in it that the person belongs to. */
    enterprise: z
      .object({ id: z.string(), teams: z.array(z.string()) })
      .nullable()
      .default(null),
    stranger: z.boolean(),
    deleted: z.boolean(),
    bot: z.boolean(),
    guest: z.boolean(),
  }),
]);

/** The fields of a Slack account that are needed. `nobody`: Slack shows no account with that id. */
export type Account = z.infer<typeof accountSchema>;
export type KnownAccount = Extract<Account, { nobody: false }>;

const answered = z.object({
  user: z
    .object({
      id: text,
      team_id: text,
      name: text,
      real_name: text,
      profile: z.object({ display_name: text, real_name: text }).nullish(),
      enterprise_user: z.object({ enterprise_id: text, teams: z.array(z.string()).nullish() }).nullish(),
      is_stranger: flag,
      deleted: flag,
      is_bot: flag,
      is_workflow_bot: flag,
      is_connector_bot: flag,
      is_restricted: flag,
      is_ultra_restricted: flag,
    })
    .nullish(),
});

/** The account in an answer of `users.info`. Null: Slack did not find one. Throws SlackUnavailable: it cannot be read. */
export function accountOf(found: unknown): Account {
  const u = found === null ? null : readAnswer(answered, found, "users.info").user;
  if (u == null) return { nobody: true };
  const names = [u.profile?.display_name, u.profile?.real_name, u.real_name, u.name];
  const { enterprise_id: enterprise, teams } = u.enterprise_user ?? {};
  return {
    nobody: false,
    name: names.find((n) => n != null && n !== "") ?? null,
    team: u.team_id ?? null,
    enterprise: enterprise == null || enterprise === "" ? null : { id: enterprise, teams: teams ?? [] },
    stranger: u.is_stranger === true,
    deleted: u.deleted === true,
    // not `is_app_user`: that is a person who has authorized this app, such as the one who installed it
    bot:
      u.is_bot === true || u.is_workflow_bot === true || u.is_connector_bot === true || u.id === "USLACKBOT",
    guest: u.is_restricted === true || u.is_ultra_restricted === true,
  };
}
