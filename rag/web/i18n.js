// Words in two languages. Elements say which words they hold (data-say), so that a switch needs no reload.

import { remember } from "./memory.js";
import { words as en } from "./words_en.js";
import { words as zh } from "./words_zh.js";

const WORDS = { en, zh };
const listeners = new Set();
let current = document.documentElement.lang.startsWith("zh") ? "zh" : "en";

export const language = () => current;
const locale = () => (current === "zh" ? "zh-CN" : "en");

/** Calls back after every switch of the language. */
export function onLanguage(listener) {
  listeners.add(listener);
  return () => listeners.delete(listener);
}

export function setLanguage(chosen) {
  current = chosen;
  remember("language", chosen);
  document.documentElement.lang = locale();
  translate(document);
  for (const listener of listeners) listener();
}

/** The words called `name`; {x} is replaced by values.x, and values.count chooses between one and many. */
export function say(name, values = {}) {
  let text = WORDS[current][name];
  if (text === undefined) throw new Error(`no words for ${name}`);
  if (typeof text !== "string") text = text[new Intl.PluralRules(locale()).select(values.count)] ?? text.other;
  return text.replace(/\{(\w+)\}/g, (_, key) => shown(values[key]));
}

const shown = (value) => (typeof value === "number" ? number(value) : String(value ?? ""));

export const number = (value, digits = 2) =>
  new Intl.NumberFormat(locale(), { maximumFractionDigits: digits }).format(value);

export const percent = (value) =>
  new Intl.NumberFormat(locale(), { style: "percent", maximumFractionDigits: 0 }).format(value);

export const seconds = (milliseconds) =>
  new Intl.NumberFormat(locale(), {
    style: "unit",
    unit: "second",
    unitDisplay: "narrow",
    minimumFractionDigits: 1,
    maximumFractionDigits: 1,
  }).format(milliseconds / 1000);

const NEAR = [
  ["minute", 60],
  ["hour", 3600],
  ["day", 86400],
];

/** "5 minutes ago" within a week, the date before. */
export function when(iso) {
  const date = new Date(iso);
  const past = (Date.now() - date) / 1000;
  if (past > 7 * 86400) return new Intl.DateTimeFormat(locale(), { dateStyle: "medium" }).format(date);
  const [unit, size] = NEAR.findLast(([, least]) => past >= least) ?? ["second", 1];
  if (unit === "second") return say("justNow");
  return new Intl.RelativeTimeFormat(locale(), { numeric: "auto" }).format(-Math.floor(past / size), unit);
}

const fullDate = (iso) =>
  new Intl.DateTimeFormat(locale(), { dateStyle: "medium", timeStyle: "short" }).format(new Date(iso));

/** Fills in the words of `root` and of everything inside it. */
export function translate(root) {
  const marked = "[data-say], [data-say-label], [data-say-placeholder], [data-when]";
  const nodes = [...root.querySelectorAll(marked)];
  if (root.matches?.(marked)) nodes.push(root);
  for (const node of nodes) {
    const { say: name, sayLabel, sayPlaceholder, sayValues, when: date } = node.dataset;
    const values = sayValues ? JSON.parse(sayValues) : {};
    if (name) node.textContent = say(name, values);
    if (sayPlaceholder) node.placeholder = say(sayPlaceholder, values);
    if (sayLabel) {
      node.setAttribute("aria-label", say(sayLabel, values));
      if (node.matches("button, a")) node.title = say(sayLabel, values);
    }
    if (date) {
      node.textContent = when(date);
      node.title = fullDate(date);
    }
  }
}
