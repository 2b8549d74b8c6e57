// Questions to the user and short notices.

import { button, h } from "./dom.js";
import { problem } from "./problems.js";

/** Opens a modal dialog; gives the value of the button that closed it, "" for Esc. */
export function opened(dialog) {
  document.body.append(dialog);
  const before = document.activeElement;
  dialog.showModal();
  return new Promise((resolve) => {
    dialog.addEventListener("close", () => {
      dialog.remove();
      before?.focus?.();
      resolve(dialog.returnValue);
    });
  });
}

const actions = (say, danger) =>
  h("div", { class: "actions" },
    h("button", { value: "", formnovalidate: true, class: "quiet", say: "cancel" }),
    h("button", { value: "yes", class: danger ? "danger" : "primary", say }),
  );

/** Asks before something can't be undone; `say` are the words of the question, `action` those of the button. */
export async function confirmed(title, say, values, action) {
  const dialog = h("dialog", { class: "question-box", sayLabel: title, role: "alertdialog" },
    h("form", { method: "dialog" },
      h("h2", { say: title, values }), h("p", { say, values }), actions(action, true),
    ));
  return (await opened(dialog)) === "yes";
}

/** Asks for a line of text; null if the user thinks better of it. */
export async function asked(title, label, { value = "", hint = null, pattern = null, maxlength = 64, action = "ok" } = {}) {
  const input = h("input", { name: "text", required: true, maxlength, value, pattern, autocomplete: "off", autofocus: true });
  const dialog = h("dialog", { class: "question-box", sayLabel: title },
    h("form", { method: "dialog" },
      h("h2", { say: title }), h("label", {}, h("span", { say: label }), input),
      hint && h("p", { class: "note", say: hint }), actions(action, false),
    ));
  const enter = (event) => {
    if (event.key !== "Enter" || event.isComposing) return;
    event.preventDefault();
    dialog.querySelector("button.primary").click();
  };
  input.addEventListener("keydown", enter);
  return (await opened(dialog)) === "yes" ? input.value.trim() : null;
}

const notices = () => document.getElementById("notices");

/** Shows a notice for a few seconds; one about a failure stays until it is closed. */
export function notice(text, { bad = false, action = null } = {}) {
  const box = h("div", { class: bad ? "notice bad" : "notice", role: bad ? "alert" : "status" }, h("span", {}, text));
  if (action) box.append(button({ class: "link", say: action.say, on: { click: () => { box.remove(); action.run(); } } }));
  box.append(button({ class: "icon-only", icon: "close", sayLabel: "close", on: { click: () => box.remove() } }));
  notices().append(box);
  if (!bad) setTimeout(() => box.remove(), 5000);
}

/** Tells what went wrong in plain words. */
export function tell(error) {
  if (error.name !== "AbortError") notice(problem(error), { bad: true });
}

/** Runs an action; what goes wrong is told. Gives true if all went well. */
export async function attempt(action) {
  try {
    await action();
    return true;
  } catch (error) {
    tell(error);
    if (!("status" in error) && error.name !== "AbortError") throw error; // a fault of the page itself
    return false;
  }
}
