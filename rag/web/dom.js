// Elements from plain data. Text is only ever set as text, so nothing from a document becomes markup.

import { translate } from "./i18n.js";
import { icon } from "./icons.js";

/**
 * Makes an element. Props: `class`, `on` (listeners), `data`, `say` / `sayLabel` / `sayPlaceholder` (words that
 * follow the language), `values` (for these words), `icon`, and attributes. Children: nodes, texts, null.
 */
export function h(tag, props = {}, ...children) {
  const node = document.createElement(tag);
  const {
    class: className,
    on = {},
    data = {},
    say,
    sayLabel,
    sayPlaceholder,
    values,
    icon: drawn,
    ...attributes
  } = props;
  if (className) node.className = className;
  Object.assign(node.dataset, data);
  if (sayLabel) node.dataset.sayLabel = sayLabel;
  if (sayPlaceholder) node.dataset.sayPlaceholder = sayPlaceholder;
  if (values) node.dataset.sayValues = JSON.stringify(values);
  for (const [name, listener] of Object.entries(on)) node.addEventListener(name, listener);
  for (const [name, value] of Object.entries(attributes)) {
    if (value === true) node.setAttribute(name, "");
    else if (value !== false && value !== null && value !== undefined) node.setAttribute(name, value);
  }
  if (drawn) node.append(icon(drawn));
  if (say && (drawn || children.length)) node.append(h("span", { say, values }));
  else if (say) node.dataset.say = say;
  if (say || sayLabel || sayPlaceholder) translate(node);
  node.append(...children.flat().filter((child) => child !== null && child !== undefined && child !== false));
  return node;
}

/** A date that reads "5 minutes ago" in the language of the page. */
export function time(iso) {
  const node = h("time", { datetime: iso, data: { when: iso } });
  translate(node);
  return node;
}

/** A button; `say` is its words, or `sayLabel` where only the icon shows. */
export const button = (props, ...children) => h("button", { type: "button", ...props }, ...children);

/** Changes the words of an element made with `say`. */
export function resay(node, name, values = {}) {
  node.dataset.say = name;
  node.dataset.sayValues = JSON.stringify(values);
  translate(node);
}

/** Calls `action` once, `wait` milliseconds after the last call. */
export function settled(action, wait = 250) {
  let timer;
  return (...values) => {
    clearTimeout(timer);
    timer = setTimeout(action, wait, ...values);
  };
}
