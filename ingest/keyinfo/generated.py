"""Keys that a language model writes: keywords, questions that the text answers, a summary."""

from __future__ import annotations

import re
from collections.abc import Callable, Generator, Iterator, Sequence
from concurrent.futures import Future, ThreadPoolExecutor
from dataclasses import dataclass
from typing import Literal

from langchain_core.messages import HumanMessage

from ingest.errors import KeyRAGError
from ingest.keyinfo.context import without_addresses
from ingest.keyinfo.extractor import headed
from ingest.keyinfo.written import Written
from ingest.models.chat import Chat, chat_errors, load_chat
from ingest.resources import resource
from ingest.settings import Settings
from ingest.types import Unit

Language = Literal["zh", "en"]

_CJK = re.compile(r"[\u3400-\u9fff]")
# Requests that are under way at once: servers answer several side by side, the embedded one two.
_AT_ONCE = {"embedded": 2, "transformers": 1}
_AT_ONCE_ELSEWHERE = 8
# What of the context window is left for the text: the rest is the prompt's own words and what is written.
_TEXT_SHARE = 0.6
_SHORTEST = 100
# Longer lines are no key.
_LONGEST = 300
_THOUGHT = re.compile(r"<think>.*?(?:</think>|$)", re.DOTALL)
_FENCE = re.compile(r"^```\w*\s*$", re.MULTILINE)
_MARK = re.compile(
    r"^\s*(?:[-*•·●#>]+\s*|[（(]?\d{1,2}[.、)）:：]\s*|(?:Q|问题|問題|Question)\s*\d*\s*[:：.]\s*)+", re.IGNORECASE
)
_LABEL = re.compile(r"^(?:关键词|關鍵詞|概括|摘要|总结|keywords?|summary)\s*[:：]\s*", re.IGNORECASE)
_QUOTES = " \t\"'“”「」[]【】`*"
_ENUMERATION = re.compile(r"[、，,；;\n|/]+")


def _lines(text: str) -> list[str]:
    lines = (_MARK.sub("", line).strip(_QUOTES + ",，") for line in text.splitlines())
    return [line for line in lines if line]


def read_questions(text: str) -> list[str]:
    """Give the questions in what a model wrote; numbering, answers and remarks are left out.

    >>> read_questions("好的：\\n1. 年假有几天？\\n答：十天\\n2) 谁来批准？")
    ['年假有几天？', '谁来批准？']
    """
    found = [re.match(r"[^?？]*[?？]", line) for line in _lines(text)]
    return [match.group() for match in found if match and len(match.group()) > 3]


def read_keywords(text: str) -> list[str]:
    """Give the keywords as one text.

    >>> read_keywords("关键词：年假、天数、\\n审批")
    ['年假 天数 审批']
    """
    words = [_LABEL.sub("", word).strip(_QUOTES + "。.") for line in _lines(text) for word in _ENUMERATION.split(line)]
    return [" ".join(dict.fromkeys(word for word in words if word))] if any(words) else []


def read_summary(text: str) -> list[str]:
    """Give a summary in one line.

    >>> read_summary("概括：员工每年有\\n十天年假。")
    ['员工每年有 十天年假。']
    """
    summary = _LABEL.sub("", " ".join(_lines(text.replace("**", ""))))
    return [summary] if summary else []


@dataclass(frozen=True, slots=True)
class _Prompt:
    """How a kind is asked for: its template's name, how many, and how the reply is read."""

    name: str
    count: int
    read: Callable[[str], list[str]]


PROMPTS = {
    "keywords": _Prompt("keywords", 8, read_keywords),
    "questions": _Prompt("questions", 3, read_questions),
    "summary": _Prompt("summary", 1, read_summary),
}


