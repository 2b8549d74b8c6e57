"""From the lines of a PDF to blocks: running heads out, paragraphs joined, headings found."""

from __future__ import annotations

import itertools
import re
from collections import Counter
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass, replace

from ingest.load.clean import clean, has_cjk, join_lines, width
from ingest.load.headings import CLAUSE, LIST_ITEM, HeadingPath, numbered_level, numbered_levels
from ingest.load.pdf_lines import Line
from ingest.load.pdf_running import without_running_lines
from ingest.types import Block, BlockKind

_NO_HEADING = re.compile(r"@|://|(?:\.\s?){4,}|…{2,}")
_SENTENCE_END = tuple("。！？!?.;；:：”」』)）")
_BIGGER = 1.12
_WIDEST_HEADING = 80
_LOOSE = 1.35
_TITLE_LINES = 4
# What a heading's level is compared by: outline before type size before numbering.
_OUTLINE, _TYPE = 0, 1


@dataclass(frozen=True, slots=True)
class _Paragraph:
    lines: tuple[Line, ...]
    text: str
    page: int
    outline: int | None = None

    @property
    def size(self) -> float:
        return self.lines[0].size


def blocks_of(pages: Sequence[Sequence[Line]], outline: Mapping[int, Sequence[tuple[int, str]]]) -> list[Block]:
    """Make blocks of the lines of all pages.

    :param outline: titles of the document's outline with their level, by page from 0.
    """
    kept = without_running_lines(pages)
    body = _body_size(kept)
    leading = _leading(kept)
    paragraphs: list[_Paragraph] = []
    for number, lines in enumerate(kept):
        titles = {_bare(title): level for level, title in outline.get(number, ()) if _bare(title)}
        for group in _groups(lines, titles, leading):
            text = join_lines([line.text for line in group])
            level = titles.get(_bare(text))
            paragraphs.append(_Paragraph(tuple(group), text, number + 1, level))
    return list(_blocks(_across_pages(paragraphs, body), body))


def _bare(text: str) -> str:
    return "".join(char for char in clean(text).lower() if char.isalnum())


def _body_size(pages: Sequence[Sequence[Line]]) -> float:
    """Give the size most characters are set in."""
    sizes: Counter[float] = Counter()
    for lines in pages:
        for line in lines:
            sizes[line.size] += len(line.text)
    return max(sizes, key=lambda size: (sizes[size], -size)) if sizes else 0.0


def _leading(pages: Sequence[Sequence[Line]]) -> float:
    """Give the usual distance from one line to the next, in heights of the type."""
    steps: Counter[float] = Counter()
    for lines in pages:
        for upper, lower in itertools.pairwise(lines):
            step = (upper.bottom - lower.top + lower.size) / upper.size if upper.size else 0.0
            if 0.8 < step < 3 and abs(upper.size - lower.size) < 0.5:
                steps[round(step, 1)] += 1
    # Where paragraphs of one line prevail, their distance is not that of lines.
    return min(max(steps, key=lambda step: (steps[step], -step)), 1.9) if steps else 1.4


def _groups(lines: Sequence[Line], titles: Mapping[str, int], leading: float) -> Iterator[list[Line]]:
    """Join the lines of a page to paragraphs."""
    group: list[Line] = []
    for line in lines:
        if group and _begins(line, group, lines, titles, leading):
            yield group
            group = []
        group.append(line)
    if group:
        yield group


def _begins(line: Line, group: Sequence[Line], page: Sequence[Line], titles: Mapping[str, int], leading: float) -> bool:
    """Tell whether ``line`` begins a paragraph after the lines of ``group``."""
    last = group[-1]
    if titles and len(group) <= _TITLE_LINES:
        together = _bare("".join(one.text for one in group))
        if together in titles or _bare(line.text) in titles:
            return True
        if any(title.startswith(together + _bare(line.text)) for title in titles):
            return False
    elif titles and _bare(line.text) in titles:
        return True
    if abs(line.size - last.size) > 0.1 * max(line.size, last.size):
        return True
    if numbered_level(line.text) is not None or LIST_ITEM.match(line.text) or CLAUSE.match(line.text):
        return True
    if len(group) == 1 and numbered_level(last.text) is not None:
        return True
    if line.bottom > last.top:  # the next column
        return last.text.endswith(_SENTENCE_END)
    if last.bottom - line.top + line.size > _LOOSE * leading * line.size:
        return True
    column = [one for one in page if one.left < last.right and last.left < one.right]
    if _had_room(last, line, max(one.right for one in column)):
        return True
    hanging = LIST_ITEM.match(group[0].text) is not None
    indented = line.left - last.left > 1.2 * line.size and _is_flush(last, column)
    return indented and not hanging


