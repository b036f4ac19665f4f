import { readFileSync } from "node:fs";
import { parse } from "yaml";
import { z } from "zod";

/** What the installed app may do and receives, as its manifest says. */
export interface AppManifest {
  scopes: readonly string[];
  commands: readonly { command: string; description: string; usageHint: string; shouldEscape: boolean }[];
  events: readonly string[];
}

/** What the app has when no manifest file is named. */
export const DEFAULT_MANIFEST: AppManifest = {
  scopes: [
    "app_mentions:read",
    "channels:read",
    "chat:write",
    "commands",
    "groups:read",
    "im:history",
    "im:write",
    "usergroups:read",
    "users:read",
  ],
  commands: [
    {
      command: "/flink",
      description: "Operate Flink jobs",
      usageHint: "[help|list|status|scale|savepoint|stop|cancel|withdraw|requests] ...",
      shouldEscape: true,
    },
  ],
  events: ["app_mention", "message.im", "subteam_members_changed", "subteam_updated", "user_change"],
};

const fileSchema = z.looseObject({
  features: z.looseObject({
    slash_commands: z
      .array(
        z.looseObject({
          command: z.string(),
          description: z.string(),
          usage_hint: z.string().default(""),
          should_escape: z.boolean().default(false),
        }),
      )
      .default([]),
  }),
  oauth_config: z.looseObject({
    scopes: z.looseObject({
      bot: z.array(z.string()),
      bot_optional: z.array(z.string()).default([]),
    }),
  }),
  settings: z.looseObject({
    event_subscriptions: z
      .looseObject({ bot_events: z.array(z.string()).default([]) })
      .default({ bot_events: [] }),
  }),
});

/** Reads a manifest file; optional scopes count only where the workspace granted them. Throws on a file that is not a manifest. */
export const readManifest = (path: string, optionalScopes: "granted" | "declined"): AppManifest => {
  const file = fileSchema.parse(parse(readFileSync(path, "utf8")));
  const { bot, bot_optional: optional } = file.oauth_config.scopes;
  return {
    scopes: optionalScopes === "granted" ? [...bot, ...optional] : bot,
    commands: file.features.slash_commands.map((row) => ({
      command: row.command,
      description: row.description,
      usageHint: row.usage_hint,
      shouldEscape: row.should_escape,
    })),
    events: file.settings.event_subscriptions.bot_events,
  };
};
