"""The lines of a PDF page with their place and size."""

from __future__ import annotations

import ctypes
from dataclasses import dataclass

import pypdfium2 as pdfium
import pypdfium2.raw as raw

from ingest.load.clean import clean

# pdfium marks a hyphen at the end of a line, which it has joined to the next one, by these.
_JOINED = ("\ufffe", "\x02")


@dataclass(frozen=True, slots=True)
class Line:
    """A line of text with its box in points, upwards from the page's foot; ``size`` is the type's height.

    Lines that pdfium joined at a hyphen are one, its box reaches from the first to the last.
    """

    text: str
    left: float
    right: float
    top: float
    bottom: float
    size: float


def page_lines(document: pdfium.PdfDocument, index: int) -> list[Line]:
    """Give the lines of a page in the order of its content; none if the page can't be read.

    :raises pypdfium2.PdfiumError: if the page is damaged.
    """
    page = document[index]
    text_page = page.get_textpage()
    try:
        whole = text_page.get_text_range()
        lines = []
        start = 0
        for piece in whole.split("\n"):
            stripped = piece.strip()
            text = clean(stripped.replace(_JOINED[0], "").replace(_JOINED[1], ""))
            if text:
                first = start + piece.index(stripped)
                lines.append(_line(text_page, text, first, first + len(stripped) - 1))
            start += len(piece) + 1
        return lines
    finally:
        text_page.close()
        page.close()


def _line(text_page: pdfium.PdfTextPage, text: str, first: int, last: int) -> Line:
    left, bottom, _, top = _box(text_page, first)
    _, last_bottom, right, _ = _box(text_page, last)
    # The middle tells the size: a line may begin with a bullet or end with a footnote mark.
    _, low, _, high = _box(text_page, (first + last + 1) // 2)
    lowest = min(bottom, last_bottom) if last_bottom else bottom
    return Line(text, left, right, top, lowest, round(high - low or top - bottom, 1))


def _box(text_page: pdfium.PdfTextPage, place: int) -> tuple[float, float, float, float]:
    """Give left, bottom, right, top of the character at a place in the page's text; zeros if unknown."""
    rect = raw.FS_RECTF()
    char = raw.FPDFText_GetCharIndexFromTextIndex(text_page.raw, place)
    if char < 0 or not raw.FPDFText_GetLooseCharBox(text_page.raw, char, ctypes.byref(rect)):
        return 0.0, 0.0, 0.0, 0.0
    return rect.left, rect.bottom, rect.right, rect.top
