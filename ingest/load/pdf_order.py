"""The reading order of a page: columns one after the other, what stands across them in between."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from statistics import median

import numpy as np

from ingest.load.clean import width
from ingest.load.lines import Line, side_by_side

Rect = tuple[float, float, float, float]

_FEWEST_GAPS = 3
_NARROWEST_COLUMN = 14  # of text, in columns of a terminal: less is a label, not prose
_NARROWEST_GAP = 0.8  # of the type's height
_MOST_LINES = 2500


@dataclass(frozen=True, slots=True)
class Table:
    """Rows of cells of lines on one page, with the table's outline."""

    rows: tuple[tuple[tuple[Line, ...], ...], ...]
    left: float
    bottom: float
    right: float
    top: float

    @property
    def middle(self) -> float:
        return (self.bottom + self.top) / 2

    @property
    def page(self) -> int:
        return next(line.frame.page for row in self.rows for cell in row for line in cell)


# A flow is what is read in one go: the lines of a column from top to bottom, or a table.
Flow = tuple[Line, ...] | Table


def flows(lines: Sequence[Line], tables: Sequence[Table] = ()) -> list[Flow]:
    """Give the flows of a page in the order they are read in."""
    return _arranged([*lines, *tables])


def rows_of(lines: Sequence[Line]) -> list[list[Line]]:
    """Sort lines into rows from top to bottom, each from left to right."""
    rows: list[list[Line]] = []
    for line in sorted(lines, key=lambda line: -line.middle):
        first = rows[-1][0] if rows else None
        if first and _overlap(line, first) > 0.5 * min(line.top - line.bottom, first.top - first.bottom):
            rows[-1].append(line)
        else:
            rows.append([line])
    return [sorted(row, key=lambda line: line.left) for row in rows]


def _overlap(one: Line | Table, other: Line | Table) -> float:
    return min(one.top, other.top) - max(one.bottom, other.bottom)


def _arranged(items: Sequence[Line | Table]) -> list[Flow]:
    gutter = _gutter([item for item in items if isinstance(item, Line)])
    if gutter is None:
        return _down(items)
    across = sorted((item for item in items if item.left < gutter < item.right), key=lambda item: -item.middle)
    sides = [item for item in items if not item.left < gutter < item.right]
    found: list[Flow] = []
    single: list[Line | Table] = []
    for number in range(len(across) + 1):
        low = across[number].middle if number < len(across) else float("-inf")
        high = across[number - 1].middle if number else float("inf")
        zone = [item for item in sides if low <= item.middle < high]
        left = [item for item in zone if item.right <= gutter]
        right = [item for item in zone if item.left >= gutter]
        if left and right:
            found += [*_down(single), *_arranged(left), *_arranged(right)]
            single = []
        else:
            single += zone
        single += across[number : number + 1]
    return found + _down(single)


def _down(items: Sequence[Line | Table]) -> list[Flow]:
    """Read from top to bottom; tables part the lines above from the lines below."""
    tables = sorted((item for item in items if isinstance(item, Table)), key=lambda table: -table.middle)
    rest = [item for item in items if isinstance(item, Line)]
    found: list[Flow] = []
    for table in tables:
        above = [line for line in rest if line.middle > table.middle]
        rest = [line for line in rest if line.middle <= table.middle]
        found += [*_column(above), table]
    return found + _column(rest)


def _column(lines: Sequence[Line]) -> list[Flow]:
    return [tuple(side_by_side(row) for row in rows_of(lines))] if lines else []


def _gutter(lines: Sequence[Line]) -> float | None:
    """Find the white strip that most lines beside each other leave free, if both sides are prose."""
    if not 2 * _FEWEST_GAPS <= len(lines) <= _MOST_LINES:
        return None
    left = np.array([line.left for line in lines])
    right = np.array([line.right for line in lines])
    bottom = np.array([line.bottom for line in lines])
    top = np.array([line.top for line in lines])
    height = top - bottom
    beside = np.minimum(top[:, None], top) - np.maximum(bottom[:, None], bottom)
    beside = beside > 0.3 * np.minimum(height[:, None], height)
    behind = beside & (left[None, :] >= right[:, None])
    ends = np.where(behind, left[None, :], np.inf).min(axis=1)
    gaps = np.flatnonzero(np.isfinite(ends) & (ends - right > _NARROWEST_GAP * height))
    if len(gaps) < _FEWEST_GAPS:
        return None
    places = np.unique(np.concatenate(((right[gaps] + ends[gaps]) / 2, ends[gaps] - 1)).round())[:, None]
    free = ((right[gaps] <= places) & (places <= ends[gaps])).sum(axis=1)
    crossed = ((left < places) & (places < right)).sum(axis=1)
    for place in places[np.argsort(crossed - free, kind="stable"), 0].tolist():
        open_here = gaps[(right[gaps] <= place) & (place <= ends[gaps])]
        if len(open_here) < _FEWEST_GAPS:
            return None
        low, high = bottom[open_here].min(), top[open_here].max()
        level = (top > low) & (bottom < high)
        crossing = int((level & (left < place) & (right > place)).sum())
        before, after = np.flatnonzero(level & (right <= place)), np.flatnonzero(level & (left >= place))
        if crossing < len(open_here) and _is_prose(lines, before) and _is_prose(lines, after):
            return float(place)
    return None


def _is_prose(lines: Sequence[Line], places: np.ndarray) -> bool:
    if len(places) < _FEWEST_GAPS:
        return False
    return median(width(lines[place].text) for place in places) >= _NARROWEST_COLUMN
