// Where files come in: drop them, choose them, choose a folder, or name a folder of the server.

import { at, getJson, kbAt, send } from "./api.js";
import { asked, attempt, notice } from "./dialogs.js";
import { button, h } from "./dom.js";
import { chosenFiles, droppedFiles } from "./files_dropped.js";
import { say } from "./i18n.js";
import { may, state } from "./state.js";
import { begun, sendFiles } from "./work.js";

export function dropZone(place, signal) {
  const zone = h(
    "section",
    { class: "drop", sayLabel: "addDocuments" },
    h("p", { class: "drop-words", icon: "upload", say: "dropHere" }),
    h(
      "div",
      { class: "row" },
      chooser({ multiple: true }, "chooseFiles", "primary"),
      chooser({ webkitdirectory: true }, "chooseFolder", ""),
      may("admin") && button({ class: "quiet", say: "importFolder", on: { click: importFolder } }),
    ),
    h("p", { class: "note", say: "formats" }),
  );
  // Files may be dropped anywhere on the view.
  const over = (on) => (event) => {
    if (!event.dataTransfer?.types.includes("Files")) return;
    event.preventDefault();
    zone.classList.toggle("over", on);
  };
  addEventListener("dragover", over(true), { signal });
  addEventListener(
    "dragleave",
    (event) => {
      if (!event.relatedTarget) zone.classList.remove("over");
    },
    { signal },
  );
  addEventListener(
    "drop",
    async (event) => {
      over(false)(event);
      take(await droppedFiles(event.dataTransfer));
    },
    { signal },
  );
  place.append(zone);
}

function chooser(attributes, words, look) {
  const input = h("input", { type: "file", hidden: true, tabindex: "-1", ...attributes });
  input.addEventListener("change", () => {
    take(chosenFiles(input));
    input.value = "";
  });
  return h("span", {}, input, button({ class: look, say: words, on: { click: () => input.click() } }));
}

function take(files) {
  if (files.length) sendFiles(files);
  else notice(say("nothingToRead"), { bad: true });
}

/** Which folders may be read is set where the service runs; the first is offered. */
async function importFolder() {
  await attempt(async () => {
    const { settings } = await getJson(at("api/settings"));
    const [value] = settings.server.import_folders;
    if (!value) return notice(say("importNone"), { bad: true });
    const path = await asked("importFolder", "importPath", {
      value,
      hint: "importHint",
      action: "importStart",
      maxlength: 4096,
    });
    if (path) begun((await (await send("POST", kbAt(state.kb, "documents", "folder"), { path })).json()).job);
  });
}
