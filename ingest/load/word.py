"""Word documents."""

from __future__ import annotations

import re
from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path

import docx as python_docx
from docx.document import Document as WordDocument
from docx.opc.exceptions import OpcError
from docx.oxml.ns import qn
from lxml import etree

from ingest.errors import LoadError
from ingest.load.archive import check_office_file
from ingest.load.damage import DAMAGE
from ingest.load.headings import HeadingPath, numbered_levels
from ingest.load.hidden import HiddenText
from ingest.load.registry import Loaded
from ingest.load.table import row_blocks
from ingest.load.word_numbering import Numbering
from ingest.load.word_text import ParagraphText
from ingest.settings import LoadSettings
from ingest.types import Block

# What python-docx raises on cut and garbled files, found by fuzzing.
_DAMAGE: tuple[type[Exception], ...] = (*DAMAGE, OpcError)
_HEADING = re.compile(r"^(?:heading|标题|標題|kop|überschrift|titre)\s*(\d)", re.IGNORECASE)
_CONTENTS = re.compile(r"^(?:toc|目录|目錄)\s*\d", re.IGNORECASE)
_PARAGRAPH, _TABLE, _ROW, _CELL = qn("w:p"), qn("w:tbl"), qn("w:tr"), qn("w:tc")
# Content controls and tracked insertions wrap what belongs to the text.
_WRAPPERS = frozenset(map(qn, ("w:sdt", "w:sdtContent", "w:ins", "w:customXml", "w:smartTag", "w:moveTo")))
_TEXT_BOX = qn("w:txbxContent")
_FALLBACK = "{http://schemas.openxmlformats.org/markup-compatibility/2006}Fallback"
_RELATIONS = "http://schemas.openxmlformats.org/officeDocument/2006/relationships"
_NOTES = tuple((qn(f"w:{kind}Reference"), f"{_RELATIONS}/{kind}s", qn(f"w:{kind}")) for kind in ("footnote", "endnote"))
_CHINESE_NUMBER = re.compile("[（(第]?[一二三四五六七八九十]")
_BODY_LEVEL = 9
_MOST_COLUMNS = 500


def docx(path: Path, settings: LoadSettings) -> Loaded:
    """Read paragraphs, lists and tables in document order; headings by style, else by numbering.

    Automatic numbers stand in front of headings and list items, notes and text boxes behind the paragraph that
    they hang on. Deleted text, comments and what is merely computed (tables of contents) are left out.
    """
    check_office_file(path, "word/document.xml", "Word document (.docx)")
    hidden = HiddenText(settings)
    try:
        blocks, title = _Reader(python_docx.Document(str(path)), hidden).read()
    except _DAMAGE as error:
        raise LoadError(f"{path.name}: is damaged inside: open it in Word and save it anew") from error
    return Loaded(blocks, title, warnings=hidden.warnings)


@dataclass(frozen=True, slots=True)
class _Item:
    """A table or paragraph; ``level`` is that of a heading by its style, ``may_head`` whether its number may tell."""

    element: etree._Element
    text: str = ""
    level: int | None = None
    may_head: bool = False


class _Reader:
    """Reads one document from beginning to end."""

    def __init__(self, document: WordDocument, hidden: HiddenText) -> None:
        self._document = document
        self._hidden = hidden
        self._styles = _Styles(document)
        self._numbering = Numbering(document)
        self._text = ParagraphText(document, document.part, hidden)
        self._notes = dict(self._note_texts())
        self._headings = HeadingPath()

    def read(self) -> tuple[list[Block], str | None]:
        """Give the blocks and the title."""
        items = [self._item(element) for element in _items(self._document.element.body)]
        numbered: list[int | None] = [None] * len(items)
        if not any(item.level for item in items):
            numbered = numbered_levels([item.text if item.may_head else "" for item in items])
        blocks: list[Block] = []
        title = self._document.core_properties.title or None
        for item, number_level in zip(items, numbered, strict=True):
            if item.element.tag == _TABLE:
                blocks += self._table(item.element)
                continue
            level = item.level or number_level
            if item.level == 0 and item.text:
                title = item.text
            elif item.text and level is not None:
                blocks.append(Block(item.text, "heading", self._headings.enter(item.text, level)))
            elif item.text and not _CONTENTS.match(self._styles.name(item.element)):
                blocks.append(self._paragraph(item.element, item.text))
            blocks += self._hanging(item.element)
        if not blocks and title:
            blocks = [Block(title)]
        return blocks, title

    def _item(self, element: etree._Element) -> _Item:
        if element.tag == _TABLE or not (text := self._text(element)):
            return _Item(element)
        label = self._numbering.label(element)
        may_head = not _is_list(element) or _CHINESE_NUMBER.match(label) is not None
        return _Item(element, _with(label, text), self._styles.level(element), may_head)

    def _paragraph(self, item: etree._Element, text: str) -> Block:
        is_list = _is_list(item) or self._styles.name(item).lower().startswith("list")
        return Block(text, "list" if is_list else "paragraph", self._headings.path)

    def _inner(self, parent: etree._Element) -> Iterator[Block]:
        """Read a cell or a text box as running text."""
        for item in _items(parent):
            if item.tag == _TABLE:
                yield from self._table(item)
            else:
                if text := self._text(item):
                    yield self._paragraph(item, _with(self._numbering.label(item), text))
                yield from self._hanging(item)

    def _table(self, table: etree._Element) -> list[Block]:
        """Give the rows of a table; one that only arranges other tables is read cell by cell."""
        cells = [cell for row in _inside(table, _ROW) for cell in _inside(row, _CELL)]
        if any(next(cell.iter(_TABLE), None) is not None for cell in cells):
            return [block for cell in cells for block in self._inner(cell)]
        rows = row_blocks(self._rows(table), self._headings.path, merged=True)
        return rows + [block for cell in cells for block in self._hanging(cell)]

    def _hanging(self, element: etree._Element) -> Iterator[Block]:
        """Give the text boxes and notes that hang on a paragraph or cell."""
        for box in element.iter(_TEXT_BOX):
            if next(box.iterancestors(_FALLBACK), None) is None:
                yield from self._inner(box)
        for reference, _, note in _NOTES:
            for mark in element.iter(reference):
                if text := self._notes.get((note, mark.get(qn("w:id")) or "")):
                    yield Block(text, "paragraph", self._headings.path)

    def _note_texts(self) -> Iterator[tuple[tuple[str, str], str]]:
        """Give the text of every footnote and endnote by its kind and number."""
        parser = etree.XMLParser(resolve_entities=False, no_network=True)
        for _, relation, note in _NOTES:
            for link in self._document.part.rels.values():
                if link.reltype == relation and not link.is_external:
                    text = ParagraphText(self._document, link.target_part, self._hidden)
                    for one in etree.fromstring(link.target_part.blob, parser).iter(note):
                        yield (note, one.get(qn("w:id")) or ""), text(one)

    def _rows(self, table: etree._Element) -> list[list[str]]:
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
                cells += [above if goes_on else self._text(cell)] * max(1, min(wide, _MOST_COLUMNS - len(cells)))
            rows.append(cells)
        return rows


def _with(label: str, text: str) -> str:
    return f"{label} {text}" if label else text


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


def _inside(parent: etree._Element, tag: str) -> Iterator[etree._Element]:
    for child in parent:
        if child.tag == tag:
            yield child
        elif child.tag in _WRAPPERS:
            yield from _inside(child, tag)