def _had_room(last: Line, line: Line, right: float) -> bool:
    """Tell whether the first word of ``line`` would have fitted behind ``last``: then the break is meant."""
    word = line.text[:2] if has_cjk(line.text[:1]) else line.text.split(" ", 1)[0] + " "
    per_column = (last.right - last.left) / max(width(last.text), 1)
    slack = 0.5 if has_cjk(line.text[:1]) else 1.0
    return right - last.right > width(word) * per_column + slack * last.size


def _is_flush(last: Line, column: Sequence[Line]) -> bool:
    return last.left - min(one.left for one in column) < 0.5 * last.size


def _is_big(paragraph: _Paragraph, body: float) -> bool:
    return (
        paragraph.size > _BIGGER * body
        and width(paragraph.text) <= _WIDEST_HEADING
        and not paragraph.text.endswith(tuple("。；;，,、"))
        and any(char.isalpha() for char in paragraph.text)
        and not _NO_HEADING.search(paragraph.text)
    )


def _across_pages(paragraphs: Sequence[_Paragraph], body: float) -> list[_Paragraph]:
    """Join a paragraph that goes on over a page break."""
    joined: list[_Paragraph] = []
    for paragraph in paragraphs:
        last = joined[-1] if joined else None
        if last is not None and last.page == paragraph.page - 1 and _goes_on(last, paragraph, body):
            text = join_lines([last.text, paragraph.text])
            joined[-1] = replace(last, lines=last.lines + paragraph.lines, text=text)
        else:
            joined.append(paragraph)
    return joined


def _goes_on(last: _Paragraph, paragraph: _Paragraph, body: float) -> bool:
    if last.text.endswith(_SENTENCE_END) or last.outline or paragraph.outline:
        return False
    if abs(last.size - paragraph.size) > 0.1 * body or _is_big(last, body) or _is_big(paragraph, body):
        return False
    starts = (LIST_ITEM.match(paragraph.text), CLAUSE.match(paragraph.text))
    if any(starts) or numbered_level(paragraph.text) is not None or numbered_level(last.text) is not None:
        return False
    lines = paragraph.lines
    if len(lines) > 1 and lines[0].left - lines[1].left > 1.2 * paragraph.size:  # indented: a beginning
        return False
    # A last line that is clearly shorter than the paragraph's others, or alone and short, ends it.
    right = max(line.right for line in (*last.lines, *paragraph.lines))
    return right - last.lines[-1].right < 0.15 * (right - last.lines[-1].left)


def _blocks(paragraphs: Sequence[_Paragraph], body: float) -> Iterator[Block]:
    numbered = numbered_levels([paragraph.text for paragraph in paragraphs])
    sizes = sorted({round(p.size) for p in paragraphs if _is_big(p, body)}, reverse=True)
    headings = HeadingPath()
    for paragraph, number in zip(paragraphs, numbered, strict=True):
        text, page = paragraph.text, paragraph.page
        level: tuple[int, ...] | None = None
        if paragraph.outline is not None:
            level = (_OUTLINE, paragraph.outline)
        elif _is_big(paragraph, body):
            level = (_TYPE, sizes.index(round(paragraph.size)), numbered_level(text) or 0)
        elif number is not None and paragraph.size >= 0.95 * body:
            level = (_TYPE, len(sizes), number)
        if level is not None:
            yield Block(text, "heading", headings.enter(text, *level), page)
        else:
            kind: BlockKind = "list" if LIST_ITEM.match(text) else "paragraph"
            yield Block(text, kind, headings.path, page)
