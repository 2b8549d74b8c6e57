"""Draw PDF pages for tests, and read back what stands in their boxes."""

from __future__ import annotations

import io
from collections.abc import Callable, Sequence

import pypdfium2
from reportlab.pdfbase import pdfmetrics
from reportlab.pdfbase.cidfonts import UnicodeCIDFont
from reportlab.pdfgen.canvas import Canvas

from ingest.types import Block, Box

for _name in ("STSong-Light", "MSung-Light"):
    pdfmetrics.registerFont(UnicodeCIDFont(_name))

Draw = Callable[[Canvas], None]


def drawn(*pages: Draw, **options: object) -> bytes:
    """Make a PDF; every function draws one page."""
    buffer = io.BytesIO()
    canvas = Canvas(buffer, **options)
    for draw in pages:
        canvas.setFont("Helvetica", 11)
        draw(canvas)
        canvas.showPage()
    canvas.save()
    return buffer.getvalue()


def column(canvas: Canvas, lines: Sequence[str], x: float, y: float, size: float = 10, leading: float = 14) -> None:
    for number, text in enumerate(lines):
        canvas.setFont("STSong-Light" if any(char > "\u2e7f" for char in text) else "Helvetica", size)
        canvas.drawString(x, y - leading * number, text)


def text_in(pdf: bytes, box: Box) -> str:
    """Read what pdfium finds in a box, white space aside."""
    document = pypdfium2.PdfDocument(pdf)
    page = document[box.page - 1]
    text = page.get_textpage().get_text_bounded(box.edges[0] - 0.5, box.bottom, box.edges[-1] + 0.5, box.top)
    document.close()
    for mark in ("\x02", "\ufffe"):  # what pdfium puts for a hyphen at the end of a line
        text = text.replace(mark, "-")
    return "".join(text.split())


def check_boxes(blocks: Sequence[Block]) -> None:
    """Boxes cover the text in order, each with an edge more than it has characters."""
    for block in blocks:
        end = 0
        for box in block.boxes:
            assert end <= box.start < box.end <= len(block.text)
            assert len(box.edges) == box.end - box.start + 1
            assert list(box.edges) == sorted(box.edges) and box.bottom < box.top
            end = box.end
