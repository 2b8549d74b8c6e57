"""Word documents."""

from __future__ import annotations

import re
import zipfile
import zlib
from collections.abc import Iterator
from pathlib import Path

import docx as python_docx
from docx.document import Document as WordDocument
from docx.opc.exceptions import OpcError
from docx.oxml.ns import qn
from lxml import etree

from ingest.config import LoadSettings
from ingest.errors import LoadError
from ingest.load.archive import check_office_file
from ingest.load.headings import HeadingPath, numbered_levels
from ingest.load.registry import Loaded
from ingest.load.table import row_blocks
from ingest.types import Block

# What python-docx raises on cut and garbled files, found by fuzzing.
_DAMAGE = (
    OpcError,
    zipfile.BadZipFile,
    zlib.error,
    etree.XMLSyntaxError,
    KeyError,
    ValueError,
    TypeError,
    AttributeError,
    IndexError,
    EOFError,
    NotImplementedError,
    RuntimeError,
    OSError,
)
_HEADING = re.compile(r"^(?:heading|标题|標題|kop|überschrift|titre)\s*(\d)", re.IGNORECASE)
_CONTENTS = re.compile(r"^(?:toc|目录|目錄)\s*\d", re.IGNORECASE)
_PARAGRAPH, _TABLE, _ROW, _CELL = qn("w:p"), qn("w:tbl"), qn("w:tr"), qn("w:tc")
# Content controls and tracked insertions wrap what belongs to the text.
_WRAPPERS = frozenset(map(qn, ("w:sdt", "w:sdtContent", "w:ins", "w:customXml", "w:smartTag", "w:moveTo")))
_LEFT_OUT = frozenset(map(qn, ("w:del", "w:moveFrom", "w:pPr", "w:rPr", "w:txbxContent", "w:instrText")))
_BODY_LEVEL = 9
_MOST_COLUMNS = 500


def docx(path: Path, settings: LoadSettings) -> Loaded:
    """Read paragraphs, lists and tables in document order; headings by style, else by numbering.

    Deleted, hidden and merely computed text (tables of contents) is left out.
    """
    check_office_file(path, "word/document.xml", "Word document (.docx)")
    try:
        document = python_docx.Document(str(path))
        return _read(document)
    except _DAMAGE as error:
        raise LoadError(f"{path.name}: is damaged inside: open it in Word and save it anew") from error


def _read(document: WordDocument) -> Loaded:
    styles = _Styles(document)
    items = [item for item in _items(document.element.body) if item.tag == _TABLE or _text(item)]
    styled = [styles.level(item) if item.tag == _PARAGRAPH else None for item in items]
    numbered: list[int | None] = [None] * len(items)
    if not any(level for level in styled):
        texts = ["" if item.tag == _TABLE or _is_list(item) else _text(item) for item in items]
        numbered = numbered_levels(texts)
    headings = HeadingPath()
    blocks: list[Block] = []
    title = document.core_properties.title or None
    for item, style_level, number_level in zip(items, styled, numbered, strict=True):
        if item.tag == _TABLE:
            blocks += row_blocks(_rows(item), headings.path, merged=True)
            continue
        text, name = _text(item), styles.name(item)
        if style_level == 0:
            title = text
        elif (level := style_level or number_level) is not None:
            blocks.append(Block(text, "heading", headings.enter(text, level)))
        elif not _CONTENTS.match(name):
            is_list = _is_list(item) or name.lower().startswith("list")
            blocks.append(Block(text, "list" if is_list else "paragraph", headings.path))
    if not blocks and title:
        blocks = [Block(title)]
    return Loaded(blocks, title)


