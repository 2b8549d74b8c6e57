// The labels of a document: keys can be bound to some, and searches narrowed to them.

import { kbAt, send } from "./api.js";
import { asked, attempt } from "./dialogs.js";
import { forgetDetails } from "./document_details.js";
import { button, h } from "./dom.js";
import { may, state } from "./state.js";

/** The labels that a line of text names, each once. */
export const labelsIn = (text) => [...new Set(text.split(/[,，、;；]/).map((label) => label.trim()))].filter(Boolean);

/** The labels with a button that changes them; nothing where there are none and the user may set none. */
export function labelBar(document) {
  const bar = h("div", { class: "row labels" });
  const edit = button({ class: "quiet", icon: "edit", say: "labelsEdit", on: { click: () => attempt(change) } });
  const fill = () => {
    const tags = document.labels.map((label) => h("span", { class: "tag plain" }, label));
    bar.replaceChildren(...tags, ...(may("editor") ? [edit] : []));
  };
  async function change() {
    const value = document.labels.join(", ");
    const entered = await asked("labelsEdit", "labels", {
      value,
      hint: "labelsHint",
      maxlength: 1400,
      required: false,
    });
    if (entered === null) return;
    const body = { labels: labelsIn(entered) };
    const response = await send("PATCH", kbAt(state.kb, "documents", document.doc_id), body);
    document.labels = (await response.json()).labels;
    forgetDetails();
    fill();
    edit.focus();
  }
  fill();
  return bar;
}
