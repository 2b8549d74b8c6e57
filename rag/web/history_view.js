// Earlier conversations: open, find, rename, export, delete.

import { download, getJson, kbAt, remove, send, withQuery } from "./api.js";
import { conversationIs, newConversation } from "./ask_view.js";
import { asked, attempt, confirmed } from "./dialogs.js";
import { button, h, time } from "./dom.js";
import { address } from "./route.js";
import { may, state } from "./state.js";

export const sessions = async (kb) => (kb ? getJson(kbAt(kb, "sessions")) : []);

export async function historyView(root) {
  const search = h("input", { type: "search", sayPlaceholder: "findConversation", sayLabel: "findConversation" });
  const list = h("ul", { class: "documents", sayLabel: "navHistory" });
  let all = [];
  const fill = () => {
    const wanted = search.value.trim().toLowerCase();
    const fitting = all.filter((session) => session.title.toLowerCase().includes(wanted));
    search.hidden = all.length < 2;
    list.replaceChildren(
      ...(fitting.length ? fitting.map((session) => row(session, load)) : [nothing(all.length > 0)]),
    );
  };
  const load = async () => {
    all = await sessions(state.kb);
    fill();
    dispatchEvent(new CustomEvent("asked"));
  };
  search.addEventListener("input", fill);
  root.append(
    h(
      "div",
      { class: "view-head" },
      h("h2", { say: "navHistory" }),
      may("editor") && h("a", { class: "button", href: address("feedback"), icon: "thumbUp", say: "navFeedback" }),
      h("p", { say: "historyText" }),
    ),
    h("div", { class: "bar-of-tools" }, search),
    list,
  );
  await load();
}

const nothing = (some) =>
  h(
    "li",
    { class: "nothing" },
    h("p", { say: some ? "noConversationFits" : "noConversations" }),
    some ? null : h("a", { class: "button primary", href: address("ask"), icon: "chat", say: "navAsk" }),
  );

function row(session, load) {
  const path = kbAt(state.kb, "sessions", session.session);
  const act = (sayLabel, icon, run) =>
    button({ class: "icon-only", icon, sayLabel, on: { click: () => attempt(run) } });
  return h(
    "li",
    {},
    h("a", { class: "document", href: address("ask", session.session) }, h("b", {}, session.title)),
    h(
      "p",
      { class: "facts note" },
      h("span", { say: "turnCount", values: { count: session.turns } }),
      time(session.updated_at),
    ),
    h(
      "div",
      { class: "row document-actions" },
      act("rename", "edit", async () => {
        const title = await asked("rename", "newTitle", { value: session.title, maxlength: 200, action: "ok" });
        if (!title) return;
        await send("PATCH", path, { title });
        await load();
      }),
      act("exportConversation", "download", () =>
        download(withQuery(`${path}/export`, { format: "markdown" }), `${session.title}.md`),
      ),
      act("remove", "trash", async () => {
        if (!(await confirmed("sessionDelete", "sessionDeleteSure", { title: session.title }, "remove"))) return;
        await remove(path);
        if (conversationIs(session.session)) newConversation();
        await load();
      }),
    ),
  );
}
