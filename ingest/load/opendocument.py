"""OpenDocument texts, spreadsheets and presentations (LibreOffice)."""

from __future__ import annotations

import zipfile
from collections.abc import Iterator
from pathlib import Path

from lxml import etree

from ingest.errors import LoadError
from ingest.load.archive import check_office_file
from ingest.load.clean import clean
from ingest.load.damage import DAMAGE
from ingest.load.headings import HeadingPath
from ingest.load.hidden import HiddenText
from ingest.load.links import behind
from ingest.load.registry import Loaded
from ingest.load.table import row_blocks
from ingest.settings import LoadSettings
from ingest.types import Block, BlockKind

_NAMES = {
    "office": "urn:oasis:names:tc:opendocument:xmlns:office:1.0",
    "text": "urn:oasis:names:tc:opendocument:xmlns:text:1.0",
    "table": "urn:oasis:names:tc:opendocument:xmlns:table:1.0",
    "draw": "urn:oasis:names:tc:opendocument:xmlns:drawing:1.0",
    "style": "urn:oasis:names:tc:opendocument:xmlns:style:1.0",
    "presentation": "urn:oasis:names:tc:opendocument:xmlns:presentation:1.0",
}
_HREF = "{http://www.w3.org/1999/xlink}href"
_MOST_COLUMNS = 500
_MOST_REPEATED = 1000


def _q(name: str) -> str:
    prefix, local = name.split(":")
    return f"{{{_NAMES[prefix]}}}{local}"


_LEFT_OUT = frozenset(
    map(
        _q,
        ("text:tracked-changes", "office:annotation", "text:table-of-content", "text:sequence-decls", "office:forms"),
    )
)
_PARAGRAPH, _HEADING, _LIST, _ITEM = _q("text:p"), _q("text:h"), _q("text:list"), _q("text:list-item")
_TABLE, _ROW, _CELL, _COVERED = map(
    _q, ("table:table", "table:table-row", "table:table-cell", "table:covered-table-cell")
)
_NOTE, _NOTE_BODY, _FRAME = _q("text:note"), _q("text:note-body"), _q("draw:text-box")
_GROUPS = frozenset(
    _q(f"table:table-{name}")
    for name in ("header-rows", "rows", "row-group", "header-columns", "columns", "column-group")
)
_HIDDEN_VISIBILITY = ("collapse", "filter")


def odt(path: Path, settings: LoadSettings) -> Loaded:
    """Read headings, paragraphs, lists, tables and footnotes in order; deleted text and comments are left out."""
    return _read(path, "text", "OpenDocument text (.odt)", settings)


def ods(path: Path, settings: LoadSettings) -> Loaded:
    """Read the visible sheets row by row, cells as they are displayed; a sheet's name is the heading of its rows."""
    return _read(path, "spreadsheet", "OpenDocument spreadsheet (.ods)", settings)


def odp(path: Path, settings: LoadSettings) -> Loaded:
    """Read titles, texts, tables and notes of the visible slides; a slide's number is its page."""
    return _read(path, "presentation", "OpenDocument presentation (.odp)", settings)


def _read(path: Path, kind: str, program: str, settings: LoadSettings) -> Loaded:
    check_office_file(path, "content.xml", program)
    hidden = HiddenText(settings)
    parser = etree.XMLParser(resolve_entities=False, no_network=True, huge_tree=True)
    try:
        with zipfile.ZipFile(path) as archive:
            content = etree.fromstring(archive.read("content.xml"), parser)
            meta = etree.fromstring(archive.read("meta.xml"), parser) if "meta.xml" in archive.namelist() else content
        body = content.find(f"{_q('office:body')}/{_q(f'office:{kind}')}")
        if body is None:
            raise LoadError(f"{path.name}: is an Office file but no {program}: give it the right suffix")
        walk = _Walk(_Styles(content), hidden)
        if kind == "text":
            walk.flow(body)
        elif kind == "spreadsheet":
            walk.sheets(body)
        else:
            walk.slides(body)
        title = meta.findtext(".//{http://purl.org/dc/elements/1.1/}title")
    except DAMAGE as error:
        raise LoadError(f"{path.name}: is damaged inside: open it in LibreOffice and save it anew") from error
    return Loaded(walk.blocks, title, walk.page or None, hidden.warnings)


class _Styles:
    """Which styles hide what they are put on."""

    def __init__(self, content: etree._Element) -> None:
        self._hiding = {
            style.get(_q("style:name"))
            for style in content.iter(_q("style:style"))
            for properties in style
            if properties.get(_q("text:display")) == "none"
            or properties.get(_q("table:display")) == "false"
            or properties.get(_q("presentation:visibility")) == "hidden"
        }

    def hides(self, element: etree._Element) -> bool:
        names = (element.get(_q(f"{prefix}:style-name")) for prefix in ("text", "table", "draw"))
        return any(name in self._hiding for name in names if name)


