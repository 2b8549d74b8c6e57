// What the checks of an answer found, in plain words.

import { h } from "./dom.js";
import { icon } from "./icons.js";
import { percent } from "./i18n.js";

const STRONG = 0.8;
const WEAK = 0.3;

/** A line a finding; good news is one quiet line. */
export function checkNodes(answer) {
  const { checks } = answer;
  const lines = [];
  const bad = (...children) => lines.push(h("li", { class: "bad" }, icon("warning"), h("span", {}, ...children)));
  if (answer.mode === "quoted" && !answer.refused)
    lines.push(h("li", {}, icon("documents"), h("span", { say: "checkQuoted" })));
  for (const statement of checks.unsupported ?? []) {
    bad(h("span", { say: "checkUnsupported" }), " ", h("q", {}, statement));
  }
  if (checks.unknown_numbers?.length) {
    bad(
      h("span", { say: "checkNumbers", values: { count: checks.unknown_numbers.length } }),
      " ",
      h("b", {}, checks.unknown_numbers.join(", ")),
    );
  }
  if (checks.looped) bad(h("span", { say: "checkLooped" }));
  if (checks.grounded) lines.push(h("li", { class: "good" }, icon("check"), h("span", { say: "checkGrounded" })));
  lines.push(evidence(checks.answerable ?? checks.evidence, answer.refused));
  return h("ul", { class: "checks", sayLabel: "checks" }, ...lines);
}

function evidence(value, refused) {
  const level = value >= STRONG ? "evidenceStrong" : value >= WEAK ? "evidenceFair" : "evidenceWeak";
  const shown = h("span", { say: level, values: { share: percent(value) } });
  return h("li", { class: level === "evidenceWeak" && !refused ? "bad" : "" }, icon("stages"), shown);
}
