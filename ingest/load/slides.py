"""PowerPoint slide decks."""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from pathlib import Path

from lxml import etree
from pptx import Presentation
from pptx.exc import PythonPptxError
from pptx.oxml.ns import qn
from pptx.shapes.base import BaseShape
from pptx.shapes.graphfrm import GraphicFrame
from pptx.shapes.group import GroupShape
from pptx.slide import Slide
from pptx.table import Table
from pptx.text.text import _Paragraph

from ingest.errors import LoadError
from ingest.load.archive import check_office_file
from ingest.load.damage import DAMAGE
from ingest.load.hidden import HiddenText
from ingest.load.links import linked
from ingest.load.registry import Loaded
from ingest.load.slide_order import Placed, in_reading_order
from ingest.load.table import row_blocks
from ingest.settings import LoadSettings
from ingest.types import Block, BlockKind

# What python-pptx raises on cut and garbled files, found by fuzzing.
_DAMAGE: tuple[type[Exception], ...] = (*DAMAGE, PythonPptxError)


_DIAGRAM = "http://schemas.openxmlformats.org/drawingml/2006/diagram"
_RUN_TEXT, _PARAGRAPH = qn("a:t"), qn("a:p")


def pptx(path: Path, settings: LoadSettings) -> Loaded:
    """Read titles, texts, tables, diagrams and speaker notes in reading order; a slide's number is its page.

    A slide's title is the heading of what stands on it. Hidden slides and what lies off the slide or is white on
    white are left out and reported.
    """
    check_office_file(path, "ppt/presentation.xml", "PowerPoint presentation (.pptx)")
    hidden = HiddenText(settings)
    try:
        deck = Presentation(str(path))
        slides = list(deck.slides)
        if len(slides) > settings.max_pages:
            raise LoadError(
                f"{path.name}: has {len(slides)} slides, over {settings.max_pages}: split it or raise load.max_pages"
            )
        blocks: list[Block] = []
        size = (deck.slide_width or 0, deck.slide_height or 0)
        for number, slide in enumerate(slides, 1):
            found = _Slide(slide, number, size, hidden).blocks()
            if slide.element.get("show") in ("0", "false"):
                hidden.note(f"slide {number}: {' '.join(block.text for block in found)}")
                found = found if hidden.keep else []
            blocks += found
        title = deck.core_properties.title
    except _DAMAGE as error:
        raise LoadError(f"{path.name}: is damaged inside: open it in PowerPoint and save it anew") from error
    return Loaded(blocks, title, len(slides), hidden.warnings)


