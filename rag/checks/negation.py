"""Negation: an answer that repeats the words around a "not" must repeat the "not"."""

from __future__ import annotations

import re
from collections.abc import Iterator

from rag.checks.fold import fold

_ZH = re.compile(r"不[得能可会应准许]以?|没有|未曾|并未|并非|尚未|不|未(?!来)|没(?!收)|勿|无")
_EN = re.compile(r"\b(?:not|never|no|cannot|without|neither|nor)\b|n['’]t\b")
# Characters on either side that are compared; where a stop comes sooner, the stop.
_BESIDE = 2
_RUN_BEFORE = re.compile(r"\w+$")
_RUN_AFTER = re.compile(r"\w+")
_WORD_BEFORE = re.compile(r"([^\W_]+)[\s,]*$")
_WORD_AFTER = re.compile(r"^[\s,]*([^\W_]+)")


def dropped_negations(answer: str, cited: str) -> list[str]:
    """Give the places in ``cited`` where ``answer`` has the words on both sides of a negation, but not the negation.

    >>> dropped_negations("机器人可以在雨中使用", "机器人不可以在雨中使用")
    ['器人不可以在雨']
    >>> dropped_negations("The fee is refundable.", "The fee is not refundable after 30 days.")
    ['is not refundable']
    """
    said, text = fold(answer).text, fold(cited).text
    return [
        negated
        for negated, without in (*_chinese(text), *_english(text))
        if re.search(without, said) and negated not in said
    ]


def _chinese(text: str) -> Iterator[tuple[str, str]]:
    for match in _ZH.finditer(text):
        before = _RUN_BEFORE.search(text, max(match.start() - _BESIDE, 0), match.start())
        after = _RUN_AFTER.match(text, match.end(), match.end() + _BESIDE)
        left, right = before.group() if before else "", after.group() if after else ""
        if len(left + right) < _BESIDE or not right:
            continue
        # 不得 and 不能 deny 得 and 能; the rest stands as it is.
        kept = f"(?:{match.group()[1:]})?" if match.group()[0] == "不" and len(match.group()) > 1 else ""
        start = "" if len(left) == _BESIDE else r"(?<!\w)"
        end = "" if len(right) == _BESIDE else r"(?!\w)"
        yield left + match.group() + right, f"{start}{re.escape(left)}{kept}{re.escape(right)}{end}"


def _english(text: str) -> Iterator[tuple[str, str]]:
    for match in _EN.finditer(text):
        before = _WORD_BEFORE.search(text[: match.start()])
        after = _WORD_AFTER.search(text[match.end() :])
        if before and after:
            words = rf"\b{re.escape(before[1])}\s+{re.escape(after[1])}\b"
            yield text[before.start(1) : match.end() + after.end(1)], words
