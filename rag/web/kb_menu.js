// The menu of knowledge bases: choose one, create one, delete one.

import { at, kbAt, remove, send } from "./api.js";
import { asked, attempt, confirmed, notice } from "./dialogs.js";
import { button, h } from "./dom.js";
import { say } from "./i18n.js";
import { go, route } from "./route.js";
import { allTogether, changes, choose, chosenKbs, loadKbs, may, state } from "./state.js";

// What a name may hold; the service checks it again.
const NAME = "[\\p{L}\\p{N}_][\\p{L}\\p{N}_.\\-]*";

export function kbMenu(place) {
  const opener = button({
    class: "kb-button",
    "aria-haspopup": "true",
    "aria-expanded": "false",
    popovertarget: "kb-menu",
    sayLabel: "kbMenu",
  });
  const menu = h("div", { id: "kb-menu", class: "menu", popover: "auto" });
  menu.addEventListener("toggle", (event) => {
    opener.setAttribute("aria-expanded", String(event.newState === "open"));
    if (event.newState === "open") menu.querySelector("[aria-current], button")?.focus();
  });
  menu.addEventListener("keydown", arrows);
  const fill = () => {
    opener.replaceChildren(
      h("span", { class: "kb-name" }, chosenName()),
      h("span", { class: "caret", "aria-hidden": "true" }),
    );
    const all = allTogether();
    const together = all && entry({ name: all, documents: null }, menu);
    menu.replaceChildren(...state.kbs.map((kb) => entry(kb, menu)), ...(all ? [together] : []), ...actions(menu));
  };
  changes.addEventListener("kbs", fill);
  changes.addEventListener("kb", fill);
  fill();
  place.append(opener, menu);
}

/** What the choice is called in running text. */
export const kbTitle = () => (chosenKbs().length > 1 ? say("kbAll") : state.kb);

function chosenName() {
  if (!state.kb) return h("span", { say: "noKb" });
  return chosenKbs().length > 1 ? h("span", { say: "kbAll" }) : state.kb;
}

function entry(kb, menu) {
  const chosen = kb.name === state.kb;
  const all = kb.documents === null;
  return button(
    {
      class: "menu-item",
      "aria-current": chosen ? "true" : null,
      icon: chosen ? "check" : "folder",
      on: {
        click: () => {
          menu.hidePopover();
          choose(kb.name);
          go(route().view === "document" ? "documents" : route().view || "ask");
        },
      },
    },
    all ? h("span", { class: "grow", say: "kbAll" }) : h("span", { class: "grow" }, kb.name),
    all ? null : h("small", { say: "documentCount", values: { count: kb.documents } }),
  );
}

function actions(menu) {
  const item = (icon, say, run) =>
    button({
      class: "menu-item",
      icon,
      say,
      on: {
        click: () => {
          menu.hidePopover();
          run();
        },
      },
    });
  return [
    h("hr"),
    ...(may("editor") ? [item("add", "kbNew", createKb)] : []),
    ...(chosenKbs().length === 1 && may("admin") ? [item("trash", "kbDelete", deleteKb)] : []),
  ];
}

function arrows(event) {
  const step = { ArrowDown: 1, ArrowUp: -1 }[event.key];
  if (!step) return;
  event.preventDefault();
  const items = [...event.currentTarget.querySelectorAll("button")];
  items.at((items.indexOf(document.activeElement) + step) % items.length).focus();
}

/** Asks for a name and creates a knowledge base; gives its name, or null. */
export async function createKb() {
  const name = await asked("kbNew", "kbName", { hint: "kbNameHint", pattern: NAME, action: "create" });
  if (!name) return null;
  const made = await attempt(async () => {
    await send("POST", at("api/kbs"), { name });
    await loadKbs();
    choose(name);
    go("documents");
  });
  return made ? name : null;
}

async function deleteKb() {
  const name = state.kb;
  if (!(await confirmed("kbDelete", "kbDeleteSure", { name }, "remove"))) return;
  await attempt(async () => {
    await remove(kbAt(name));
    await loadKbs();
    go("ask");
    notice(say("kbDeleted", { name }));
  });
}
