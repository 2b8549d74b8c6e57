"""Traditional questions get traditional answers, whatever the model writes."""

from __future__ import annotations

import re
from functools import lru_cache

import opencc

_STOP = re.compile(r"[，。；：！？、,;:!?\n]")
# Simplified characters that are traditional ones too, in other words.
_EITHER = frozenset("后里干斗谷丑姜余台只面云松系制范几占征困舍采准于向周才回志卷了")


@lru_cache(maxsize=2)
def _converter(name: str) -> opencc.OpenCC:
    return opencc.OpenCC(name)


def is_traditional(text: str) -> bool:
    """Tell whether a text is in traditional characters.

    >>> is_traditional("陸特開創了哪個地區？"), is_traditional("陆特开创了哪个地区？"), is_traditional("MTBF?")
    (True, False, False)
    """
    simplified, traditional = _converter("t2s").convert(text), _converter("s2t").convert(text)
    return _differences(text, simplified) > _differences(text, traditional)


def in_traditional(text: str) -> str:
    """Give a text in traditional characters; what is traditional stays as it is written.

    >>> in_traditional("头发很长，皇后開创了")
    '頭髮很長，皇后開創了'
    """
    return "".join(_clause(clause) for clause in _clauses(text))


def last_stop(text: str) -> int:
    """Give the end of the last clause that is whole, 0 if there is none: up to there a text can be converted.

    >>> last_stop("年假十天，病假")
    5
    """
    return max((stop.end() for stop in _STOP.finditer(text)), default=0)


def _clauses(text: str) -> list[str]:
    ends = [stop.end() for stop in _STOP.finditer(text)]
    return [text[a:b] for a, b in zip([0, *ends], [*ends, len(text)], strict=True)]


def _clause(clause: str) -> str:
    if _converter("t2s").convert(clause) == clause:
        return _converter("s2t").convert(clause)
    convert = _converter("s2t").convert
    return "".join(char if char in _EITHER else convert(char) for char in clause)


def _differences(one: str, other: str) -> int:
    return sum(a != b for a, b in zip(one, other, strict=False)) + abs(len(one) - len(other))
