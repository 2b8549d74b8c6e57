// The page of KeyRAG: no framework, no outside host; text is only ever set as text.

const words = {
  en: {
    kb: "Knowledge base", newKb: "New", drop: "Drop files here, or click to choose", documents: "Documents", ask: "Ask",
    close: "Close", placeholder: "Ask about your documents", none: "Nothing here yet", remove: "Delete", stop: "Stop",
    name: "Name of the new knowledge base", sure: "Delete this document?", searching: "Searched for: ", key: "API key",
    reading: "reading", failed: "failed", quoted: "No language model: the best sentences, word for word.",
    unknown: "Not in the documents: ", weak: "Weakly supported: ", language: "中文", seconds: "s", done: "done", page: ", p. #",
    looped: "The model began to repeat itself and was stopped.",
  },
  zh: {
    kb: "知识库", newKb: "新建", drop: "把文件拖到这里，或点击选择", documents: "文档", ask: "提问",
    close: "关闭", placeholder: "就文档内容提问", none: "还没有内容", remove: "删除", stop: "停止",
    name: "新知识库的名称", sure: "删除这个文档？", searching: "检索用的问题：", key: "API 密钥",
    reading: "读取中", failed: "失败", quoted: "没有语言模型：以下为最相关的原文。",
    unknown: "文档中没有：", weak: "依据不足：", language: "English", seconds: "秒", done: "完成", page: "，第 # 页",
    looped: "模型开始重复，已截断。",
  },
};
const $ = (id) => document.getElementById(id);
let language = localStorage.getItem("language") || (navigator.language.startsWith("zh") ? "zh" : "en");
let session = crypto.randomUUID ? crypto.randomUUID() : String(Math.random()).slice(2);
let running = null;
let known = new Set();
const say = (name) => words[language][name];

function element(tag, text, className) {
  const made = document.createElement(tag);
  if (text !== undefined) made.textContent = text;
  if (className) made.className = className;
  return made;
}

async function call(path, options = {}) {
  const key = sessionStorage.getItem("key");
  const headers = { ...(options.headers || {}), ...(key ? { Authorization: `Bearer ${key}` } : {}) };
  const response = await fetch(path, { ...options, headers });
  if (response.status === 401) {
    const entered = prompt(say("key"));
    if (entered) {
      sessionStorage.setItem("key", entered);
      return call(path, options);
    }
  }
  if (!response.ok) {
    let message = response.statusText;
    try { message = (await response.json()).error.message; } catch { /* no JSON: the status must do */ }
    throw new Error(message);
  }
  return response;
}
const sendJson = (path, body, more = {}) =>
  call(path, { method: "POST", headers: { "Content-Type": "application/json" }, body: JSON.stringify(body), ...more });
const place = (citation) => (citation.page ? say("page").replace("#", citation.page) : "");
const kbPath = () => `/api/kbs/${encodeURIComponent($("kb").value)}`;

async function* serverEvents(response) {
  const reader = response.body.pipeThrough(new TextDecoderStream()).getReader();
  let buffer = "";
  for (;;) {
    const { value, done } = await reader.read();
    if (done) return;
    buffer += value.replaceAll("\r\n", "\n");
    let end;
    while ((end = buffer.indexOf("\n\n")) >= 0) {
      const fields = { event: "message", data: "" };
      for (const line of buffer.slice(0, end).split("\n")) {
        const colon = line.indexOf(":");
        if (colon > 0) fields[line.slice(0, colon)] = line.slice(colon + 1).trim();
      }
      buffer = buffer.slice(end + 2);
      if (fields.data) yield { name: fields.event, data: JSON.parse(fields.data) };
    }
  }
}

function translate() {
  document.documentElement.lang = language;
  for (const node of document.querySelectorAll("[data-i18n]")) node.textContent = say(node.dataset.i18n);
  $("question").placeholder = say("placeholder");
  $("language").textContent = say("language");
}

async function showKbs(chosen) {
  const kbs = await (await call("/api/kbs")).json();
  const names = kbs.map((kb) => kb.name);
  known = new Set(names);
  if (!names.length) names.push("default");
  $("kb").replaceChildren(...names.map((name) => new Option(name, name)));
  $("kb").value = names.includes(chosen) ? chosen : names[0];
  await showDocuments();
}

async function showDocuments() {
  const there = known.has($("kb").value);
  const rows = there ? (await (await call(`${kbPath()}/documents?limit=1000`)).json()).documents : [];
  const items = rows.map((row) => {
    const item = element("li");
    item.append(element("span", row.title));
    const remove = element("button", "✕");
    remove.title = say("remove");
    remove.onclick = async () => {
      if (!confirm(say("sure"))) return;
      await call(`${kbPath()}/documents/${row.doc_id}`, { method: "DELETE" });
      await showDocuments();
    };
    item.append(remove);
    return item;
  });
  $("documents").replaceChildren(...(items.length ? items : [element("li", say("none"), "note")]));
}

