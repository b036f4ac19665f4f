import { type Mark, parseMarks } from "./page/marks.js";
import type { JsonObject, SlackState } from "./state.ts";

const isObject = (value: unknown): value is JsonObject =>
  typeof value === "object" && value !== null && !Array.isArray(value);

const objects = (value: unknown): JsonObject[] => (Array.isArray(value) ? value.filter(isObject) : []);
const words = (value: unknown): string => (typeof value === "string" ? value : "");

const nameOf = (state: SlackState, { kind, id, label }: Extract<Mark, { id: string }>): string => {
  if (kind === "user") return `@${state.users.get(id)?.realName.split(" ")[0] ?? (label || id)}`;
  if (kind === "channel") return `#${state.channels.get(id)?.name ?? (label || id)}`;
  return `@${state.groups.get(id)?.handle ?? (label || id)}`;
};

const plainMark = (state: SlackState, mark: Mark): string => {
  switch (mark.kind) {
    case "text":
    case "code":
    case "pre":
      return mark.text;
    case "break":
      return "\n";
    case "emoji":
      return `:${mark.name}:`;
    case "bold":
    case "italic":
    case "strike":
      return plainMarks(state, mark.inner);
    case "quote":
      return plainMarks(state, mark.inner)
        .split("\n")
        .map((line) => `> ${line}`)
        .join("\n");
    case "date":
      return mark.fallback;
    case "link":
      return mark.label;
    case "user":
    case "channel":
    case "group":
      return nameOf(state, mark);
    case "broadcast":
      return `@${mark.name}`;
  }
};

/** A quote has lines of its own. */
const plainMarks = (state: SlackState, marks: readonly Mark[]): string =>
  marks
    .map((mark, index) => {
      const apart = index > 0 && (mark.kind === "quote" || marks[index - 1]?.kind === "quote");
      return `${apart ? "\n" : ""}${plainMark(state, mark)}`;
    })
    .join("");

/** mrkdwn as a person reads it: names instead of ids, no marks, nothing escaped. */
export const plainMrkdwn = (state: SlackState, text: string): string => plainMarks(state, parseMarks(text));

const textOf = (state: SlackState, value: unknown): string => {
  if (!isObject(value)) return "";
  return value["type"] === "mrkdwn" ? plainMrkdwn(state, words(value["text"])) : words(value["text"]);
};

const richInline = (state: SlackState, item: JsonObject): string => {
  const { user_id: user, usergroup_id: group, channel_id: channel } = item;
  if (typeof user === "string") return nameOf(state, { kind: "user", id: user, label: "" });
  if (typeof group === "string") return nameOf(state, { kind: "group", id: group, label: "" });
  if (typeof channel === "string") return nameOf(state, { kind: "channel", id: channel, label: "" });
  if (item["type"] === "date") return words(item["fallback"]);
  if (item["type"] === "emoji") return `:${words(item["name"])}:`;
  return words(item["text"]) || words(item["url"]) || words(item["range"]);
};

const richText = (state: SlackState, block: JsonObject): string =>
  objects(block["elements"])
    .map((part) => {
      const inner = objects(part["elements"]);
      if (part["type"] !== "rich_text_list") return inner.map((item) => richInline(state, item)).join("");
      return inner
        .map(
          (item) =>
            `• ${objects(item["elements"])
              .map((one) => richInline(state, one))
              .join("")}`,
        )
        .join("\n");
    })
    .join("\n");

const element = (state: SlackState, item: JsonObject): string => {
  if (item["type"] === "button") return `[${textOf(state, item["text"])}]`;
  if (item["type"] === "image") return `(image: ${words(item["alt_text"])})`;
  if (item["type"] === "mrkdwn" || item["type"] === "plain_text") return textOf(state, item);
  return `[${textOf(state, item["placeholder"]) || words(item["type"])}]`;
};

