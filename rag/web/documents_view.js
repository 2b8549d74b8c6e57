// The documents of a knowledge base: bring in, look for, open, read anew, delete.

import { download, getJson, kbAt, remove, send, withQuery } from "./api.js";
import { attempt, confirmed, notice } from "./dialogs.js";
import { forgetDetails } from "./document_details.js";
import { button, h, settled, time } from "./dom.js";
import { dropZone } from "./drop_zone.js";
import { createKb } from "./kb_menu.js";
import { number, say } from "./i18n.js";
import { pager } from "./pager.js";
import { address } from "./route.js";
import { chosenKbs, loadKbs, may, state } from "./state.js";
import { begun, work } from "./work.js";
import { workList } from "./work_list.js";

const PAGE = 50;
const ORDERS = ["-added_at", "added_at", "title", "-title", "-chars", "chars"];
const ORDER_WORDS = ["orderNewest", "orderOldest", "orderTitle", "orderTitleBack", "orderLongest", "orderShortest"];

export async function documentsView(root, id, signal) {
  if (!state.kb) return root.append(noKb());
  if (chosenKbs().length > 1) return root.append(oneOf(chosenKbs()));
  root.append(h("div", { class: "view-head" }, h("h2", { say: "navDocuments" })));
  if (may("editor")) {
    dropZone(root, signal);
    workList(root, signal);
  }
  const list = new DocumentList(signal);
  root.append(list.node);
  work.addEventListener("finished", () => list.load(), { signal });
  await list.load();
}

function noKb() {
  if (!may("editor")) return h("div", { class: "empty" }, h("h2", { say: "noKb" }), h("p", { say: "noKbReader" }));
  return h(
    "div",
    { class: "empty" },
    h("h2", { say: "welcomeTitle" }),
    h("p", { say: "noKbText" }),
    button({ class: "primary", icon: "add", say: "kbNew", on: { click: createKb } }),
  );
}

/** Documents are looked after in one knowledge base at a time. */
function oneOf(kbs) {
  const link = (kb) => h("a", { class: "document", href: address("documents", null, kb.name) }, h("b", {}, kb.name));
  const count = (kb) =>
    h("p", { class: "facts note" }, h("span", { say: "documentCount", values: { count: kb.documents } }));
  return h(
    "section",
    {},
    h("div", { class: "view-head" }, h("h2", { say: "navDocuments" }), h("p", { say: "documentsOfOne" })),
    h("ul", { class: "documents" }, ...kbs.map((kb) => h("li", {}, link(kb), count(kb)))),
  );
}

class DocumentList {
  #offset = 0;
  #asked = 0;

  constructor(signal) {
    this.signal = signal;
    this.search = h("input", {
      type: "search",
      sayPlaceholder: "findDocument",
      sayLabel: "findDocument",
      on: { input: settled(() => this.#from(0)) },
    });
    this.order = h(
      "select",
      { sayLabel: "order", on: { change: () => this.#from(0) } },
      ...ORDERS.map((value, i) => h("option", { value, say: ORDER_WORDS[i] })),
    );
    this.bar = h("div", { class: "bar-of-tools" }, this.search, this.order);
    this.rows = h("ul", { class: "documents", sayLabel: "navDocuments" });
    this.pager = pager(PAGE, (offset) => this.#from(offset));
    this.node = h("section", {}, this.bar, this.rows, this.pager.node);
  }

  #from(offset) {
    this.#offset = offset;
    return attempt(() => this.load());
  }

  async load() {
    const asked = ++this.#asked;
    const query = { q: this.search.value.trim(), sort: this.order.value, offset: this.#offset, limit: PAGE };
    const { total, documents } = await getJson(withQuery(kbAt(state.kb, "documents"), query), { signal: this.signal });
    if (asked !== this.#asked) return; // a later question is on its way
    this.bar.hidden = !total && !query.q;
    this.rows.replaceChildren(...(total ? documents.map((row) => this.#row(row)) : [this.#none(query.q)]));
    this.pager.show(this.#offset, total);
  }

  #none(query) {
    return h("li", { class: "nothing" }, h("p", { say: query ? "noDocumentFits" : "noDocuments", values: { query } }));
  }

  #row(row) {
    const facts = [
      h("span", {}, kind(row)),
      row.pages ? h("span", { say: "pageCount", values: { count: row.pages } }) : null,
      h("span", { say: "charCount", values: { count: row.chars } }),
      time(row.added_at),
      ...(row.labels ?? []).map((label) => h("span", { class: "tag plain" }, label)),
      row.warnings.length
        ? h("span", {
            class: "tag bad",
            say: "warningCount",
            values: { count: row.warnings.length },
            title: row.warnings.join("\n"),
          })
        : null,
    ];
    return h(
      "li",
      {},
      h("a", { class: "document", href: address("document", row.doc_id) }, h("b", {}, row.title), source(row)),
      h("p", { class: "facts note" }, ...facts),
      h(
        "div",
        { class: "row document-actions" },
        act("original", "download", () => download(kbAt(state.kb, "documents", row.doc_id, "file"), fileName(row))),
        may("editor") && act("reindex", "refresh", () => reindex(row)),
        may("editor") && act("remove", "trash", () => this.#remove(row)),
      ),
    );
  }

  async #remove(row) {
    if (!(await confirmed("documentDelete", "documentDeleteSure", { title: row.title }, "remove"))) return;
    await remove(kbAt(state.kb, "documents", row.doc_id));
    forgetDetails();
    notice(say("documentDeleted", { title: row.title }));
    await Promise.all([this.load(), loadKbs()]);
    this.search.focus();
  }
}

const act = (sayLabel, icon, run) => button({ class: "icon-only", icon, sayLabel, on: { click: () => attempt(run) } });

export async function reindex(row) {
  begun((await (await send("POST", kbAt(state.kb, "documents", row.doc_id, "reindex"))).json()).job);
}

export const fileName = (row) => row.source.split("/").at(-1);
const source = (row) => (fileName(row) === row.title ? null : h("small", {}, fileName(row)));

/** "PDF", "DOCX", ... from the name of the file. */
export const kind = (row) =>
  fileName(row)
    .match(/\.(\w{1,8})$/)?.[1]
    .toUpperCase() ?? number(row.chars);
