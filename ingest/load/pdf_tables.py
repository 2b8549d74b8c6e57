"""Tables of a page: cells between drawn rules, or words that keep to columns."""

from __future__ import annotations

from bisect import bisect_right
from collections.abc import Sequence
from dataclasses import replace
from statistics import mean, median

from ingest.load.clean import width
from ingest.load.lines import Line
from ingest.load.pdf_drawing import Drawing
from ingest.load.pdf_order import Table, rows_of

_NEAR = 3.0
_MOST_RULES = 3000
_FEWEST_ROWS = 3
_LONG_CELL = 30  # columns of a terminal
_FULLEST = 0.8

Across = tuple[float, float, float]  # height, left, right; or place, bottom, top of an upright rule
Cell = tuple[Line, ...]
Row = tuple[Cell, ...]


def find_tables(lines: Sequence[Line], drawn: Drawing) -> tuple[list[Table], list[Line]]:
    """Give the tables of a page and the lines outside them."""
    rest = list(lines)
    tables: list[Table] = []
    if len(drawn.across) + len(drawn.upright) <= _MOST_RULES:
        for across, upright in _connected(_merged(drawn.across), _merged(drawn.upright)):
            table, rest = _ruled(rest, across, upright)
            tables += [table] if table else []
    aligned, rest = _aligned(rest, [rule for rule in drawn.across if not _inside(rule, tables)])
    return tables + aligned, rest


def _inside(rule: Across, tables: Sequence[Table]) -> bool:
    return any(table.bottom - _NEAR <= rule[0] <= table.top + _NEAR for table in tables)


def _merged(rules: Sequence[Across]) -> list[Across]:
    """Join the pieces of one rule."""
    found: list[Across] = []
    for place, start, end in sorted(rules, key=lambda rule: (round(rule[0]), rule[1])):
        last = found[-1] if found else None
        if last and abs(last[0] - place) < 1.5 and start <= last[2] + _NEAR:
            found[-1] = (last[0], last[1], max(last[2], end))
        else:
            found.append((place, start, end))
    return found


def _connected(across: list[Across], upright: list[Across]) -> list[tuple[list[Across], list[Across]]]:
    """Part the rules into groups that touch each other."""
    group = list(range(len(across) + len(upright)))

    def root(one: int) -> int:
        while group[one] != one:
            group[one] = group[group[one]]
            one = group[one]
        return one

    for i, (y, left, right) in enumerate(across):
        for j, (x, bottom, top) in enumerate(upright, len(across)):
            if left - _NEAR <= x <= right + _NEAR and bottom - _NEAR <= y <= top + _NEAR:
                group[root(i)] = root(j)
    found: dict[int, tuple[list[Across], list[Across]]] = {}
    for i, rule in enumerate(across):
        found.setdefault(root(i), ([], []))[0].append(rule)
    for j, rule in enumerate(upright, len(across)):
        found.setdefault(root(j), ([], []))[1].append(rule)
    return [rules for rules in found.values() if len(rules[0]) > 1 and rules[1]]


def _places(values: Sequence[float]) -> list[float]:
    """Give values in ascending order, those near to each other once."""
    found: list[float] = []
    for value in sorted(values):
        if not found or value - found[-1] > _NEAR:
            found.append(value)
    return found


