// Requests to the service: JSON, files and server-sent events, with the API key if there is one.

import { remember, remembered } from "./memory.js";

/** A request that failed. `status` is 0 where the service could not be reached; `retryAfter` is in seconds. */
export class ApiError extends Error {
  constructor(status, message, retryAfter = null) {
    super(message);
    this.status = status;
    this.retryAfter = retryAfter;
  }
}

let key = remembered("key", sessionStorage) ?? remembered("key");
let askForKey = null;
let asking = null;

export const hasKey = () => Boolean(key);
export const keyIsKept = () => remembered("key") !== null;
export const authorization = () => (key ? { Authorization: `Bearer ${key}` } : {});

/** Takes a key into use; kept for good or until the tab is closed. null forgets it. */
export function useKey(entered, keep = false) {
  key = entered;
  remember("key", keep ? entered : null);
  remember("key", entered, sessionStorage);
}

/** `ask` gets true if a key was refused, and gives true once another one is in use. */
export function onKeyNeeded(ask) {
  askForKey = ask;
}

/** An address below the service's own, parts escaped: `at("api/kbs", name)`. */
export function at(base, ...parts) {
  return new URL([base, ...parts.map(encodeURIComponent)].join("/"), document.baseURI).href;
}

export const kbAt = (kb, ...parts) => at("api/kbs", kb, ...parts);

/** Adds what is set of `values` to an address. */
export function withQuery(address, values) {
  const url = new URL(address);
  for (const [name, value] of Object.entries(values)) {
    if (value !== "" && value !== null && value !== undefined) url.searchParams.set(name, value);
  }
  return url.href;
}

export async function call(address, options = {}) {
  const used = key;
  const headers = { ...options.headers, ...authorization() };
  let response;
  try {
    response = await fetch(address, { ...options, headers });
  } catch (error) {
    if (error.name === "AbortError") throw error;
    throw new ApiError(0, error.message);
  }
  if (response.status === 401 && (await anotherKey(used))) return call(address, options);
  if (!response.ok) throw await failure(response);
  return response;
}

/** True once a key other than `used` is there; several requests that wait for one share the question. */
export async function anotherKey(used) {
  if (key !== used) return true;
  asking ??= askForKey(Boolean(used)).finally(() => {
    asking = null;
  });
  return asking;
}

export const currentKey = () => key;

async function failure(response) {
  let message = response.statusText;
  try {
    message = (await response.json()).error.message;
  } catch {
    // No JSON: the status line must do.
  }
  return new ApiError(response.status, message, Number(response.headers.get("Retry-After")) || null);
}

export const getJson = async (address, options) => (await call(address, options)).json();

/** Sends `body` as JSON; gives the response. */
export const send = (method, address, body, options = {}) =>
  call(address, {
    ...options,
    method,
    ...(body === undefined ? {} : { body: JSON.stringify(body), headers: { "Content-Type": "application/json" } }),
  });

export const remove = (address) => call(address, { method: "DELETE" });

/** A file of the service as an address that an image or a link can use; free it with URL.revokeObjectURL. */
export const blobAddress = async (address, options) => URL.createObjectURL(await (await call(address, options)).blob());

/** Lets the browser save a file under `name`. */
export async function download(address, name) {
  save(await (await call(address)).blob(), name);
}

function save(blob, name) {
  const link = document.createElement("a");
  link.href = URL.createObjectURL(blob);
  link.download = name;
  link.click();
  setTimeout(() => URL.revokeObjectURL(link.href), 60_000);
}

/** Gives the events of a response as {name, data}, data parsed. */
export async function* events(response) {
  const decoder = new TextDecoder();
  let buffer = "";
  for await (const bytes of chunks(response.body.getReader())) {
    buffer = (buffer + decoder.decode(bytes, { stream: true })).replaceAll("\r\n", "\n");
    const blocks = buffer.split("\n\n");
    buffer = blocks.pop();
    for (const block of blocks) {
      const event = parsed(block);
      if (event) yield event;
    }
  }
}

// A body is iterable by itself in some browsers only.
async function* chunks(reader) {
  let ended = false;
  try {
    for (;;) {
      const { value, done } = await reader.read();
      ended = done;
      if (done) return;
      yield value;
    }
  } finally {
    if (!ended) await reader.cancel().catch(() => {});
  }
}

function parsed(block) {
  let name = "message";
  const data = [];
  for (const line of block.split("\n")) {
    if (line.startsWith("event:")) name = line.slice(6).trim();
    else if (line.startsWith("data:")) data.push(line.slice(5).replace(/^ /, ""));
  }
  return data.length ? { name, data: JSON.parse(data.join("\n")) } : null;
}