class _Styles:
    """Heading levels and names of paragraph styles, inherited ones included."""

    def __init__(self, document: WordDocument) -> None:
        self._names: dict[str, str] = {}
        self._levels: dict[str, int | None] = {}
        for style in document.styles.element.findall(qn("w:style")):
            key = style.get(qn("w:styleId")) or ""
            name = style.find(qn("w:name"))
            self._names[key] = (name.get(qn("w:val")) if name is not None else "") or ""
            self._levels[key] = self._own_level(style, self._names[key])
        bases = {
            style.get(qn("w:styleId")): base.get(qn("w:val"))
            for style in document.styles.element.findall(qn("w:style"))
            if (base := style.find(qn("w:basedOn"))) is not None
        }
        for key, level in list(self._levels.items()):
            above, steps = bases.get(key), 0
            while level is None and above is not None and steps < 10:
                level, above, steps = self._levels.get(above), bases.get(above), steps + 1
            self._levels[key] = level if level != _BODY_LEVEL + 1 else None

    def _own_level(self, style: etree._Element, name: str) -> int | None:
        if name.lower() == "title":
            return 0
        if match := _HEADING.match(name):
            return int(match.group(1))
        return _outline(style)

    def name(self, paragraph: etree._Element) -> str:
        return self._names.get(self._key(paragraph), "")

    def level(self, paragraph: etree._Element) -> int | None:
        """Give 0 for the document's title, 1 to 9 for a heading, None for other text."""
        own = _outline(paragraph)
        if own is not None:
            return own if own <= _BODY_LEVEL else None
        return self._levels.get(self._key(paragraph))

    def _key(self, paragraph: etree._Element) -> str:
        style = paragraph.find(f"{qn('w:pPr')}/{qn('w:pStyle')}")
        return (style.get(qn("w:val")) if style is not None else "") or ""


def _outline(element: etree._Element) -> int | None:
    outline = element.find(f"{qn('w:pPr')}/{qn('w:outlineLvl')}")
    value = outline.get(qn("w:val")) if outline is not None else None
    return int(value) + 1 if value and value.isdigit() else None


def _items(parent: etree._Element) -> Iterator[etree._Element]:
    """Give paragraphs and tables in order, those inside content controls included."""
    for child in parent:
        if child.tag in (_PARAGRAPH, _TABLE):
            yield child
        elif child.tag in _WRAPPERS:
            yield from _items(child)


def _is_list(paragraph: etree._Element) -> bool:
    return paragraph.find(f"{qn('w:pPr')}/{qn('w:numPr')}") is not None


def _text(element: etree._Element) -> str:
    """Give the visible text of a paragraph or cell as one line."""
    pieces: list[str] = []
    walk = etree.iterwalk(element, events=("start", "end"))
    for event, node in walk:
        if event == "end":
            if node.tag == _PARAGRAPH:
                pieces.append(" ")
        elif node.tag in _LEFT_OUT or (node.tag == qn("w:r") and _is_hidden(node)):
            walk.skip_subtree()
        elif node.tag == qn("w:t"):
            pieces.append(node.text or "")
        elif node.tag in (qn("w:tab"), qn("w:br"), qn("w:cr")):
            pieces.append(" ")
        elif node.tag == qn("w:noBreakHyphen"):
            pieces.append("-")
    return " ".join("".join(pieces).split())


def _is_hidden(run: etree._Element) -> bool:
    vanish = run.find(f"{qn('w:rPr')}/{qn('w:vanish')}")
    return vanish is not None and vanish.get(qn("w:val")) not in ("0", "false")


def _rows(table: etree._Element) -> list[list[str]]:
    """Give the rows of a table; merged cells stand in each of their places."""
    rows: list[list[str]] = []
    for row in _inside(table, _ROW):
        cells: list[str] = []
        for cell in _inside(row, _CELL):
            span = cell.find(f"{qn('w:tcPr')}/{qn('w:gridSpan')}")
            merge = cell.find(f"{qn('w:tcPr')}/{qn('w:vMerge')}")
            wide = int(span.get(qn("w:val")) or 1) if span is not None else 1
            goes_on = merge is not None and merge.get(qn("w:val")) != "restart"
            above = rows[-1][len(cells)] if goes_on and rows and len(rows[-1]) > len(cells) else ""
            cells += [above if goes_on else _text(cell)] * max(1, min(wide, _MOST_COLUMNS - len(cells)))
        rows.append(cells)
    return rows


def _inside(parent: etree._Element, tag: str) -> Iterator[etree._Element]:
    for child in parent:
        if child.tag == tag:
            yield child
        elif child.tag in _WRAPPERS:
            yield from _inside(child, tag)
