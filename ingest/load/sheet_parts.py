"""What openpyxl does not tell when it reads a sheet row by row: merged, hidden and linked cells."""

from __future__ import annotations

import posixpath
import re
import zipfile
from collections.abc import Iterator
from dataclasses import dataclass, field
from html import unescape
from pathlib import Path
from typing import IO

from lxml import etree
from openpyxl.utils.cell import range_boundaries

_TAG = re.compile(
    rb"<(?:\w+:)?(?:(mergeCell)\s([^<>]*)|(row)\s([^<>]*?\shidden=\"(?:1|true)\"[^<>]*)|(col)\s([^<>]*?hidden=\"(?:1|true)\""
    rb"[^<>]*)|(hyperlink)\s([^<>]*))>"
)
_ATTRIBUTE = re.compile(r'([\w:]+)="([^"]*)"')
_REL = "{http://schemas.openxmlformats.org/officeDocument/2006/relationships}id"
_CHUNK = 1 << 20
_LONGEST_TAG = 2000

Area = tuple[int, int, int, int]


@dataclass(slots=True)
class SheetParts:
    """Merged areas (first column, first row, last column, last row), hidden rows and columns, links by (row, column).

    All count from 1.
    """

    merged: list[Area] = field(default_factory=list)
    hidden_rows: set[int] = field(default_factory=set)
    hidden_columns: list[tuple[int, int]] = field(default_factory=list)
    links: dict[tuple[int, int], str] = field(default_factory=dict)

    def hides_column(self, column: int) -> bool:
        return any(first <= column <= last for first, last in self.hidden_columns)


def sheet_parts(path: Path) -> dict[str, SheetParts]:
    """Give the parts of every sheet by its name, read as a stream so that memory stays flat."""
    found: dict[str, SheetParts] = {}
    with zipfile.ZipFile(path) as archive:
        names = set(archive.namelist())
        if "xl/_rels/workbook.xml.rels" not in names:
            return found
        targets = _targets(archive, "xl/_rels/workbook.xml.rels")
        for sheet in _parsed(archive, "xl/workbook.xml").iter("{*}sheet"):
            part = posixpath.normpath(posixpath.join("/xl", targets.get(sheet.get(_REL) or "", ""))).lstrip("/")
            if part in names:
                folder, name = posixpath.split(part)
                relations = f"{folder}/_rels/{name}.rels"
                links = _targets(archive, relations) if relations in names else {}
                with archive.open(part) as stream:
                    found[sheet.get("name") or ""] = _read(stream, links)
    return found


def _parsed(archive: zipfile.ZipFile, part: str) -> etree._Element:
    return etree.fromstring(archive.read(part), etree.XMLParser(resolve_entities=False, no_network=True))


def _targets(archive: zipfile.ZipFile, part: str) -> dict[str, str]:
    return {link.get("Id") or "": link.get("Target") or "" for link in _parsed(archive, part)}


def _read(stream: IO[bytes], targets: dict[str, str]) -> SheetParts:
    parts = SheetParts()
    for tag, values in _tags(stream):
        if tag == "mergeCell":
            parts.merged.append(_area(values["ref"]))
        elif tag == "row":
            parts.hidden_rows.add(int(values["r"]))
        elif tag == "col":
            parts.hidden_columns.append((int(values["min"]), int(values["max"])))
        elif target := targets.get(values.get("r:id", "")):
            left, top, _, _ = _area(values["ref"])
            parts.links[top, left] = target
    return parts


def _area(reference: str) -> Area:
    left, top, right, bottom = range_boundaries(reference)
    return int(left or 1), int(top or 1), int(right or 1), int(bottom or 1)


def _tags(stream: IO[bytes]) -> Iterator[tuple[str, dict[str, str]]]:
    tail = b""
    while chunk := stream.read(_CHUNK):
        window = tail + chunk
        end = 0
        for match in _TAG.finditer(window):
            end = match.end()
            tag, values = (group.decode("utf-8", "replace") for group in match.groups() if group is not None)
            yield tag, {name: unescape(value) for name, value in _ATTRIBUTE.findall(values)}
        tail = window[max(end, len(window) - _LONGEST_TAG) :]
