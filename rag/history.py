"""Follow-up questions are made to stand alone, but only where they don't."""

from __future__ import annotations

import re
from collections.abc import Sequence
from dataclasses import dataclass

from langchain_core.messages import HumanMessage
from langchain_core.prompts import PromptTemplate

from ingest.models.chat import Chat


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


def stand_alone(question: str, turns: Sequence[Turn], chat: Chat | None, prompt: PromptTemplate) -> str:
    """Rewrite a follow-up so that it can be searched for alone.

    Without a model, or where the model's rewriting can't be one, the question before is put in front.
    """
    before = f"{turns[-1].question} {question}"
    if chat is None:
        return before
    history = "\n".join(f"Q: {turn.question}\nA: {turn.answer}" for turn in turns)
    reply = chat.model.invoke([HumanMessage(prompt.format(history=history, question=question))], max_tokens=96)
    lines = [line.strip() for line in reply.text.strip().splitlines() if line.strip()]
    rewritten = _LABEL.sub("", lines[0]).strip("\"'“”「」 ") if lines else ""
    plausible = len(question) / 2 <= len(rewritten) <= 3 * len(question) + 60 and rewritten != question
    asks_the_same = _content(question) & _content(rewritten)
    return rewritten if plausible and asks_the_same else before


def _content(question: str) -> set[str]:
    return set(_WORDS.findall(question.lower()))
