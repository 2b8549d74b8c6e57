"""Read one page of a PDF: by its text or, where it is a picture of text, by recognition."""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np
import pypdfium2 as pdfium

from ingest.load.lines import Line
from ingest.load.ocr import Reading, read_image
from ingest.load.pdf_drawing import Drawing, covered, drawing
from ingest.load.pdf_hidden import hidden_chars
from ingest.load.pdf_lines import Chars, code_points, page_chars, page_lines

_PICTURE = 0.5  # of the page, covered by images
_LITTLE_TEXT = 60  # characters: a stamp or a page number on a scan
_MANY_PATHS = 100  # letters drawn as outlines
_GARBAGE = 0.3
_LONG_SIDE = 2000  # pixels of a page to recognise: an A4 page at 170 dots an inch
_EXCERPT = 40


@dataclass(frozen=True, slots=True)
class PageText:
    """What was read of a page, and what was not.

    ``groups`` are lines by the direction they run in, ``drawn`` what the tables are found by. ``confidence``
    is that of recognition, None where the text itself was read. ``unread`` says that recognition is off.
    """

    groups: tuple[tuple[Line, ...], ...] = ()
    drawn: Drawing | None = None
    confidence: float | None = None
    hidden: str = ""
    slanted: str = ""
    unread: bool = False


def read_page(document: pdfium.PdfDocument, index: int, *, ocr: bool, keep_hidden: bool) -> PageText:
    """Read a page.

    :param index: of the page, from 0.
    :param keep_hidden: read what a reader of the page can't see, too.
    :raises pypdfium2.PdfiumError: if the page is damaged.
    """
    page = document[index]
    text_page = page.get_textpage()
    try:
        chars, drawn = page_chars(page, text_page), drawing(page)
        picture = covered(drawn.images(), chars.width, chars.height) >= _PICTURE
        unseen = hidden_chars(page, text_page, chars, drawn, layered=picture)
        seen = chars.only(~unseen) if unseen.any() else chars
        left_out = chars.only(_with_spaces(chars, unseen))
        hidden = "" if keep_hidden else " ".join(left_out.text.split())
        if _is_scan(seen, drawn, picture):
            if not ocr:
                return PageText(hidden=hidden, unread=True)
            reading = _recognised(page, index + 1)
            kept = page_lines(page, text_page, left_out, index + 1).groups if keep_hidden else ()
            return PageText((reading.lines, *kept), confidence=reading.confidence, hidden=hidden)
        found = page_lines(page, text_page, chars if keep_hidden else seen, index + 1)
        return PageText(found.groups, drawn, hidden=hidden, slanted=found.slanted)
    finally:
        text_page.close()
        page.close()


def _with_spaces(chars: Chars, chosen: np.ndarray) -> np.ndarray:
    """Add to the chosen characters the white space behind them."""
    last = np.maximum.accumulate(np.where(chars.ink, np.arange(len(chosen)), 0))
    with_spaces: np.ndarray = chosen[last] if len(chosen) else chosen
    return with_spaces


def _is_scan(seen: Chars, drawn: Drawing, picture: bool) -> bool:
    count = int(seen.ink.sum())
    if not count:
        return bool(drawn.images()) or drawn.paths >= _MANY_PATHS
    return (picture and count < _LITTLE_TEXT) or _is_garbage(seen.text)


def _is_garbage(text: str) -> bool:
    """Tell text whose font doesn't say which characters its glyphs are."""
    points = code_points(text)
    points = points[(points != 0x20) & (points != 0x0A) & (points != 0x0D) & (points != 0x02) & (points != 0xFFFE)]
    private = (points >= 0xE000) & (points < 0xF900)
    strange = (points < 0x20) | private | (points == 0xFFFD) | (points >= 0xF0000)
    return int(strange.sum()) > _GARBAGE * len(points)


def _recognised(page: pdfium.PdfPage, number: int) -> Reading:
    scale = _LONG_SIDE / max(page.get_size())
    return read_image(page.render(scale=scale, rev_byteorder=False).to_numpy()[:, :, :3], number, scale)
