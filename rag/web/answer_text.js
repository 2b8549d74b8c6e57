// The text of an answer as paragraphs and lists, with a marker behind every statement that has a source.
// A little Markdown is understood (lists, bold, code, headings), since language models write it unasked.

import { h } from "./dom.js";

/**
 * Gives the nodes of an answer.
 *
 * `marks`: [{at, make}] in ascending order, `make()` gives the marker that stands at character `at`.
 * `ranges`: [{start, end, class, statement}]: text that is set in a span of that class.
 */
export function answerNodes(text, marks = [], ranges = []) {
  const waiting = [...marks];
  const nodes = [];
  let list = null;
  let paragraph = null;
  for (const line of lines(text)) {
    const target = h(line.item ? "li" : line.heading ? "strong" : "span");
    fill(target, text, line, waiting, ranges);
    if (line.item) {
      const tag = line.item === "-" ? "ul" : "ol";
      if (list?.localName !== tag) nodes.push((list = h(tag)));
      if (tag === "ol") target.value = Number.parseInt(line.item, 10);
      list.append(target);
      paragraph = null;
    } else if (line.start === line.end) {
      paragraph = null;
    } else {
      list = null;
      if (!paragraph) nodes.push((paragraph = h("p")));
      else paragraph.append(h("br"));
      paragraph.append(target);
    }
  }
  const last = nodes.at(-1);
  if (waiting.length && last) (list === last ? last.lastChild : last).append(...waiting.map((mark) => mark.make()));
  return nodes;
}

function* lines(text) {
  let start = 0;
  for (const whole of text.split("\n")) {
    const [, lead, item, heading] = whole.match(/^(\s*(?:([-*•]|\d{1,3}[.)、])\s+|(#{1,4})\s+)?)/) ?? ["", ""];
    const end = start + whole.trimEnd().length;
    const kind = item && (/\d/.test(item) ? item : "-");
    yield { start: Math.min(start + lead.length, end), end, item: kind, heading };
    start += whole.length + 1;
  }
}

function fill(target, text, line, waiting, ranges) {
  for (const run of runs(text.slice(line.start, line.end), line.start)) {
    const holder = run.tag ? target.appendChild(h(run.tag)) : target;
    const cuts = [run.start, run.end];
    for (const range of ranges) cuts.push(range.start, range.end);
    for (const mark of waiting) cuts.push(mark.at);
    const places = [...new Set(cuts)].filter((at) => at >= run.start && at <= run.end).sort((a, b) => a - b);
    places.slice(1).forEach((end, i) => {
      holder.append(piece(text.slice(places[i], end), places[i], ranges));
      while (waiting.length && waiting[0].at <= end) holder.append(waiting.shift().make());
    });
  }
  while (waiting.length && waiting[0].at <= line.end) target.append(waiting.shift().make());
}

function piece(text, start, ranges) {
  const inside = ranges.filter((range) => range.start <= start && start < range.end);
  if (!inside.length) return text;
  const statement = inside.find((range) => range.statement !== undefined)?.statement;
  return h(
    "span",
    { class: inside.map((range) => range.class).join(" "), data: statement === undefined ? {} : { statement } },
    text,
  );
}

const INLINE = /\*\*(?=\S)(.+?)(?<=\S)\*\*|`([^`]+)`/g;

function runs(text, offset) {
  const found = [];
  let done = 0;
  for (const match of text.matchAll(INLINE)) {
    const bold = match[1] !== undefined;
    const open = bold ? 2 : 1;
    found.push({ start: offset + done, end: offset + match.index });
    found.push({
      start: offset + match.index + open,
      end: offset + match.index + match[0].length - open,
      tag: bold ? "strong" : "code",
    });
    done = match.index + match[0].length;
  }
  found.push({ start: offset + done, end: offset + text.length });
  return found.filter((run) => run.end > run.start);
}

/** The service counts characters, JavaScript UTF-16 units: gives the function from one to the other. */
export function unitsOf(text) {
  const characters = Array.from(text);
  if (characters.length === text.length) return (count) => count;
  const places = [0];
  for (const character of characters) places.push(places.at(-1) + character.length);
  return (count) => places[Math.min(count, places.length - 1)];
}
