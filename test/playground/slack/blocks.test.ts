import { expect, test } from "vitest";
import { SlackRefusal } from "../../../playground/slack/refusal.ts";
import { checkBlocks, checkMetadata, checkModal } from "../../../playground/slack/validate/message.ts";

const plain = (text: string) => ({ type: "plain_text", text });
const mrkdwn = (text: string) => ({ type: "mrkdwn", text });
const long = (length: number) => "x".repeat(length);
const button = (more: object = {}) => ({ type: "button", text: plain("Go"), action_id: "go", ...more });
const actions = (...elements: object[]) => ({ type: "actions", elements });
const many = <T>(count: number, make: (index: number) => T) =>
  Array.from({ length: count }, (_, index) => make(index));
const divider = { type: "divider" };
const cells = (count: number) => many(count, () => ({ type: "raw_text", text: "x" }));

const problems = (run: () => unknown): { code: string; messages: string } => {
  try {
    run();
    return { code: "none", messages: "" };
  } catch (error) {
    if (!(error instanceof SlackRefusal)) throw error;
    return { code: error.code, messages: JSON.stringify(error.extra) };
  }
};

test.each<[string, unknown, string]>([
  ["51 blocks", many(51, () => divider), "no more than 50 items allowed"],
  ["an unknown block", [{ type: "sectoin" }], "unsupported type [json-pointer:/blocks/0/type]"],
  ["an unknown field", [{ type: "divider", colour: "red" }], "invalid additional property: colour"],
  [
    "a section of 3001",
    [{ type: "section", text: mrkdwn(long(3001)) }],
    "must be less than 3001 characters [json-pointer:/blocks/0/text/text]",
  ],
  ["an empty text", [{ type: "section", text: mrkdwn("") }], "must be more than 0 characters"],
  ["a section of nothing", [{ type: "section" }], "missing required field: text or fields"],
  ["11 fields", [{ type: "section", fields: many(11, () => mrkdwn("x")) }], "no more than 10 items allowed"],
  [
    "a field of 2001",
    [{ type: "section", fields: [mrkdwn(long(2001))] }],
    "must be less than 2001 characters",
  ],
  ["a header of 151", [{ type: "header", text: plain(long(151)) }], "must be less than 151 characters"],
  ["a header in mrkdwn", [{ type: "header", text: mrkdwn("x") }], "json-pointer:/blocks/0/text/type"],
  [
    "emoji on mrkdwn",
    [{ type: "section", text: { ...mrkdwn("x"), emoji: true } }],
    "invalid additional property: emoji",
  ],
  [
    "11 context elements",
    [{ type: "context", elements: many(11, () => mrkdwn("x")) }],
    "no more than 10 items allowed",
  ],
  [
    "26 buttons",
    [actions(...many(26, (index) => button({ action_id: `a${index}` })))],
    "no more than 25 items allowed",
  ],
  ["a label of 76", [actions(button({ text: plain(long(76)) }))], "must be less than 76 characters"],
  [
    "a label in mrkdwn",
    [actions(button({ text: mrkdwn("x") }))],
    "json-pointer:/blocks/0/elements/0/text/type",
  ],
  ["a value of 2001", [actions(button({ value: long(2001) }))], "must be less than 2001 characters"],
  [
    "a style that is not one",
    [actions(button({ style: "warning" }))],
    "json-pointer:/blocks/0/elements/0/style",
  ],
  ["an action_id of 256", [actions(button({ action_id: long(256) }))], "must be less than 256 characters"],
  [
    "a confirm without text",
    [actions(button({ confirm: { title: plain("x") } }))],
    "missing required field: text",
  ],
  [
    "a confirm of 301",
    [actions(button({ confirm: { text: plain(long(301)) } }))],
    "must be less than 301 characters",
  ],
  [
    "a confirm's yes of 31",
    [actions(button({ confirm: { text: plain("x"), confirm: plain(long(31)) } }))],
    "must be less than 31 characters",
  ],
  ["the same action_id twice", [actions(button(), button())], "`action_id` go already exists"],
  [
    "the same block_id twice",
    [
      { ...divider, block_id: "a" },
      { ...divider, block_id: "a" },
    ],
    "`block_id` a already exists",
  ],
  ["101 table rows", [{ type: "table", rows: many(101, () => cells(1)) }], "no more than 100 items allowed"],
  [
    "an empty table cell",
    [{ type: "table", rows: [[{ type: "raw_text", text: "" }]] }],
    "must be more than 0 characters [json-pointer:/blocks/0/rows/0/0/text]",
  ],
  ["21 table columns", [{ type: "table", rows: [cells(21)] }], "no more than 20 items allowed"],
  ["two tables", many(2, () => ({ type: "table", rows: [cells(1)] })), "only one table allowed"],
  [
    "a table of 10001 characters",
    [{ type: "table", rows: [[{ type: "raw_text", text: long(10_001) }]] }],
    "less than 10001 characters",
  ],
  [
    "an input in a message",
    [{ type: "input", label: plain("x"), element: { type: "plain_text_input" } }],
    "unsupported type",
  ],
  ["an alert in a message", [{ type: "alert", text: plain("x") }], "unsupported type"],
  [
    "an image without alt_text",
    [{ type: "image", image_url: "https://example.com/a.png" }],
    "missing required field: alt_text",
  ],
  [
    "101 options",
    [
      actions({
        type: "static_select",
        options: many(101, (index) => ({ text: plain("x"), value: `${index}` })),
      }),
    ],
    "no more than 100 items allowed",
  ],
])("refuses %s", (_, blocks, words) => {
  const found = problems(() => checkBlocks(blocks, "message"));
  expect(found.code).toBe("invalid_blocks");
  expect(found.messages).toContain(words);
});