class _Slide:
    """Reads one slide."""

    def __init__(self, slide: Slide, number: int, size: tuple[int, int], hidden: HiddenText) -> None:
        self._slide = slide
        self._number = number
        self._width, self._height = size
        self._hidden = hidden
        self._path: tuple[str, ...] = ()

    def blocks(self) -> list[Block]:
        title_shape = self._slide.shapes.title
        title = _one_line(title_shape.text_frame.text) if title_shape is not None else ""
        blocks = [Block(title, "heading", (), self._number)] if title else []
        self._path = (title,) if title else ()
        title_id = title_shape.shape_id if title_shape is not None else None
        shapes = [shape for shape in self._slide.shapes if shape.shape_id != title_id]
        blocks += self._shapes([shape for shape in shapes if not self._is_off(shape)])
        if self._slide.has_notes_slide and (notes := self._slide.notes_slide.notes_text_frame) is not None:
            blocks += self._paragraphs([paragraph.text for paragraph in notes.paragraphs])
        return blocks

    def _is_off(self, shape: BaseShape) -> bool:
        """Note a shape that lies wholly beside the slide; tell whether to pass it over."""
        place = _place(shape)
        beside = place.right <= 0 or place.bottom <= 0 or place.left >= self._width or place.top >= self._height
        if shape.left is None or shape.top is None or not beside:
            return False
        self._hidden.note(" ".join(_shown(shape.element)))
        return not self._hidden.keep

    def _shapes(self, shapes: Sequence[BaseShape]) -> list[Block]:
        blocks: list[Block] = []
        for shape in in_reading_order([_place(shape) for shape in shapes if _holds_text(shape)]):
            if isinstance(shape, GroupShape):
                blocks += self._shapes(list(shape.shapes))
            elif isinstance(shape, GraphicFrame) and shape.has_table:
                blocks += row_blocks(_rows(shape.table), self._path, self._number, merged=True)
            elif isinstance(shape, GraphicFrame):
                blocks += self._paragraphs(self._diagram(shape))
            elif shape.has_text_frame:
                lines = shape.text_frame.paragraphs  # type: ignore[attr-defined]
                texts = [self._text(shape, line) for line in lines]
                is_list = shape.is_placeholder and sum(bool(text.strip()) for text in texts) > 1
                blocks += self._paragraphs(texts, is_list=is_list)
        return blocks

    def _text(self, shape: BaseShape, paragraph: _Paragraph) -> str:
        """Give a paragraph with the addresses of its links, without what is white on white."""
        pieces: list[str] = []
        for child in paragraph._p:
            if child.tag == qn("a:br"):
                pieces.append(" ")
            text = child.find(_RUN_TEXT)
            if text is None or not text.text:
                continue
            if _is_white(child) and not self._is_painted(shape):
                self._hidden.note(text.text)
                if not self._hidden.keep:
                    continue
            link = child.find(f"{qn('a:rPr')}/{qn('a:hlinkClick')}")
            relation = shape.part.rels.get(link.get(qn("r:id")) or "") if link is not None else None
            target = relation.target_ref if relation is not None and relation.is_external else None
            pieces.append(linked(text.text, target))
        return "".join(pieces)

    def _is_painted(self, shape: BaseShape) -> bool:
        """Tell whether white type may stand on colour: of the shape, a style, a picture or shape below, the ground."""
        own = shape.element.find(qn("p:spPr"))
        styled = shape.element.find(qn("p:style")) is not None or shape.is_placeholder
        kinds = [qn(f"a:{kind}Fill") for kind in ("solid", "grad", "blip", "patt")]
        filled = own is not None and any(own.find(kind) is not None for kind in kinds)
        layers = (self._slide, self._slide.slide_layout, self._slide.slide_layout.slide_master)
        ground = any(layer.element.find(f".//{qn('p:bgPr')}") is not None for layer in layers)
        place = _place(shape)
        below = any(other.shape_id != shape.shape_id and _covers(_place(other), place) for other in self._slide.shapes)
        return styled or filled or ground or below

    def _diagram(self, shape: GraphicFrame) -> list[str]:
        """Give the texts of a SmartArt diagram, which stand in a part of their own."""
        ids = shape.element.find(f".//{{{_DIAGRAM}}}relIds")
        relation = shape.part.rels.get(ids.get(qn("r:dm")) or "") if ids is not None else None
        if relation is None or relation.is_external:
            return []
        parser = etree.XMLParser(resolve_entities=False, no_network=True)
        return _shown(etree.fromstring(relation.target_part.blob, parser))

    def _paragraphs(self, texts: Iterable[str], *, is_list: bool = False) -> list[Block]:
        kind: BlockKind = "list" if is_list else "paragraph"
        return [Block(line, kind, self._path, self._number) for text in texts if (line := _one_line(text))]


def _holds_text(shape: BaseShape) -> bool:
    """Tell whether a shape has a say in the reading order; empty ones are lines, grounds and pictures."""
    return isinstance(shape, GroupShape | GraphicFrame) or any(text.strip() for text in _shown(shape.element))


def _place(shape: BaseShape) -> Placed[BaseShape]:
    left, top = shape.left or 0, shape.top or 0
    return Placed(shape, left, top, left + (shape.width or 0), top + (shape.height or 0))


def _covers(outer: Placed[BaseShape], inner: Placed[BaseShape]) -> bool:
    across = outer.left <= inner.left and inner.right <= outer.right
    return across and outer.top <= inner.top and inner.bottom <= outer.bottom


def _is_white(run: etree._Element) -> bool:
    fill = run.find(f"{qn('a:rPr')}/{qn('a:solidFill')}")
    if fill is None:
        return False
    plain, themed = fill.find(qn("a:srgbClr")), fill.find(qn("a:schemeClr"))
    if plain is not None:
        return (plain.get("val") or "").upper() == "FFFFFF"
    return themed is not None and themed.get("val") == "bg1" and len(themed) == 0


def _shown(element: etree._Element) -> list[str]:
    """Give the text of every paragraph inside an element."""
    return ["".join(text.text or "" for text in paragraph.iter(_RUN_TEXT)) for paragraph in element.iter(_PARAGRAPH)]


def _rows(table: Table) -> list[list[str]]:
    """Give the rows of a table; merged cells stand in each of their places."""
    rows = [[cell.text for cell in row.cells] for row in table.rows]
    for top, row in enumerate(table.rows):
        for left, cell in enumerate(row.cells):
            if cell.is_merge_origin:
                right = left + cell.span_width
                for line in rows[top : top + cell.span_height]:
                    line[left:right] = [cell.text] * len(line[left:right])
    return rows


def _one_line(text: str) -> str:
    return " ".join(text.split())
