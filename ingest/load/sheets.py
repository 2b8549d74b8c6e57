"""Excel workbooks."""

from __future__ import annotations

import datetime
import posixpath
import re
import warnings
import zipfile
import zlib
from collections.abc import Iterable, Iterator
from pathlib import Path
from typing import IO
from xml.etree.ElementTree import ParseError

import openpyxl
from lxml import etree
from openpyxl.utils.cell import range_boundaries
from openpyxl.utils.exceptions import InvalidFileException

from ingest.config import LoadSettings
from ingest.errors import LoadError
from ingest.load.archive import check_office_file
from ingest.load.registry import Loaded
from ingest.load.table import row_blocks
from ingest.types import Block

# What openpyxl raises on cut and garbled files, found by fuzzing.
_DAMAGE = (
    InvalidFileException,
    zipfile.BadZipFile,
    zlib.error,
    etree.XMLSyntaxError,
    ParseError,
    KeyError,
    ValueError,
    TypeError,
    AttributeError,
    IndexError,
    EOFError,
    NotImplementedError,
    OverflowError,
    RuntimeError,
    OSError,
)
_MERGE = re.compile(rb'<(?:\w+:)?mergeCell\s[^>]*?ref="([A-Z]{1,3}\d+:[A-Z]{1,3}\d+)"')
_CHUNK = 1 << 20
_REL = "{http://schemas.openxmlformats.org/officeDocument/2006/relationships}id"
_MOST_MERGED_ROWS = 10_000

Area = tuple[int, int, int, int]


def xlsx(path: Path, settings: LoadSettings) -> Loaded:
    """Read the visible sheets row by row; a sheet's name is the heading above its rows.

    Formulas give their stored value. Hidden sheets are left out and reported.
    """
    check_office_file(path, "xl/workbook.xml", "Excel workbook (.xlsx)")
    blocks: list[Block] = []
    hidden: list[str] = []
    try:
        merged = _merged_areas(path)
        with warnings.catch_warnings():
            # About styles, validation and charts, which are not read.
            warnings.simplefilter("ignore", UserWarning)
            book = openpyxl.load_workbook(path, read_only=True, data_only=True)
        try:
            for sheet in book.worksheets:
                if sheet.sheet_state != "visible":
                    hidden.append(sheet.title)
                    continue
                sheet.reset_dimensions()
                rows = _unfolded(sheet.iter_rows(values_only=True), merged.get(sheet.title, []))
                found = row_blocks(list(rows), (sheet.title,), merged=True)
                blocks += [Block(sheet.title, "heading"), *found] if found else []
            title = book.properties.title
        finally:
            book.close()
    except _DAMAGE as error:
        raise LoadError(f"{path.name}: is damaged inside: open it in Excel and save it anew") from error
    reported = (f"hidden sheets left out: {', '.join(hidden)}",) if hidden else ()
    return Loaded(blocks, title, warnings=reported)


def _merged_areas(path: Path) -> dict[str, list[Area]]:
    """Give the merged cells of every sheet, (first column, first row, last column, last row) from 1.

    openpyxl does not tell them when it reads row by row, which is what keeps memory flat.
    """
    areas: dict[str, list[Area]] = {}
    parser = etree.XMLParser(resolve_entities=False, no_network=True)
    with zipfile.ZipFile(path) as archive:
        if "xl/_rels/workbook.xml.rels" not in archive.namelist():
            return areas
        links = etree.fromstring(archive.read("xl/_rels/workbook.xml.rels"), parser)
        parts = {link.get("Id"): link.get("Target") for link in links}
        for sheet in etree.fromstring(archive.read("xl/workbook.xml"), parser).iter("{*}sheet"):
            part = posixpath.normpath(posixpath.join("/xl", parts.get(sheet.get(_REL)) or "")).lstrip("/")
            if part in archive.namelist():
                with archive.open(part) as stream:
                    areas[sheet.get("name") or ""] = list(_areas(stream))
    return areas


def _areas(stream: IO[bytes]) -> Iterator[Area]:
    tail = b""
    while chunk := stream.read(_CHUNK):
        window = tail + chunk
        end = 0
        for match in _MERGE.finditer(window):
            end = match.end()
            left, top, right, bottom = range_boundaries(match.group(1).decode())
            yield int(left or 1), int(top or 1), int(right or 1), int(bottom or 1)
        tail = window[max(end, len(window) - 200) :]


def _unfolded(rows: Iterable[tuple[object, ...]], areas: list[Area]) -> Iterator[list[str]]:
    """Give rows as text; merged cells stand in each of their places that the sheet's rows reach."""
    starting = sorted(areas, key=lambda area: area[1], reverse=True)
    active: list[tuple[Area, str]] = []
    widest = 0
    for number, values in enumerate(rows, 1):
        row = [_cell(value) for value in values]
        widest = max(widest, len(row))
        while starting and starting[-1][1] <= number:
            area = starting.pop()
            active.append((area, row[area[0] - 1] if area[1] == number and area[0] <= len(row) else ""))
        active = [one for one in active if number <= min(one[0][3], one[0][1] + _MOST_MERGED_ROWS)]
        if not any(row) and not any(text for _, text in active):
            continue
        for (left, _, right, _), text in active:
            right = min(right, widest)
            row += [""] * (right - len(row))
            row[left - 1 : right] = [text] * max(right - left + 1, 0)
        yield row


def _cell(value: object) -> str:
    """Write a value as people read it: dates without an empty time, numbers without noise digits."""
    if value is None:
        return ""
    if isinstance(value, bool):
        return "TRUE" if value else "FALSE"
    if isinstance(value, float):
        return format(value, ".12g") if abs(value) < 1e15 else str(value)
    if isinstance(value, datetime.datetime):
        return str(value).removesuffix(" 00:00:00")
    return str(value)
