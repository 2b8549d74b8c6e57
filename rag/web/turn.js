// One question with its answer: streamed, then with its sources, checks and what can be done with it.

import { notice } from "./dialogs.js";
import { answerNodes } from "./answer_text.js";
import { checkNodes } from "./checks.js";
import { nearestList, showCited, withFootnotes } from "./citations.js";
import { copied } from "./clipboard.js";
import { button, h, resay } from "./dom.js";
import { thumbs } from "./feedback.js";
import { hitList, scoreLegend, unitPlace } from "./hits.js";
import { say, seconds } from "./i18n.js";
import { problem } from "./problems.js";
import { address } from "./route.js";

/**
 * A question and its answer on the page.
 *
 * Feed it with the events of the chat; `again` is called when the user wants the question asked once more.
 */
export class Turn {
  #text = "";
  #frame = 0;
  #sources = null;

  constructor({ kb, session, question, again }) {
    this.kb = kb;
    this.session = session;
    this.question = question;
    this.again = again;
    this.status = h("p", { class: "turn-status", say: "searching" });
    this.body = h("div", { class: "answer-text" });
    this.node = h(
      "article",
      { class: "turn", "aria-busy": "true" },
      h("h2", { class: "question" }, question),
      this.status,
      this.body,
    );
  }

  sources(found) {
    this.#sources = found;
    const documents = new Set(found.passages.map((passage) => passage.doc_id)).size;
    if (found.rewritten) {
      this.status.before(
        h("p", { class: "note rewritten" }, h("span", { say: "searchedFor" }), " ", h("q", {}, found.rewritten)),
      );
    }
    if (documents) resay(this.status, "reading", { passages: found.passages.length, count: documents });
  }

  token(text) {
    this.#text += text;
    this.#frame ||= requestAnimationFrame(() => {
      this.#frame = 0;
      this.body.replaceChildren(...answerNodes(this.#text));
      this.body.lastElementChild?.classList.add("writing");
    });
  }

  done(answer) {
    this.#end();
    this.node.classList.toggle("refused", answer.refused);
    const list = showCited(this.body, answer, this.kb);
    if (list) this.body.after(list);
    resay(this.status, "answered", { time: seconds(answer.timings.total_ms), model: answer.model ?? say("noModel") });
    if (answer.refused) this.node.append(this.#refusalHelp(answer.nearest));
    this.node.append(checkNodes(answer), this.#footer(answer), ...this.#hits(answer));
  }

  /** Shows a turn of an earlier visit: its checks were not kept. */
  recalled(answer) {
    this.#end();
    const list = showCited(this.body, answer, this.kb);
    if (list) this.body.after(list);
    this.status.remove();
    this.node.append(this.#footer(answer));
  }

  stopped() {
    this.#end();
    resay(this.status, "stopped");
    this.node.append(this.#retry());
  }

  failed(error) {
    this.#end();
    this.status.remove();
    this.node.append(h("p", { class: "problem", role: "alert" }, problem(error)), this.#retry());
  }

  #end() {
    cancelAnimationFrame(this.#frame);
    this.#frame = 0;
    if (this.#text) this.body.replaceChildren(...answerNodes(this.#text));
    this.node.removeAttribute("aria-busy");
  }

  #retry() {
    return h(
      "div",
      { class: "turn-actions" },
      button({ class: "quiet", icon: "refresh", say: "askAgain", on: { click: this.again } }),
    );
  }

  #refusalHelp(nearest) {
    return h(
      "div",
      { class: "refusal-help" },
      h("p", { say: nearest.length ? "refusalNearest" : "refusalHelp" }),
      nearest.length ? nearestList(nearest, this.kb) : null,
      h("a", {
        class: "button quiet",
        href: address("search", this.question, this.kb),
        icon: "search",
        say: "seeInPlayground",
      }),
    );
  }

  #footer(answer) {
    const copy = button({
      class: "icon-only",
      icon: "copy",
      sayLabel: "copyAnswer",
      on: { click: async () => notice(say((await copied(withFootnotes(answer))) ? "copied" : "copyFailed")) },
    });
    const again = button({ class: "icon-only", icon: "refresh", sayLabel: "askAgain", on: { click: this.again } });
    const { kb, session, question } = this;
    return h("div", { class: "turn-actions" }, copy, again, thumbs({ kb, session, question, answer: answer.answer }));
  }

  #hits(answer) {
    const hits = this.#sources?.hits ?? [];
    if (!hits.length) return [];
    const used = new Set(answer.citations.map(unitPlace));
    const box = h("details", { class: "found" }, h("summary", { say: "howFound", values: { count: hits.length } }));
    box.addEventListener("toggle", () => {
      if (box.children.length === 1) box.append(scoreLegend(), hitList(hits, this.kb, used));
    });
    return [box];
  }
}
