// How a document was read: segments, sentences, keys and pages, so that people see why something is not found.

import { download, kbAt, send } from "./api.js";
import { attempt } from "./dialogs.js";
import { details, hasPageImages, segmentsOf } from "./document_details.js";
import { button, h, settled, time } from "./dom.js";
import { fileName, kind, reindex } from "./documents_view.js";
import { percent, say } from "./i18n.js";
import { labelBar } from "./labels.js";
import { reason } from "./problems.js";
import { address, go } from "./route.js";
import { openSource } from "./source_view.js";
import { may, state } from "./state.js";
import { workList } from "./work_list.js";
import { work } from "./work.js";

// Segments put on the page at a time: documents can have tens of thousands.
const AT_ONCE = 40;
// Hits looked through for those of this document.
const DEPTH = 200;

/** `id` is DOCUMENT or DOCUMENT:UNIT, the unit to show. */
export async function documentView(root, id, signal) {
  const [docId, unit] = (id ?? "").split(":");
  const document = await details(state.kb, docId);
  if (signal.aborted) return;
  const segments = segmentsOf(document);
  const units = new UnitList(document, segments);
  root.append(head(document, segments));
  const concerns = (job) => Boolean(job.files?.includes(document.source));
  if (may("editor")) workList(root, signal, concerns);
  root.append(trial(document, units), units.node);
  const anew = (event) => event.detail.some(concerns) && go("document", docId);
  work.addEventListener("finished", anew, { signal });
  units.show(unit ? Number(unit) : null);
}

function head(document, segments) {
  const sentences = segments.reduce((sum, segment) => sum + segment.sentences.length, 0);
  const keys = document.units.reduce((sum, unit) => sum + unit.keys.length, 0);
  const figures = { segmentCount: segments.length, sentenceCount: sentences, keyCount: keys };
  return h(
    "div",
    {},
    h("a", { class: "button quiet back", href: address("documents"), icon: "back", say: "navDocuments" }),
    h(
      "div",
      { class: "view-head" },
      h("h2", {}, document.title),
      button({
        icon: "download",
        say: "original",
        on: {
          click: () =>
            attempt(() => download(kbAt(state.kb, "documents", document.doc_id, "file"), fileName(document))),
        },
      }),
      may("editor") &&
        button({ icon: "refresh", say: "reindex", on: { click: () => attempt(() => reindex(document)) } }),
      h(
        "p",
        { class: "facts" },
        h("span", {}, fileName(document)),
        h("span", {}, kind(document)),
        document.pages ? h("span", { say: "pageCount", values: { count: document.pages } }) : null,
        h("span", { say: "charCount", values: { count: document.chars } }),
        ...Object.entries(figures).map(([words, count]) => h("span", { say: words, values: { count } })),
        time(document.added_at),
      ),
    ),
    labelBar(document),
    document.warnings.length
      ? h("ul", { class: "warnings" }, ...document.warnings.map((text) => h("li", { icon: "warning" }, reason(text))))
      : null,
    h("p", { class: "note explain", say: "documentExplained" }),
  );
}

/** Asks where the sentences of this document come among all hits. */
function trial(document, units) {
  const input = h("input", { type: "search", sayPlaceholder: "trialPlaceholder", sayLabel: "trialLabel" });
  const result = h("div", { "aria-live": "polite" });
  const form = h("form", { class: "trial" }, input, h("button", { say: "trialGo" }));
  form.addEventListener("submit", (event) => {
    event.preventDefault();
    const query = input.value.trim();
    if (query)
      attempt(async () => {
        const { hits } = await (await send("POST", kbAt(state.kb, "search"), { query, k: DEPTH })).json();
        result.replaceChildren(...places(hits, document, units));
      });
  });
  return h("section", { class: "panel" }, h("h3", { say: "trialTitle" }), form, result);
}

function places(hits, document, units) {
  const own = hits.map((hit, i) => ({ hit, rank: i + 1 })).filter(({ hit }) => hit.doc_id === document.doc_id);
  if (!own.length) return [h("p", { say: "trialNone", values: { depth: DEPTH } })];
  return [
    h(
      "ol",
      { class: "ranks" },
      ...own
        .slice(0, 5)
        .map(({ hit, rank }) =>
          h(
            "li",
            {},
            h("span", { class: "tag plain", say: "rank", values: { rank, score: percent(hit.score) } }),
            button({ class: "link", on: { click: () => units.show(hit.unit_id) } }, hit.text),
          ),
        ),
    ),
  ];
}

