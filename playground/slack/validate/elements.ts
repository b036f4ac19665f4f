import { z } from "zod";
import { anyOption, colourScheme, confirmDialog, givenId, plainOption, plainText } from "./text.ts";

const actionable = { action_id: givenId.optional() };
const confirmable = { ...actionable, confirm: confirmDialog.optional() };
const focusable = { focus_on_load: z.boolean().optional() };
const placeholder = { placeholder: plainText(150).optional() };
const menu = { ...confirmable, ...focusable, ...placeholder };
const several = { max_selected_items: z.number().int().min(1).optional() };
const dispatchable = {
  ...actionable,
  ...focusable,
  ...placeholder,
  dispatch_action_config: z
    .strictObject({
      trigger_actions_on: z.array(z.enum(["on_enter_pressed", "on_character_entered"])).optional(),
    })
    .optional(),
};
const optionGroups = z
  .array(z.strictObject({ label: plainText(75), options: z.array(plainOption).min(1).max(100) }))
  .min(1)
  .max(100);
const choices = {
  options: z.array(plainOption).min(1).max(100).optional(),
  option_groups: optionGroups.optional(),
};
const conversationFilter = z
  .strictObject({
    include: z
      .array(z.enum(["im", "mpim", "private", "public"]))
      .min(1)
      .optional(),
    exclude_external_shared_channels: z.boolean().optional(),
    exclude_bot_users: z.boolean().optional(),
  })
  .optional();

const button = z.strictObject({
  type: z.literal("button"),
  ...confirmable,
  text: plainText(75),
  value: z.string().max(2000).optional(),
  url: z.url().max(3000).optional(),
  style: colourScheme.optional(),
  accessibility_label: z.string().max(75).optional(),
});

const image = z
  .strictObject({
    type: z.literal("image"),
    alt_text: z.string().min(1).max(2000),
    image_url: z.url().max(3000).optional(),
    slack_file: z.strictObject({ id: z.string().optional(), url: z.string().optional() }).optional(),
  })
  .refine((it) => (it.image_url === undefined) !== (it.slack_file === undefined), {
    message: "must provide either image_url or slack_file",
  });

const staticSelect = z
  .strictObject({
    type: z.literal("static_select"),
    ...menu,
    ...choices,
    initial_option: plainOption.optional(),
  })
  .refine((it) => (it.options === undefined) !== (it.option_groups === undefined), {
    message: "must provide either options or option_groups",
  });

const overflow = z.strictObject({
  type: z.literal("overflow"),
  ...confirmable,
  options: z.array(plainOption).min(1).max(5),
});
const radioButtons = z.strictObject({
  type: z.literal("radio_buttons"),
  ...confirmable,
  ...focusable,
  options: z.array(anyOption).min(1).max(10),
  initial_option: anyOption.optional(),
});
const checkboxes = z.strictObject({
  type: z.literal("checkboxes"),
  ...confirmable,
  ...focusable,
  options: z.array(anyOption).min(1).max(10),
  initial_options: z.array(anyOption).min(1).max(10).optional(),
});

const menus = [
  z.strictObject({
    type: z.literal("multi_static_select"),
    ...menu,
    ...several,
    ...choices,
    initial_options: z.array(plainOption).optional(),
  }),
  z.strictObject({
    type: z.literal("external_select"),
    ...menu,
    initial_option: plainOption.optional(),
    min_query_length: z.number().int().min(0).optional(),
  }),
  z.strictObject({
    type: z.literal("multi_external_select"),
    ...menu,
    ...several,
    initial_options: z.array(plainOption).optional(),
    min_query_length: z.number().int().min(0).optional(),
  }),
  z.strictObject({ type: z.literal("users_select"), ...menu, initial_user: z.string().optional() }),
  z.strictObject({
    type: z.literal("multi_users_select"),
    ...menu,
    ...several,
    initial_users: z.array(z.string()).optional(),
  }),
  z.strictObject({
    type: z.literal("conversations_select"),
    ...menu,
    initial_conversation: z.string().optional(),
    default_to_current_conversation: z.boolean().optional(),
    response_url_enabled: z.boolean().optional(),
    filter: conversationFilter,
  }),
  z.strictObject({
    type: z.literal("multi_conversations_select"),
    ...menu,
    ...several,
    initial_conversations: z.array(z.string()).optional(),
    default_to_current_conversation: z.boolean().optional(),
    filter: conversationFilter,
  }),
  z.strictObject({
    type: z.literal("channels_select"),
    ...menu,
    initial_channel: z.string().optional(),
    response_url_enabled: z.boolean().optional(),
  }),
  z.strictObject({
    type: z.literal("multi_channels_select"),
    ...menu,
    ...several,
    initial_channels: z.array(z.string()).optional(),
  }),
  z.strictObject({
    type: z.literal("datepicker"),
    ...menu,
    initial_date: z
      .string()
      .regex(/^\d{4}-\d\d-\d\d$/)
      .optional(),
  }),
  z.strictObject({
    type: z.literal("timepicker"),
    ...menu,
    initial_time: z
      .string()
      .regex(/^\d\d:\d\d$/)
      .optional(),
    timezone: z.string().optional(),
  }),
  z.strictObject({
    type: z.literal("datetimepicker"),
    ...confirmable,
    ...focusable,
    initial_date_time: z.number().int().optional(),
  }),
] as const;

const inputs = [
  z.strictObject({
    type: z.literal("plain_text_input"),
    ...dispatchable,
    initial_value: z.string().max(3000).optional(),
    multiline: z.boolean().optional(),
    min_length: z.number().int().min(0).max(3000).optional(),
    max_length: z.number().int().min(1).max(3000).optional(),
  }),
  z.strictObject({
    type: z.literal("number_input"),
    ...dispatchable,
    is_decimal_allowed: z.boolean(),
    initial_value: z.string().optional(),
    min_value: z.string().optional(),
    max_value: z.string().optional(),
  }),
  z.strictObject({
    type: z.literal("email_text_input"),
    ...dispatchable,
    initial_value: z.string().optional(),
  }),
  z.strictObject({
    type: z.literal("url_text_input"),
    ...dispatchable,
    initial_value: z.string().optional(),
  }),
] as const;

const iconButton = z.strictObject({
  type: z.literal("icon_button"),
  ...confirmable,
  icon: z.string(),
  text: plainText(75),
  accessibility_label: z.string().max(75).optional(),
  value: z.string().max(2000).optional(),
  visible_to_user_ids: z.array(z.string()).optional(),
});
const feedback = z.strictObject({
  text: plainText(75),
  accessibility_label: z.string().max(75).optional(),
  value: z.string().max(2000),
});
const feedbackButtons = z.strictObject({
  type: z.literal("feedback_buttons"),
  ...actionable,
  positive_button: feedback,
  negative_button: feedback,
});

/** A button; cards hold nothing else. */
export const buttonElement = button;
/** A small picture inside another block. */
export const imageElement = image;
/** What an actions block may hold. */
export const actionElement = z.discriminatedUnion("type", [
  button,
  staticSelect,
  overflow,
  radioButtons,
  checkboxes,
  ...menus,
]);
/** What may be next to a section's text. */
export const accessoryElement = z.discriminatedUnion("type", [
  button,
  staticSelect,
  overflow,
  radioButtons,
  checkboxes,
  image,
  ...menus,
]);
/** What an input block may hold. */
export const inputElement = z.discriminatedUnion("type", [
  staticSelect,
  radioButtons,
  checkboxes,
  ...menus,
  ...inputs,
]);
/** What a context_actions block may hold. */
export const contextActionElement = z.discriminatedUnion("type", [iconButton, feedbackButtons]);
