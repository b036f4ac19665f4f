import { z } from "zod";
import { refusalWithMessages, SlackRefusal } from "../refusal.ts";
import type { JsonObject } from "../state.ts";
import { messageBlocks, modalBlocks } from "./blocks.ts";
import { slackProblems } from "./problems.ts";
import { givenId, plainText } from "./text.ts";

const isObject = (value: unknown): value is JsonObject =>
  typeof value === "object" && value !== null && !Array.isArray(value);

/** Every object inside a block tree, with its place. */
const walk = function* (value: unknown, at: string): Generator<[JsonObject, string]> {
  if (Array.isArray(value)) {
    for (const [index, item] of value.entries()) yield* walk(item, `${at}/${index}`);
  } else if (isObject(value)) {
    yield [value, at];
    for (const [key, item] of Object.entries(value)) yield* walk(item, `${at}/${key}`);
  }
};

const duplicates = (blocks: readonly JsonObject[]): string[] => {
  const problems: string[] = [];
  const seenBlocks = new Set<unknown>();
  for (const [index, block] of blocks.entries()) {
    const id = block["block_id"];
    if (typeof id === "string" && seenBlocks.has(id)) {
      problems.push(
        `[ERROR] \`block_id\` ${id} already exists for another block [json-pointer:/blocks/${index}]`,
      );
    }
    seenBlocks.add(id);
    const seenActions = new Set<unknown>();
    for (const [item, at] of walk(block, `/blocks/${index}`)) {
      const action = item["action_id"];
      if (typeof action !== "string") continue;
      if (seenActions.has(action)) {
        problems.push(
          `[ERROR] \`action_id\` ${action} already exists for another action [json-pointer:${at}]`,
        );
      }
      seenActions.add(action);
    }
  }
  return problems;
};

const wholeMessage = (blocks: readonly JsonObject[]): string[] => {
  const tables = blocks.filter((block) => block["type"] === "table");
  const cells = tables.flatMap((block) => [...walk(block, "")].map(([item]) => item["text"]));
  const cellCharacters = cells.reduce<number>(
    (sum, text) => sum + (typeof text === "string" ? text.length : 0),
    0,
  );
  const markdown = blocks
    .filter((block) => block["type"] === "markdown")
    .reduce((sum, block) => sum + String(block["text"]).length, 0);
  const problems: string[] = [];
  if (tables.length > 1) problems.push("[ERROR] only one table allowed [json-pointer:/blocks]");
  if (cellCharacters > 10_000)
    problems.push("[ERROR] table must be less than 10001 characters [json-pointer:/blocks]");
  if (blocks.filter((block) => block["type"] === "data_visualization").length > 2)
    problems.push("[ERROR] only two data visualizations allowed [json-pointer:/blocks]");
  if (markdown > 12_000)
    problems.push("[ERROR] markdown must be less than 12001 characters [json-pointer:/blocks]");
  return problems;
};

/** Slack gives every block and every action an id, and says what it assumed of each text. */
const complete = (block: JsonObject): JsonObject => {
  const copy = structuredClone(block);
  for (const [item] of walk(copy, "")) {
    if (item["type"] === "plain_text") item["emoji"] ??= true;
    if (item["type"] === "mrkdwn") item["verbatim"] ??= false;
  }
  return copy;
};

const PASSIVE = new Set(["mrkdwn", "plain_text", "image"]);
const NESTED: Record<string, string> = { container: "child_blocks", carousel: "elements" };

const withIds = (block: JsonObject): JsonObject => {
  block["block_id"] ??= crypto.randomUUID().slice(0, 5);
  const type = String(block["type"]);
  const nested = block[NESTED[type] ?? ""];
  if (Array.isArray(nested)) for (const child of nested.filter(isObject)) withIds(child);
  if (NESTED[type] !== undefined || type === "rich_text") return block;
  const { elements, accessory, element, actions } = block;
  for (const item of [elements, accessory, element, actions].flat()) {
    if (isObject(item) && !PASSIVE.has(String(item["type"])))
      item["action_id"] ??= crypto.randomUUID().slice(0, 5);
  }
  return block;
};

/** Types of blocks that a workspace does not know, although they are documented: an older Slack, or one of its editions. */
export type UnknownBlocks = ReadonlySet<string>;
const NONE: UnknownBlocks = new Set();

