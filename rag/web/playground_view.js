// The retrieval playground: what each stage of a search gives for a query.

import { kbAt, send } from "./api.js";
import { attempt } from "./dialogs.js";
import { h } from "./dom.js";
import { hitList, scoreLegend } from "./hits.js";
import { number } from "./i18n.js";
import { note } from "./route.js";
import { state } from "./state.js";
import { welcome } from "./welcome.js";

const STAGES = ["dense", "lexical", "fused", "packed"];

/** `id` is the query to begin with. */
export async function playgroundView(root, id) {
  if (!state.kb) return root.append(welcome());
  const query = h("input", {
    type: "search",
    name: "query",
    required: true,
    maxlength: 4000,
    value: id,
    sayPlaceholder: "queryPlaceholder",
    sayLabel: "query",
  });
  const budget = h("input", { type: "number", name: "budget", min: 1, max: 20000, value: 600 });
  const k = h("input", { type: "number", name: "k", min: 1, max: 100, value: 10 });
  const form = h(
    "form",
    { class: "playground" },
    query,
    h("label", {}, h("span", { say: "budget" }), budget),
    h("label", {}, h("span", { say: "hitsShown" }), k),
    h("button", { class: "primary", icon: "search", say: "searchGo" }),
  );
  const result = h("div", { class: "result", "aria-live": "polite" });
  const search = () =>
    attempt(async () => {
      const body = { query: query.value.trim(), k: Number(k.value), budget: Number(budget.value), explain: true };
      if (!body.query) return;
      note("search", body.query);
      const found = await (await send("POST", kbAt(state.kb, "search"), body)).json();
      result.replaceChildren(...shown(found, body.budget));
    });
  form.addEventListener("submit", (event) => {
    event.preventDefault();
    search();
  });
  root.append(
    h("div", { class: "view-head" }, h("h2", { say: "navSearch" }), h("p", { say: "playgroundText" })),
    form,
    result,
  );
  if (id) await search();
  else query.focus();
}

function shown(found, budget) {
  const { stages } = found;
  const counts = Object.fromEntries(STAGES.map((stage) => [stage, stages[stage].length]));
  return [
    h("p", {
      class: "note",
      role: "status",
      say: "searchSummary",
      values: { count: found.hits.length, ms: number(found.took_ms, 0) },
    }),
    stages.parts.length > 1
      ? h(
          "div",
          { class: "panel" },
          h("h3", { say: "stageParts" }),
          h("ol", { class: "parts" }, ...stages.parts.map((part) => h("li", {}, part))),
        )
      : null,
    ...tabs(
      STAGES.map((stage) => ({
        name: stage,
        count: counts[stage],
        content: () => (stage === "packed" ? packed(stages.packed, budget) : ranked(stage, stages[stage])),
      })),
    ),
  ].filter(Boolean);
}

const ranked = (stage, hits) =>
  [
    h("p", { class: "note", say: `${stage}Explained` }),
    hits.length ? scoreLegend() : null,
    hits.length ? hitList(hits, state.kb) : h("p", { say: "stageEmpty" }),
  ].filter(Boolean);

function packed(passages, budget) {
  const size = passages.reduce((sum, passage) => sum + passage.text.length + 1, 0);
  return [
    h("p", { class: "note", say: "packedExplained" }),
    h("p", { say: "packedSize", values: { size, budget, count: passages.length } }),
    h("progress", { max: budget, value: Math.min(size, budget), sayLabel: "budget" }),
    h(
      "ol",
      { class: "passages" },
      ...passages.map((passage) =>
        h(
          "li",
          {},
          h(
            "p",
            { class: "hit-head" },
            h("span", { class: "number" }, String(passage.n)),
            h("span", { class: "path" }, passage.heading),
            passage.page ? h("span", { class: "path", say: "page", values: { page: passage.page } }) : null,
          ),
          h("p", { class: "hit-text" }, passage.text),
        ),
      ),
    ),
  ];
}

/** Tabs, the third of which (what search gives) is open first; arrow keys move between them. */
function tabs(entries) {
  const panel = h("div", { role: "tabpanel", id: "stage", tabindex: "0" });
  const list = h(
    "div",
    { role: "tablist", class: "tabs", sayLabel: "stages" },
    ...entries.map(({ name, count }) =>
      h(
        "button",
        { type: "button", role: "tab", id: `tab-${name}`, "aria-controls": "stage" },
        h("span", { say: `${name}Stage` }),
        h("small", {}, String(count)),
      ),
    ),
  );
  const open = (place) => {
    [...list.children].forEach((tab, i) => {
      tab.setAttribute("aria-selected", String(i === place));
      tab.tabIndex = i === place ? 0 : -1;
    });
    panel.setAttribute("aria-labelledby", list.children[place].id);
    panel.replaceChildren(...entries[place].content());
  };
  list.addEventListener("click", (event) => {
    const tab = event.target.closest("[role=tab]");
    if (tab) open([...list.children].indexOf(tab));
  });
  list.addEventListener("keydown", (event) => {
    const step = { ArrowRight: 1, ArrowLeft: -1 }[event.key];
    if (!step) return;
    const next = ([...list.children].indexOf(document.activeElement) + step + entries.length) % entries.length;
    open(next);
    list.children[next].focus();
  });
  open(2);
  return [list, panel];
}
