"""Several tables on one sheet: parted where an empty row or column stands before names of columns."""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Sequence
from itertools import groupby

from ingest.load.table import is_name

Row = Sequence[str]


def tables(rows: Iterable[Row]) -> Iterator[list[Row]]:
    """Part the rows of a sheet into tables.

    An empty row alone parts nothing: people leave them between the groups of one table.

    >>> [len(table) for table in tables([["a", "b"], ["1", "2"], [], ["3", "4"], [], ["c", "d"], ["5", "6"]])]
    [3, 2]
    """
    table: list[Row] = []
    for filled, group in groupby(rows, key=any):
        part = list(group)
        if filled and table and _begins(part, table):
            yield from _side_by_side(table)
            table = []
        if filled:
            table += part
    if table:
        yield from _side_by_side(table)


def _cells(row: Row) -> list[str]:
    return [cell for cell in row if cell]


def _names_columns(row: Row) -> bool:
    cells = _cells(row)
    return len(cells) > 1 and len(set(cells)) == len(cells) and all(is_name(cell) for cell in cells)


def _begins(part: Sequence[Row], table: Sequence[Row]) -> bool:
    """Tell whether rows after an empty one are a table of their own."""
    widths = [len(_cells(row)) for row in part]
    if max(widths) == 1:  # remarks below a table
        return max(len(_cells(row)) for row in table) > 1
    if len(set(_cells(part[0]))) == 1 and len(part) > 2 and _names_columns(part[1]):
        return True
    if len(part) < 2 or not _names_columns(part[0]):
        return False
    places = [place for place, cell in enumerate(part[0]) if cell]
    header = next((row for row in table if len(_cells(row)) > 1), table[0])
    elsewhere = places != [place for place, cell in enumerate(header) if cell]
    figures = any(not is_name(row[place]) for row in part[1:] for place in places if place < len(row) and row[place])
    return elsewhere or figures


def _side_by_side(table: list[Row]) -> Iterator[list[Row]]:
    """Part tables that stand beside each other: an empty column between two that both have names of columns."""
    wide = max(len(row) for row in table)
    filled = [any(place < len(row) and row[place] for row in table) for place in range(wide)]
    spans = [[place for place, _ in group] for has, group in groupby(enumerate(filled), key=lambda one: one[1]) if has]
    parts = [[row[span[0] : span[-1] + 1] for row in table] for span in spans]
    if len(parts) > 1 and all(
        len(span) > 1 and _names_columns(part[0]) for span, part in zip(spans, parts, strict=True)
    ):
        yield from parts
    else:
        yield table
