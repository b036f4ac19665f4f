import { ask, h } from "./dom.js";

/** The words that a usage hint lists: `[list|status] ...` or `list | status`. */
const words = (hint) =>
  (/\[([^\]]+)\]/.exec(hint)?.[1] ?? hint)
    .split("|")
    .map((word) => word.trim())
    .filter((word) => /^\w+$/.test(word));

/** What could come next: a command, a name, or one of the words that the command's usage hint lists. */
const suggest = (text, people, inThread, user) => {
  // Slack offers an app's commands to members of its own workspace only
  const home = people.users.find((one) => one.id === user)?.isOfHome === true;
  const commands = home ? people.commands : [];
  const operations = people.commands.flatMap((one) => words(one.usageHint));
  const sub = /^((?:\/\w+|@flink)\s+)(\w*)$/.exec(text);
  if (sub !== null) {
    return operations
      .filter((word) => word.startsWith(sub[2]) && word !== sub[2])
      .map((word) => ({ label: word, note: "", text: `${sub[1]}${word} ` }));
  }
  if (inThread && text.startsWith("/")) {
    const rest = text.replace(/^\/\w*\s*/, "");
    return [{ label: "@flink", note: "slash commands do not work in threads", text: `@flink ${rest}` }];
  }
  if (/^\/\w*$/.test(text)) {
    return commands
      .filter((one) => one.command.startsWith(text))
      .map((one) => ({ label: one.command, note: one.description, text: `${one.command} ` }));
  }
  const at = /(^|\s)@([\w-]*)$/.exec(text);
  if (at === null) return [];
  const known = [
    ...people.users
      .filter((one) => !one.deleted && one.name !== "slackbot")
      .sort((a, b) => Number(b.isBot) - Number(a.isBot))
      .map((one) => ({ label: `@${one.name}`, note: one.isBot ? "app" : one.realName })),
    ...people.groups.map((one) => ({ label: `@${one.handle}`, note: one.name })),
  ];
  const start = text.slice(0, text.length - at[2].length - 1);
  return known
    .filter((one) => one.label.startsWith(`@${at[2]}`))
    .slice(0, 6)
    .map((one) => ({ ...one, text: `${start}${one.label} ` }));
};

/** A message box. `target()` says where it sends to: `{ user, channel, threadTs? }`. */
export const composer = ({ id, label, people, target, inThread }) => {
  let items = [];
  let chosen = 0;
  const list = h("ul", {
    class: "suggestions",
    id: `${id}-list`,
    role: "listbox",
    "aria-label": "Suggestions",
    hidden: true,
  });
  const box = h("textarea", {
    id,
    rows: 1,
    "aria-label": label,
    placeholder: label,
    role: "combobox",
    "aria-expanded": "false",
    "aria-controls": `${id}-list`,
    "aria-autocomplete": "list",
    autocomplete: "off",
    spellcheck: "false",
  });
  const note = h("p", { class: "composer-note", role: "status" });

  const draw = () => {
    list.hidden = items.length === 0;
    box.setAttribute("aria-expanded", String(items.length > 0));
    if (items.length > 0) box.setAttribute("aria-activedescendant", `${id}-${chosen}`);
    else box.removeAttribute("aria-activedescendant");
    list.replaceChildren(
      ...items.map((item, index) =>
        h(
          "li",
          {
            id: `${id}-${index}`,
            role: "option",
            "aria-selected": String(index === chosen),
            onmousedown: (event) => {
              event.preventDefault();
              take(index);
            },
          },
          h("strong", {}, item.label),
          h("span", { class: "soft" }, item.note),
        ),
      ),
    );
  };
  const look = () => {
    items = suggest(box.value, people, inThread, target()?.user);
    chosen = 0;
    draw();
    box.style.height = "auto";
    box.style.height = `${Math.min(box.scrollHeight, 160)}px`;
  };
  const take = (index) => {
    box.value = items[index].text;
    box.focus();
    look();
  };
  const write = (text) => {
    box.value = text;
    box.focus();
    look();
  };
  const say = (text) => {
    write(text);
    void send();
  };
  const send = async () => {
    const text = box.value.trim();
    const place = target();
    if (text === "" || place === null) return;
    write("");
    const waiting = text.startsWith("/")
      ? setTimeout(() => (note.textContent = "Waiting for the app…"), 400)
      : 0;
    try {
      await ask("type", { ...place, text });
      note.textContent = "";
    } catch (error) {
      note.textContent = error.message;
      if (box.value === "") write(text);
    } finally {
      clearTimeout(waiting);
    }
  };

  box.addEventListener("input", look);
  box.addEventListener("blur", () => {
    items = [];
    draw();
  });
  box.addEventListener("keydown", (event) => {
    const many = items.length;
    if (many > 0 && (event.key === "ArrowDown" || event.key === "ArrowUp")) {
      event.preventDefault();
      chosen = (chosen + (event.key === "ArrowDown" ? 1 : many - 1)) % many;
      draw();
    } else if (many > 0 && event.key === "Tab" && !event.shiftKey) {
      event.preventDefault();
      take(chosen);
    } else if (many > 0 && event.key === "Escape") {
      event.stopPropagation();
      items = [];
      draw();
    } else if (event.key === "Enter" && !event.shiftKey && !event.isComposing) {
      event.preventDefault();
      const typed = box.value.trim();
      // Enter completes a half-typed word; after a space, or when the word is whole, it sends
      if (many > 0 && !/\s$/.test(box.value) && items[chosen].text.trim() !== typed) take(chosen);
      else void send();
    }
  });

  const form = h(
    "form",
    {
      class: "composer",
      onsubmit: (event) => {
        event.preventDefault();
        void send();
      },
    },
    list,
    h("div", { class: "composer-box" }, box, h("button", { class: "send", "aria-label": "Send" }, "Send")),
    note,
  );
  return { form, say, box };
};