class UnitList {
  #shown = 0;
  #fitting;

  constructor(document, segments) {
    this.document = document;
    this.segments = segments;
    this.#fitting = segments;
    this.filter = h("input", {
      type: "search",
      sayPlaceholder: "filterText",
      sayLabel: "filterText",
      on: { input: settled(() => this.#find(), 200) },
    });
    this.keys = button({
      class: "toggle",
      say: "showKeys",
      "aria-pressed": "false",
      on: { click: () => this.#keys() },
    });
    this.count = h("span", { class: "note", role: "status" });
    this.list = h("ol", { class: "segments" });
    this.more = button({ class: "more", say: "showMore", on: { click: () => this.#add(AT_ONCE) } });
    this.node = h(
      "section",
      { class: "units" },
      h("div", { class: "bar-of-tools" }, this.filter, this.keys, this.count),
      this.list,
      this.more,
    );
  }

  /** Shows the list, from its beginning or with a sentence marked. */
  show(unit) {
    const place = this.segments.findIndex(
      (segment) => segment.unit_id === unit || segment.sentences.some((one) => one.unit_id === unit),
    );
    this.filter.value = "";
    this.#find(Math.max(place + 1, AT_ONCE));
    const row = unit === null ? null : this.list.querySelector(`[data-unit="${unit}"]`);
    row?.classList.add("lit");
    row?.scrollIntoView({ block: "center" });
  }

  #keys() {
    this.keys.setAttribute("aria-pressed", String(this.node.classList.toggle("with-keys")));
  }

  #find(count = AT_ONCE) {
    const wanted = this.filter.value.trim().toLowerCase();
    const holds = (unit) =>
      unit.text.toLowerCase().includes(wanted) || unit.keys.some((key) => key.text.toLowerCase().includes(wanted));
    this.#fitting = wanted
      ? this.segments.filter((segment) => holds(segment) || segment.sentences.some(holds))
      : this.segments;
    this.count.textContent = wanted ? say("segmentsFit", { count: this.#fitting.length }) : "";
    this.list.replaceChildren();
    this.#shown = 0;
    this.#add(count);
  }

  #add(count) {
    const next = this.#fitting.slice(this.#shown, this.#shown + count);
    this.#shown += next.length;
    this.list.append(...next.map((segment) => this.#segment(segment)));
    this.more.hidden = this.#shown >= this.#fitting.length;
  }

  #segment(segment) {
    return h(
      "li",
      { class: "segment", data: { unit: segment.unit_id } },
      h(
        "div",
        { class: "segment-head" },
        h("span", { class: "tag plain", say: "segmentNumber", values: { number: this.segments.indexOf(segment) + 1 } }),
        h("span", { class: "path" }, segment.heading_path.join(" › ")),
        segment.page ? this.#page(segment) : null,
      ),
      keyList(segment.keys),
      h(
        "ol",
        { class: "sentences" },
        ...segment.sentences.map((one) =>
          h(
            "li",
            { data: { unit: one.unit_id } },
            h("p", {}, one.text, one.page !== segment.page ? [" ", this.#page(one)] : null),
            keyList(one.keys),
          ),
        ),
      ),
    );
  }

  #page(unit) {
    if (!hasPageImages(this.document)) return h("span", { class: "path", say: "page", values: { page: unit.page } });
    return button({
      class: "link",
      say: "page",
      values: { page: unit.page },
      on: {
        click: () =>
          openSource(state.kb, {
            ...unit,
            doc_id: this.document.doc_id,
            document: this.document.title,
            quote: unit.text,
          }),
      },
    });
  }
}

const keyList = (keys) =>
  h(
    "ul",
    { class: "keys" },
    ...(keys.length
      ? keys.map((key) => h("li", {}, h("span", { class: "tag plain" }, key.kind), " ", key.text))
      : [h("li", { say: "noKeys" })]),
  );
