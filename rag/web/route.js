// Addresses: #/view/KNOWLEDGE-BASE/ID. They can be kept and sent to others.

import { state } from "./state.js";

export function route() {
  const [view = "", kb = "", id = ""] = location.hash.replace(/^#\/?/, "").split("/").map(decoded);
  return { view, kb: kb || null, id: id || null };
}

function decoded(part) {
  try {
    return decodeURIComponent(part);
  } catch {
    return part; // a stray % typed by hand
  }
}

export const address = (view, id = null, kb = state.kb) =>
  `#/${[view, kb ?? "", id ?? ""].map(encodeURIComponent).join("/").replace(/\/+$/, "")}`;

/** Opens a view, anew if it is open already. */
export function go(view, id = null) {
  const to = address(view, id);
  if (location.hash === to) dispatchEvent(new HashChangeEvent("hashchange"));
  else location.hash = to;
}

/** Changes the address without opening anything. */
export const note = (view, id = null) => history.replaceState(null, "", address(view, id));