def _ruled(
    lines: Sequence[Line], across: Sequence[Across], upright: Sequence[Across]
) -> tuple[Table | None, list[Line]]:
    """Take the lines between rules into a table, if there are two rows and two columns of cells or more."""
    left, right = min(rule[1] for rule in across), max(rule[2] for rule in across)
    bottom, top = min(rule[0] for rule in across), max(rule[0] for rule in across)
    columns = _places([left, right, *(rule[0] for rule in upright)])
    heights = _places([rule[0] for rule in across])
    wide, high = len(columns) - 1, len(heights) - 1
    held = [one for one in lines if _holds(one, left, bottom, right, top)]
    if wide < 2 or not held:
        return None, list(lines)
    parts = [part for one in held for part in _split(one, upright)]
    cells: list[list[list[Line]]] = [[[] for _ in range(wide)] for _ in range(high)]
    for part in parts:
        column = min(max(bisect_right(columns, (part.left + part.right) / 2) - 1, 0), wide - 1)
        row = min(max(bisect_right(heights, part.middle) - 1, 0), high - 1)
        cells[row][column].append(part)
    rows = [
        _spread(cells[row], columns, (heights[row] + heights[row + 1]) / 2, upright) for row in reversed(range(high))
    ]
    if high <= 2:  # only the head is ruled off: the rows are those of the text
        rows = [one for row in rows for one in _unruled_rows(row)]
    rows = [row for row in rows if any(row)]
    if len(rows) < 2 or sum(len([cell for cell in row if cell]) > 1 for row in rows) < 2:
        return None, list(lines)
    taken = {id(one) for one in held}
    table = Table(tuple(rows), left, bottom, right, top)
    return table, [one for one in lines if id(one) not in taken]


def _holds(one: Line, left: float, bottom: float, right: float, top: float) -> bool:
    return left <= (one.left + one.right) / 2 <= right and bottom <= one.middle <= top


def _split(one: Line, upright: Sequence[Across]) -> list[Line]:
    """Cut a line at the rules that cross it."""
    places = sorted(x for x, bottom, top in upright if one.left < x < one.right and bottom <= one.middle <= top)
    parts, start = [], 0
    for place in [*places, one.right + 1]:
        end = start
        while end < len(one.text) and (one.edges[end] + one.edges[end + 1]) / 2 < place:
            end += 1
        if part := _part(one, start, end):
            parts.append(part)
        start = end
    return parts


def _part(one: Line, start: int, end: int) -> Line | None:
    while start < end and one.text[start] == " ":
        start += 1
    while end > start and one.text[end - 1] == " ":
        end -= 1
    return replace(one, text=one.text[start:end], edges=one.edges[start : end + 1]) if end > start else None


def _spread(cells: list[list[Line]], columns: list[float], height: float, upright: Sequence[Across]) -> Row:
    """Put a cell that spans several columns into each of them, as :func:`row_blocks` wants merged cells."""
    found: list[Cell] = []
    start = 0
    for column in range(1, len(columns)):
        closed = column == len(columns) - 1 or any(
            abs(x - columns[column]) <= _NEAR and bottom <= height <= top for x, bottom, top in upright
        )
        if closed:
            inside = [one for cell in cells[start:column] for one in cell]
            found += [_in_order(inside)] * (column - start)
            start = column
    return tuple(found)


def _in_order(lines: Sequence[Line]) -> Cell:
    return tuple(one for row in rows_of(lines) for one in row)


def _unruled_rows(row: Row) -> list[Row]:
    whole = rows_of([one for cell in dict.fromkeys(row) for one in cell])
    if len(whole) < _FEWEST_ROWS or sum(len(one) > 1 for one in whole) < 0.7 * len(whole):
        return [row]
    owner = {id(one): column for column, cell in enumerate(row) for one in cell}
    found = []
    for parts in whole:
        cells: list[list[Line]] = [[] for _ in row]
        for part in parts:
            cells[owner[id(part)]].append(part)
        found.append(tuple(tuple(cell) for cell in cells))
    return found


def _aligned(lines: Sequence[Line], across: Sequence[Across]) -> tuple[list[Table], list[Line]]:
    """Find rows that keep to columns with white space between them."""
    rows = rows_of(lines)
    tables: list[Table] = []
    taken: set[int] = set()
    start = 0
    while start < len(rows):
        end = _run_end(rows, start)
        table = _columns_table(rows[start:end], across) if end - start > 1 else None
        if table:
            tables.append(table)
            taken |= {id(one) for row in rows[start:end] for one in row}
            start = end
        else:
            start += 1
    return tables, [one for one in lines if id(one) not in taken]


