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

const submit = async (dialog, me) => {
  const values = {};
  for (const field of dialog.querySelectorAll(".field")) values[field.name] = field.value;
  const answer = await ask("modal/submit", { user: me, values });
  showErrors(dialog, answer.errors ?? {});
  dialog.querySelector(".dialog-note").textContent =
    answer.error === null ? "" : "We had some trouble connecting. Try again?";
};

/** Keeps the modal on the screen in step with the one that Slack has open for this person. */
export const syncModal = (modal, me) => {
  const key = modal === null ? null : JSON.stringify([me, modal.id, modal.blocks]);
  if (shown?.key === key || (shown === null && key === null)) return;
  if (shown !== null) {
    shown.gone = true;
    shown.dialog.close();
    shown = null;
  }
  if (modal === null) return;
  const context = {
    me,
    press: async (_node, element, _block, choice) => {
      const confirmed = element.confirm === undefined || (await confirmDialog(element.confirm));
      if (confirmed) await ask("modal/click", { user: me, action: element.action_id, choice });
    },
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
  const entry = { key, dialog, gone: false };
  shown = entry;
  dialog.addEventListener("close", () => {
    if (entry.gone) return;
    shown = null;
    void ask("modal/close", { user: me });
  });
  open(dialog, document.activeElement);
};
