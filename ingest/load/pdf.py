"""PDF: blocks with their places from what pdfium reads, or recognises, on the pages."""

from __future__ import annotations

import logging
from collections.abc import Sequence
from pathlib import Path

import pypdfium2 as pdfium
from pypdf import PdfReader
from pypdf.errors import PyPdfError

from ingest.errors import LoadError
from ingest.load.pdf_blocks import blocks_of
from ingest.load.pdf_contents import without_contents
from ingest.load.pdf_drawing import Drawing
from ingest.load.pdf_order import Flow, flows
from ingest.load.pdf_page import PageText, read_page
from ingest.load.pdf_running import without_running_lines, without_running_tables
from ingest.load.pdf_tables import find_tables
from ingest.load.pdfium import opened
from ingest.load.registry import Loaded
from ingest.load.signature import looks_like
from ingest.settings import LoadSettings

_HEAD = 1024
_OUTLINE_DEPTH = 8
_EXCERPT = 40

Outline = dict[int, list[tuple[int, str]]]


def pdf(path: Path, settings: LoadSettings) -> Loaded:
    """Read a PDF: pdfium gives characters and pictures, pypdf the title.

    Pages are read column by column; running heads, feet and page numbers are left out. Headings come from the
    outline, from the type and from their numbering. Scanned pages are recognised, unless ``settings.ocr`` is off.

    :raises LoadError: if the file is no PDF, locked, damaged, too long or without text that can be read.
    """
    with path.open("rb") as file:
        head = file.read(_HEAD)
    if b"%PDF-" not in head:
        real = looks_like(head)
        raise LoadError(f"{path.name}: is no PDF but {real or 'something else'}: give it the right suffix")
    with opened(path) as document:
        count = len(document)
        if count > settings.max_pages:
            raise LoadError(
                f"{path.name}: has {count} pages, over {settings.max_pages}: split it or raise load.max_pages"
            )
        ocr, keep = settings.ocr == "auto", settings.hidden_text == "keep"
        pages = [read_page(document, index, ocr=ocr, keep_hidden=keep) for index in range(count)]
        outline = _outline(document)
    if all(page.unread for page in pages):
        raise LoadError(
            f"{path.name}: is scanned and text recognition is off: set load.ocr to auto or run an OCR program first"
        )
    return Loaded(blocks_of(page_flows(pages), outline), _title(path), count, tuple(read_warnings(pages)))


def page_flows(pages: Sequence[PageText]) -> list[list[Flow]]:
    """Take contents, tables and running lines out of the pages, and put what is left in reading order."""
    read = [page.groups[0] if page.groups else () for page in pages]
    text = without_contents(read)
    found = [find_tables(lines, page.drawn or Drawing()) for page, lines in zip(pages, text, strict=True)]
    tables = without_running_tables([tables for tables, _ in found])
    held = [
        bool(table) or len(lines) < len(all_lines) for table, lines, all_lines in zip(tables, text, read, strict=True)
    ]
    kept = without_running_lines([rest for _, rest in found], held)
    return [
        flows(lines, on_page) + [flow for group in page.groups[1:] for flow in flows(group)]
        for page, lines, on_page in zip(pages, kept, tables, strict=True)
    ]


def read_warnings(pages: Sequence[PageText]) -> list[str]:
    recognised = [(number, page.confidence) for number, page in enumerate(pages, 1) if page.confidence is not None]
    warnings = []
    if recognised:
        mean = sum(confidence for _, confidence in recognised) / len(recognised)
        pages_read = numbers([number for number, _ in recognised])
        warnings.append(f"read by text recognition: {pages_read} (mean confidence {mean:.0%})")
    if unread := [number for number, page in enumerate(pages, 1) if page.unread]:
        warnings.append(f"scanned, left out because text recognition is off: {numbers(unread)}")
    if empty := [number for number, page in enumerate(pages, 1) if not any(page.groups) and not page.unread]:
        warnings.append(f"without text: {numbers(empty)}")
    for what, texts in (
        ("hidden text left out", [page.hidden for page in pages]),
        ("slanted text left out (a watermark?)", [page.slanted for page in pages]),
    ):
        where = [number for number, text in enumerate(texts, 1) if text]
        if where:
            excerpt = texts[where[0] - 1][:_EXCERPT]
            count = sum(len(text.replace(" ", "")) for text in texts)
            warnings.append(f"{what}: {count} characters, {numbers(where)}: “{excerpt}”")
    return warnings


def numbers(pages: Sequence[int]) -> str:
    """Name pages, neighbours together.

    >>> numbers([1, 2, 3, 7])
    'pages 1-3, 7'
    """
    ranges: list[list[int]] = []
    for page in pages:
        if ranges and page == ranges[-1][1] + 1:
            ranges[-1][1] = page
        else:
            ranges.append([page, page])
    named = ", ".join(f"{first}-{last}" if last > first else str(first) for first, last in ranges)
    return f"page{'s' if len(pages) > 1 else ''} {named}"


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
