// Who may use the service: API keys are listed, made and revoked by an admin whose own key has no limits.

import { at, getJson, remove, send, useKey } from "./api.js";
import { copied } from "./clipboard.js";
import { actions, attempt, confirmed, opened, questionBox } from "./dialogs.js";
import { button, h, resay, time } from "./dom.js";
import { labelsIn } from "./labels.js";
import { may, ROLES, state } from "./state.js";

/** The list of keys; nothing for those who may not see it. */
export function keysPanel() {
  if (!may("admin") || state.me.kbs || state.me.labels) return null;
  const explained = h("p", { class: "note", say: "accessText" });
  const list = h("ul", { class: "api-keys", sayLabel: "accessTitle", hidden: true });
  const add = button({ icon: "add", say: "accessNew", on: { click: make } });
  let rows = [];
  const fill = async () => {
    rows = await getJson(at("api/keys"));
    list.replaceChildren(...rows.map(line));
    list.hidden = !rows.length;
    resay(explained, rows.length ? "accessText" : "accessNone");
  };
  async function make() {
    const wanted = await wantedKey(!rows.length);
    if (!wanted) return;
    await attempt(async () => {
      const made = await (await send("POST", at("api/keys"), wanted)).json();
      await shownOnce(made);
      if (rows.length) await fill();
      else firstKey(made.key);
      add.focus();
    });
  }

  function line(row) {
    const limits = [
      ...row.kbs.map((kb) => h("span", { class: "tag plain" }, kb)),
      ...row.labels.map((label) => h("span", { class: "tag plain", say: "accessLabel", values: { label } })),
    ];
    const revoke = button({
      class: "icon-only",
      icon: "trash",
      sayLabel: "accessRevokeOne",
      on: { click: () => revoked(row.name) },
    });
    return h(
      "li",
      {},
      h("b", {}, row.name),
      h("span", { class: "tag", say: `role_${row.role}` }),
      ...limits,
      h("span", { class: "note grow" }, time(row.created_at)),
      row.name === state.me.name ? h("span", { class: "note", say: "accessOwn" }) : revoke,
    );
  }

  async function revoked(name) {
    if (!(await confirmed("accessRevoke", "accessRevokeSure", { name }, "accessRevokeDo"))) return;
    await attempt(async () => {
      await remove(at("api/keys", name));
      await fill();
      add.focus();
    });
  }

  attempt(fill);
  return h("section", { class: "panel" }, h("h3", { say: "accessTitle" }), explained, list, h("div", {}, add));
}

/** Asks what a key is to be for; the first one is an admin's without limits. */
async function wantedKey(first) {
  const name = h("input", { required: true, maxlength: 64, autocomplete: "off", autofocus: true });
  const role = h("select", {}, ...ROLES.map((value) => h("option", { value, say: `role_${value}` })));
  const labels = h("input", { autocomplete: "off", maxlength: 1400 });
  const kbs = state.kbs.map((kb) => h("input", { type: "checkbox", value: kb.name }));
  const limits = [
    h("label", {}, h("span", { say: "accessRole" }), role),
    h("p", { class: "note", say: "accessRoles" }),
    kbs.length > 0 &&
      h(
        "fieldset",
        {},
        h("legend", { say: "accessKbs" }),
        ...kbs.map((input) => h("label", { class: "choice" }, input, h("span", {}, input.value))),
      ),
    h("label", {}, h("span", { say: "accessLabels" }), labels),
    h("p", { class: "note", say: "accessLimits" }),
  ];
  const dialog = questionBox(
    "accessNew",
    {},
    h("label", {}, h("span", { say: "accessName" }), name),
    ...(first ? [h("p", { say: "accessFirst" })] : limits),
    actions("create"),
  );
  if ((await opened(dialog)) !== "yes" || !name.value.trim()) return null;
  if (first) return { name: name.value.trim(), role: "admin" };
  const chosen = kbs.filter((input) => input.checked).map((input) => input.value);
  return { name: name.value.trim(), role: role.value, kbs: chosen, labels: labelsIn(labels.value) };
}

/** Shows a new key, which nobody can look up later. */
async function shownOnce({ name, key }) {
  const box = h("input", { readonly: true, value: key, autofocus: true, class: "mono" });
  const copy = button({
    icon: "copy",
    say: "accessCopy",
    on: {
      click: async () => {
        box.select();
        if (await copied(key)) resay(copy.lastChild, "copied");
      },
    },
  });
  const dialog = questionBox(
    "accessMade",
    {},
    h("p", { say: "accessMadeText", values: { name } }),
    h("label", {}, h("span", { say: "keyLabel" }), box),
    h("div", { class: "actions" }, copy, h("button", { value: "yes", class: "primary", say: "accessMadeDone" })),
  );
  await opened(dialog);
}

/** From the first key on every request needs one: the page goes on with it. */
function firstKey(key) {
  useKey(key);
  location.reload();
}
