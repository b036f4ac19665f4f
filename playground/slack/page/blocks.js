import { chart } from "./charts.js";
import { h } from "./dom.js";
import { withSymbols } from "./symbols.js";
import { date, emoji, link, mention, names, textObject } from "./mrkdwn.js";

const styled = (node, style = {}) => {
  let out = node;
  if (style.code) out = h("code", {}, out);
  if (style.bold) out = h("strong", {}, out);
  if (style.italic) out = h("em", {}, out);
  if (style.strike) out = h("s", {}, out);
  if (style.underline) out = h("u", {}, out);
  return out;
};

const richInline = (item, me) => {
  const make = {
    text: () => h("span", { class: "rich-text" }, ...withSymbols(item.text)),
    link: () => link(item.url, item.text ?? item.url),
    user: () => mention(`@${names.users.get(item.user_id) ?? item.user_id}`, item.user_id === me),
    usergroup: () => mention(`@${names.groups.get(item.usergroup_id) ?? item.usergroup_id}`),
    channel: () => mention(`#${names.channels.get(item.channel_id) ?? item.channel_id}`),
    broadcast: () => mention(`@${item.range}`),
    emoji: () => h("span", {}, ...withSymbols(emoji(item.name))),
    date: () =>
      date({ seconds: item.timestamp, format: item.format, url: item.url, fallback: item.fallback ?? "" }),
    tag: () => h("span", { class: "tag", "data-color": item.color ?? "gray" }, item.text),
  };
  return styled(make[item.type]?.() ?? h("span", {}, item.text ?? ""), item.style);
};

const richPart = (part, me) => {
  const inner = (items) => items.map((item) => richInline(item, me));
  if (part.type === "rich_text_list") {
    const list = h(part.style === "ordered" ? "ol" : "ul", {});
    list.append(...part.elements.map((one) => h("li", {}, ...inner(one.elements))));
    return list;
  }
  if (part.type === "rich_text_preformatted") return h("pre", {}, ...inner(part.elements));
  if (part.type === "rich_text_quote") return h("blockquote", {}, ...inner(part.elements));
  return h("p", {}, ...inner(part.elements));
};

const richText = (block, context) => block.elements.map((part) => richPart(part, context.me));

const image = (block, className) =>
  h("img", { class: className, src: block.image_url ?? "", alt: block.alt_text, loading: "lazy" });

const button = (item, block, context) =>
  h(
    "button",
    {
      type: "button",
      class: `btn ${item.style ?? ""}`,
      "data-action": item.action_id,
      "aria-label": item.accessibility_label,
      onclick: (event) => context.press(event.currentTarget, item, block),
    },
    item.text.text,
  );

const optionsOf = (item) => [
  ...(item.options ?? []),
  ...(item.option_groups ?? []).flatMap((group) => group.options),
];

const menu = (item, block, context) => {
  const chosen = item.initial_option?.value;
  const select = h(
    "select",
    {
      class: "menu",
      "data-action": item.action_id,
      "aria-label": item.placeholder?.text ?? "Choose",
      onchange: (event) => context.press(event.currentTarget, item, block, event.currentTarget.value),
    },
    h(
      "option",
      { value: "", disabled: true, selected: chosen === undefined },
      item.placeholder?.text ?? "Choose…",
    ),
    optionsOf(item).map((one) =>
      h("option", { value: one.value, selected: one.value === chosen }, one.text.text),
    ),
  );
  return select;
};

const element = (item, block, context) => {
  if (item.type === "button") return button(item, block, context);
  if (item.type === "image") return image(item, "thumb");
  if (item.type === "mrkdwn" || item.type === "plain_text") {
    return h("span", {}, ...textObject(item, context.me));
  }
  if (optionsOf(item).length > 0) return menu(item, block, context);
  return h("span", { class: "unknown" }, `[${item.type}]`);
};

const cell = (one, context) => (one.type === "rich_text" ? richText(one, context) : withSymbols(one.text));

const table = (block, context) => {
  const settings = block.column_settings ?? [];
  const row = (cells, tag) =>
    h(
      "tr",
      {},
      cells.map((one, index) =>
        h(
          tag,
          { "data-align": settings[index]?.align ?? (one.type === "raw_number" ? "right" : "left") },
          cell(one, context),
        ),
      ),
    );
  const [head, ...body] = block.rows;
  return h(
    "div",
    { class: "table-scroll", tabindex: "0", role: "region", "aria-label": block.caption ?? "Table" },
    h("table", {}, h("thead", {}, row(head, "th")), h("tbody", {}, ...body.map((cells) => row(cells, "td")))),
  );
};

