"""Find running heads, running feet and page numbers: lines that come back at the edge of many pages."""

from __future__ import annotations

import re
from collections import Counter
from collections.abc import Iterator, Sequence

from ingest.load.lines import Line, joined
from ingest.load.pdf_order import Table

_DIGITS = re.compile(r"\d{1,6}")
_PAGE_NUMBER = re.compile(
    r"^(?:[-–—·]\s*\d{1,4}\s*[-–—·]|第\s*\d{1,4}\s*[页頁](?:\s*[，,/]?\s*共\s*\d{1,4}\s*[页頁])?"
    r"|page\s+\d{1,4}(?:\s*(?:of|/)\s*\d{1,4})?|\d{1,4}\s*/\s*\d{1,4})$",
    re.IGNORECASE,
)
_ROMAN = re.compile(r"^[ivxlc]{1,6}$")
_EDGE_ROWS = 3
_SAME_PLACE = 4.0
_SHARE = 0.5
_FEWEST, _LONG_SHARE = 4, 0.03
_FEWEST_COUNTED = 3
_COUNTED = "\x00"  # stands for a page number; loaded text has no such character
_WIDEST = 120

Key = tuple[str, int]


def without_running_lines(pages: Sequence[Sequence[Line]], held: Sequence[bool] | None = None) -> list[list[Line]]:
    """Leave out what recurs at the same place of the page's edge, numbers that count pages aside.

    A line is running if it stands on half of the pages, or on several in a long document (a chapter's
    head), and so is what stands in one row with a page number. A page is never emptied, unless it is ``held``
    to have other content.
    """
    edges = [_edge(lines) for lines in pages]
    counts = Counter(
        key for number, lines in enumerate(edges) for key in {key for line in lines for key in _keys(line, number)}
    )
    need = _need(len(pages))
    kept = []
    for number, (lines, edge) in enumerate(zip(pages, edges, strict=True)):
        counters = [line for line in edge if _counts(line, lines, number, counts, need)]
        running = {
            id(line)
            for line in edge
            if any(_recurs(counts, key, need) for key in _keys(line, number))
            or any(counter.bottom < line.middle < counter.top for counter in counters)
        }
        rest = [line for line in lines if id(line) not in running]
        kept.append(rest if rest or (held and held[number]) else list(lines))
    return kept


def without_running_tables(pages: Sequence[Sequence[Table]]) -> list[list[Table]]:
    """Leave out tables that recur in the same place, such as the box with a document's number; the first stays."""
    counts = Counter(key for tables in pages for key in {_table_key(table) for table in tables})
    need = _need(len(pages))
    seen: set[Key] = set()
    kept = []
    for tables in pages:
        fresh = [table for table in tables if counts[_table_key(table)] < need or _table_key(table) not in seen]
        seen |= {_table_key(table) for table in tables}
        kept.append(fresh)
    return kept


def _table_key(table: Table) -> Key:
    text = "\n".join(joined(cell).text for row in table.rows for cell in row)
    return _DIGITS.sub("0", text), round(table.top / _SAME_PLACE)


def _need(pages: int) -> float:
    """Give the number of pages that make a line running."""
    return max(2, min(_SHARE * pages, max(_FEWEST, _LONG_SHARE * pages)))


def _counts(line: Line, page: Sequence[Line], number: int, counts: Counter[Key], need: float) -> bool:
    """Tell a page number: in words, or a bare one first or last on the page that is its own or counts pages."""
    if line.text.isdecimal() or _ROMAN.match(line.text):
        outermost = line.bottom in (min(one.bottom for one in page), max(one.bottom for one in page))
        counted = any(_COUNTED in key[0] and _recurs(counts, key, need) for key in _keys(line, number))
        return outermost and (counted or line.text == str(number + 1) or not line.text.isdecimal())
    return _PAGE_NUMBER.match(line.text) is not None


def _recurs(counts: Counter[Key], key: Key, need: float) -> bool:
    """A number that counts the pages is proof enough on a few of them."""
    return counts[key] >= (min(need, _FEWEST_COUNTED) if _COUNTED in key[0] else need)


def _edge(lines: Sequence[Line]) -> list[Line]:
    """Give the lines of the topmost and the lowest rows of a page."""
    rows = sorted({round(line.bottom) for line in lines})
    chosen = {*rows[:_EDGE_ROWS], *rows[-_EDGE_ROWS:]}
    return [line for line in lines if round(line.bottom) in chosen and len(line.text) <= _WIDEST]


def _keys(line: Line, page: int) -> Iterator[Key]:
    """Write a line in every way in which it may recur: as it is, or with a number that counts the pages."""
    place = round(line.bottom / _SAME_PLACE)
    yield line.text, place
    numbers = list(_DIGITS.finditer(line.text))
    for match in {numbers[0], numbers[-1]} if numbers else ():
        offset = f"{_COUNTED}{int(match.group()) - page}{_COUNTED}"
        yield line.text[: match.start()] + offset + line.text[match.end() :], place
