// The source of a citation: its page with the sentence marked, or the text around it. Beside the conversation on
// wide screens, over it on small ones.

import { download, kbAt } from "./api.js";
import { tell } from "./dialogs.js";
import { details, hasPageImages, segmentsOf } from "./document_details.js";
import { button, h, resay } from "./dom.js";
import { showPageImage } from "./page_images.js";
import { address } from "./route.js";

const wide = matchMedia("(min-width: 70rem)");
// Segments shown before and after the one that is cited.
const AROUND = 1;
let opener = null;
let loading = new AbortController();

const panel = h("dialog", { id: "source", sayLabel: "source" });
panel.addEventListener("close", () => {
  document.body.classList.remove("with-source");
  loading.abort();
  URL.revokeObjectURL(panel.querySelector("img")?.src);
  opener?.focus?.();
});
document.addEventListener("keydown", (event) => {
  if (event.key === "Escape" && panel.open && !document.querySelector("dialog:modal")) panel.close();
});
wide.addEventListener("change", () => panel.close());

export const closeSource = () => panel.close();

/** Opens a hit or a citation: `kb`, `doc_id`, `document`, `page`, `unit_id`, `quote`; `asked` is what was searched. */
export async function openSource(asked, source) {
  const kb = source.kb || asked; // conversations of an older service don't tell
  opener = document.activeElement;
  loading.abort();
  loading = new AbortController();
  const body = h(
    "div",
    { class: "source-body", tabindex: "0", sayLabel: "source", role: "region" },
    h("div", { class: "skeleton page-skeleton" }),
  );
  const tools = h("div", { class: "source-tools" });
  panel.replaceChildren(
    h(
      "header",
      {},
      h("h2", {}, source.document),
      button({ class: "icon-only", icon: "close", sayLabel: "close", on: { click: closeSource } }),
    ),
    tools,
    h("blockquote", {}, source.quote),
    body,
  );
  show();
  try {
    const document = await details(kb, source.doc_id);
    tools.append(...links(kb, document, source));
    if (source.page && hasPageImages(document)) {
      await showPages(kb, document, source, tools, body);
    } else {
      body.replaceChildren(...textAround(document, source));
      body.querySelector("mark")?.scrollIntoView({ block: "center" });
    }
  } catch (error) {
    body.replaceChildren(h("p", { class: "note", say: "sourceGone" }));
    tell(error);
  }
}

function show() {
  if (!panel.isConnected) document.body.append(panel);
  if (!panel.open) {
    if (wide.matches) panel.show();
    else panel.showModal();
  }
  document.body.classList.toggle("with-source", wide.matches);
  panel.querySelector("header button").focus();
}

function links(kb, document, source) {
  return [
    h("a", {
      class: "button icon-only",
      href: address("document", `${document.doc_id}:${source.unit_id}`, kb),
      icon: "stages",
      sayLabel: "ingestView",
      on: {
        click: () => {
          if (!wide.matches) closeSource();
        },
      },
    }),
    button({
      class: "icon-only",
      icon: "download",
      sayLabel: "original",
      on: {
        click: () =>
          download(kbAt(kb, "documents", document.doc_id, "file"), document.source.split("/").at(-1)).catch(tell),
      },
    }),
  ];
}

async function showPages(kb, document, source, tools, body) {
  let page = source.page;
  const signal = loading.signal;
  const image = h("img", { alt: "", class: "page-image" });
  const label = h("span", { say: "pageOf", values: { page, pages: document.pages } });
  const turn = async (to) => {
    page = to;
    resay(label, "pageOf", { page, pages: document.pages });
    back.disabled = page <= 1;
    next.disabled = page >= document.pages;
    image.classList.add("waiting");
    await showPageImage(image, kb, document.doc_id, page, page === source.page ? source.unit_id : null, signal);
    image.classList.remove("waiting");
    image.alt = label.textContent;
  };
  const turned = (by) => () => turn(page + by).catch(tell);
  const back = button({ class: "icon-only", icon: "back", sayLabel: "pageBefore", on: { click: turned(-1) } });
  const next = button({ class: "icon-only", icon: "next", sayLabel: "pageAfter", on: { click: turned(1) } });
  const zoom = button({
    class: "icon-only",
    icon: "zoom",
    sayLabel: "zoom",
    "aria-pressed": "false",
    on: { click: () => zoom.setAttribute("aria-pressed", String(body.classList.toggle("zoomed"))) },
  });
  tools.prepend(h("div", { class: "pager" }, back, label, next, zoom));
  await turn(page);
  body.replaceChildren(image);
}

/** What stood between two sentences, white space being one space where the text is kept. */
function gap(before, sentence) {
  if (!before) return "";
  if (sentence.kind === "row" || sentence.kind === "list") return "\n";
  return sentence.start > before.end ? " " : "";
}

/** The text around a unit, with the unit marked; for formats without pages. */
function textAround(document, source) {
  const segments = segmentsOf(document);
  const found = segments.findIndex(({ sentences }) => sentences.some((one) => one.unit_id === source.unit_id));
  if (found < 0) return [h("p", { class: "note", say: "sourceGone" })];
  let path = "";
  return segments.slice(Math.max(found - AROUND, 0), found + AROUND + 1).flatMap((segment) => {
    const here = segment.heading_path.join(" › ");
    const heading = here === path ? [] : [h("h3", {}, here)];
    path = here;
    const text = segment.sentences.flatMap((one, i) => [
      gap(segment.sentences[i - 1], one),
      one.unit_id === source.unit_id ? h("mark", {}, one.text) : one.text,
    ]);
    return [...heading, h("p", { class: "around" }, ...text)];
  });
}