const renderers: Record<string, (state: SlackState, block: JsonObject) => string[]> = {
  header: (state, block) => [textOf(state, block["text"])],
  section: (state, block) => [
    textOf(state, block["text"]),
    ...objects(block["fields"]).map((field) => textOf(state, field)),
    ...(isObject(block["accessory"]) ? [element(state, block["accessory"])] : []),
  ],
  context: (state, block) => [
    objects(block["elements"])
      .map((item) => element(state, item))
      .join(" "),
  ],
  actions: (state, block) => [
    objects(block["elements"])
      .map((item) => element(state, item))
      .join(" "),
  ],
  context_actions: (state, block) => [
    objects(block["elements"])
      .map((item) => element(state, item))
      .join(" "),
  ],
  divider: () => ["---"],
  image: (_, block) => [`(image: ${words(block["alt_text"])})`],
  markdown: (_, block) => [words(block["text"])],
  rich_text: (state, block) => [richText(state, block)],
  alert: (state, block) => [textOf(state, block["text"])],
  input: (state, block) => [textOf(state, block["label"])],
  table: (state, block) => tableRows(state, block),
  data_table: (state, block) => [words(block["caption"]), ...tableRows(state, block)],
  data_visualization: (_, block) => chartLines(block),
  card: (state, block) => [
    textOf(state, block["title"]),
    textOf(state, block["subtitle"]),
    textOf(state, block["body"]),
    objects(block["actions"])
      .map((item) => element(state, item))
      .join(" "),
  ],
  carousel: (state, block) => objects(block["elements"]).flatMap((card) => plainBlock(state, card)),
  container: (state, block) => [
    textOf(state, block["title"]),
    textOf(state, block["subtitle"]),
    ...objects(block["child_blocks"]).flatMap((child) => plainBlock(state, child)),
  ],
  task_card: (_, block) => [`${words(block["status"])}: ${words(block["title"])}`],
  plan: (state, block) => [
    words(block["title"]),
    ...objects(block["tasks"]).flatMap((task) => plainBlock(state, task)),
  ],
};

const tableRows = (state: SlackState, block: JsonObject): string[] =>
  (Array.isArray(block["rows"]) ? block["rows"] : []).map((row: unknown) =>
    objects(row)
      .map((cell) => (cell["type"] === "rich_text" ? richText(state, cell) : words(cell["text"])))
      .join(" | "),
  );

const chartLines = (block: JsonObject): string[] => {
  const chart = isObject(block["chart"]) ? block["chart"] : {};
  const values = (points: unknown): string =>
    objects(points)
      .map((point) => `${words(point["label"])} ${String(point["value"])}`)
      .join(", ");
  return [
    `(chart: ${words(block["title"])})`,
    ...objects(chart["series"]).map((one) => `${words(one["name"])}: ${values(one["data"])}`),
    values(chart["segments"]),
  ];
};

const plainBlock = (state: SlackState, block: JsonObject): string[] =>
  (renderers[words(block["type"])]?.(state, block) ?? []).filter((line) => line !== "");

/** What the screen shows: the blocks if there are any, else the text. */
export const plainMessage = (state: SlackState, text: string, blocks: JsonObject[] | null): string =>
  blocks === null || blocks.length === 0
    ? plainMrkdwn(state, text)
    : blocks.flatMap((block) => plainBlock(state, block)).join("\n");

/** Something to press or choose in a message or a modal. */
export interface Control {
  blockId: string;
  actionId: string;
  type: string;
  label: string;
  value: string | null;
  style: string | null;
  /** The dialog that comes first, as a person reads it. */
  confirm: { title: string; text: string; confirm: string; deny: string } | null;
  /** Label and value of each choice of a menu. */
  options: { label: string; value: string }[];
  element: JsonObject;
}

const PASSIVE = new Set(["mrkdwn", "plain_text", "image"]);

const control = (state: SlackState, blockId: string, item: JsonObject): Control => {
  const confirm = isObject(item["confirm"]) ? item["confirm"] : null;
  return {
    blockId,
    actionId: words(item["action_id"]),
    type: words(item["type"]),
    label: textOf(state, item["text"]) || textOf(state, item["placeholder"]),
    value: typeof item["value"] === "string" ? item["value"] : null,
    style: typeof item["style"] === "string" ? item["style"] : null,
    confirm: confirm && {
      title: textOf(state, confirm["title"]) || "Are you sure?",
      text: textOf(state, confirm["text"]),
      confirm: textOf(state, confirm["confirm"]) || "Yes",
      deny: textOf(state, confirm["deny"]) || "No",
    },
    options: objects(item["options"]).map((option) => ({
      label: textOf(state, option["text"]),
      value: words(option["value"]),
    })),
    element: item,
  };
};

/** Everything that can be pressed, in order. */
export const controlsOf = (state: SlackState, blocks: readonly JsonObject[] | null): Control[] =>
  (blocks ?? []).flatMap((block) => {
    if (block["type"] === "container") return controlsOf(state, objects(block["child_blocks"]));
    if (block["type"] === "carousel") return controlsOf(state, objects(block["elements"]));
    const single = [block["accessory"], block["element"]].filter(isObject);
    const many =
      block["type"] === "rich_text" ? [] : [...objects(block["elements"]), ...objects(block["actions"])];
    return [...many, ...single]
      .filter((item) => !PASSIVE.has(words(item["type"])))
      .map((item) => control(state, words(block["block_id"]), item));
  });
