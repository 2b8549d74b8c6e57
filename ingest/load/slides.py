"""PowerPoint slide decks."""

from __future__ import annotations

import zipfile
import zlib
from collections.abc import Iterable
from pathlib import Path

from lxml import etree
from pptx import Presentation
from pptx.exc import PythonPptxError
from pptx.shapes.base import BaseShape
from pptx.shapes.graphfrm import GraphicFrame
from pptx.shapes.group import GroupShape
from pptx.slide import Slide
from pptx.table import Table

from ingest.config import LoadSettings
from ingest.errors import LoadError
from ingest.load.archive import check_office_file
from ingest.load.registry import Loaded
from ingest.load.table import row_blocks
from ingest.types import Block, BlockKind

# What python-pptx raises on cut and garbled files, found by fuzzing.
_DAMAGE = (
    PythonPptxError,
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


def pptx(path: Path, settings: LoadSettings) -> Loaded:
    """Read titles, texts, tables and speaker notes; a slide's number is its page, its title the heading.

    Hidden slides are left out and reported.
    """
    check_office_file(path, "ppt/presentation.xml", "PowerPoint presentation (.pptx)")
    try:
        deck = Presentation(str(path))
        blocks: list[Block] = []
        hidden: list[str] = []
        slides = list(deck.slides)
        for number, slide in enumerate(slides, 1):
            if slide.element.get("show") in ("0", "false"):
                hidden.append(str(number))
            else:
                blocks += _slide(slide, number)
        title = deck.core_properties.title
    except _DAMAGE as error:
        raise LoadError(f"{path.name}: is damaged inside: open it in PowerPoint and save it anew") from error
    warnings = (f"hidden slides left out: {', '.join(hidden)}",) if hidden else ()
    return Loaded(blocks, title, len(slides), warnings)


def _slide(slide: Slide, number: int) -> list[Block]:
    title_shape = slide.shapes.title
    title = _one_line(title_shape.text_frame.text) if title_shape is not None else ""
    path = (title,) if title else ()
    blocks = [Block(title, "heading", (), number)] if title else []
    title_id = title_shape.shape_id if title_shape is not None else None
    blocks += _shapes((shape for shape in slide.shapes if shape.shape_id != title_id), path, number)
    if slide.has_notes_slide and (notes := slide.notes_slide.notes_text_frame) is not None:
        blocks += _paragraphs((paragraph.text for paragraph in notes.paragraphs), path, number)
    return blocks


def _shapes(shapes: Iterable[BaseShape], path: tuple[str, ...], number: int) -> list[Block]:
    blocks: list[Block] = []
    for shape in shapes:
        if isinstance(shape, GroupShape):
            blocks += _shapes(shape.shapes, path, number)
        elif isinstance(shape, GraphicFrame) and shape.has_table:
            blocks += row_blocks(_rows(shape.table), path, number, merged=True)
        elif shape.has_text_frame:
            texts = [paragraph.text for paragraph in shape.text_frame.paragraphs]  # type: ignore[attr-defined]
            is_list = shape.is_placeholder and sum(bool(text.strip()) for text in texts) > 1
            blocks += _paragraphs(texts, path, number, is_list=is_list)
    return blocks


def _paragraphs(texts: Iterable[str], path: tuple[str, ...], number: int, *, is_list: bool = False) -> list[Block]:
    kind: BlockKind = "list" if is_list else "paragraph"
    return [Block(line, kind, path, number) for text in texts if (line := _one_line(text))]


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