def _run_end(rows: Sequence[Sequence[Line]], start: int) -> int:
    """Give the end of the rows from ``start`` on that share white strips between their words."""
    if len(rows[start]) < 2:
        return start
    spans = _spans(rows[start])
    columns = len(spans)
    end = start + 1
    while end < len(rows):
        above, row = rows[end - 1], rows[end]
        wider = _spans(row, spans)
        if len(wider) < columns or above[0].bottom - row[0].top > 1.6 * row[0].size:
            break
        if len(row) < 2 and not _wraps(row, above, wider):
            break
        spans = wider
        end += 1
    return end


def _spans(lines: Sequence[Line], known: Sequence[tuple[float, float]] = ()) -> list[tuple[float, float]]:
    """Give the stretches from left to right that lines, and the stretches known before, cover."""
    space = 0.5 * lines[0].size
    found: list[tuple[float, float]] = []
    for left, right in sorted([*known, *((one.left, one.right) for one in lines)]):
        if found and left - found[-1][1] < space:
            found[-1] = (found[-1][0], max(found[-1][1], right))
        else:
            found.append((left, right))
    return found


def _wraps(row: Sequence[Line], above: Sequence[Line], spans: Sequence[tuple[float, float]]) -> bool:
    """Tell whether a row with one word goes on with a cell of the row above."""
    close = above[0].bottom - row[0].top < 0.6 * row[0].size
    in_first = row[0].left < spans[0][1]
    return close and not in_first


def _columns_table(rows: Sequence[Sequence[Line]], across: Sequence[Across]) -> Table | None:
    every = [one for row in rows for one in row]
    spans = _spans(every)
    left, right = spans[0][0], spans[-1][1]
    bottom, top = min(one.bottom for one in every), max(one.top for one in every)
    # A table without upright rules has one above its head, one below it and one at the foot.
    framed = [
        rule for rule in across if bottom - 12 <= rule[0] <= top + 12 and rule[1] < left + 12 and rule[2] > right - 12
    ]
    cells = [tuple(_cell(row, span) for span in spans) for row in rows]
    whole: list[Row] = []
    for row in cells:
        if whole and not row[0]:  # a wrapped cell has nothing in the first column
            whole[-1] = tuple(above + below for above, below in zip(whole[-1], row, strict=True))
        else:
            whole.append(row)
    if len(framed) >= 2:
        enough = len(spans) >= 2 and len(whole) >= 2
    else:
        enough = len(whole) >= _FEWEST_ROWS and (len(spans) >= 3 or (len(spans) == 2 and _has_head(whole)))
    filled = mean(sum(bool(cell) for cell in row) / len(spans) for row in whole)
    if not enough or filled < 0.6 or _is_prose(whole, spans):
        return None
    return Table(tuple(whole), left, bottom, right, top)


def _cell(row: Sequence[Line], span: tuple[float, float]) -> Cell:
    return tuple(one for one in row if span[0] <= (one.left + one.right) / 2 <= span[1])


def _has_head(rows: Sequence[Row]) -> bool:
    """Two columns are a table if the head looks unlike the rest: bold, or words above figures."""
    head, body = rows[0], rows[1:]
    if all(one.bold for cell in head for one in cell):
        return not any(one.bold for row in body for cell in row for one in cell)
    figures = [row[1][0].text[:1].isdigit() for row in body if row[1]]
    return bool(head[1]) and not any(char.isdigit() for char in head[1][0].text) and mean(figures or [0]) > 0.8


def _is_prose(rows: Sequence[Row], spans: Sequence[tuple[float, float]]) -> bool:
    """Columns of prose are filled with long lines; at most one column of a table is."""
    long = 0
    for column, (left, right) in enumerate(spans):
        found = [one for row in rows for one in row[column]]
        wide = median(width(one.text) for one in found) if found else 0
        fullness = mean((one.right - one.left) / max(right - left, 1) for one in found) if found else 0
        long += wide > _LONG_CELL or (wide > 0.6 * _LONG_CELL and fullness > _FULLEST)
    return long > 1
