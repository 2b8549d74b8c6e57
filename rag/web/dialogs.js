// Questions to the user and short notices.

import { button, h } from "./dom.js";
import { say } from "./i18n.js";
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

/** The two buttons that end a form in a dialog; Enter presses the second. */
export const actions = (words, look = "primary") =>
  h(
    "div",
    { class: "actions" },
    button({ class: "quiet", say: "cancel", on: { click: (event) => event.target.closest("dialog").close("") } }),
    h("button", { value: "yes", class: look, say: words }),
  );

/** A dialog with a form; `title` names it and stands above the rest. A button's value closes it. */
export const questionBox = (title, { values = null, role = null } = {}, ...content) =>
  h(
    "dialog",
    { class: "question-box", sayLabel: title, role },
    h("form", { method: "dialog" }, h("h2", { say: title, values }), ...content),
  );

/** Asks before something can't be undone; `words` are those of the question, `action` those of the button. */
export async function confirmed(title, words, values, action) {
  const how = { values, role: "alertdialog" };
  const dialog = questionBox(title, how, h("p", { say: words, values }), actions(action, "danger"));
  return (await opened(dialog)) === "yes";
}

/** Asks for a line of text; null if the user thinks better of it. */
export async function asked(
  title,
  label,
  { value = "", hint = null, pattern = null, maxlength = 64, required = true, action = "ok" } = {},
) {
  const input = h("input", {
    name: "text",
    required,
    maxlength,
    value,
    pattern,
    title: hint && say(hint),
    autocomplete: "off",
    autofocus: true,
  });
  const dialog = questionBox(
    title,
    {},
    h("label", {}, h("span", { say: label }), input),
    hint && h("p", { class: "note", say: hint }),
    actions(action),
  );
  return (await opened(dialog)) === "yes" ? input.value.trim() : null;
}

const notices = () => document.getElementById("notices");

/** Shows a notice for a few seconds; one about a failure stays until it is closed. */
export function notice(text, { bad = false } = {}) {
  const box = h("div", { class: bad ? "notice bad" : "notice", role: bad ? "alert" : "status" }, h("span", {}, text));
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
