// Thumbs on an answer, with a comment if there is something to say.

import { kbAt, send } from "./api.js";
import { attempt, notice } from "./dialogs.js";
import { button, h } from "./dom.js";
import { say } from "./i18n.js";

/** The two thumbs; `turn` holds kb, session, question and answer. */
export function thumbs(turn) {
  const up = thumb("up", "thumbUp", "thumbUpLabel");
  const down = thumb("down", "thumbDown", "thumbDownLabel");
  const box = h("div", { class: "thumbs", role: "group", sayLabel: "feedback" }, up, down);

  function thumb(rating, icon, sayLabel) {
    return button({ class: "icon-only", icon, sayLabel, "aria-pressed": "false", on: { click: () => rate(rating) } });
  }
  async function rate(rating) {
    if (!(await attempt(() => post(turn, rating, "")))) return;
    up.setAttribute("aria-pressed", String(rating === "up"));
    down.setAttribute("aria-pressed", String(rating === "down"));
    commentForm(box, turn, rating);
  }
  return box;
}

const post = ({ kb, session, question, answer }, rating, comment) =>
  send("POST", kbAt(kb, "feedback"), { session, question, answer, rating, comment });

function commentForm(box, turn, rating) {
  box.parentElement.querySelector(".comment")?.remove();
  const input = h("input", {
    sayPlaceholder: rating === "up" ? "commentUp" : "commentDown",
    sayLabel: "comment",
    maxlength: 2000,
  });
  const form = h("form", { class: "comment" }, input, h("button", { class: "quiet", say: "sendComment" }));
  form.addEventListener("submit", async (event) => {
    event.preventDefault();
    const comment = input.value.trim();
    if (comment && !(await attempt(() => post(turn, rating, comment)))) return;
    form.remove();
    notice(say("thanks"));
  });
  input.addEventListener("keydown", (event) => {
    if (event.key === "Escape") form.remove();
  });
  box.after(form);
  input.focus();
}
