// Ask and watch the answer come. The conversation lives on while other views are open.

import { events, getJson, kbAt, send } from "./api.js";
import { attempt } from "./dialogs.js";
import { button, h } from "./dom.js";
import { say } from "./i18n.js";
import { kbTitle } from "./kb_menu.js";
import { address, go, note } from "./route.js";
import { chosenKbs, state } from "./state.js";
import { closeSource } from "./source_view.js";
import { Turn } from "./turn.js";
import { welcome } from "./welcome.js";

// What ends a sentence of a stream that is read aloud.
const SENTENCE = /^[\s\S]*[。！？!?.\n]/;
let conversation = null;

/** Shows the conversation `id`, or the one that is open, or a new one. */
export async function askView(root, id) {
  if (!state.kb) return root.append(welcome());
  const same = conversation?.kb === state.kb && (id === null ? !conversation.left : id === conversation.session);
  if (!same) {
    conversation?.close();
    conversation = new Conversation(state.kb, id);
    if (id) await conversation.recall();
  }
  conversation.left = false;
  root.append(conversation.node);
  conversation.shown();
}

/** Begins a new conversation the next time that the view is shown. */
export function newConversation() {
  if (conversation) conversation.left = true;
  closeSource();
}

export const conversationIs = (session) => conversation?.session === session;

const newId = () =>
  Array.from(crypto.getRandomValues(new Uint8Array(12)), (byte) => byte.toString(16).padStart(2, "0")).join("");

class Conversation {
  #running = null;
  #spoken = 0;

  constructor(kb, session) {
    this.kb = kb;
    this.session = session ?? newId();
    this.turns = h("div", { class: "column" });
    this.thread = h("div", { class: "thread", tabindex: "0", role: "region", sayLabel: "conversation" }, this.turns);
    this.live = h("p", { class: "visually-hidden", "aria-live": "polite", role: "status" });
    this.input = h("textarea", {
      id: "question",
      rows: 1,
      maxlength: 4000,
      sayLabel: "questionLabel",
      sayPlaceholder: "questionPlaceholder",
      enterkeyhint: "send",
    });
    this.button = button({ type: "submit", class: "primary send", icon: "send", sayLabel: "ask" });
    this.stop = button({
      class: "send",
      icon: "stop",
      sayLabel: "stop",
      hidden: true,
      on: { click: () => this.#running?.abort() },
    });
    this.fresh = button({
      class: "icon-only",
      icon: "add",
      sayLabel: "newConversation",
      on: {
        click: () => {
          newConversation();
          go("ask");
        },
      },
    });
    const form = h("form", { class: "composer" }, this.fresh, this.input, this.button, this.stop);
    form.addEventListener("submit", (event) => {
      event.preventDefault();
      this.#submit();
    });
    this.input.addEventListener("keydown", (event) => {
      if (event.key === "Enter" && !event.shiftKey && !event.isComposing) {
        event.preventDefault();
        this.#submit();
      } else if (event.key === "Escape" && this.#running) {
        this.#running.abort();
      }
    });
    this.input.addEventListener("input", () => this.#grow());
    this.node = h(
      "section",
      { class: "ask" },
      this.thread,
      this.live,
      h("div", { class: "composer-place" }, form, h("p", { class: "note hint", say: "composerHint" })),
    );
    this.turns.append(this.#invitation());
  }

  #invitation() {
    const count = chosenKbs().reduce((sum, kb) => sum + kb.documents, 0);
    if (!count) {
      return h(
        "div",
        { class: "empty" },
        h("h2", { say: "emptyKbTitle" }),
        h("p", { say: "emptyKbText" }),
        h("a", { class: "button primary", href: address("documents"), icon: "upload", say: "addDocuments" }),
      );
    }
    return h(
      "div",
      { class: "empty" },
      h("h2", { say: "inviteTitle" }),
      h("p", { say: "inviteText", values: { count, kb: kbTitle() } }),
    );
  }

  shown() {
    this.#grow();
    if (matchMedia("(hover: hover)").matches) this.input.focus({ preventScroll: true });
    this.thread.scrollTop = this.thread.scrollHeight;
  }

  close() {
    this.#running?.abort();
  }

  async recall() {
    await attempt(async () => {
      const { history } = await getJson(kbAt(this.kb, "sessions", this.session));
      this.turns.replaceChildren(
        ...history.map((turn) => {
          const shown = this.#turn(turn.question);
          shown.recalled({ answer: turn.answer, citations: turn.citations });
          return shown.node;
        }),
      );
    });
  }

  #turn(question) {
    return new Turn({ kb: this.kb, session: this.session, question, again: () => this.ask(question) });
  }

  #grow() {
    this.input.style.height = "auto";
    this.input.style.height = `${Math.min(this.input.scrollHeight + 2, innerHeight * 0.35)}px`;
  }

  #submit() {
    const question = this.input.value.trim();
    if (!question || this.#running) return;
    this.input.value = "";
    if (matchMedia("(hover: none)").matches) this.input.blur(); // makes room: the keyboard of a phone goes away
    this.#grow();
    this.ask(question);
  }

  async ask(question) {
    if (this.#running) return;
    this.turns.querySelector(".empty")?.remove();
    const turn = this.#turn(question);
    this.turns.append(turn.node);
    this.#toEnd(turn);
    this.#busy(new AbortController());
    try {
      await this.#follow(turn);
    } catch (error) {
      if (error.name === "AbortError") turn.stopped();
      else turn.failed(error);
    } finally {
      this.#busy(null);
    }
  }

  async #follow(turn) {
    const body = { question: turn.question, session: this.session };
    const response = await send("POST", kbAt(this.kb, "chat"), body, { signal: this.#running.signal });
    let written = "";
    this.#spoken = 0;
    for await (const { name, data } of events(response)) {
      const atEnd = this.#atEnd();
      if (name === "sources") turn.sources(data);
      if (name === "token") {
        turn.token(data.text);
        this.#speak((written += data.text), false);
      }
      if (name === "done") {
        turn.done(data);
        this.#speak(data.answer, true);
        if (state.kb === this.kb && location.hash.startsWith("#/ask")) note("ask", this.session);
        dispatchEvent(new CustomEvent("asked", { detail: this.session }));
      }
      if (name === "error") throw Object.assign(new Error(data.message), { status: 502 });
      if (atEnd) requestAnimationFrame(() => this.#toEnd(turn));
    }
  }

  /** Has whole sentences read out as they are finished, not letters. */
  #speak(text, finished) {
    const ready = finished ? text.length : (text.match(SENTENCE)?.[0].length ?? 0);
    if (ready <= this.#spoken) return;
    this.live.lang = /[\u3400-\u9fff]/.test(text) ? "zh-CN" : "en";
    this.live.textContent = text.slice(this.#spoken, ready);
    this.#spoken = ready;
  }

  /** Scrolls down, but never so far that the question leaves the screen. */
  #toEnd(turn) {
    this.thread.scrollTop = Math.min(this.thread.scrollHeight, turn.node.offsetTop - this.thread.offsetTop - 16);
  }

  #atEnd() {
    const { scrollHeight, scrollTop, clientHeight } = this.thread;
    return scrollHeight - scrollTop - clientHeight < 80;
  }

  #busy(controller) {
    const had = document.activeElement === this.stop || document.activeElement === this.button;
    this.#running = controller;
    this.button.hidden = Boolean(controller);
    this.stop.hidden = !controller;
    if (controller) this.live.textContent = say("searching");
    if (had) (controller ? this.stop : this.input).focus();
  }
}
