// Errors in plain words. The service tells them in English, each with what to do; in Chinese the page says
// what kind it is, and for what is known of files the whole reason.

import { language, say } from "./i18n.js";

const KINDS = {
  0: "errorUnreachable",
  401: "errorKey",
  403: "errorForbidden",
  404: "errorMissing",
  409: "errorConflict",
  413: "errorTooLarge",
  415: "errorFormat",
  422: "errorInvalid",
  429: "errorBusy",
  500: "errorService",
  502: "errorModel",
  503: "errorNotReady",
  504: "errorSlow",
  507: "errorDisk",
};

/** What went wrong, for people. */
export function problem(error) {
  const kind = KINDS[error.status];
  if (error.status === 0) return say(kind);
  if (error.status === 429) return say(kind, { seconds: error.retryAfter ?? 5 });
  if (!kind || language() === "en") return sentence(error.message) || say("errorService");
  return `${say(kind)}（${error.message}）`;
}

const sentence = (text) => text.replace(/^[a-z]+(?=[ ,])/, (word) => word[0].toUpperCase() + word.slice(1));

// Pieces of the service's own sentences about files, and what they mean in Chinese.
const REASONS = [
  [/is empty/, "文件是空的：请重新保存或下载。"],
  [/locked with a password/, "文件有密码保护：请另存一份不带密码的。"],
  [/damaged|cut short|can't be opened/, "文件已损坏或不完整：请重新保存或下载。"],
  [/scanned|text recognition|OCR/, "文件是扫描件，没有文字：请先做文字识别（OCR）。"],
  [/holds no text/, "文件里没有文字：请确认是否选对了文件。"],
  [/right suffix|is no PDF/, "文件内容与扩展名不符：请改用正确的扩展名。"],
  [/format .* can't be read|formats are/, "这种格式无法读取：请转换成可读的格式。"],
  [/over [\d.]+|too much|more memory/, "文件太大：请拆分后再上传。"],
  [/longer than|took too long|timed? ?out/, "读取用时过长，已放弃：请拆分后再上传。"],
];

/** Why a file was not read. */
export function reason(text) {
  if (language() === "en") return text;
  const known = REASONS.find(([pattern]) => pattern.test(text));
  return known ? known[1] : text;
}
