"""Rows of a PDF's tables as blocks that know their places."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import replace

from ingest.load.lines import Placed, boxes, joined
from ingest.load.pdf_order import Table
from ingest.load.table import row_blocks
from ingest.types import Block, Box

_NEAR = 6.0


def goes_on(table: Table, following: Table) -> bool:
    """Tell whether a table continues another one on the page before: the same columns in the same place."""
    if following.page != table.page + 1 or len(table.rows[-1]) != len(following.rows[0]):
        return False
    return abs(table.left - following.left) < _NEAR and abs(table.right - following.right) < _NEAR


def continued(table: Table, following: Table) -> Table:
    """Put the rows of both into one; a head that is repeated stands once."""
    rows = following.rows
    head = [_text(cell) for cell in table.rows[0]]
    if [_text(cell) for cell in rows[0]] == head:
        rows = rows[1:]
    return replace(table, rows=table.rows + rows)


def _text(cell: Sequence[object]) -> str:
    return joined(cell).text  # type: ignore[arg-type]


def table_blocks(table: Table, heading_path: tuple[str, ...]) -> list[Block]:
    """Make a block of every row, with the names of the columns in front of its cells."""
    placed = [[joined(cell) for cell in row] for row in table.rows]
    rows = [row for row in placed if any(cell.text for cell in row)]
    blocks = row_blocks([[cell.text for cell in row] for row in rows], heading_path, table.page, merged=True)
    captions = next((place for place, block in enumerate(blocks) if block.kind == "row"), len(blocks))
    # Rows between the captions and the first block of kind row are the head.
    sources = [*rows[:captions], *rows[len(rows) - len(blocks) + captions :]]
    return [_placed(block, row) for block, row in zip(blocks, sources, strict=True)]


def _placed(block: Block, row: Sequence[Placed]) -> Block:
    found: list[Box] = []
    end = 0
    for cell in dict.fromkeys(row):
        start = _place(block.text, cell.text, end) if cell.text else -1
        if start >= 0:
            end = start + len(cell.text)
            found += boxes(cell, start)
    page = next((box.page for box in found), block.page)
    return replace(block, page=page, boxes=tuple(found))


def _place(text: str, cell: str, after: int) -> int:
    """Find a cell in its row's text: it ends where the next column's name begins, or the text."""
    start = text.find(cell, after)
    while start >= 0 and not _stands_alone(text, start, start + len(cell)):
        start = text.find(cell, start + 1)
    return start


def _stands_alone(text: str, start: int, end: int) -> bool:
    return text[:start].rstrip()[-1:] in ("", "：", ":", "；", ";") and text[end:][:1] in ("", "；", ";")
