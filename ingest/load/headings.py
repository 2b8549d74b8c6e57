"""Tell headings by their numbering, and keep the path of headings above a block."""

from __future__ import annotations

import re
from collections.abc import Sequence
from dataclasses import dataclass

_WIDEST = 60
_CN = "一二三四五六七八九十百千零〇两\\d"
# Outermost first; what counts is only which of two numberings stands above the other.
_NUMBERINGS = (
    (1, re.compile(rf"^第\s?[{_CN}]+\s?[编編篇部卷](?![{_CN}分])")),
    (1, re.compile(r"^part\s+(?:\d+|[IVX]+)\b(?!\s+of\b)", re.IGNORECASE)),
    (2, re.compile(rf"^第\s?[{_CN}]+\s?章")),
    (2, re.compile(r"^(?:chapter|appendix)\s+(?:\d+|[IVXA-Z]{1,4})\b", re.IGNORECASE)),
    (2, re.compile(r"^附[录錄件]\s?[\dA-Z一二三四五六七八九十]{0,2}(?![\u4e00-\u9fff])")),
    (3, re.compile(rf"^第\s?[{_CN}]+\s?[节節]")),
    (3, re.compile(r"^section\s+\d+\b", re.IGNORECASE)),
    (4, re.compile(r"^[一二三四五六七八九十]{1,3}、\s*\S")),
    (5, re.compile(r"^[（(][一二三四五六七八九十]{1,3}[）)]\s*\S")),
)
_DECIMAL = re.compile(r"^(\d{1,2}(?:\.\d{1,2}){0,4})([.．、]?)(\s*)([^\W\d_])")
_ANY_DECIMAL = re.compile(r"^\d{1,2}((?:\.\d{1,2}){1,4})\.?\s")
_FIRST_DECIMAL = 6
_UNITS = re.compile(
    r"^(?:[年月日元万亿个個台天人次条條项項号號]|(?:kg|km|cm|mm|mb|gb|v|w|a)\b"
    r"|(?:jan|febr)uary\b|march\b|april\b|may\b|june\b|july\b|august\b|(?:septem|octo|novem|decem)ber\b)",
    re.IGNORECASE,
)
_MEASURES = re.compile(r"^(?:[元万亿億倍]|(?:kg|km|cm|mm|mb|gb|v|w|a)\b)", re.IGNORECASE)
_SENTENCE_END = "。！？；：，、,;:!?.…"
_LEADER = re.compile(r"(?:\.\s?){4,}|…{2,}|·{4,}|_{4,}")
_NUMBER = re.compile(
    rf"^\s*(?:\d{{1,2}}(?:\.\d{{1,2}}){{0,4}}(?!\d)[.．、]?\s*|[A-Z](?:\.\d{{1,2}}){{1,4}}\.?\s+"
    rf"|第\s?[{_CN}]+\s?[编編篇部卷章节節]\s*|(?:chapter|appendix|part|section)\s+(?:\d+|[IVXA-Z]{{1,4}})\b[.:]?\s*)",
    re.IGNORECASE,
)
LIST_ITEM = re.compile(
    r"^\s*(?:[-*•·●○■□◆◇▪‣➢–]\s+\S|[•●■◆▪‣➢①-⑳]|[（(](?:\d{1,2}|[a-z])[)）]|(?:\d{1,2}|[a-zA-Z])[)）、]"
    r"|\d{1,2}[.．]\s*[^\W\d])"
)
CLAUSE = re.compile(rf"^第\s?[{_CN}]+\s?[条條款][\s、：:]")


def numbered_level(line: str) -> int | None:
    """Give the rank (lower is outer) of a numbered heading, None if the line is none.

    >>> [numbered_level(line) for line in ("第二章 假期", "2.1 年假", "1. 打开电源。", "共有3台")]
    [2, 7, None, None]
    """
    line = line.strip()
    if not line or _too_wide(line) or line[-1] in _SENTENCE_END or _LEADER.search(line):
        return None
    for level, pattern in _NUMBERINGS:
        if pattern.match(line):
            return level
    match = _DECIMAL.match(line)
    if match is None:
        return None
    number, stop, space, _ = match.groups()
    depth = number.count(".")
    # "3 台" and "2.5kg" are amounts, "1.2概述" and "1. Scope" are headings.
    units = _UNITS if depth == 0 else _MEASURES
    if not stop and ((not space and not depth) or (depth < 2 and units.match(line[match.start(4) :]))):
        return None
    if not stop and not line[match.start(4)].isupper() and line[match.start(4)].isascii():
        return None
    return _FIRST_DECIMAL + depth


def rank(heading: str) -> int | None:
    """Give the rank of what is known to be a heading, so that any decimal number counts.

    >>> rank("9.4.4 top command"), numbered_level("9.4.4 top command")
    (8, None)
    """
    found = numbered_level(heading)
    decimal = _ANY_DECIMAL.match(heading)
    return _FIRST_DECIMAL + decimal.group(1).count(".") if found is None and decimal else found


def without_number(heading: str) -> str:
    """Give a heading without the number in front.

    >>> without_number("4.5.3 “Why not”"), without_number("第二章 假期"), without_number("1984")
    ('“Why not”', '假期', '1984')
    """
    return _NUMBER.sub("", heading, count=1) or heading


def _too_wide(line: str) -> bool:
    return len(line) > 1.4 * _WIDEST or len(line) + sum(char > "\u2e7f" for char in line) > 1.4 * _WIDEST


def numbered_levels(lines: Sequence[str]) -> list[int | None]:
    """Give the rank of every line; neighbours of one rank are a list or a table of contents, no headings.

    >>> numbered_levels(["1. Scope", "This text.", "2. Steps", "1) Open", "2.1 First", "2.2 Second"])
    [6, None, 6, None, None, None]
    """
    levels = [numbered_level(line) for line in lines]
    lonely = []
    for place, level in enumerate(levels):
        around = (*levels[max(place - 1, 0) : place], *levels[place + 1 : place + 2])
        lonely.append(None if level in around else level)
    return lonely


@dataclass(frozen=True, slots=True)
class _Open:
    level: tuple[int, ...]
    text: str


class HeadingPath:
    """The headings above the place where a loader is."""

    def __init__(self) -> None:
        self._open: list[_Open] = []

    def enter(self, text: str, *level: int) -> tuple[str, ...]:
        """Meet a heading; give the path above it. Levels are compared as tuples, lower is outer."""
        self._open = [above for above in self._open if above.level < level]
        path = self.path
        self._open.append(_Open(level, text))
        return path

    @property
    def path(self) -> tuple[str, ...]:
        return tuple(heading.text for heading in self._open)
