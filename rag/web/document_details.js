// Details of documents, kept for as long as the page is open; an upload or a deletion forgets them.

import { getJson, kbAt } from "./api.js";

const kept = new Map();

/** A document with its units; asked for once. */
export function details(kb, docId) {
  const name = JSON.stringify([kb, docId]);
  if (!kept.has(name)) {
    const asked = getJson(kbAt(kb, "documents", docId));
    asked.catch(() => kept.delete(name));
    kept.set(name, asked);
  }
  return kept.get(name);
}

export const forgetDetails = () => kept.clear();

/** Tells whether the service can draw the pages of a document. */
export const hasPageImages = ({ media_type: type }) => type === "application/pdf" || type.startsWith("image/");

/** Segments with the sentences inside them, in reading order. */
export function segmentsOf(document) {
  const segments = document.units.filter((unit) => unit.level === "segment");
  const sentences = document.units.filter((unit) => unit.level === "sentence");
  let at = 0;
  return segments.map((segment) => {
    const inside = [];
    while (at < sentences.length && sentences[at].end <= segment.end) inside.push(sentences[at++]);
    return { ...segment, sentences: inside };
  });
}
