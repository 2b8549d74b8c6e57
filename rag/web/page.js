// The page: navigation, and the view that the address asks for.

import { ApiError, at, getJson, hasKey } from "./api.js";
import { askView } from "./ask_view.js";
import { attempt } from "./dialogs.js";
import { documentView } from "./document_view.js";
import { documentsView } from "./documents_view.js";
import { button, h } from "./dom.js";
import { feedbackView } from "./feedback_view.js";
import { historyView } from "./history_view.js";
import { language, onLanguage, setLanguage, translate } from "./i18n.js";
import { askForKey } from "./key_dialog.js";
import { kbMenu, kbTitle } from "./kb_menu.js";
import { playgroundView } from "./playground_view.js";
import { problem } from "./problems.js";
import { recentConversations } from "./recent.js";
import { address, route } from "./route.js";
import { settingsView } from "./settings_view.js";
import { closeSource } from "./source_view.js";
import { changes, choose, exists, loadKbs, state } from "./state.js";
import { isDark, setTheme } from "./theme.js";

// View, icon; those without an icon have no place in the navigation.
const VIEWS = {
  ask: { show: askView, icon: "chat", title: "navAsk" },
  documents: { show: documentsView, icon: "documents", title: "navDocuments" },
  search: { show: playgroundView, icon: "stages", title: "navSearch" },
  history: { show: historyView, icon: "history", title: "navHistory" },
  settings: { show: settingsView, icon: "settings", title: "navSettings" },
  feedback: { show: feedbackView, title: "navFeedback", under: "history" },
  document: { show: documentView, title: "navDocuments", under: "documents" },
};
const main = document.getElementById("main");
let leaving = new AbortController();
let shown = false;

async function show() {
  const { view, kb, id } = route();
  if (kb && kb !== state.kb && exists(kb)) choose(kb);
  const name = view in VIEWS ? view : "ask";
  leaving.abort();
  leaving = new AbortController();
  const { signal } = leaving;
  const root = h("div", { class: `view ${name}-view` });
  closeSource();
  mark(name);
  main.replaceChildren(root);
  if (shown && document.activeElement === document.body) main.focus({ preventScroll: true }); // what had it is gone
  shown = true;
  try {
    await VIEWS[name].show(root, id, signal);
  } catch (error) {
    if (error.name === "AbortError") return; // another view was opened meanwhile
    if (!(error instanceof ApiError)) throw error;
    root.append(h("p", { class: "problem", role: "alert" }, problem(error)));
  }
}

function mark(name) {
  const chosen = VIEWS[name].under ?? name;
  document.body.dataset.view = name;
  for (const link of document.querySelectorAll("#nav a")) {
    if (link.dataset.view === chosen) link.setAttribute("aria-current", "page");
    else link.removeAttribute("aria-current");
  }
  title();
}

function title() {
  const entry = VIEWS[document.body.dataset.view];
  const words = document.querySelector(`#nav a[data-view="${entry.under ?? document.body.dataset.view}"]`)?.textContent;
  document.title = [words, kbTitle(), "KeyRAG"].filter(Boolean).join(" · ");
}

function navigation() {
  const links = Object.entries(VIEWS)
    .filter(([, entry]) => entry.icon)
    .map(([name, entry]) => h("a", { data: { view: name }, icon: entry.icon, say: entry.title, href: address(name) }));
  document.getElementById("nav").replaceChildren(...links);
}

function tools() {
  const theme = button({
    class: "icon-only",
    icon: isDark() ? "sun" : "moon",
    sayLabel: isDark() ? "toLight" : "toDark",
    on: {
      click: () => {
        setTheme(isDark() ? "light" : "dark");
        tools();
      },
    },
  });
  const other = button(
    {
      class: "quiet language",
      lang: language() === "zh" ? "en" : "zh-CN",
      icon: "language",
      on: { click: () => setLanguage(language() === "zh" ? "en" : "zh") },
    },
    h("span", {}, language() === "zh" ? "English" : "中文"),
  );
  document.getElementById("tools").replaceChildren(other, theme);
}

/** Finds out who asks; where a key is needed and none is there, it is asked for before anything fails. */
async function identify() {
  state.me = await getJson(at("api/me"));
  if (state.me.role === null && (await askForKey(hasKey()))) await identify();
}

async function start() {
  translate(document);
  navigation();
  tools();
  onLanguage(() => {
    tools();
    title();
  });
  matchMedia("(prefers-color-scheme: dark)").addEventListener("change", tools);
  addEventListener("hashchange", show);
  document.querySelector(".skip").addEventListener("click", (event) => {
    event.preventDefault(); // its address would be taken for a view
    main.focus();
  });
  changes.addEventListener("kb", navigation);
  await attempt(async () => {
    await identify();
    await loadKbs();
  });
  kbMenu(document.getElementById("kb-place"));
  recentConversations(document.getElementById("recent"));
  await show();
}

start();
