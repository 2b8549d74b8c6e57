"""PDF: text with page numbers, lines joined to paragraphs, running heads and feet left out."""

from __future__ import annotations

import logging
import re
from collections import Counter
from collections.abc import Iterator
from pathlib import Path

import pypdfium2 as pdfium
from pypdf import PdfReader
from pypdf.errors import PyPdfError

from ingest.errors import LoadError
from ingest.load.clean import join_lines
from ingest.load.headings import HeadingPath, numbered_level
from ingest.load.registry import Loaded
from ingest.types import Block

_DIGITS = re.compile(r"\d+")
_EDGE_LINES = 2
_SENTENCE_END = "。！？!?.;；:："
_LIST = re.compile(r"^(?:[-*•·▪]|[（(]?\d{1,2}[.)）、])\s*\S")


def pdf(path: Path) -> Loaded:
    """Read a PDF. pypdf gives title and encryption, pdfium the text: faster and truer to reading order."""
    title = _title(path)
    try:
        document = pdfium.PdfDocument(path)
        pages = [_lines(document[i]) for i in range(len(document))]
        document.close()
    except pdfium.PdfiumError as error:
        raise LoadError(f"{path.name}: is damaged or no PDF ({error}): save or download it again") from error
    empty = [number for number, lines in enumerate(pages, 1) if not lines]
    if len(empty) == len(pages):
        raise LoadError(f"{path.name}: {len(pages)} pages without text, it is scanned: run text recognition (OCR) first")
    warnings = (f"pages without text (scanned?): {', '.join(map(str, empty))}",) if empty else ()
    running = _running(pages)
    headings = HeadingPath()
    blocks = []
    for number, lines in enumerate(pages, 1):
        kept = [line for line in lines if _shape(line) not in running]
        for paragraph in _paragraphs(kept):
            level = numbered_level(paragraph)
            if level is not None:
                blocks.append(Block(paragraph, "heading", headings.enter(level, paragraph), number))
            else:
                kind = "list" if _LIST.match(paragraph) else "paragraph"
                blocks.append(Block(paragraph, kind, headings.path, number))
    return Loaded(_joined(blocks), title, len(pages), warnings)


def _title(path: Path) -> str | None:
    logging.getLogger("pypdf").setLevel(logging.CRITICAL)
    try:
        reader = PdfReader(path)
        if reader.is_encrypted and not reader.decrypt(""):
            raise LoadError(f"{path.name}: is locked with a password: save a copy without one")
        title = reader.metadata.title if reader.metadata else None
    except (PyPdfError, ValueError, KeyError, TypeError, AttributeError, RecursionError, OSError):
        return None  # damaged for pypdf; pdfium may still read it
    return title if title and title.strip().lower() not in ("untitled", "anonymous") else None


def _lines(page: pdfium.PdfPage) -> list[str]:
    text_page = page.get_textpage()
    text = text_page.get_text_bounded()
    text_page.close()
    return [line.strip() for line in text.splitlines() if line.strip()]


def _shape(line: str) -> str:
    return _DIGITS.sub("#", "".join(line.split()))


def _running(pages: list[list[str]]) -> set[str]:
    """Find the lines at the edges that come back on at least half of the pages, page numbers aside."""
    if len(pages) < 2:
        return set()
    counts = Counter(
        shape for lines in pages for shape in {_shape(line) for line in lines[:_EDGE_LINES] + lines[-_EDGE_LINES:]}
    )
    return {shape for shape, count in counts.items() if count >= max(2, len(pages) * 0.5)}


def _paragraphs(lines: list[str]) -> Iterator[str]:
    """Join lines: a paragraph ends with a line that is clearly short, a heading or a list item starts anew."""
    width = max((_width(line) for line in lines), default=0)
    current: list[str] = []
    for line in lines:
        starts = numbered_level(line) is not None or _LIST.match(line)
        if current and starts:
            yield join_lines(current)
            current = []
        current.append(line)
        short = _width(line) < 0.8 * width
        ends = line[-1] in _SENTENCE_END
        if numbered_level(line) is not None or (short and ends) or _width(line) < 0.5 * width:
            yield join_lines(current)
            current = []
    if current:
        yield join_lines(current)


def _width(line: str) -> int:
    return sum(1 if char.isascii() else 2 for char in line)


def _joined(blocks: list[Block]) -> list[Block]:
    """Join a paragraph that goes on over a page break."""
    joined: list[Block] = []
    for block in blocks:
        last = joined[-1] if joined else None
        goes_on = (
            last is not None
            and last.kind == block.kind == "paragraph"
            and last.page != block.page
            and last.text[-1] not in _SENTENCE_END
        )
        if goes_on and last is not None:
            joined[-1] = Block(join_lines([last.text, block.text]), last.kind, last.heading_path, last.page)
        else:
            joined.append(block)
    return joined
