import { readFileSync } from "node:fs";
import { expect, test } from "vitest";
import { parse } from "yaml";
import { z } from "zod";
import { usageHint } from "../../src/command/usage.ts";
import { operations } from "../../src/operations/index.ts";
import { BOT_SCOPES, botEvents, OPTIONAL_SCOPES, scopes } from "../../src/slack/scopes.ts";

// the limits of https://github.com/slackapi/manifest-schema
const manifest = z
  .strictObject({
    _metadata: z.strictObject({ major_version: z.literal(2) }),
    display_information: z.strictObject({
      name: z.string().min(1).max(35),
      description: z.string().min(1).max(140),
      long_description: z.string().min(175).max(4000),
      background_color: z.string().regex(/^#[0-9a-f]{6}$/u),
    }),
    features: z.strictObject({
      bot_user: z.strictObject({ display_name: z.string().max(80), always_online: z.boolean() }),
      slash_commands: z
        .array(
          z.strictObject({
            command: z.string().regex(/^\/.{1,31}$/u),
            description: z.string().max(2000),
            usage_hint: z.string().max(1000),
            should_escape: z.literal(true),
          }),
        )
        .length(1),
    }),
    oauth_config: z.strictObject({
      scopes: z.strictObject({ bot: z.array(z.string()), bot_optional: z.array(z.string()) }),
    }),
    settings: z.strictObject({
      event_subscriptions: z.strictObject({ bot_events: z.array(z.string()) }),
      interactivity: z.strictObject({ is_enabled: z.literal(true) }),
      org_deploy_enabled: z.literal(false),
      socket_mode_enabled: z.literal(true),
      token_rotation_enabled: z.literal(false),
    }),
  })
  .parse(parse(readFileSync(new URL("../../manifest.yml", import.meta.url), "utf8")));

test("asks for the scopes that the code needs, and no more", () => {
  expect(manifest.oauth_config.scopes.bot).toEqual(Object.keys(scopes).sort());
  expect(BOT_SCOPES).toEqual(manifest.oauth_config.scopes.bot);
  expect(manifest.oauth_config.scopes.bot_optional).toEqual(OPTIONAL_SCOPES);
});

test("hears the events that the code listens to", () => {
  expect(manifest.settings.event_subscriptions.bot_events).toEqual([...botEvents]);
});

test("offers the operations that there are", () => {
  const [command] = manifest.features.slash_commands;
  expect(command?.command).toBe("/flink");
  expect(command?.usage_hint).toBe(usageHint(operations));
});
