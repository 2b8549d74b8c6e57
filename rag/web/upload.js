// Sends files to the service, a request a file and two at a time, so that each has its own progress and its own end.

import { anotherKey, ApiError, authorization, currentKey, kbAt } from "./api.js";

const AT_ONCE = 2;

/** One file on its way. `state`: waiting, sending, sent, failed or cancelled; `job` once it is sent. */
export class Upload {
  constructor(kb, file, name) {
    Object.assign(this, { kb, file, name, state: "waiting", sent: 0, job: null, error: null, request: null });
  }

  cancel() {
    this.state = "cancelled";
    this.request?.abort();
  }

  again() {
    Object.assign(this, { state: "waiting", sent: 0, error: null });
  }
}

/** Sends what waits; `changed` is called after every step. */
export class UploadQueue {
  #changed;
  #sending = 0;

  constructor(changed) {
    this.uploads = [];
    this.#changed = changed;
  }

  add(uploads) {
    this.uploads.push(...uploads);
    this.go();
  }

  go() {
    while (this.#sending < AT_ONCE) {
      const next = this.uploads.find((upload) => upload.state === "waiting");
      if (!next) break;
      this.#send(next);
    }
    this.#changed();
  }

  async #send(upload) {
    this.#sending++;
    upload.state = "sending";
    try {
      upload.job = await this.#accepted(upload);
      upload.state = "sent";
    } catch (error) {
      if (upload.state !== "cancelled") Object.assign(upload, { state: "failed", error });
    }
    this.#sending--;
    this.go();
  }

  /** Gives the job; a service that is busy is asked again when it says so, one that wants a key once it is there. */
  async #accepted(upload) {
    for (;;) {
      const used = currentKey();
      try {
        return await post(upload, this.#changed);
      } catch (error) {
        if (error.status === 429) await pause(error.retryAfter ?? 3);
        else if (error.status !== 401 || !(await anotherKey(used))) throw error;
        if (upload.state === "cancelled") throw error;
      }
    }
  }
}

const pause = (seconds) =>
  new Promise((resolve) => {
    setTimeout(resolve, seconds * 1000);
  });

// fetch does not tell how much is sent; XMLHttpRequest does.
function post(upload, changed) {
  const request = new XMLHttpRequest();
  upload.request = request;
  request.open("POST", kbAt(upload.kb, "documents"));
  for (const [name, value] of Object.entries(authorization())) request.setRequestHeader(name, value);
  request.responseType = "json";
  request.upload.addEventListener("progress", (event) => {
    upload.sent = event.loaded / event.total;
    changed();
  });
  const body = new FormData();
  body.append("files", upload.file, upload.name);
  return new Promise((resolve, reject) => {
    request.addEventListener("load", () => {
      if (request.status < 300) resolve(request.response.job);
      else
        reject(
          new ApiError(
            request.status,
            request.response?.error?.message ?? request.statusText,
            Number(request.getResponseHeader("Retry-After")) || null,
          ),
        );
    });
    request.addEventListener("error", () => reject(new ApiError(0, "no connection")));
    request.addEventListener("abort", () => reject(new DOMException("cancelled", "AbortError")));
    request.send(body);
  });
}
