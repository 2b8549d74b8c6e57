// The list of what is being read, with progress, what went wrong, and the way out.

import { at, send } from "./api.js";
import { attempt } from "./dialogs.js";
import { button, h } from "./dom.js";
import { percent } from "./i18n.js";
import { problem, reason } from "./problems.js";
import { begun, clearFinished, drop, follow, resend, tasks, work } from "./work.js";
import { Upload } from "./upload.js";

const FINISHED = new Set(["done", "failed", "dead", "cancelled"]);

/** Shows the list, or what of it `fits`, in `place` until `signal` ends. */
export function workList(place, signal, fits = () => true) {
  const summary = h("p", { role: "status", class: "grow" });
  const clear = button({ class: "quiet", say: "clearFinished", on: { click: clearFinished } });
  const list = h("ul", { class: "work-list" });
  const box = h(
    "section",
    { class: "work", sayLabel: "work", hidden: true },
    h("div", { class: "work-head" }, summary, clear),
    list,
  );
  const fill = () => {
    const shown = tasks().filter(fits);
    box.hidden = !shown.length;
    const focused = list.contains(document.activeElement) ? document.activeElement.dataset.task : null;
    list.replaceChildren(...shown.map(row));
    if (focused) list.querySelector(`[data-task="${CSS.escape(focused)}"]`)?.focus();
    const over = shown.filter((task) => FINISHED.has(task.state)).length;
    const failed = shown.filter((task) => task.state === "failed" || task.state === "dead").length;
    const words = h("span", {
      say: failed ? "workFailed" : over === shown.length ? "workDone" : "workGoing",
      values: { done: over, count: shown.length, failed },
    });
    if (summary.textContent !== words.textContent) summary.replaceChildren(words);
    clear.hidden = !over;
  };
  work.addEventListener("changed", fill, { signal });
  place.append(box);
  fill();
  follow();
}

const row = (task) => (task instanceof Upload ? uploadRow(task) : jobRow(task));

function line(name, status, { bar = null, bad = null, notes = [], action = null } = {}) {
  return h(
    "li",
    { class: bad ? "bad" : "" },
    h("span", { class: "work-name" }, ...name),
    status,
    action,
    bar,
    bad && h("p", { class: "why" }, bad),
    ...notes.map((text) => h("p", { class: "why note" }, text)),
  );
}

function uploadRow(upload) {
  const sending = upload.state === "sending";
  const id = `upload ${upload.name}`;
  const status = sending
    ? h("span", { class: "note", say: "taskSending", values: { share: percent(upload.sent) } })
    : h("span", { class: "note", say: upload.state === "failed" ? "taskRefused" : "taskWaitingToSend" });
  const action =
    upload.state === "failed"
      ? h(
          "span",
          { class: "row" },
          act("taskRetry", "refresh", id, () => resend(upload)),
          act("dismiss", "close", id, () => drop(upload)),
        )
      : act("taskCancel", "close", id, () => drop(upload));
  return line([upload.name], status, {
    bar: sending ? bar(upload.sent) : null,
    bad: upload.error ? problem(upload.error) : null,
    action,
  });
}

const bar = (value) => h("progress", { max: 1, value, sayLabel: "progress" });

function act(sayLabel, icon, id, run) {
  return button({ class: "icon-only", icon, sayLabel, data: { task: `${sayLabel} ${id}` }, on: { click: run } });
}

const STATES = {
  queued: "taskQueued",
  running: "taskRunning",
  done: "taskDone",
  failed: "taskFailed",
  dead: "taskDead",
  cancelled: "taskCancelled",
};
const OUTCOMES = { added: "taskAdded", replaced: "taskReplaced", unchanged: "taskUnchanged", deleted: "taskDeleted" };

function jobRow(job) {
  const one = job.total === 1;
  const name = one ? [job.files[0]] : [h("span", { say: "fileCount", values: { count: job.total } })];
  const files = job.report?.files ?? [];
  const outcome = one && job.state === "done" ? OUTCOMES[files[0]?.outcome] : null;
  const words = job.cancelling
    ? "taskCancelling"
    : (outcome ??
      (job.state === "queued" && job.error
        ? "taskAgainSoon"
        : job.state === "running" && !job.keys
          ? "taskStarted"
          : STATES[job.state]));
  const values = { documents: job.documents, total: job.total, count: files[0]?.keys ?? job.keys };
  const failed = files.filter((file) => file.reason);
  const active = !FINISHED.has(job.state);
  const action = active
    ? act("taskCancel", "close", job.id, () => change(job, "cancel"))
    : job.state === "done"
      ? null
      : act("taskRetry", "refresh", job.id, () => change(job, "retry"));
  return line(name, h("span", { class: job.state === "done" ? "tag" : "note", say: words, values }), {
    bar: job.state === "running" ? bar(share(job)) : null,
    bad: failed.length ? failed.map((file) => reason(file.reason)).join("\n") : job.error ? reason(job.error) : null,
    notes: files.flatMap((file) => file.warnings),
    action,
  });
}

// How far one file is nobody knows before it is read: its bar only tells that work goes on.
const share = (job) => (job.total > 1 ? job.documents / job.total : undefined);

async function change(job, what) {
  await attempt(async () => {
    const reply = await send("POST", at("api/jobs", job.id, what));
    begun(await reply.json());
  });
  follow();
}
