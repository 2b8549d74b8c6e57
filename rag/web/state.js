// What all views share: the knowledge bases, the one that is chosen, and who is asking.

import { at, getJson } from "./api.js";
import { remember, remembered } from "./memory.js";

export const state = { kb: null, kbs: [], me: null };

/** Events: "kbs" when the list has changed, "kb" when another one is chosen. */
export const changes = new EventTarget();

export async function loadKbs() {
  state.kbs = await getJson(at("api/kbs"));
  if (!state.kbs.some((kb) => kb.name === state.kb)) {
    const last = remembered("kb");
    choose(state.kbs.some((kb) => kb.name === last) ? last : (state.kbs[0]?.name ?? null));
  }
  changes.dispatchEvent(new Event("kbs"));
}

export function choose(name) {
  if (name === state.kb) return;
  state.kb = name;
  remember("kb", name);
  changes.dispatchEvent(new Event("kb"));
}

export const chosenKb = () => state.kbs.find((kb) => kb.name === state.kb) ?? null;

const ROLES = ["reader", "editor", "admin"];

/** Tells whether the user may do what `role` may; without keys everybody is an admin. */
export const may = (role) => ROLES.indexOf(state.me?.role) >= ROLES.indexOf(role);
