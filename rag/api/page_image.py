"""A page of a PDF as an image, with a sentence marked."""

from __future__ import annotations

import io
import re
import threading
from pathlib import Path

import pypdfium2
from PIL import Image, ImageDraw

from ingest.errors import KeyRAGError, NotFoundError

_SCALE = 1.6
_MARK = (255, 214, 0, 96)
# pdfium is not safe to use from two threads at once.
_pdfium = threading.Lock()


def page_image(file: Path, page: int, mark: str | None = None) -> bytes:
    """Render a page as PNG, 115 dots an inch.

    :param page: counts from 1.
    :param mark: text to mark on the page, white space aside; where it is not found nothing is marked.
    :raises NotFoundError: if the file has no such page.
    """
    with _pdfium:
        try:
            document = pypdfium2.PdfDocument(file)
        except pypdfium2.PdfiumError as error:
            raise KeyRAGError(f"{file.name} has no pages that can be shown ({error})") from error
        try:
            if not 1 <= page <= len(document):
                raise NotFoundError(f"{file.name} has {len(document)} pages, not {page}")
            shown = document[page - 1]
            image = shown.render(scale=_SCALE).to_pil().convert("RGB")
            if mark:
                image = _marked(image, _rectangles(shown, mark), shown.get_height())
        finally:
            document.close()
    buffer = io.BytesIO()
    image.save(buffer, "PNG")
    return buffer.getvalue()


def _rectangles(page: pypdfium2.PdfPage, mark: str) -> list[tuple[float, float, float, float]]:
    """Find ``mark`` on the page: left, bottom, right, top in points, one a line."""
    text = page.get_textpage()
    count = text.count_chars()
    chars = [text.get_text_range(i, 1) for i in range(count)]
    places = [i for i, char in enumerate(chars) if char.strip() and char.strip("\x00\ufffe\xad")]
    flat = "".join(chars[i] for i in places)
    wanted = re.sub(r"\s+", "", mark)
    start, length = flat.find(wanted), len(wanted)
    if start < 0 and length > 40:  # cleaned text differs here and there: its beginning will do
        start, length = flat.find(wanted[:20]), 20
    if start < 0:
        return []
    boxes = [text.get_charbox(i) for i in places[start : start + length]]
    lines: list[tuple[float, float, float, float]] = []
    for left, bottom, right, top in boxes:
        if lines and bottom < lines[-1][3] and top > lines[-1][1] and left >= lines[-1][0]:
            first = lines[-1]
            lines[-1] = (first[0], min(first[1], bottom), max(first[2], right), max(first[3], top))
        else:
            lines.append((left, bottom, right, top))
    return lines


def _marked(image: Image.Image, rectangles: list[tuple[float, float, float, float]], height: float) -> Image.Image:
    layer = Image.new("RGBA", image.size)
    draw = ImageDraw.Draw(layer)
    for left, bottom, right, top in rectangles:
        box = (left - 1, height - top - 1, right + 1, height - bottom + 1)
        draw.rectangle(tuple(side * _SCALE for side in box), fill=_MARK)
    return Image.alpha_composite(image.convert("RGBA"), layer).convert("RGB")
