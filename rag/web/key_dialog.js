// The API key: asked for when the service wants one.

import { onKeyNeeded, useKey } from "./api.js";
import { actions, opened, questionBox } from "./dialogs.js";
import { h } from "./dom.js";

/** Asks for a key; gives true if one was entered. */
export async function askForKey(refused = false) {
  const input = h("input", {
    type: "password",
    required: true,
    autocomplete: "current-password",
    maxlength: 200,
    autofocus: true,
  });
  const keep = h("input", { type: "checkbox" });
  const dialog = questionBox(
    "keyTitle",
    {},
    h("p", { say: refused ? "keyRefused" : "keyText" }),
    h("label", {}, h("span", { say: "keyLabel" }), input),
    h("label", { class: "check" }, keep, h("span", { say: "keyKeep" })),
    h("p", { class: "note", say: "keyNote" }),
    actions("keyUse"),
  );
  if ((await opened(dialog)) !== "yes" || !input.value.trim()) return false;
  useKey(input.value.trim(), keep.checked);
  return true;
}

onKeyNeeded(askForKey);
