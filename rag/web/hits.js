// Hits with their scores and why: how near in meaning, how many of the words.

import { button, h } from "./dom.js";
import { number, percent } from "./i18n.js";
import { openSource } from "./source_view.js";

/** The unit of a hit or a citation: ids are each knowledge base's own. */
export const unitPlace = ({ kb, unit_id: unit }) => `${kb ?? ""}/${unit}`;

/** A numbered list of hits; `used` are the places of units that went into the answer. */
export function hitList(hits, kb, used = null) {
  const most = Math.max(...hits.map(({ why }) => Math.max(why.dense, 0) + Math.max(why.lexical, 0)), 1);
  return h("ol", { class: "hits" }, ...hits.map((hit) => hitItem(hit, kb, most, used)));
}

function hitItem(hit, kb, most, used) {
  const path = hit.heading_path[0] === hit.document ? hit.heading_path.slice(1) : hit.heading_path;
  return h(
    "li",
    { class: used?.has(unitPlace(hit)) ? "hit used" : "hit" },
    h(
      "div",
      { class: "hit-head" },
      button({ class: "link", on: { click: () => openSource(kb, { ...hit, quote: hit.text }) } }, hit.document),
      path.length ? h("span", { class: "path" }, path.join(" › ")) : null,
      hit.page ? h("span", { class: "path", say: "page", values: { page: hit.page } }) : null,
      used?.has(unitPlace(hit)) ? h("span", { class: "tag", say: "usedInAnswer" }) : null,
    ),
    h("p", { class: "hit-text" }, hit.text),
    scores(hit, most),
    hit.why.keys.length
      ? h(
          "details",
          { class: "keys" },
          h("summary", { say: "foundByKeys", values: { count: hit.why.keys.length } }),
          h("ul", {}, ...hit.why.keys.map((key) => h("li", {}, key))),
        )
      : null,
  );
}

function scores({ score, why }, most) {
  const bar = (value, name) => {
    const part = h("span", { class: `part ${name}` });
    part.style.width = `${(Math.max(value, 0) / most) * 100}%`;
    return part;
  };
  return h(
    "div",
    { class: "scores" },
    h("span", { class: "bar", "aria-hidden": "true" }, bar(why.dense, "meaning"), bar(why.lexical, "words")),
    h("span", {
      say: why.answer_type ? "scoreLineTyped" : "scoreLine",
      values: {
        score: percent(score),
        fused: number(why.fused),
        dense: number(why.dense),
        lexical: number(why.lexical),
        type: number(why.answer_type),
      },
    }),
  );
}

/** What the two colours of the bars stand for. */
export const scoreLegend = () =>
  h(
    "p",
    { class: "legend note" },
    h("span", { class: "swatch meaning", "aria-hidden": "true" }),
    h("span", { say: "legendMeaning" }),
    h("span", { class: "swatch words", "aria-hidden": "true" }),
    h("span", { say: "legendWords" }),
  );
