// What the service is busy with: uploads and jobs of a knowledge base, followed until they are finished.

import { at, getJson, withQuery } from "./api.js";
import { forgetDetails } from "./document_details.js";
import { remember, remembered } from "./memory.js";
import { loadKbs, state } from "./state.js";
import { Upload, UploadQueue } from "./upload.js";

const EVERY = 700; // milliseconds between two looks at the jobs, and what each job adds to it
const EACH = 4;
const MOST = 500;
const ACTIVE = new Set(["queued", "running"]);

/** Events: "changed" after every change, "finished" with the jobs that have ended as its detail. */
export const work = new EventTarget();
let jobs = [];
// Jobs begun here that the service has not listed yet: a list may have been on its way already.
const fresh = new Map();
// Jobs that were under way while the page was open.
const followed = new Set();
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
  followed.add(job.id);
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
  const uploads = queue.uploads.filter((upload) => upload.kb === state.kb);
  return [...uploads, ...jobs.filter(isShown)].sort((a, b) => rank(a) - rank(b));
}

const rank = (task) =>
  ["sending", "running", "failed", "dead", "waiting", "queued", "cancelled", "done"].indexOf(task.state);

/** What went well is shown if it was seen under way, what went wrong until it is cleared. */
function isShown(job) {
  if (job.kb !== state.kb) return false;
  if (ACTIVE.has(job.state) || followed.has(job.id)) return true;
  return ["failed", "dead"].includes(job.state) && job.finished_at > (remembered("jobsSeen") ?? "");
}

/** Shows no more what is finished now. */
export function clearFinished() {
  queue.uploads = queue.uploads.filter((upload) => upload.state !== "failed");
  followed.clear();
  const ends = jobs.map((job) => job.finished_at).filter(Boolean); // by the clock of the service
  if (ends.length) remember("jobsSeen", ends.sort().at(-1));
  changed();
}

/** Looks at the jobs now, and again until none is active. */
export function follow() {
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
    for (const job of jobs) if (ACTIVE.has(job.state)) followed.add(job.id);
  } catch {
    // The service is away for a moment: the next look will tell.
  }
  const ended = jobs.filter((job) => !ACTIVE.has(job.state) && ACTIVE.has(before.get(job.id)));
  if (ended.length) {
    forgetDetails();
    await loadKbs().catch(() => {});
    work.dispatchEvent(new CustomEvent("finished", { detail: ended }));
  }
  changed();
  const more = jobs.some((job) => job.kb === state.kb && ACTIVE.has(job.state));
  timer = more ? setTimeout(look, EVERY + EACH * jobs.length) : null;
}