test("refuses what this workspace does not know, also inside other blocks, and takes all else", () => {
  const table = { type: "table", rows: [cells(2)] };
  const inside = { type: "container", title: plain("All"), child_blocks: [divider, table] };
  const unknown = new Set(["table"]);
  expect(problems(() => checkBlocks([divider, table], "message", unknown))).toEqual({
    code: "invalid_blocks",
    messages: expect.stringContaining("unsupported type [json-pointer:/blocks/1/type]"),
  });
  expect(problems(() => checkBlocks([inside], "message", unknown)).messages).toContain(
    "[json-pointer:/blocks/0/child_blocks/1/type]",
  );
  expect(checkBlocks([divider], "message", unknown)).toHaveLength(1);
  expect(checkBlocks([inside], "message")).toHaveLength(1);
});

test("gives blocks and actions an id and says what it assumed", () => {
  const [block] = checkBlocks([actions({ ...button(), action_id: undefined })], "message");
  expect(block).toMatchObject({
    block_id: expect.any(String),
    elements: [{ action_id: expect.any(String), text: { emoji: true } }],
  });
});

test("takes what is at the limit", () => {
  const blocks = [
    { type: "header", text: plain(long(150)) },
    { type: "section", text: mrkdwn(long(3000)), accessory: button({ value: long(2000) }) },
    {
      type: "rich_text",
      elements: [{ type: "rich_text_section", elements: [{ type: "tag", text: "RUNNING", color: "green" }] }],
    },
    { type: "table", rows: many(100, () => cells(20)) },
  ];
  expect(checkBlocks(blocks, "message")).toHaveLength(4);
});

const modal = (more: object = {}) => ({ type: "modal", title: plain("Why"), blocks: [divider], ...more });

test.each<[string, object, string, string]>([
  [
    "a title of 25",
    modal({ title: plain(long(25)) }),
    "invalid_arguments",
    "must be less than 25 characters",
  ],
  [
    "private metadata of 3001",
    modal({ private_metadata: long(3001) }),
    "invalid_arguments",
    "must be less than 3001",
  ],
  ["an unknown field", modal({ colour: "red" }), "invalid_arguments", "invalid additional property: colour"],
  ["a table", modal({ blocks: [{ type: "table", rows: [cells(1)] }] }), "invalid_blocks", "unsupported type"],
  [
    "an input without submit",
    modal({ blocks: [{ type: "input", label: plain("x"), element: { type: "plain_text_input" } }] }),
    "invalid_arguments",
    "missing required field: submit",
  ],
])("refuses a modal with %s", (_, view, code, words) => {
  const found = problems(() => checkModal(view));
  expect(found.code).toBe(code);
  expect(found.messages).toContain(words);
});

test.each<[string, unknown]>([
  ["no payload", { event_type: "card" }],
  ["a type with a space", { event_type: "a b", event_payload: {} }],
  ["a payload three levels deep", { event_type: "card", event_payload: { a: { b: { c: 1 } } } }],
  ["more fields", { event_type: "card", event_payload: {}, extra: 1 }],
])("refuses metadata with %s", (_, metadata) => {
  expect(problems(() => checkMetadata(metadata)).code).toBe("invalid_metadata_format");
});