class _Walk:
    """Gathers blocks in reading order."""

    def __init__(self, styles: _Styles, hidden: HiddenText) -> None:
        self.blocks: list[Block] = []
        self.page = 0
        self._styles = styles
        self._hidden = hidden
        self._headings = HeadingPath()

    def flow(self, parent: etree._Element, kind: BlockKind = "paragraph") -> None:
        """Read paragraphs, headings, lists and tables, those inside sections and frames included."""
        for child in parent:
            if not isinstance(child.tag, str) or child.tag in _LEFT_OUT:
                continue
            if child.tag in (_PARAGRAPH, _HEADING):
                self._paragraph(child, kind)
            elif child.tag == _TABLE:
                self.blocks += row_blocks(list(self._rows(child)), self._headings.path, self.page or None, merged=True)
            elif child.tag == _LIST:
                self.flow(child, "list")
            else:
                self.flow(child, kind)

    def sheets(self, body: etree._Element) -> None:
        for sheet in body.iterchildren(_TABLE):
            name = sheet.get(_q("table:name")) or ""
            if self._skips(sheet):
                continue
            found = row_blocks(list(self._rows(sheet)), (name,), merged=True)
            self.blocks += [Block(name, "heading"), *found] if found else []

    def slides(self, body: etree._Element) -> None:
        for slide in body.iterchildren(_q("draw:page")):
            self.page += 1
            if self._skips(slide):
                continue
            self._headings = HeadingPath()
            frames = [one for one in slide if isinstance(one.tag, str) and one.tag != _q("presentation:notes")]
            titles = [one for one in frames if one.get(_q("presentation:class")) == "title"]
            lines = [self._text(line) for one in titles[:1] for line in one.iter(_PARAGRAPH)]
            if title := clean(" ".join(lines)):
                self.blocks.append(Block(title, "heading", self._headings.enter(title, 1), self.page))
            for frame in frames:
                if frame not in titles[:1]:
                    self.flow(frame)
            for notes in slide.iterchildren(_q("presentation:notes")):
                self.flow(notes)

    def _skips(self, element: etree._Element) -> bool:
        """Note a hidden element; tell whether to pass it over."""
        visibility = element.get(_q("table:visibility")) in _HIDDEN_VISIBILITY
        if not (visibility or self._styles.hides(element)):
            return False
        self._hidden.note(" ".join(element.itertext()))
        return not self._hidden.keep

    def _paragraph(self, paragraph: etree._Element, kind: BlockKind) -> None:
        page = self.page or None
        if self._skips(paragraph):
            return
        text = self._text(paragraph)
        if text and paragraph.tag == _HEADING:
            level = paragraph.get(_q("text:outline-level")) or "1"
            self.blocks.append(Block(text, "heading", self._headings.enter(text, int(level)), page))
        elif text:
            self.blocks.append(Block(text, kind, self._headings.path, page))
        for inner in paragraph.iter(_NOTE_BODY, _FRAME):
            self.flow(inner)

    def _text(self, element: etree._Element) -> str:
        """Give the visible text as one line, without notes and text boxes, which follow as blocks of their own."""
        return clean("".join(self._pieces(element)))

    def _pieces(self, element: etree._Element) -> Iterator[str]:
        if element.tag in (_q("text:s"), _q("text:tab"), _q("text:line-break")):
            yield " "
        yield element.text or ""
        for child in element:
            if isinstance(child.tag, str) and child.tag not in (*_LEFT_OUT, _NOTE, _FRAME) and not self._skips(child):
                yield from self._pieces(child)
                if child.tag == _q("text:a"):
                    yield behind("".join(child.itertext()), child.get(_HREF))
                elif child.tag in (_PARAGRAPH, _HEADING):
                    yield " "
            yield child.tail or ""

    def _rows(self, table: etree._Element) -> Iterator[list[str]]:
        """Give the rows of a table; merged cells stand in each of their places."""
        columns = self._hidden_columns(table)
        hanging: dict[int, tuple[int, str]] = {}
        for row in _inside(table, _ROW):
            if self._skips(row):
                continue
            cells: list[str] = []
            for cell in row.iterchildren(_CELL, _COVERED):
                text = self._text(cell) if cell.tag == _CELL else None
                down = int(cell.get(_q("table:number-rows-spanned")) or 1)
                for _ in range(
                    min(int(cell.get(_q("table:number-columns-repeated")) or 1), _MOST_COLUMNS - len(cells))
                ):
                    left, above = hanging.get(len(cells), (0, ""))
                    if text is not None:
                        hanging[len(cells)] = (down - 1, text)
                        cells.append(text)
                    else:  # covered by the cell above or, if none reaches down, by the one to the left
                        cells.append(above if left > 0 else cells[-1] if cells else "")
                        hanging[len(cells) - 1] = (left - 1, cells[-1])
            while cells and not cells[-1]:
                cells.pop()
            for place in columns:
                if place < len(cells) and cells[place]:
                    self._hidden.note(cells[place])
                    cells[place] = cells[place] if self._hidden.keep else ""
            repeated = int(row.get(_q("table:number-rows-repeated")) or 1)
            yield from [cells] * (min(repeated, _MOST_REPEATED) if cells else 1)

    def _hidden_columns(self, table: etree._Element) -> list[int]:
        places: list[int] = []
        place = 0
        for column in _inside(table, _q("table:table-column")):
            count = int(column.get(_q("table:number-columns-repeated")) or 1)
            if column.get(_q("table:visibility")) in _HIDDEN_VISIBILITY:
                places += range(place, min(place + count, _MOST_COLUMNS))
            place += count
        return places


def _inside(parent: etree._Element, tag: str) -> Iterator[etree._Element]:
    """Give the rows or columns of a table, those in groups included, those of tables in its cells not."""
    for child in parent:
        if child.tag == tag:
            yield child
        elif child.tag in _GROUPS:
            yield from _inside(child, tag)
