// How the page looks, the key in use, what the service was used for, and the settings in force.

import { at, getJson, hasKey, keyIsKept, useKey, withQuery } from "./api.js";
import { keysPanel } from "./api_keys.js";
import { attempt } from "./dialogs.js";
import { button, h } from "./dom.js";
import { language, number, setLanguage } from "./i18n.js";
import { askForKey } from "./key_dialog.js";
import { may, state } from "./state.js";
import { setTheme, THEMES, theme } from "./theme.js";

const DAYS = 30;
const FIGURES = ["questions", "refused", "searches", "documents", "prompt_tokens", "completion_tokens"];

export async function settingsView(root) {
  root.append(h("div", { class: "view-head" }, h("h2", { say: "navSettings" })), look(), access());
  if (!may("admin")) return;
  const usage = h("section", { class: "panel" }, h("h3", { say: "usageTitle", values: { days: DAYS } }));
  const settings = h(
    "section",
    { class: "panel" },
    h("h3", { say: "settingsTitle" }),
    h("p", { class: "note", say: "settingsText" }),
  );
  root.append(...[keysPanel()].filter(Boolean), usage, settings);
  await Promise.all([
    attempt(async () => usage.append(...usageNodes(await getJson(withQuery(at("api/usage"), { days: DAYS }))))),
    attempt(async () => settings.append(...tree((await getJson(at("api/settings"))).settings))),
  ]);
}

function look() {
  const radio = (name, value, words, chosen, choose) => {
    const input = h("input", { type: "radio", name, value, checked: chosen });
    input.addEventListener("change", () => choose(value));
    return h("label", { class: "choice" }, input, typeof words === "string" ? h("span", { say: words }) : words);
  };
  const themes = THEMES.map((name) => radio("theme", name, `theme_${name}`, theme() === name, setTheme));
  const languages = [
    ["zh", "中文"],
    ["en", "English"],
  ].map(([value, own]) => radio("language", value, h("span", { lang: value }, own), language() === value, setLanguage));
  return h(
    "section",
    { class: "panel" },
    h("fieldset", {}, h("legend", { say: "themeTitle" }), ...themes),
    h("fieldset", {}, h("legend", { say: "languageTitle" }), ...languages),
  );
}

function access() {
  const { me } = state;
  const forget = button({
    say: "keyForget",
    on: {
      click: () => {
        useKey(null);
        location.reload();
      },
    },
  });
  const enter = button({
    say: hasKey() ? "keyChange" : "keyEnter",
    on: {
      click: async () => {
        if (await askForKey()) location.reload();
      },
    },
  });
  const words = !hasKey() ? "keyNone" : keyIsKept() ? "keyKept" : "keyForTab";
  return h(
    "section",
    { class: "panel" },
    h("h3", { say: "keyTitle" }),
    h("p", { say: words }),
    me?.name ? h("p", {}, h("b", {}, me.name), " ", h("span", { class: "tag plain", say: `role_${me.role}` })) : null,
    h("div", { class: "row" }, enter, hasKey() ? forget : null),
  );
}

function usageNodes(rows) {
  const totals = Object.fromEntries(FIGURES.map((name) => [name, rows.reduce((sum, row) => sum + row[name], 0)]));
  const figures = h(
    "dl",
    { class: "figures" },
    ...FIGURES.map((name) => h("div", {}, h("dt", { say: `usage_${name}` }), h("dd", {}, number(totals[name])))),
  );
  const days = Map.groupBy(rows, (row) => row.day);
  if (!days.size) return [figures];
  const cells = (row) => FIGURES.map((name) => h("td", {}, number(row.reduce((sum, one) => sum + one[name], 0))));
  return [
    figures,
    h(
      "details",
      {},
      h("summary", { say: "byDay" }),
      h(
        "div",
        { class: "table-place", tabindex: "0" },
        h(
          "table",
          {},
          h(
            "thead",
            {},
            h("tr", {}, h("th", { say: "day" }), ...FIGURES.map((name) => h("th", { say: `usage_${name}` }))),
          ),
          h("tbody", {}, ...[...days].map(([day, row]) => h("tr", {}, h("th", { scope: "row" }, day), ...cells(row)))),
        ),
      ),
    ),
  ];
}

function tree(settings) {
  const lines = (section, path) =>
    Object.entries(section).flatMap(([name, value]) =>
      value !== null && typeof value === "object" && !Array.isArray(value)
        ? lines(value, [...path, name])
        : [h("div", {}, h("dt", {}, [...path, name].join(".")), h("dd", {}, shown(value)))],
    );
  const whole = Object.entries(settings).filter(
    ([, value]) => value !== null && typeof value === "object" && !Array.isArray(value),
  );
  const single = Object.fromEntries(
    Object.entries(settings).filter(([name]) => !whole.some(([other]) => other === name)),
  );
  return [
    h("dl", { class: "settings" }, ...lines(single, [])),
    ...whole.map(([name, value]) =>
      h("details", {}, h("summary", {}, name), h("dl", { class: "settings" }, ...lines(value, [name]))),
    ),
  ];
}

const shown = (value) => (value === null ? "–" : Array.isArray(value) ? value.join(", ") || "–" : String(value));
