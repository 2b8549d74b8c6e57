"""Join the lines of a column to paragraphs."""

from __future__ import annotations

import itertools
import re
from collections import Counter
from collections.abc import Iterator, Mapping, Sequence

import numpy as np

from ingest.load.clean import clean, has_cjk, width
from ingest.load.headings import CLAUSE, LIST_ITEM, numbered_level, without_number
from ingest.load.lines import Line

SENTENCE_END = tuple("。！？!?.;；:：”」』)）")
_NOTE_MARK = re.compile(r"^(?:\d{1,3}(?![\d.,、:：])|[*†‡§¶①-⑳]|\[\d{1,3}\]|[（(]\d{1,3}[)）]|注[\d：:])\s?\S")
_NOTE_SIZE = 0.92
_LOOSE = 1.35
_TITLE_LINES = 4
_EDGE = 0.5  # of the type size: ends this close are one edge
_LEAST_AT_EDGE = 0.1
_LEAST_WIDTH = 0.6

Group = list[Line]


def body_size(columns: Sequence[Sequence[Line]]) -> float:
    """Give the size most characters are set in."""
    sizes: Counter[float] = Counter()
    for lines in columns:
        for line in lines:
            sizes[line.size] += len(line.text)
    return max(sizes, key=lambda size: (sizes[size], -size)) if sizes else 0.0


def leading(columns: Sequence[Sequence[Line]]) -> float:
    """Give the usual distance from one line to the next, in heights of the type."""
    steps: Counter[float] = Counter()
    for lines in columns:
        for upper, lower in itertools.pairwise(lines):
            step = (upper.bottom - lower.top + lower.size) / upper.size if upper.size else 0.0
            if 0.8 < step < 3 and abs(upper.size - lower.size) < 0.5:
                steps[round(step, 1)] += 1
    # Where paragraphs of one line prevail, their distance is not that of lines.
    return min(max(steps, key=lambda step: (steps[step], -step)), 1.9) if steps else 1.4


def right_edges(columns: Sequence[Sequence[Line]]) -> np.ndarray:
    """Give where a tenth of a document's lines end, such as the right margins of justified text: float, (edges,)."""
    right = np.array(sorted(line.right for lines in columns for line in lines))
    tolerance = _EDGE * body_size(columns)
    first = np.searchsorted(right, right - tolerance)
    count = np.searchsorted(right, right + tolerance, side="right") - first
    highest = [count[start : start + many].max() for start, many in zip(first, count, strict=True)]
    return np.unique(right[(count == highest) & (count >= max(_LEAST_AT_EDGE * len(right), 3))].round(1))


def bare(text: str) -> str:
    """Give letters and figures alone, without a number in front, to compare a heading with the outline."""
    return "".join(char for char in without_number(clean(text)).lower() if char.isalnum())


def paragraphs(lines: Sequence[Line], titles: Mapping[str, int], step: float, edges: np.ndarray) -> Iterator[Group]:
    """Join the lines of a column to paragraphs.

    :param titles: bare titles of the outline that stand on this page.
    :param step: the usual distance of lines, see :func:`leading`.
    :param edges: see :func:`right_edges`.
    """
    group: Group = []
    margins = _margins(lines, edges)
    for place, line in enumerate(lines):
        if group and _begins(line, group, margins[place - 1], titles, step):
            yield group
            group = []
        group.append(line)
    if group:
        yield group


def is_note(group: Group, below: Sequence[Line], body: float, *, behind: bool) -> bool:
    """Tell a footnote: small type with a mark in front or ``behind`` another, nothing but small type below it."""
    small = all(line.size <= _NOTE_SIZE * body for line in (*group, *below))
    return small and (behind or _NOTE_MARK.match(group[0].text) is not None)


def _margins(lines: Sequence[Line], edges: np.ndarray) -> list[tuple[float, float]]:
    """Give, for every line, how far those above and below it reach to the left and to the right.

    Lines that run past one of the document's edges, at which as many end, don't count.
    """
    left = np.array([line.left for line in lines])
    right = np.array([line.right for line in lines])
    size = np.array([line.size for line in lines])[:, None]
    beside = (left[:, None] < right) & (left < right[:, None])
    farthest_left = np.where(beside, left, np.inf).min(axis=1)
    farthest_right = np.where(beside, right, -np.inf).max(axis=1)
    at = beside.astype(int) @ (np.abs(right[:, None] - edges) < _EDGE * size)  # (lines, edges)
    past = beside.astype(int) @ (right[:, None] > edges + _EDGE * size)
    wide = edges - farthest_left[:, None] > _LEAST_WIDTH * (farthest_right - farthest_left)[:, None]
    edge = np.where((at > 0) & (past <= at) & wide, edges, -np.inf).max(axis=1, initial=-np.inf)
    return list(zip(farthest_left.tolist(), np.where(edge > -np.inf, edge, farthest_right).tolist(), strict=True))


def _begins(line: Line, group: Group, margins: tuple[float, float], titles: Mapping[str, int], step: float) -> bool:
    """Tell whether ``line`` begins a paragraph after the lines of ``group``, whose column has these margins."""
    last = group[-1]
    if titles and len(group) <= _TITLE_LINES:
        together = bare("".join(one.text for one in group))
        if together in titles or bare(line.text) in titles:
            return True
        if any(title.startswith(bare("".join(one.text for one in (*group, line)))) for title in titles):
            return False
    elif titles and bare(line.text) in titles:
        return True
    if abs(line.size - last.size) > 0.1 * max(line.size, last.size):
        return True
    if numbered_level(line.text) is not None or LIST_ITEM.match(line.text) or CLAUSE.match(line.text):
        return True
    if len(group) == 1 and numbered_level(last.text) is not None:
        return True
    if last.bottom - line.top + line.size > _LOOSE * step * line.size:
        return True
    if line.bold != last.bold and all(one.bold == last.bold for one in group) and len(group) <= 2:
        return True
    left, right = margins
    if _had_room(last, line, right):
        return True
    hanging = LIST_ITEM.match(group[0].text) is not None or _NOTE_MARK.match(group[0].text) is not None
    indented = line.left - last.left > 1.2 * line.size and last.left - left < 0.5 * last.size
    return indented and not hanging


def _had_room(last: Line, line: Line, right: float) -> bool:
    """Tell whether the first word of ``line`` would have fitted behind ``last``: then the break is meant."""
    word = line.text[:2] if has_cjk(line.text[:1]) else line.text.split(" ", 1)[0] + " "
    per_column = (last.right - last.left) / max(width(last.text), 1)
    slack = 0.5 if has_cjk(line.text[:1]) else 1.0
    return right - last.right > width(word) * per_column + slack * last.size