async function upload(files) {
  if (!files.length) return;
  const line = element("li", `${[...files].map((file) => file.name).join(", ")} …`);
  $("jobs").prepend(line);
  try {
    const body = new FormData();
    for (const file of files) body.append("files", file);
    const kb = $("kb").value;
    const job = await (await call(`${kbPath()}/documents`, { method: "POST", body })).json();
    for await (const { data } of serverEvents(await call(`/api/jobs/${job.job_id}/events`))) {
      line.textContent = `${data.documents}/${data.total} · ${data.keys} keys · ${say(data.state === "done" ? "done" : "reading")}`;
      if (data.state === "failed") throw new Error(data.error);
      for (const file of data.report?.files ?? []) {
        if (file.outcome === "failed") $("jobs").prepend(element("li", file.reason, "bad"));
      }
    }
    await showKbs(kb);
  } catch (error) {
    line.textContent = error.message;
    line.className = "bad";
  }
}

async function showPage(citation) {
  $("page-title").textContent = citation.document + place(citation);
  $("page-quote").textContent = citation.quote;
  $("page-image").removeAttribute("src");
  $("page").showModal();
  if (!citation.page) return;
  try {
    const path = `${kbPath()}/documents/${citation.doc_id}/pages/${citation.page}.png?highlight=${citation.unit_id}`;
    $("page-image").src = URL.createObjectURL(await (await call(path)).blob());
  } catch { /* no page image for this format: the quotation stands */ }
}

function showCited(box, answer) {
  const cited = [];
  const text = box.querySelector("p");
  text.replaceChildren();
  let at = 0;
  const marks = [...answer.citations].sort((a, b) => a.answer_end - b.answer_end);
  const list = element("ul", undefined, "sources");
  for (const citation of marks) {
    text.append(answer.answer.slice(at, citation.answer_end));
    at = Math.max(at, citation.answer_end);
    const same = (other) => other.unit_id === citation.unit_id;
    let number = cited.findIndex(same);
    if (number < 0) {
      number = cited.push(citation) - 1;
      const item = element("li");
      const open = element("button", `[${number + 1}] ${citation.document}${place(citation)}`);
      open.onclick = () => showPage(citation);
      item.append(open, element("div", citation.quote));
      list.append(item);
    }
    const mark = element("button", String(number + 1), "cite");
    mark.title = citation.quote;
    mark.onmouseenter = mark.onfocus = () => list.children[number].classList.add("lit");
    mark.onmouseleave = mark.onblur = () => list.children[number].classList.remove("lit");
    mark.onclick = () => showPage(citation);
    text.append(mark);
  }
  text.append(answer.answer.slice(at));
  box.append(list);
  const checks = answer.checks;
  if (answer.mode === "quoted") box.append(element("p", say("quoted"), "note"));
  if (checks.unknown_numbers?.length) box.append(element("p", say("unknown") + checks.unknown_numbers.join(", "), "note bad"));
  for (const statement of checks.unsupported ?? []) box.append(element("p", say("weak") + statement, "note bad"));
  if (checks.looped) box.append(element("p", say("looped"), "note bad"));
  box.append(element("p", `${(answer.timings.total_ms / 1000).toFixed(1)} ${say("seconds")} · ${answer.model ?? ""}`, "note"));
}

async function ask(question) {
  const asked = element("div", question, "question");
  const box = element("div", undefined, "answer");
  box.append(element("p", "…"));
  $("messages").append(asked, box);
  running = new AbortController();
  $("send").textContent = say("stop");
  let text = "";
  try {
    const response = await sendJson(`${kbPath()}/chat`, { question, session }, { signal: running.signal });
    for await (const { name, data } of serverEvents(response)) {
      if (name === "sources" && data.rewritten) box.prepend(element("div", say("searching") + data.rewritten, "note"));
      if (name === "token") box.querySelector("p").textContent = text += data.text;
      if (name === "done") showCited(box, data);
      if (name === "error") throw new Error(data.message);
      $("messages").scrollTop = $("messages").scrollHeight;
    }
  } catch (error) {
    if (error.name !== "AbortError") box.append(element("p", error.message, "bad"));
  } finally {
    running = null;
    $("send").textContent = say("ask");
  }
}

$("ask").onsubmit = (event) => {
  event.preventDefault();
  if (running) return running.abort();
  const question = $("question").value.trim();
  if (!question) return undefined;
  $("question").value = "";
  return ask(question);
};
$("question").onkeydown = (event) => {
  if (event.key === "Enter" && !event.shiftKey && !event.isComposing) {
    event.preventDefault();
    $("ask").requestSubmit();
  }
};
$("drop").onclick = () => $("files").click();
$("drop").onkeydown = (event) => { if (event.key === "Enter") $("files").click(); };
$("files").onchange = async () => { await upload($("files").files); $("files").value = ""; };
$("drop").ondragover = (event) => { event.preventDefault(); $("drop").classList.add("over"); };
$("drop").ondragleave = () => $("drop").classList.remove("over");
$("drop").ondrop = (event) => {
  event.preventDefault();
  $("drop").classList.remove("over");
  upload(event.dataTransfer.files);
};
$("kb").onchange = () => { session = String(Math.random()).slice(2); $("messages").replaceChildren(); showDocuments(); };
$("new-kb").onclick = async () => {
  const name = prompt(say("name"));
  if (!name) return;
  try {
    await sendJson("/api/kbs", { name });
    await showKbs(name);
  } catch (error) {
    alert(error.message);
  }
};
$("language").onclick = () => {
  language = language === "zh" ? "en" : "zh";
  localStorage.setItem("language", language);
  translate();
};
translate();
showKbs();
