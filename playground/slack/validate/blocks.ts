import { z } from "zod";
import {
  accessoryElement,
  actionElement,
  buttonElement,
  contextActionElement,
  imageElement,
  inputElement,
} from "./elements.ts";
import { richText } from "./rich-text.ts";
import { dataVisualization } from "./charts.ts";
import { anyText, givenId, mrkdwn, plainText } from "./text.ts";

// One schema per block: https://docs.slack.dev/reference/block-kit/blocks

const base = { block_id: givenId.optional() };

const section = z
  .strictObject({
    type: z.literal("section"),
    ...base,
    text: anyText(3000).optional(),
    fields: z.array(anyText(2000)).min(1).max(10).optional(),
    accessory: accessoryElement.optional(),
    expand: z.boolean().optional(),
  })
  .refine((it) => it.text !== undefined || it.fields !== undefined, {
    message: "missing required field: text or fields",
  });
const divider = z.strictObject({ type: z.literal("divider"), ...base });
const header = z.strictObject({ type: z.literal("header"), ...base, text: plainText(150) });
const context = z.strictObject({
  type: z.literal("context"),
  ...base,
  elements: z
    .array(z.discriminatedUnion("type", [imageElement, plainText(3000), mrkdwn(3000)]))
    .min(1)
    .max(10),
});
const contextActions = z.strictObject({
  type: z.literal("context_actions"),
  ...base,
  elements: z.array(contextActionElement).min(1).max(5),
});
const actions = z.strictObject({
  type: z.literal("actions"),
  ...base,
  elements: z.array(actionElement).min(1).max(25),
});
const image = z
  .strictObject({
    type: z.literal("image"),
    ...base,
    alt_text: z.string().min(1).max(2000),
    title: plainText(2000).optional(),
    image_url: z.url().max(3000).optional(),
    slack_file: z.strictObject({ id: z.string().optional(), url: z.string().optional() }).optional(),
  })
  .refine((it) => (it.image_url === undefined) !== (it.slack_file === undefined), {
    message: "must provide either image_url or slack_file",
  });
const input = z.strictObject({
  type: z.literal("input"),
  ...base,
  label: plainText(2000),
  hint: plainText(2000).optional(),
  optional: z.boolean().optional(),
  dispatch_action: z.boolean().optional(),
  element: inputElement,
});
const markdown = z.strictObject({
  type: z.literal("markdown"),
  ...base,
  text: z.string().min(1).max(12_000),
});
const alert = z.strictObject({
  type: z.literal("alert"),
  ...base,
  text: anyText(3000),
  level: z.enum(["default", "info", "warning", "error", "success"]).optional(),
});

const cell = z.discriminatedUnion("type", [
  // an empty cell is refused: https://github.com/getnao/nao/issues/1143
  z.strictObject({ type: z.literal("raw_text"), text: z.string().min(1) }),
  z.strictObject({ type: z.literal("raw_number"), value: z.number(), text: z.string().min(1) }),
  richText,
]);
const table = z.strictObject({
  type: z.literal("table"),
  ...base,
  rows: z.array(z.array(cell).min(1).max(20)).min(1).max(100),
  column_settings: z
    .array(
      z.strictObject({
        align: z.enum(["left", "center", "right"]).optional(),
        is_wrapped: z.boolean().optional(),
      }),
    )
    .max(20)
    .optional(),
});
const dataTable = z.strictObject({
  type: z.literal("data_table"),
  ...base,
  caption: z.string().min(1),
  rows: z.array(z.array(cell).min(1).max(20)).min(2).max(201),
  page_size: z.number().int().min(1).max(100).optional(),
  row_header_column_index: z.number().int().min(0).optional(),
});

const card = z
  .strictObject({
    type: z.literal("card"),
    ...base,
    hero_image: imageElement.optional(),
    icon: imageElement.optional(),
    title: mrkdwn(150).optional(),
    subtitle: mrkdwn(150).optional(),
    body: mrkdwn(200).optional(),
    actions: z.array(buttonElement).min(1).optional(),
  })
  .refine((it) => it.hero_image ?? it.title ?? it.actions ?? it.body, {
    message: "must provide at least one of hero_image, title, actions, body",
  });
const carousel = z.strictObject({
  type: z.literal("carousel"),
  ...base,
  elements: z.array(card).min(1).max(10),
});
const container = z
  .strictObject({
    type: z.literal("container"),
    ...base,
    title: plainText(150).optional(),
    rich_text_title: richText.optional(),
    subtitle: anyText(150).optional(),
    child_blocks: z
      .array(
        z.discriminatedUnion("type", [section, divider, header, context, actions, image, richText, table]),
      )
      .min(1)
      .max(10),
    width: z.enum(["narrow", "standard", "wide", "full"]).optional(),
    icon: imageElement.optional(),
    is_collapsible: z.boolean().optional(),
    default_collapsed: z.boolean().optional(),
    has_header_divider: z.boolean().optional(),
  })
  .refine((it) => it.title ?? it.rich_text_title, { message: "missing required field: title" });
const taskCard = z.strictObject({
  type: z.literal("task_card"),
  ...base,
  task_id: z.string().min(1),
  title: z.string().min(1),
  details: richText.optional(),
  output: richText.optional(),
  sources: z.array(z.strictObject({ type: z.literal("url"), url: z.url(), text: z.string() })).optional(),
  status: z.enum(["pending", "in_progress", "complete", "error"]),
});
const plan = z.strictObject({
  type: z.literal("plan"),
  ...base,
  title: z.string().min(1),
  tasks: z.array(taskCard).optional(),
});

const everywhere = [section, divider, header, context, actions, image, richText] as const;

/** The blocks that a message may hold: at most 50. */
export const messageBlocks = z
  .array(
    z.discriminatedUnion("type", [
      ...everywhere,
      contextActions,
      markdown,
      table,
      dataTable,
      dataVisualization,
      card,
      carousel,
      container,
      taskCard,
      plan,
    ]),
  )
  .max(50);

/** The blocks that a modal may hold: at most 100, no tables. */
export const modalBlocks = z.array(z.discriminatedUnion("type", [...everywhere, input, alert])).max(100);
