"""Follow-up questions are made to stand alone, but only where they don't."""

from __future__ import annotations

import re
from collections.abc import Sequence
from dataclasses import dataclass

from langchain_core.messages import HumanMessage
from langchain_core.prompts import PromptTemplate

from ingest.models.chat import Chat
from ingest.models.tokens import estimate_tokens
from ingest.settings import HistorySettings


@dataclass(frozen=True, slots=True)
class Turn:
    """A question of a conversation and its answer."""

    question: str
    answer: str


_ZH_REFERENCE = re.compile(
    r"[它她]|(?<!其)他(?!项|处|类|用)|其(?!他|它|中|实|余|次|间)|[这這那该該此](?!外|后|前)|上述|前者|[后後]者|刚才|剛才|同[样樣]"
    r"|[呢吧][？?]?$|^(?:还有|還有|为什么|為什麼|如果|然后|然後|具体|具體|详细|詳細)"
)
_EN_REFERENCE = re.compile(
    r"\b(?:it|its|they|them|their|he|him|his|she|hers?|this|that|these|those|ones?|same|former|latter|else)\b"
    r"|^(?:and|or|but|so|why|then|what about|how about|when|where)\b[^,]{0,25}\??$",
    re.IGNORECASE,
)
_SUMMARY_TOKENS = 160
# Summaries that are remembered, so that a long conversation is not summed up anew at every question.
_REMEMBERED = 200
_SHORT_ZH, _SHORT_EN_WORDS = 9, 4
_WORDS = re.compile(r"[A-Za-z0-9]+|[\u3400-\u9fff]")
_LABEL = re.compile(
    r"^(?:改写后的问题|改寫後的問題|完整(?:的)?问题|问题|Rewritten question|Question)\s*[:：]\s*", re.IGNORECASE
)


def refers_back(question: str) -> bool:
    """Tell whether the words of a question point at something said before.

    >>> refers_back("那满二十年的呢？"), refers_back("云岭公司的差旅费住宿标准是多少？")
    (True, False)
    """
    return bool(_ZH_REFERENCE.search(question) or _EN_REFERENCE.search(question))


def is_short(question: str) -> bool:
    """Tell whether a question names so little that it may need what was said before.

    >>> is_short("需要提前几天？"), is_short("云岭公司的差旅费住宿标准是多少？")
    (True, False)
    """
    chinese = re.search(r"[\u3400-\u9fff]", question) is not None
    return len(_WORDS.findall(question)) <= (_SHORT_ZH if chinese else _SHORT_EN_WORDS)


@dataclass(frozen=True, slots=True)
class Conversation:
    """What of a conversation is kept: the last turns that fit; the older ones are dropped, or summed up.

    :param summaries: what was summed up before, by the turns that were.
    """

    settings: HistorySettings
    chat: Chat | None
    summarise: PromptTemplate
    summaries: dict[tuple[Turn, ...], str]

    def kept(self, turns: Sequence[Turn]) -> list[Turn]:
        """Give the last turns, at most as many as are wanted, without the first of them if they are too long."""
        measure = self.chat.count_tokens if self.chat else estimate_tokens
        last = list(turns[-self.settings.turns :]) if self.settings.turns else []
        sizes = [measure(f"{turn.question}\n{turn.answer}\n") for turn in last]
        while len(last) > 1 and sum(sizes) > self.settings.max_tokens:
            del last[0], sizes[0]
        return last

    def before(self, turns: Sequence[Turn]) -> str:
        """Give what the model makes of the turns that are not kept; empty if they are dropped."""
        older = tuple(turns[: len(turns) - len(self.kept(turns))])
        if self.settings.older == "drop" or self.chat is None or not older:
            return ""
        if older not in self.summaries:
            prompt = self.summarise.format(history=_text(older))
            reply = self.chat.model.invoke([HumanMessage(prompt)], max_tokens=_SUMMARY_TOKENS)
            self.summaries[older] = " ".join(reply.text.split())
            while len(self.summaries) > _REMEMBERED:
                self.summaries.pop(next(iter(self.summaries)), None)
        return self.summaries[older]


def _text(turns: Sequence[Turn]) -> str:
    return "\n".join(f"Q: {turn.question}\nA: {turn.answer}" for turn in turns)


def stand_alone(
    question: str, turns: Sequence[Turn], chat: Chat | None, prompt: PromptTemplate, summary: str = ""
) -> str:
    """Rewrite a follow-up so that it can be searched for alone.

    Without a model, or where the model's rewriting can't be one, the question before is put in front.

    :param summary: of what was said before ``turns``.
    """
    before = f"{turns[-1].question} {question}"
    if chat is None:
        return before
    history = "\n".join(filter(None, (summary, _text(turns))))
    reply = chat.model.invoke([HumanMessage(prompt.format(history=history, question=question))], max_tokens=96)
    lines = [line.strip() for line in reply.text.strip().splitlines() if line.strip()]
    rewritten = _LABEL.sub("", lines[0]).strip("\"'“”「」 ") if lines else ""
    plausible = len(question) / 2 <= len(rewritten) <= 3 * len(question) + 60 and rewritten != question
    asks_the_same = _content(question) & _content(rewritten)
    return rewritten if plausible and asks_the_same else before


def _content(question: str) -> set[str]:
    return set(_WORDS.findall(question.lower()))
