"""Repetition: small models fall into loops; the answer ends where one begins."""

from __future__ import annotations

import re

# Three times the same text of two or more characters at the end, together long enough to be no figure.
_LOOP = re.compile(r"(.{2,80}?)\1{2,}$", re.DOTALL)
_SHORTEST_LOOP = 16
_TAIL = 320
_LONGEST_PERIOD = 80
_ENDS = "。！？!?\n"
_SENTENCE = re.compile(r"[^。！？!?\n]{8,}[。！？!?\n]")


def loop_start(text: str) -> int | None:
    """Give where a loop at the end of ``text`` repeats for the first time, None if there is none.

    >>> text = "年假十天。须提前三天提出申请。须提前三天提出申请。"
    >>> text[: loop_start(text)]
    '年假十天。须提前三天提出申请。'
    """
    offset = max(len(text) - _TAIL, 0)
    loop = _LOOP.search(text, offset) if _repeats(text) else None
    if loop and len(loop.group()) >= _SHORTEST_LOOP:
        start, period = loop.start(), len(loop.group(1))
        while start and text[start - 1] == text[start - 1 + period]:  # much of it came at once
            start -= 1
        return start + period
    sentences = list(_SENTENCE.finditer(text)) if text[-1:] in _ENDS else []
    if len(sentences) > 1 and sentences[-1].end() == len(text):
        last = sentences[-1].group().strip()
        if any(sentence.group().strip() == last for sentence in sentences[:-1]):
            return sentences[-1].start()
    return None


def _repeats(text: str) -> bool:
    """Tell whether the end stands there three times: much quicker than the search for where that begins."""
    end, first = text[-2:], max(len(text) - 2 - _LONGEST_PERIOD, 0)
    place = text.rfind(end, first, -2)
    while place >= 0:
        if text.endswith(text[place + 2 :] * 3):
            return True
        place = text.rfind(end, first, place + 1)
    return False
