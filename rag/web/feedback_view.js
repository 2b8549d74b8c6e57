// What people thought of answers, for those who look after the documents.

import { getJson, kbAt, withQuery } from "./api.js";
import { attempt } from "./dialogs.js";
import { h, time } from "./dom.js";
import { icon } from "./icons.js";
import { pager } from "./pager.js";
import { address } from "./route.js";
import { state } from "./state.js";
import { welcome } from "./welcome.js";

const PAGE = 30;
const RATINGS = { "": "ratingAll", down: "thumbDownLabel", up: "thumbUpLabel" };

export async function feedbackView(root, id, signal) {
  if (!state.kb) return root.append(welcome());
  const rating = h(
    "select",
    { sayLabel: "ratingChoice", on: { change: () => open(0) } },
    ...Object.entries(RATINGS).map(([value, say]) => h("option", { value, say })),
  );
  const list = h("ul", { class: "judgements", sayLabel: "navFeedback" });
  const pages = pager(PAGE, open);
  async function load(offset) {
    const query = { rating: rating.value, offset, limit: PAGE };
    const { total, feedback } = await getJson(withQuery(kbAt(state.kb, "feedback"), query), { signal });
    const none = h("li", { class: "nothing" }, h("p", { say: "noFeedback" }));
    list.replaceChildren(...(total ? feedback.map(judgement) : [none]));
    pages.show(offset, total);
  }
  function open(offset) {
    return attempt(() => load(offset));
  }
  root.append(
    h("a", { class: "button quiet back", href: address("history"), icon: "back", say: "navHistory" }),
    h("div", { class: "view-head" }, h("h2", { say: "navFeedback" }), h("p", { say: "feedbackText" })),
    h("div", { class: "bar-of-tools" }, rating),
    list,
    pages.node,
  );
  await load(0);
}

function judgement(row) {
  const thumb = h("span", { class: `tag ${row.rating === "down" ? "bad" : "plain"}`, say: RATINGS[row.rating] });
  thumb.prepend(icon(row.rating === "down" ? "thumbDown" : "thumbUp"));
  return h(
    "li",
    {},
    h("p", { class: "row note" }, thumb, time(row.given_at)),
    h("a", { class: "about", href: address("search", row.question) }, row.question),
    h("p", { class: "said" }, row.answer),
    row.comment ? h("blockquote", {}, row.comment) : null,
  );
}
