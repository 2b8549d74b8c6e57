// What the service is busy with: uploads and jobs of a knowledge base, followed until they are finished.

import { at, getJson, withQuery } from "./api.js";
import { forgetDetails } from "./document_details.js";
import { remember, remembered } from "./memory.js";
import { loadKbs, state } from "./state.js";
import { Upload, UploadQueue } from "./upload.js";

const EVERY = 700; // milliseconds between two looks at the jobs
const MOST = 500;
const DAY = 86_400_000;
const OPENED = Date.now();
const ACTIVE = new Set(["queued", "running"]);

/** Events: "changed" after every change, "finished" when a job has ended, which may have changed the documents. */
export const work = new EventTarget();
let jobs = [];
// Jobs begun here that the service has not listed yet: a list may have been on its way already.
const fresh = new Map();
let timer = null;
const changed = () => work.dispatchEvent(new Event("changed"));

const queue = new UploadQueue(() => {
  for (const upload of queue.uploads) {
    if (upload.state === "sent") add(upload.job);
  }
  queue.uploads = queue.uploads.filter((upload) => !["sent", "cancelled"].includes(upload.state));
  changed();
  follow();
});

// What is not sent yet would be lost with the page.
addEventListener("beforeunload", (event) => {
  if (queue.uploads.some((upload) => upload.state !== "failed")) event.preventDefault();
});

/** Sends files, given as {file, name}, into the knowledge base that is chosen. */
export const sendFiles = (files) => queue.add(files.map(({ file, name }) => new Upload(state.kb, file, name)));

function add(job) {
  fresh.set(job.id, job);
  jobs = [job, ...jobs.filter((other) => other.id !== job.id)];
}

/** Takes a job that another request has begun or changed. */
export function begun(job) {
  add(job);
  changed();
  follow();
}

export const resend = (upload) => {
  upload.again();
  queue.go();
};
export const drop = (upload) => {
  upload.cancel();
  queue.go();
};

/** Uploads and jobs to show, those that need eyes first. */
export function tasks() {
  const shown = jobs.filter(
    (job) => job.kb === state.kb && (ACTIVE.has(job.state) || Date.parse(job.finished_at) > since(job)),
  );
  const uploads = queue.uploads.filter((upload) => upload.kb === state.kb);
  return [...uploads, ...shown].sort((a, b) => rank(a) - rank(b));
}

const rank = (task) =>
  ["sending", "running", "failed", "dead", "waiting", "queued", "cancelled", "done"].indexOf(task.state);
// What went well is shown while the page is open, what went wrong for a day, both until they are cleared.
const since = (job) =>
  Math.max(Date.parse(remembered("jobsSeen") ?? 0), job.state === "done" ? OPENED : Date.now() - DAY);

/** Shows no more what is finished now. */
export function clearFinished() {
  queue.uploads = queue.uploads.filter((upload) => upload.state !== "failed");
  remember("jobsSeen", new Date().toISOString());
  changed();
}

/** Looks at the jobs now, and again until none is active. */
export async function follow() {
  if (timer !== null || !state.kb) return;
  timer = setTimeout(look, 0);
}

async function look() {
  const before = new Map(jobs.map((job) => [job.id, job.state]));
  try {
    const listed = (await getJson(withQuery(at("api/jobs"), { kb: state.kb, limit: MOST }))).jobs;
    for (const job of listed) fresh.delete(job.id);
    // A job may be listed before its upload, which is shown, has been told of it.
    const shown = (job) =>
      before.has(job.id) || !queue.uploads.some((upload) => upload.state === "sending" && upload.name === job.files[0]);
    jobs = [...fresh.values(), ...listed.filter(shown)];
  } catch {
    // The service is away for a moment: the next look will tell.
  }
  const ended = jobs.some((job) => !ACTIVE.has(job.state) && ACTIVE.has(before.get(job.id)));
  if (ended) {
    forgetDetails();
    await loadKbs().catch(() => {});
    work.dispatchEvent(new Event("finished"));
  }
  changed();
  const more = jobs.some((job) => job.kb === state.kb && ACTIVE.has(job.state));
  timer = more ? setTimeout(look, EVERY) : null;
}
