"""Tell headings by their numbering, and keep the path of headings above a block."""

from __future__ import annotations

import re

_LONGEST = 40
_NUMBERINGS = (
    (1, re.compile(r"^第[一二三四五六七八九十百零〇\d]+[章编篇部]")),
    (2, re.compile(r"^第[一二三四五六七八九十百零〇\d]+节")),
    (2, re.compile(r"^[一二三四五六七八九十]+、")),
    (3, re.compile(r"^[（(][一二三四五六七八九十]+[）)]")),
)
_DECIMAL = re.compile(r"^(\d{1,2}(?:\.\d{1,2}){0,3})[.、]?\s+\S")
_CHAPTER = re.compile(r"^(?:chapter|section|part|appendix)\s+[\dA-Z]+\b", re.IGNORECASE)
_SENTENCE_END = "。！？；：.!?;:，,"


def numbered_level(line: str) -> int | None:
    """Give the level (1 is outermost) of a numbered heading, None if the line is none.

    >>> [numbered_level(line) for line in ("第二章 假期", "2.1 年假", "1. 打开电源。", "共有3台")]
    [1, 2, None, None]
    """
    line = line.strip()
    if not line or len(line) > _LONGEST or line[-1] in _SENTENCE_END:
        return None
    for level, pattern in _NUMBERINGS:
        if pattern.match(line):
            return level
    if match := _DECIMAL.match(line):
        return match.group(1).count(".") + 1
    return 1 if _CHAPTER.match(line) else None


class HeadingPath:
    """The headings above the place where a loader is."""

    def __init__(self) -> None:
        self._open: list[tuple[int, str]] = []

    def enter(self, level: int, text: str) -> tuple[str, ...]:
        """Meet a heading; give the path above it."""
        self._open = [(above, name) for above, name in self._open if above < level]
        path = self.path
        self._open.append((level, text))
        return path

    @property
    def path(self) -> tuple[str, ...]:
        return tuple(name for _, name in self._open)
