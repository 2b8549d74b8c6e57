"""Leave out tables of contents: every title stands a second time where its text is."""

from __future__ import annotations

import itertools
import re
from collections.abc import Sequence
from dataclasses import dataclass

from ingest.load.lines import Line

_DOTS = ".·•…‥．"
_PAGE = re.compile(rf"(?<![^\s{_DOTS}])(?:\d{{1,4}}|[ivxlc]{{1,7}})$", re.IGNORECASE)
_LEADER_DOTS = 4
_CHINESE_NAMES = ("目录", "目錄", "目次", "图目录", "表目录", "插图目录", "表格目录")
_NAMES = frozenset((*_CHINESE_NAMES, "contents", "tableofcontents", "listoftables", "listoffigures"))
_FEWEST = 5
_SHARE = 0.4
_RISING = 0.9


@dataclass(frozen=True, slots=True)
class _Row:
    """What stands side by side: ``page`` is the number at its end, "" if there is none or no title before it."""

    lines: tuple[Line, ...]
    page: str
    leads: bool
    name: bool


def without_contents(pages: Sequence[Sequence[Line]]) -> list[list[Line]]:
    """Leave out the lines of tables of contents, lists of tables and figures.

    A page has one if many of its rows end with dots and a page number, and the numbers rise; after a heading
    "Contents" or on the page after such a page the dots may be few or none. A document that is nothing else keeps it.
    """
    kept: list[list[Line]] = []
    goes_on = False
    for lines in pages:
        rows = _rows(lines)
        entries = _entries(rows, goes_on=goes_on)
        goes_on = bool(entries) and entries[-1] >= len(rows) - 1 - _FEWEST
        left_out = {id(line) for place in entries for line in rows[place].lines}
        kept.append([line for line in lines if id(line) not in left_out])
    return kept if any(kept) else [list(lines) for lines in pages]


def _entries(rows: Sequence[_Row], *, goes_on: bool) -> list[int]:
    """Give the places of the rows to leave out."""
    named = next((place for place, row in enumerate(rows) if row.name), None)
    leading = [place for place, row in enumerate(rows) if row.leads]
    ending = [place for place, row in enumerate(rows) if row.page and (named is None or place > named)]
    if len(leading) >= (1 if goes_on else _FEWEST) and (goes_on or len(leading) >= _SHARE * len(rows)):
        first, last = leading[0], leading[-1]
    elif named is not None and len(ending) >= _FEWEST and len(ending) >= _SHARE * len(rows):
        first, last = ending[0], ending[-1]
    else:
        return []
    if goes_on:
        first = 0
    if named is not None and named < first:
        first = named
    chosen = [place for place in range(first, last + 1) if rows[place].page or rows[place].name]
    numbers = [int(rows[place].page) for place in chosen if rows[place].page.isdecimal()]
    steps = [after >= before for before, after in itertools.pairwise(numbers)]
    return chosen if sum(steps) >= _RISING * len(steps) else []


def _rows(lines: Sequence[Line]) -> list[_Row]:
    rows: list[list[Line]] = []
    for line in sorted(lines, key=lambda line: -line.middle):
        if rows and line.middle > rows[-1][0].bottom:
            rows[-1].append(line)
        else:
            rows.append([line])
    return [_row(sorted(row, key=lambda line: line.left)) for row in rows]


def _row(lines: Sequence[Line]) -> _Row:
    text = " ".join(line.text for line in lines)
    page = _PAGE.search(text)
    before = text[: page.start()] if page else ""
    title = before.rstrip(f" {_DOTS}")
    dots = before[len(title) :].replace(" ", "").replace("…", "..")
    name = "".join(char for char in text.lower() if char.isalnum()) in _NAMES
    entry = page is not None and any(char.isalnum() for char in title)
    return _Row(tuple(lines), page.group() if page and entry else "", entry and len(dots) >= _LEADER_DOTS, name)
