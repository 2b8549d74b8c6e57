"""PDF: blocks with page numbers from the lines that pdfium finds."""

from __future__ import annotations

import logging
import threading
from pathlib import Path

import pypdfium2 as pdfium
from pypdf import PdfReader
from pypdf.errors import PyPdfError

from ingest.config import LoadSettings
from ingest.errors import LoadError
from ingest.load.pdf_blocks import blocks_of
from ingest.load.pdf_lines import Line, page_lines
from ingest.load.registry import Loaded
from ingest.load.signature import looks_like

# pdfium keeps global state and must not be entered by two threads at once.
_PDFIUM = threading.Lock()
_PASSWORD = "password"
_HEAD = 1024
_OUTLINE_DEPTH = 8

Outline = dict[int, list[tuple[int, str]]]


def pdf(path: Path, settings: LoadSettings) -> Loaded:
    """Read a PDF: pdfium gives the text (fast, true to reading order), pypdf the title.

    Lines are joined to paragraphs; running heads, feet and page numbers are left out. Headings come from
    the outline, from the size of the type and from their numbering.
    """
    with path.open("rb") as file:
        head = file.read(_HEAD)
    if b"%PDF-" not in head:
        real = looks_like(head)
        raise LoadError(f"{path.name}: is no PDF but {real or 'something else'}: give it the right suffix")
    with _PDFIUM:
        pages, outline = _pages(path)
    empty = [str(number) for number, lines in enumerate(pages, 1) if not lines]
    if len(empty) == len(pages):
        raise LoadError(
            f"{path.name}: none of its {len(pages)} pages holds text, it is scanned; text recognition (OCR) "
            "is not available yet: run it through an OCR program first"
        )
    warnings = (f"pages without text (scanned?): {', '.join(empty)}",) if empty else ()
    return Loaded(blocks_of(pages, outline), _title(path), len(pages), warnings)


def _pages(path: Path) -> tuple[list[list[Line]], Outline]:
    try:
        document = pdfium.PdfDocument(path, password="")
        try:
            pages = [page_lines(document, number) for number in range(len(document))]
            return pages, _outline(document)
        finally:
            document.close()
    except pdfium.PdfiumError as error:
        if _PASSWORD in str(error).lower():
            raise LoadError(f"{path.name}: is locked with a password: save a copy without one") from error
        raise LoadError(f"{path.name}: is a damaged PDF: save or download it again") from error


def _outline(document: pdfium.PdfDocument) -> Outline:
    """Give the outline's titles by page (from 0) with their level (from 1)."""
    outline: Outline = {}
    for mark in document.get_toc(max_depth=_OUTLINE_DEPTH):
        target = mark.get_dest()
        page = target.get_index() if target else None
        if page is not None:
            outline.setdefault(page, []).append((mark.level + 1, mark.get_title()))
    return outline


def _title(path: Path) -> str | None:
    logging.getLogger("pypdf").setLevel(logging.CRITICAL)
    try:
        reader = PdfReader(path)
        if reader.is_encrypted and not reader.decrypt(""):
            return None
        return reader.metadata.title if reader.metadata else None
    except (PyPdfError, ValueError, KeyError, TypeError, AttributeError, IndexError, RecursionError):
        return None  # too damaged for pypdf; the text is there
