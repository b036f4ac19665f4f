import { renderBlocks } from "./blocks.js";
import { ask, h } from "./dom.js";
import { textObject } from "./mrkdwn.js";

const open = (dialog, opener) => {
  document.body.append(dialog);
  dialog.addEventListener("close", () => {
    dialog.remove();
    if (opener?.isConnected) opener.focus();
  });
  dialog.showModal();
};

/** Shows a confirm object and resolves with whether the person confirmed. */
export const confirmDialog = async (confirm, opener) =>
  await new Promise((resolve) => {
    const dialog = h(
      "dialog",
      { class: "dialog", "aria-labelledby": "confirm-title" },
      h("h2", { id: "confirm-title" }, confirm.title?.text ?? "Are you sure?"),
      h("div", { class: "text" }, ...textObject(confirm.text)),
      h(
        "form",
        { class: "dialog-buttons", method: "dialog" },
        h("button", { class: "btn", value: "no" }, confirm.deny?.text ?? "No"),
        h(
          "button",
          { class: `btn ${confirm.style ?? "primary"}`, value: "yes", autofocus: true },
          confirm.confirm?.text ?? "Yes",
        ),
      ),
    );
    dialog.addEventListener("close", () => resolve(dialog.returnValue === "yes"));
    open(dialog, opener);
  });

let shown = null;

const showErrors = (dialog, errors) => {
  for (const block of dialog.querySelectorAll("[data-block]")) {
    const text = errors[block.dataset.block] ?? "";
    block.querySelector(".field-error").textContent = text;
    block.querySelector(".field")?.setAttribute("aria-invalid", String(text !== ""));
  }
  dialog.querySelector('[aria-invalid="true"]')?.focus();
};

/** The values of the fields, by action id. */
const typedInto = (dialog) =>
  Object.fromEntries([...dialog.querySelectorAll(".field")].map((field) => [field.name, field.value]));

const note = (dialog, error) => {
  dialog.querySelector(".dialog-note").textContent =
    error === null ? "" : "We had some trouble connecting. Try again?";
};

const submit = async (dialog, me) => {
  const answer = await ask("modal/submit", { user: me, values: typedInto(dialog) });
  showErrors(dialog, answer.errors ?? {});
  note(dialog, answer.error);
};

const press = async (dialog, me, { node, element, choice }) => {
  if (node.getAttribute("aria-busy") === "true") return;
  if (element.confirm !== undefined && !(await confirmDialog(element.confirm, node))) return;
  node.setAttribute("aria-busy", "true");
  const values = typedInto(dialog);
  const answer = await ask("modal/click", { user: me, action: element.action_id, choice, values });
  node.removeAttribute("aria-busy");
  note(dialog, answer.error);
};

/** An update of the same modal keeps what was typed into the fields that are still there, and the focus. */
const carryOver = (before, dialog) => {
  const { name, dataset } = document.activeElement ?? {};
  for (const field of before.querySelectorAll("[data-block] .field")) {
    const { block } = field.closest("[data-block]").dataset;
    const same = dialog.querySelector(
      `[data-block="${CSS.escape(block)}"] .field[name="${CSS.escape(field.name)}"]`,
    );
    if (same !== null) same.value = field.value;
  }
  return () => {
    const by = name ? `[name="${CSS.escape(name)}"]` : `[data-action="${CSS.escape(dataset?.action ?? "")}"]`;
    dialog.querySelector(by)?.focus();
  };
};

/** Keeps the modal on the screen in step with the one that Slack has open for this person. */
export const syncModal = (modal, me) => {
  const key = modal === null ? null : JSON.stringify([me, modal]);
  if (shown?.key === key || (shown === null && key === null)) return;
  const before = shown;
  shown = null;
  if (before !== null) before.gone = true;
  if (modal === null) {
    before?.dialog.close();
    return;
  }
  const context = {
    me,
    press: (node, element, _block, choice) => press(dialog, me, { node, element, choice }),
  };
  const dialog = h(
    "dialog",
    { class: "dialog modal", "aria-labelledby": "modal-title" },
    h("h2", { id: "modal-title" }, modal.title),
    h(
      "form",
      {
        onsubmit: (event) => {
          event.preventDefault();
          void submit(dialog, me);
        },
      },
      h("div", { class: "modal-body" }, ...renderBlocks(modal.blocks, context)),
      h("p", { class: "dialog-note", role: "alert" }),
      h(
        "div",
        { class: "dialog-buttons" },
        h("button", { type: "button", class: "btn", onclick: () => dialog.close() }, modal.close),
        modal.submit === null ? null : h("button", { class: "btn primary" }, modal.submit),
      ),
    ),
  );
  const updated = before?.id === modal.id && before.me === me;
  const focus = updated ? carryOver(before.dialog, dialog) : () => undefined;
  const opener = before?.opener ?? document.activeElement;
  const entry = { id: modal.id, key, me, dialog, opener, gone: false };
  shown = entry;
  dialog.addEventListener("close", () => {
    if (entry.gone) return;
    shown = null;
    void ask("modal/close", { user: me });
  });
  before?.dialog.close();
  open(dialog, opener);
  focus();
};
