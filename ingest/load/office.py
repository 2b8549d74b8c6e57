"""Word and Excel."""

from __future__ import annotations

import re
import zipfile
from pathlib import Path

from ingest.errors import LoadError
from ingest.load.headings import HeadingPath, numbered_level
from ingest.load.registry import Loaded
from ingest.load.table import row_blocks
from ingest.types import Block

_HEADING = re.compile(r"^(?:heading|标题)\s*(\d)", re.IGNORECASE)


def docx(path: Path) -> Loaded:
    """Read paragraphs, lists and tables in document order; headings by style, else by numbering."""
    import docx as word
    from docx.opc.exceptions import PackageNotFoundError
    from docx.table import Table
    from lxml.etree import XMLSyntaxError

    try:
        document = word.Document(str(path))
        items = list(document.iter_inner_content())
    except (PackageNotFoundError, zipfile.BadZipFile, KeyError, ValueError, XMLSyntaxError, OSError) as error:
        raise LoadError(f"{path.name}: is damaged or no Word document: save it again as .docx") from error
    headings = HeadingPath()
    blocks: list[Block] = []
    title = document.core_properties.title or None
    for item in items:
        if isinstance(item, Table):
            blocks += row_blocks([[cell.text for cell in row.cells] for row in item.rows], headings.path)
            continue
        text = item.text.strip()
        style = (item.style.name if item.style is not None else "") or ""
        if not text:
            continue
        if style == "Title":
            title = text
            continue
        match = _HEADING.match(style)
        level = int(match.group(1)) if match else numbered_level(text)
        if level is not None:
            blocks.append(Block(text, "heading", headings.enter(level, text)))
        else:
            blocks.append(Block(text, "list" if "List" in style else "paragraph", headings.path))
    return Loaded(blocks, title)


def xlsx(path: Path) -> Loaded:
    """Read the visible sheets row by row; a sheet's name is the heading above its rows."""
    import openpyxl
    from openpyxl.utils.exceptions import InvalidFileException

    try:
        book = openpyxl.load_workbook(path, data_only=True)
    except (InvalidFileException, zipfile.BadZipFile, KeyError, ValueError, TypeError, OSError) as error:
        raise LoadError(f"{path.name}: is damaged or no Excel workbook: save it again as .xlsx") from error
    blocks: list[Block] = []
    hidden = []
    for sheet in book.worksheets:
        if sheet.sheet_state != "visible":
            hidden.append(sheet.title)
            continue
        rows = [[_cell(value) for value in row] for row in sheet.iter_rows(values_only=True)]
        rows = [row for row in rows if any(row)]
        # A lone cell above the table is its caption.
        captions = []
        while rows and sum(bool(cell) for cell in rows[0]) == 1 and len(rows) > 1 and len(rows[0]) > 1:
            captions.append(next(cell for cell in rows.pop(0) if cell))
        blocks += [Block(caption, "paragraph", (sheet.title,)) for caption in captions]
        blocks += row_blocks(rows, (sheet.title,))
    warnings = (f"hidden sheets left out: {', '.join(hidden)}",) if hidden else ()
    return Loaded(blocks, book.properties.title, warnings=warnings)


def _cell(value: object) -> str:
    if value is None:
        return ""
    if isinstance(value, float) and value.is_integer():
        return str(int(value))
    return str(value).removesuffix(" 00:00:00")