const unsupported = (blocks: readonly unknown[], unknown: UnknownBlocks): string[] =>
  [...walk(blocks, "/blocks")]
    .filter(([item]) => unknown.has(String(item["type"])))
    .map(([, at]) => `[ERROR] unsupported type [json-pointer:${at}/type]`);

/** Checks blocks for a message or a modal and returns them as Slack stores them. Throws `invalid_blocks` with every problem. */
export const checkBlocks = (
  value: unknown,
  surface: "message" | "modal",
  unknown: UnknownBlocks = NONE,
): JsonObject[] => {
  if (!Array.isArray(value)) throw new SlackRefusal("invalid_blocks_format");
  const foreign = unsupported(value, unknown);
  if (foreign.length > 0) throw refusalWithMessages("invalid_blocks", foreign);
  const schema = surface === "message" ? messageBlocks : modalBlocks;
  const parsed = schema.safeParse(value, { reportInput: true });
  if (!parsed.success)
    throw refusalWithMessages("invalid_blocks", slackProblems("/blocks", parsed.error.issues));
  const blocks = value.filter(isObject);
  const problems = [...duplicates(blocks), ...wholeMessage(blocks)];
  if (problems.length > 0) throw refusalWithMessages("invalid_blocks", problems);
  return blocks.map((block) => withIds(complete(block)));
};

/** What a message says: text and blocks, checked. Text is what screen readers and notifications read, so it must be there. */
export const checkContent = (
  given: { text?: string | undefined; blocks?: unknown },
  maxText: number,
  unknown: UnknownBlocks = NONE,
): { text: string; blocks: JsonObject[] | null } => {
  if (given.text === undefined || given.text.trim() === "") throw new SlackRefusal("no_text");
  if (given.text.length > maxText) throw new SlackRefusal("msg_too_long");
  return {
    text: given.text,
    blocks: given.blocks === undefined ? null : checkBlocks(given.blocks, "message", unknown),
  };
};

const scalar = z.union([z.string(), z.number(), z.boolean()]);
const flat = z.record(z.string(), scalar);
const metadataSchema = z.strictObject({
  event_type: z.string().regex(/^\w+$/).max(255),
  event_payload: z.record(z.string(), z.union([scalar, flat, z.array(flat), z.array(scalar)])),
});

/** https://docs.slack.dev/messaging/message-metadata: a type and a payload of scalars, objects of scalars, lists of them. */
export const checkMetadata = (value: unknown): JsonObject => {
  const parsed = metadataSchema.safeParse(value, { reportInput: true });
  if (!parsed.success) {
    throw refusalWithMessages("invalid_metadata_format", slackProblems("/metadata", parsed.error.issues));
  }
  return parsed.data;
};

const modalSchema = z.strictObject({
  type: z.literal("modal"),
  title: plainText(24),
  submit: plainText(24).optional(),
  close: plainText(24).optional(),
  blocks: z.array(z.unknown()),
  callback_id: givenId.optional(),
  private_metadata: z.string().max(3000).optional(),
  external_id: givenId.optional(),
  clear_on_close: z.boolean().optional(),
  notify_on_close: z.boolean().optional(),
});

/** Checks a modal. Throws `invalid_arguments` for the view itself, `invalid_blocks` for what is in it, `view_too_large` over 250 KB. */
export const checkModal = (
  value: unknown,
  unknown: UnknownBlocks = NONE,
): { body: JsonObject; blocks: JsonObject[] } => {
  const parsed = modalSchema.safeParse(value, { reportInput: true });
  if (!parsed.success) {
    throw refusalWithMessages("invalid_arguments", slackProblems("/view", parsed.error.issues));
  }
  if (Buffer.byteLength(JSON.stringify(value)) > 250_000) throw new SlackRefusal("view_too_large");
  const blocks = checkBlocks(parsed.data.blocks, "modal", unknown);
  const hasInput = blocks.some((block) => block["type"] === "input");
  if (hasInput && parsed.data.submit === undefined) {
    throw refusalWithMessages("invalid_arguments", [
      "[ERROR] missing required field: submit [json-pointer:/view]",
    ]);
  }
  return { body: { ...parsed.data, blocks }, blocks };
};
