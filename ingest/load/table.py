"""Tables: every row becomes a block that can be understood alone."""

from __future__ import annotations

import re
from collections.abc import Sequence
from itertools import pairwise

from ingest.load.clean import clean, has_cjk
from ingest.types import Block

_NUMBER = re.compile(r"^[-+(]?[¥￥$€£]?\s?\d[\d,.:/\-年月日\s]*(?:[%％)]|[元万亿])?$")
_MOST_CAPTIONS = 3
_MOST_HEADER_ROWS = 3
_LONGEST_NAME = 60

Row = Sequence[str]


def row_blocks(
    rows: Sequence[Row],
    heading_path: tuple[str, ...] = (),
    page: int | None = None,
    *,
    merged: bool = False,
) -> list[Block]:
    """Put the column names of a table in front of the cells of every row.

    Lone cells above the names are the table's caption. A table whose first row holds numbers has no
    names; with two columns, its first column names the second.

    :param merged: cells that span several places stand in each of them, so that equal neighbours in the
        first row mean names in two rows.

    >>> [b.text for b in row_blocks([["型号", "价格"], ["X1", "299 元"]])]
    ['型号：X1；价格：299 元']
    """
    cleaned = [row for raw in rows if any(row := [clean(cell) for cell in raw])]
    captions = _captions(cleaned)
    blocks = [Block(caption, "paragraph", heading_path, page) for caption in captions]
    body = cleaned[len(captions) :]
    chinese = any(has_cjk(cell) for row in body[:20] for cell in row)
    names, count = _names(body, merged)
    for row in body[count:]:
        if text := _row_text(row, names, chinese):
            blocks.append(Block(text, "row", heading_path, page))
    return blocks


def _captions(rows: Sequence[Row]) -> list[str]:
    captions: list[str] = []
    for row in rows[:_MOST_CAPTIONS]:
        cells = {cell for cell in row if cell}
        if len(cells) != 1 or len(rows) < len(captions) + 2 or max(len(r) for r in rows[:20]) < 2:
            break
        captions += cells
    return captions


def _names(rows: Sequence[Row], merged: bool) -> tuple[list[str], int]:
    """Give the names of the columns and how many rows they take."""
    if len(rows) < 2 or not _is_header(rows):
        return [], 0
    count = 1
    while merged and count < min(_MOST_HEADER_ROWS, len(rows) - 1) and _spans(rows[count - 1]):
        if not all(is_name(cell) for cell in rows[count]):
            break
        count += 1
    wide = max(len(row) for row in rows[:count])
    stacks = [[row[column] for row in rows[:count] if column < len(row)] for column in range(wide)]
    names = [" ".join(dict.fromkeys(cell for cell in stack if cell)) for stack in stacks]
    return names, count


def _spans(row: Row) -> bool:
    return any(left and left == right for left, right in pairwise(row))


def is_name(cell: str) -> bool:
    """Tell whether a cell may name a column: short, and no number, date or amount."""
    return len(cell) <= _LONGEST_NAME and not _NUMBER.match(cell)


def _is_header(rows: Sequence[Row]) -> bool:
    first = rows[0]
    years = all(re.fullmatch(r"(?:19|20)\d\d年?", cell) for cell in first if _NUMBER.match(cell))
    if not years or not all(len(cell) <= _LONGEST_NAME for cell in first):
        return False
    # Two columns of "name: value" have no header.
    return not (len(first) == 2 and all(row[0].endswith(("：", ":")) for row in rows if row[0]))


def _row_text(row: Row, names: Sequence[str], chinese: bool) -> str:
    colon, semicolon = ("：", "；") if chinese else (": ", "; ")
    if len(row) > 1 and len(set(filter(None, row))) == 1 and all(row):
        return row[0]
    if not names and len(row) == 2 and all(row) and is_name(row[0]):
        return f"{row[0].rstrip('：:')}{colon}{row[1]}"
    pairs = []
    for column, cell in enumerate(row):
        name = names[column].rstrip("：:") if column < len(names) else ""
        if cell:
            pairs.append(f"{name}{colon}{cell}" if name and name != cell else cell)
    return semicolon.join(dict.fromkeys(pairs))