const section = (block, context) =>
  h(
    "div",
    { class: "block section" },
    h(
      "div",
      { class: "section-text" },
      block.text ? h("div", { class: "text" }, ...textObject(block.text, context.me)) : null,
      block.fields
        ? h(
            "div",
            { class: "fields" },
            block.fields.map((field) => h("div", { class: "text" }, ...textObject(field, context.me))),
          )
        : null,
    ),
    block.accessory ? h("div", { class: "accessory" }, element(block.accessory, block, context)) : null,
  );

const input = (block) => {
  const { element: item } = block;
  const id = `field-${block.block_id}`;
  const common = { id, name: item.action_id, class: "field", "aria-describedby": `${id}-hint` };
  const make = {
    plain_text_input: () =>
      h(
        item.multiline ? "textarea" : "input",
        {
          ...common,
          placeholder: item.placeholder?.text,
          maxlength: item.max_length,
          value: item.initial_value,
          rows: 4,
        },
        item.multiline ? (item.initial_value ?? "") : null,
      ),
    number_input: () =>
      h("input", {
        ...common,
        type: "number",
        min: item.min_value,
        max: item.max_value,
        value: item.initial_value,
      }),
  };
  const field =
    make[item.type]?.() ??
    h(
      "select",
      common,
      h("option", { value: "" }, "Choose…"),
      optionsOf(item).map((one) =>
        h("option", { value: one.value, selected: one.value === item.initial_option?.value }, one.text.text),
      ),
    );
  return h(
    "div",
    { class: "block input", "data-block": block.block_id },
    h(
      "label",
      { for: id },
      block.label.text,
      block.optional ? h("span", { class: "soft" }, " (optional)") : null,
    ),
    field,
    h("p", { id: `${id}-hint`, class: "hint" }, block.hint?.text ?? ""),
    h("p", { class: "field-error", role: "alert" }),
  );
};

const container = (block, context) =>
  h(
    "div",
    { class: "block container" },
    block.title ? h("strong", {}, block.title.text) : null,
    block.subtitle ? h("div", { class: "soft" }, ...textObject(block.subtitle, context.me)) : null,
    (block.child_blocks ?? []).map((child) => renderBlock(child, context)),
  );

const card = (block, context) =>
  h(
    "div",
    { class: "block container" },
    block.title ? h("strong", {}, ...textObject(block.title, context.me)) : null,
    block.subtitle ? h("div", { class: "soft" }, ...textObject(block.subtitle, context.me)) : null,
    block.body ? h("div", { class: "text" }, ...textObject(block.body, context.me)) : null,
    block.actions
      ? h(
          "div",
          { class: "actions" },
          block.actions.map((item) => button(item, block, context)),
        )
      : null,
  );

const RENDER = {
  section,
  input,
  table,
  container,
  card,
  data_table: table,
  data_visualization: chart,
  header: (block) => h("h3", { class: "block header" }, ...withSymbols(block.text.text)),
  divider: () => h("hr", { class: "block" }),
  context: (block, context) =>
    h(
      "div",
      { class: "block context" },
      block.elements.map((item) => element(item, block, context)),
    ),
  actions: (block, context) =>
    h(
      "div",
      { class: "block actions" },
      block.elements.map((item) => element(item, block, context)),
    ),
  image: (block) =>
    h("figure", { class: "block" }, image(block, "picture"), h("figcaption", {}, block.title?.text ?? "")),
  rich_text: (block, context) => h("div", { class: "block text" }, ...richText(block, context)),
  markdown: (block) => h("div", { class: "block text pre" }, block.text),
  alert: (block, context) =>
    h(
      "div",
      { class: "block alert", "data-level": block.level ?? "default" },
      ...textObject(block.text, context.me),
    ),
  carousel: (block, context) =>
    h(
      "div",
      {},
      block.elements.map((one) => card(one, context)),
    ),
};

/** One block of Block Kit; an unknown one says so. */
const renderBlock = (block, context) =>
  RENDER[block.type]?.(block, context) ?? h("div", { class: "block unknown" }, `[${block.type}]`);

/** Blocks in order. `context` has `me` (the reader's id) and `press(node, element, block, choice?)`. */
export const renderBlocks = (blocks, context) => blocks.map((block) => renderBlock(block, context));
