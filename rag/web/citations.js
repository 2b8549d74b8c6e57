// Markers in an answer and the sources they lead to: hovering shows the sentence, clicking the page.

import { answerNodes, unitsOf } from "./answer_text.js";
import { button, h } from "./dom.js";
import { unitPlace } from "./hits.js";
import { say } from "./i18n.js";
import { openSource } from "./source_view.js";

const tip = h("div", { id: "citation-tip", role: "tooltip", hidden: true });

/** "员工手册, page 4" in the language of the page. */
function place(source) {
  if (!source.page) return source.document;
  return say("documentPage", { document: source.document, page: source.page });
}

/** The sentences that an answer cites, each once; a marker's number is its place here. */
const sourcesOf = (answer) => [...Map.groupBy(answer.citations, unitPlace).values()].map(([first]) => first);

/** Sets the text of a finished answer with its markers into `body`; gives the list of its sources. */
export function showCited(body, answer, kb) {
  const units = unitsOf(answer.answer);
  const sources = sourcesOf(answer);
  const list = h("ol", { class: "sources", sayLabel: "sources" });
  const statements = [...new Set(answer.citations.map((citation) => citation.answer_start))];
  const marks = [...answer.citations]
    .sort((a, b) => a.answer_end - b.answer_end)
    .map((citation) => {
      const number = sources.findIndex((source) => unitPlace(source) === unitPlace(citation));
      const statement = statements.indexOf(citation.answer_start);
      return { at: units(citation.answer_end), make: () => marker(citation, number, statement, body, list, kb) };
    });
  const ranges = answer.citations.map((citation) => ({
    start: units(citation.answer_start),
    end: units(citation.answer_end),
    class: "said",
    statement: statements.indexOf(citation.answer_start),
  }));
  for (const statement of answer.checks?.unsupported ?? []) {
    const start = answer.answer.indexOf(statement);
    if (start >= 0) ranges.push({ start, end: start + statement.length, class: "weak" });
  }
  body.replaceChildren(...answerNodes(answer.answer, marks, ranges));
  list.append(...sources.map((source, number) => card(source, number, kb)));
  return sources.length ? list : null;
}

function marker(citation, number, statement, body, list, kb) {
  const lit = (on) => {
    list.children[number].classList.toggle("lit", on);
    for (const said of body.querySelectorAll(`.said[data-statement="${statement}"]`)) said.classList.toggle("lit", on);
    if (on) showTip(node, citation);
    else hideTip();
  };
  const node = button(
    {
      class: "cite",
      sayLabel: "citationLabel",
      values: { number: number + 1, document: citation.document },
      "aria-describedby": tip.id,
      on: {
        mouseenter: () => lit(true),
        mouseleave: () => lit(false),
        focus: () => lit(true),
        blur: () => lit(false),
        click: () => {
          hideTip();
          openSource(kb, citation);
        },
      },
    },
    String(number + 1),
  );
  node.removeAttribute("title"); // the sentence itself is shown
  return node;
}

/** Where a refused question comes closest: places to look at, which are no sources of an answer. */
export const nearestList = (hits, kb) =>
  h("ol", { class: "sources nearest" }, ...hits.map((hit) => card({ ...hit, quote: hit.text }, null, kb)));

function card(source, number, kb) {
  const path = source.heading_path?.filter((heading) => heading !== source.document) ?? [];
  return h(
    "li",
    {},
    button(
      { class: "source", on: { click: () => openSource(kb, source) } },
      number === null ? null : h("span", { class: "number", "aria-hidden": "true" }, String(number + 1)),
      h("q", { class: "quote" }, source.quote),
      h(
        "span",
        { class: "where" },
        h("b", {}, source.document),
        path.length ? h("span", { class: "path" }, path.join(" › ")) : null,
        source.page ? h("span", { class: "page", say: "page", values: { page: source.page } }) : null,
      ),
    ),
  );
}

function showTip(node, citation) {
  if (!tip.isConnected) document.body.append(tip);
  tip.replaceChildren(h("q", {}, citation.quote), h("small", {}, place(citation)));
  tip.hidden = false;
  const around = node.getBoundingClientRect();
  const { width, height } = tip.getBoundingClientRect();
  const left = Math.min(Math.max(around.left + around.width / 2 - width / 2, 8), innerWidth - width - 8);
  const above = around.top - height - 8;
  tip.style.left = `${Math.max(left, 8)}px`;
  tip.style.top = `${above > 8 ? above : around.bottom + 8}px`;
}

function hideTip() {
  tip.hidden = true;
}

document.addEventListener("keydown", (event) => {
  if (event.key === "Escape") hideTip();
});
document.addEventListener("scroll", hideTip, true);

/** The answer with footnotes, to be pasted elsewhere. */
export function withFootnotes(answer) {
  const notes = sourcesOf(answer).map((source, i) => `[${i + 1}] ${place(source)}: “${source.quote}”`);
  return [answer.answer, ...(notes.length ? ["", ...notes] : [])].join("\n");
}