def prompt_text(kind: str, language: Language, settings: Settings) -> str:
    """Read the template of a kind, the user's own (``prompt.folder``) if it is there.

    :raises KeyRAGError: if it can't be read or lacks a placeholder.
    """
    name = f"{PROMPTS[kind].name}.{language}.txt"
    folder = settings.prompt.folder
    own = folder.expanduser() / name if folder else None
    file = own if own and own.exists() else resource("prompts", name)
    try:
        text = file.read_text(encoding="utf-8").rstrip("\n")
        text.format(headings="", text="", count=1)
    except (OSError, ValueError, LookupError) as error:
        raise KeyRAGError(f"prompt template {file} can't be used: {error!r}") from error
    if "{text}" not in text:
        raise KeyRAGError(f"prompt template {file} must hold {{text}}")
    return text


class Writer:
    """Asks the language model for keys and remembers what it wrote, so that nothing is asked twice."""

    def __init__(self, settings: Settings) -> None:
        self._settings = settings.keyinfo.chat_settings(settings.chat)
        chat = load_chat(self._settings, settings.models_folder)
        if chat is None:
            raise KeyRAGError("keys written by a language model need one: set chat.backend or keyinfo.chat.backend")
        self._chat: Chat = chat
        self._written = Written(settings.data / "written-keys.sqlite", chat.name)

    def write(self, prompts: Sequence[str]) -> Iterator[str]:
        """Give the reply to each prompt, in order; several are asked at once.

        :raises ModelError: if the model's server fails; what was written so far is kept.
        """
        known = [self._written.get(prompt) for prompt in prompts]
        with ThreadPoolExecutor(_AT_ONCE.get(self._settings.backend, _AT_ONCE_ELSEWHERE)) as pool:
            asked: list[Future[str] | str] = [
                reply if reply is not None else pool.submit(self._ask, prompt)
                for prompt, reply in zip(prompts, known, strict=True)
            ]
            try:
                for reply in asked:
                    yield reply if isinstance(reply, str) else reply.result()
            finally:
                pool.shutdown(cancel_futures=True)

    def fitting(self, text: str) -> str:
        """Give as much of the beginning of ``text`` as the model's context window has room for."""
        room = max(int(self._settings.context_tokens * _TEXT_SHARE) - self._settings.generation.max_tokens, _SHORTEST)
        # A token has a character at least, or nearly so: short texts need no counting.
        tokens = self._chat.count_tokens(text) if len(text) > room else 0
        return text if tokens <= room else text[: len(text) * room // tokens]

    def _ask(self, prompt: str) -> str:
        with chat_errors(self._settings):
            reply = str(self._chat.model.invoke([HumanMessage(prompt)]).text)
        self._written.put(prompt, reply)
        return reply


class Generated:
    """One of the kinds that a language model writes."""

    def __init__(self, kind: str, writer: Writer, settings: Settings) -> None:
        self._prompt = PROMPTS[kind]
        self._templates: dict[Language, str] = {
            "zh": prompt_text(kind, "zh", settings),
            "en": prompt_text(kind, "en", settings),
        }
        self._writer = writer

    def __call__(self, units: Sequence[Unit], document: Sequence[Unit]) -> Iterator[list[str]]:
        """Give the keys of each unit as soon as they are written; none where the reply is of no use."""
        for unit, texts in zip(units, self.texts(units), strict=True):
            yield [headed(unit, text) for text in texts]

    def texts(self, units: Sequence[Unit]) -> Generator[list[str]]:
        """Give what was written about each unit, without its headings, as soon as it is there."""
        for reply in self._writer.write([self._asked(unit) for unit in units]):
            plain = _FENCE.sub("", _THOUGHT.sub("", reply))
            yield [text[:_LONGEST] for text in self._prompt.read(plain)[: self._prompt.count]]

    def _asked(self, unit: Unit) -> str:
        template = self._templates["zh" if _CJK.search(unit.text) else "en"]
        text = self._writer.fitting(without_addresses(unit.text))
        return template.format(headings=" > ".join(unit.heading_path), text=text, count=self._prompt.count)
