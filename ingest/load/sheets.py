"""Excel workbooks."""

from __future__ import annotations

import warnings
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import openpyxl
from openpyxl.cell.read_only import EmptyCell
from openpyxl.utils.exceptions import InvalidFileException

from ingest.errors import LoadError
from ingest.load.archive import check_office_file
from ingest.load.damage import DAMAGE
from ingest.load.hidden import HiddenText
from ingest.load.links import linked
from ingest.load.number_format import displayed, shows_nothing
from ingest.load.registry import Loaded
from ingest.load.sheet_parts import Area, SheetParts, sheet_parts
from ingest.load.sheet_tables import tables
from ingest.load.table import row_blocks
from ingest.settings import LoadSettings
from ingest.types import Block

# What openpyxl raises on cut and garbled files, found by fuzzing.
_DAMAGE: tuple[type[Exception], ...] = (*DAMAGE, InvalidFileException)
_WHITE = frozenset(("FFFFFFFF", "00FFFFFF", "FFFFFF"))
_MOST_MERGED_ROWS = 10_000
_MOST_ROWS = 200_000
_PREVIEW_ROWS = 20


def xlsx(path: Path, settings: LoadSettings) -> Loaded:
    """Read the visible sheets row by row, cells as they are displayed; a sheet's name is the heading above its rows.

    Formulas give their stored value. Hidden sheets, rows, columns and cells are left out and reported.
    """
    check_office_file(path, "xl/workbook.xml", "Excel workbook (.xlsx)")
    blocks: list[Block] = []
    hidden = HiddenText(settings)
    try:
        parts = sheet_parts(path)
        with warnings.catch_warnings():
            # About styles, validation and charts, which are not read.
            warnings.simplefilter("ignore", UserWarning)
            book = openpyxl.load_workbook(path, read_only=True, data_only=True)
        try:
            left, cut = _MOST_ROWS, False
            for sheet in book.worksheets:
                sheet.reset_dimensions()
                if sheet.sheet_state != "visible":
                    preview = sheet.iter_rows(max_row=_PREVIEW_ROWS, values_only=True)
                    hidden.note(f"{sheet.title}: {' '.join(str(cell) for row in preview for cell in row if cell)}")
                    if not hidden.keep:
                        continue
                rows = _Rows(sheet, parts.get(sheet.title, SheetParts()), hidden)
                found = [
                    block
                    for table in tables(rows.unfolded(left))
                    for block in row_blocks(table, (sheet.title,), merged=True)
                ]
                blocks += [Block(sheet.title, "heading"), *found] if found else []
                left -= rows.count
                cut = cut or rows.cut
            title = book.properties.title
        finally:
            book.close()
    except _DAMAGE as error:
        raise LoadError(f"{path.name}: is damaged inside: open it in Excel and save it anew") from error
    told = (f"only the first {_MOST_ROWS} rows are read: split the workbook",) if cut else ()
    return Loaded(blocks, title, warnings=(*hidden.warnings, *told))


class _Rows:
    """The rows of a sheet, as openpyxl gives it when it reads only, as text.

    ``count`` have been given that hold something; ``cut`` tells whether there would have been more.
    """

    def __init__(self, sheet: Any, parts: SheetParts, hidden: HiddenText) -> None:
        self.count = 0
        self.cut = False
        self._sheet = sheet
        self._parts = parts
        self._hidden = hidden
        self._styles: dict[int, tuple[str, bool]] = {}  # number format, whether it hides the cell

    def unfolded(self, most: int) -> Iterator[list[str]]:
        """Give the rows up to ``most`` that hold something; merged cells stand in each of their places that rows reach.

        Empty rows come too: they part tables.
        """
        starting = sorted(self._parts.merged, key=lambda area: area[1], reverse=True)
        active: list[tuple[Area, str]] = []
        widest = 0
        for number, cells in enumerate(self._sheet.iter_rows(), 1):
            row = self._row(number, cells)
            widest = max(widest, len(row))
            while starting and starting[-1][1] <= number:
                area = starting.pop()
                active.append((area, row[area[0] - 1] if area[1] == number and area[0] <= len(row) else ""))
            active = [one for one in active if number <= min(one[0][3], one[0][1] + _MOST_MERGED_ROWS)]
            for (left, _, right, _), text in active if any(row) or any(text for _, text in active) else ():
                right = min(right, widest)
                row += [""] * (right - len(row))
                row[left - 1 : right] = [text] * max(right - left + 1, 0)
            if number in self._parts.hidden_rows and any(row):
                self._hidden.note(" ".join(filter(None, row)))
                if not self._hidden.keep:
                    continue
            if any(row) and self.count >= most:
                self.cut = True
                return
            self.count += any(row)
            yield row

    def _row(self, number: int, cells: tuple[Any, ...]) -> list[str]:
        row = [self._cell(cell) if cell.value is not None else "" for cell in cells]
        for place in range(1, len(row) + 1) if self._parts.links else ():
            row[place - 1] = linked(row[place - 1], self._parts.links.get((number, place)))
        unseen = []
        for place, text in enumerate(row):
            if text and self._is_unseen(cells[place]):
                unseen.append(text)
                row[place] = text if self._hidden.keep else ""
        self._hidden.note(" ".join(unseen))
        return row

    def _cell(self, cell: Any) -> str:
        return displayed(cell.value, self._style(cell)[0])

    def _is_unseen(self, cell: Any) -> bool:
        if isinstance(cell, EmptyCell):
            return False
        return self._parts.hides_column(cell.column) or self._style(cell)[1]

    def _style(self, cell: Any) -> tuple[str, bool]:
        style = self._styles.get(cell._style_id)
        if style is None:
            number_format = cell.number_format or ""
            style = number_format, shows_nothing(number_format) or _white_on_white(cell)
            self._styles[cell._style_id] = style
        return style


def _white_on_white(cell: Any) -> bool:
    color, fill = cell.font.color, cell.fill
    white = color is not None and (
        (color.type == "rgb" and color.rgb in _WHITE) or (color.type == "theme" and color.theme == 0 and not color.tint)
    )
    ground = getattr(fill, "fgColor", None)
    painted = getattr(fill, "patternType", "gradient") is not None and (ground is None or ground.rgb not in _WHITE)
    return white and not painted
