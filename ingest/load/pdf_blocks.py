"""From the flows of a document's pages to blocks: paragraphs joined, headings found, tables as rows."""

from __future__ import annotations

import re
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass, replace

from ingest.load.clean import width
from ingest.load.headings import CLAUSE, LIST_ITEM, HeadingPath, numbered_level, numbered_levels, rank
from ingest.load.lines import Line, boxes, joined
from ingest.load.pdf_order import Flow, Table
from ingest.load.pdf_paragraphs import SENTENCE_END, bare, body_size, is_note, leading, paragraphs, right_edges
from ingest.load.pdf_rows import continued, goes_on, table_blocks
from ingest.types import Block, BlockKind

_NO_HEADING = re.compile(r"@|://|(?:\.\s?){4,}|…{2,}")
_BIGGER = 1.12
_WIDEST_HEADING = 80
_MOST_BOLD = 0.3
# What a heading's level is compared by: outline before type size before numbering before bold type.
_OUTLINE, _TYPE = 0, 1
_BOLD = 99

Titles = Mapping[int, Sequence[tuple[int, str]]]


@dataclass(frozen=True, slots=True)
class _Paragraph:
    """``lines`` of all columns it stands in, ``tail`` those in the last one."""

    lines: tuple[Line, ...]
    tail: tuple[Line, ...]
    page: int
    flow: int
    outline: int | None = None
    note: bool = False

    @property
    def text(self) -> str:
        return joined(self.lines).text

    @property
    def size(self) -> float:
        return self.lines[0].size

    @property
    def bold(self) -> bool:
        return all(line.bold for line in self.lines)


@dataclass(frozen=True, slots=True)
class _Type:
    """How a document is set: the size of its body, and whether bold type stands out."""

    body: float
    bold: bool


def blocks_of(pages: Sequence[Sequence[Flow]], outline: Titles) -> list[Block]:
    """Make blocks of the flows of all pages.

    :param outline: titles of the document's outline with their level, by page from 0.
    """
    columns = [flow for flows in pages for flow in flows if not isinstance(flow, Table)]
    body = body_size(columns)
    bold = sum(len(line.text) for column in columns for line in column if line.bold)
    every = sum(len(line.text) for column in columns for line in column)
    return list(_blocks(_whole(_parts(pages, outline, columns)), _Type(body, bold < _MOST_BOLD * every)))


def _parts(
    pages: Sequence[Sequence[Flow]], outline: Titles, columns: Sequence[Sequence[Line]]
) -> Iterator[_Paragraph | Table]:
    body, step, edges = body_size(columns), leading(columns), right_edges(columns)
    number = 0
    for place, page in enumerate(pages):
        titles = {bare(title): level for level, title in outline.get(place, ()) if bare(title)}
        for flow in page:
            number += 1
            if isinstance(flow, Table):
                yield flow
                continue
            end, note = 0, False
            for group in paragraphs(flow, titles, step, edges):
                end += len(group)
                lines = tuple(group)
                title = titles.get(bare(joined(lines).text)) if titles else None
                note = is_note(group, flow[end:], body, behind=note)
                yield _Paragraph(lines, lines, place + 1, number, title, note)


def _whole(parts: Iterator[_Paragraph | Table]) -> list[_Paragraph | Table]:
    """Join paragraphs and tables that go on in the next column or on the next page, past footnotes."""
    found: list[_Paragraph | Table] = []
    for part in parts:
        place = len(found) - 1
        while place >= 0 and isinstance(above := found[place], _Paragraph) and above.note:
            place -= 1
        last = found[place] if place >= 0 else None
        if isinstance(part, Table) and isinstance(last, Table) and goes_on(last, part):
            found[place] = continued(last, part)
        elif isinstance(part, _Paragraph) and isinstance(last, _Paragraph) and _goes_on(last, part):
            found[place] = replace(last, lines=last.lines + part.lines, tail=part.lines, flow=part.flow)
        else:
            found.append(part)
    return found


def _goes_on(last: _Paragraph, part: _Paragraph) -> bool:
    end = last.tail[-1]
    if part.note or part.flow == last.flow or part.page > last.page + 1:
        return False
    if end.text.endswith(SENTENCE_END) or last.outline or part.outline or end.bold != part.lines[0].bold:
        return False
    if abs(end.size - part.size) > 0.1 * end.size:
        return False
    first = part.lines[0].text
    if LIST_ITEM.match(first) or CLAUSE.match(first) or numbered_level(first) is not None:
        return False
    if numbered_level(last.lines[0].text) is not None and len(last.lines) == 1:
        return False
    lines = part.lines
    if len(lines) > 1 and lines[0].left - lines[1].left > 1.2 * part.size:  # indented: a beginning
        return False
    # A last line that ends clearly before its column does ends the paragraph.
    left = min(line.left for line in last.tail)
    wide = max(line.right - line.left for line in (*last.tail, *lines))
    return end.right - left > 0.85 * wide


def _blocks(parts: Sequence[_Paragraph | Table], kind: _Type) -> Iterator[Block]:
    texts = [part.text if isinstance(part, _Paragraph) else "" for part in parts]
    numbered = numbered_levels(texts)
    big = [part for part in parts if isinstance(part, _Paragraph) and _is_big(part, kind.body)]
    sizes = sorted({round(part.size) for part in big}, reverse=True)
    headings = HeadingPath()
    for part, number in zip(parts, numbered, strict=True):
        if isinstance(part, Table):
            yield from table_blocks(part, headings.path)
            continue
        placed = joined(part.lines)
        level = _level(part, number, kind, sizes)
        if level is not None:
            yield Block(placed.text, "heading", headings.enter(placed.text, *level), part.page, boxes(placed))
        else:
            sort: BlockKind = "list" if LIST_ITEM.match(placed.text) and not part.note else "paragraph"
            yield Block(placed.text, sort, headings.path, part.page, boxes(placed))


def _level(part: _Paragraph, number: int | None, kind: _Type, sizes: Sequence[int]) -> tuple[int, ...] | None:
    """Give a heading's level to compare by, None for other text."""
    if part.outline is not None:
        return _OUTLINE, part.outline
    if part.note:
        return None
    if _is_big(part, kind.body):
        return _TYPE, sizes.index(round(part.size)), rank(part.text) or 0
    if number is not None and part.size >= 0.95 * kind.body:
        return _TYPE, len(sizes), number
    if kind.bold and part.bold and len(part.lines) <= 2 and part.size >= 0.95 * kind.body and _is_title(part.text):
        return _TYPE, len(sizes), rank(part.text) or _BOLD
    return None


def _is_big(part: _Paragraph, body: float) -> bool:
    return part.size > _BIGGER * body and not part.text.endswith(tuple("。；;，,、")) and _could_head(part.text)


def _is_title(text: str) -> bool:
    return not text.endswith(tuple("。；;，,、.：:？?！!")) and _could_head(text)


def _could_head(text: str) -> bool:
    return width(text) <= _WIDEST_HEADING and any(char.isalpha() for char in text) and not _NO_HEADING.search(text)
