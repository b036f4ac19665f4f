import { renderBlocks } from "./blocks.js";
import { confirmDialog } from "./dialogs.js";
import { ask, avatar, clock, h } from "./dom.js";
import { file } from "./files.js";
import { mrkdwn, names } from "./mrkdwn.js";

const failed = (node, words) => {
  const note = h("span", { class: "press-error", role: "alert" }, `⚠ ${words}`);
  node.closest(".actions, .accessory, .block")?.append(note);
  setTimeout(() => note.remove(), 8000);
};

const presser = (message, me) => async (node, element, _block, choice) => {
  if (node.getAttribute("aria-busy") === "true") return;
  if (element.confirm !== undefined && !(await confirmDialog(element.confirm, node))) return;
  node.setAttribute("aria-busy", "true");
  try {
    const { channel, ts } = message;
    const answer = await ask("click", { user: me, channel, ts, action: element.action_id, choice });
    if (answer.error !== null) failed(node, "The app did not respond.");
  } catch (error) {
    failed(node, error.message);
  } finally {
    node.removeAttribute("aria-busy");
  }
};

const EYE = "M1.5 8S4 3.5 8 3.5 14.5 8 14.5 8 12 12.5 8 12.5 1.5 8 1.5 8zm6.5 2a2 2 0 100-4 2 2 0 000 4z";

const eye = () => {
  const svg = document.createElementNS("http://www.w3.org/2000/svg", "svg");
  svg.setAttribute("viewBox", "0 0 16 16");
  svg.setAttribute("aria-hidden", "true");
  const path = document.createElementNS("http://www.w3.org/2000/svg", "path");
  path.setAttribute("d", EYE);
  svg.append(path);
  return svg;
};

const replyBar = (message, openThread) => {
  const replies = message.replies.filter((one) => !one.deleted);
  const last = replies.at(-1);
  if (last === undefined) return null;
  const people = [...new Map(replies.map((one) => [one.user, one])).values()].slice(0, 4);
  return h(
    "button",
    { type: "button", class: "reply-bar", onclick: () => openThread(message.ts) },
    h(
      "span",
      { class: "faces" },
      people.map((one) => avatar(one.user, one.name, one.isBot)),
    ),
    h("strong", {}, replies.length === 1 ? "1 reply" : `${replies.length} replies`),
    h("span", { class: "soft" }, `last at ${clock(last.ts)}`),
  );
};

const body = (message, me) => {
  const context = { me, press: presser(message, me) };
  const blocks = message.blocks ?? [];
  return h(
    "div",
    { class: "body" },
    blocks.length > 0
      ? renderBlocks(blocks, context)
      : h("div", { class: "text" }, ...mrkdwn(message.text, me)),
    message.files.map(file),
  );
};

const render = (message, { me, openThread, inThread }) => {
  const canReply = !inThread && !message.ephemeral;
  return h(
    "article",
    {
      class: `message${message.ephemeral ? " ephemeral" : ""}`,
      "data-ts": message.ts,
      "aria-label": `${message.name}: ${message.fallback}`.slice(0, 300),
    },
    avatar(message.user, message.name, message.isBot),
    h(
      "div",
      { class: "message-main" },
      message.ephemeral ? h("p", { class: "only-you" }, eye(), "Only visible to you") : null,
      h(
        "header",
        { class: "message-head" },
        h("strong", {}, message.name),
        message.isBot ? h("span", { class: "badge" }, "APP") : null,
        h(
          "time",
          { class: "soft", title: new Date(Number(message.ts) * 1000).toString() },
          clock(message.ts),
        ),
        message.history.length > 0 && message.blocks === null
          ? h("span", { class: "soft" }, "(edited)")
          : null,
        canReply
          ? h(
              "button",
              { type: "button", class: "reply", onclick: () => openThread(message.ts) },
              "Reply in thread",
            )
          : null,
      ),
      body(message, me),
      message.reactions.length > 0
        ? h(
            "p",
            { class: "reactions" },
            message.reactions.map((one) => h("span", {}, `:${one.name}: ${one.users.length}`)),
          )
        : null,
      inThread ? null : replyBar(message, openThread),
    ),
  );
};

/** Brings the nodes of a list in step with the messages: only what changed is drawn again, and flashes. */
export const syncMessages = (list, messages, view) => {
  const wanted = messages.filter((message) => !message.deleted);
  const atBottom = list.scrollHeight - list.scrollTop - list.clientHeight < 80;
  const before = new Map(
    [...list.querySelectorAll(":scope > article")].map((node) => [node.dataset.ts, node]),
  );
  let added = 0;
  const top = list.querySelector(":scope > .intro");
  let place = top === null ? list.firstChild : top.nextSibling;
  for (const message of wanted) {
    const signature = JSON.stringify([message, view.me, view.inThread]);
    const old = before.get(message.ts);
    before.delete(message.ts);
    if (old?.signature === signature) {
      if (old !== place) list.insertBefore(old, place);
      else place = place.nextSibling;
      continue;
    }
    const node = render(message, view);
    node.signature = signature;
    if (old === undefined) {
      added += 1;
      list.insertBefore(node, place);
      if (view.animate) node.classList.add("arrives");
      continue;
    }
    const focused = old.contains(document.activeElement) ? document.activeElement.dataset.action : undefined;
    const cardChanged = old.content !== undefined && old.content !== message.plain;
    if (old === place) place = place.nextSibling;
    old.replaceWith(node);
    if (cardChanged && view.animate) node.classList.add("flash");
    if (focused !== undefined) node.querySelector(`[data-action="${CSS.escape(focused)}"]`)?.focus();
  }
  for (const node of before.values()) node.remove();
  for (const message of wanted) {
    const node = list.querySelector(`:scope > [data-ts="${message.ts}"]`);
    if (node !== null) node.content = message.plain;
  }
  if (atBottom || !view.animate) list.scrollTop = list.scrollHeight;
  return added;
};

/** Learns the names behind ids. */
export const learnNames = ({ users, groups, channels }) => {
  for (const user of users) names.users.set(user.id, user.realName.split(" ")[0]);
  for (const group of groups) names.groups.set(group.id, group.handle);
  for (const channel of channels) names.channels.set(channel.id, channel.name);
};
