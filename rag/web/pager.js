// The buttons below a list that comes page by page.

import { button, h } from "./dom.js";

/** A pager; `show(offset, total)` sets it, `open(offset)` is called with where the wanted page begins. */
export function pager(size, open) {
  const node = h("nav", { class: "pager-bar", sayLabel: "pages" });
  function show(offset, total) {
    const last = Math.min(offset + size, total);
    node.hidden = total <= size;
    node.replaceChildren(
      turn("back", "pageBefore", !offset, offset - size),
      h("span", { say: "range", values: { from: offset + 1, to: last, total } }),
      turn("next", "pageAfter", last >= total, last),
    );
  }
  const turn = (icon, sayLabel, disabled, to) =>
    button({ class: "icon-only", icon, sayLabel, disabled, on: { click: () => open(to) } });
  return { node, show };
}
