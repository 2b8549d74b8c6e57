// What all views share: the knowledge bases, the one that is chosen, and who is asking.

import { at, getJson } from "./api.js";
import { remember, remembered } from "./memory.js";

export const state = { kb: null, kbs: [], me: null };

/** Events: "kbs" when the list has changed, "kb" when another one is chosen. */
export const changes = new EventTarget();

// The service searches several knowledge bases as one; no name holds the sign between theirs.
const BETWEEN = "+";
const MOST_TOGETHER = 32;
const parts = (name) => name?.split(BETWEEN) ?? [];

/** The knowledge bases that are chosen: one, or several that are searched together. */
export const chosenKbs = () => state.kbs.filter((kb) => parts(state.kb).includes(kb.name));

export const exists = (name) =>
  Boolean(name) && parts(name).every((part) => state.kbs.some((kb) => kb.name === part));

/** The name of all together; null where there is nothing to put together. */
export const allTogether = () =>
  state.kbs.length > 1 && state.kbs.length <= MOST_TOGETHER ? state.kbs.map((kb) => kb.name).join(BETWEEN) : null;

export async function loadKbs() {
  state.kbs = await getJson(at("api/kbs"));
  if (!exists(state.kb)) {
    const last = remembered("kb");
    choose(exists(last) ? last : (state.kbs[0]?.name ?? null));
  }
  changes.dispatchEvent(new Event("kbs"));
}

export function choose(name) {
  if (name === state.kb) return;
  state.kb = name;
  remember("kb", name);
  changes.dispatchEvent(new Event("kb"));
}

export const ROLES = ["reader", "editor", "admin"];

/** Tells whether the user may do what `role` may; without keys everybody is an admin. */
export const may = (role) => ROLES.indexOf(state.me?.role) >= ROLES.indexOf(role);
