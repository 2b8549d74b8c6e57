"""A page of a PDF or an image as PNG, with a passage marked."""

from __future__ import annotations

import io
import re
from collections.abc import Sequence
from pathlib import Path

import pypdfium2
from PIL import Image, ImageDraw

from ingest.errors import NotFoundError
from ingest.load.pdfium import opened
from ingest.load.picture import opened_picture
from rag.api.marks import Rect

_SCALE = 1.6  # 115 dots an inch
_LONGEST_SIDE = 2000
_MARK = (255, 214, 0, 96)


def pdf_page_image(file: Path, page: int, marks: Sequence[Rect] = (), wanted: str | None = None) -> bytes:
    """Render a page of a PDF, 115 dots an inch.

    :param page: counts from 1.
    :param wanted: text to look for and mark, white space aside, where no places are known.
    :raises NotFoundError: if the file has no such page.
    :raises LoadError: if it can't be opened.
    """
    with opened(file) as document:
        _check_page(file, page, len(document))
        shown = document[page - 1]
        image = shown.render(scale=_SCALE).to_pil().convert("RGB")
        return _png(_marked(image, marks or (_found(shown, wanted) if wanted else ()), _SCALE))


def picture_page_image(file: Path, page: int, marks: Sequence[Rect] = ()) -> bytes:
    """Show a picture, or a page of a TIFF, upright; large ones are made smaller. Raises the same."""
    with opened_picture(file) as picture:
        _check_page(file, page, picture.pages)
        image = picture.page(page)
    scale = min(1.0, _LONGEST_SIDE / max(image.size))
    if scale < 1:
        image = image.resize((max(1, round(image.width * scale)), max(1, round(image.height * scale))))
    return _png(_marked(image, marks, scale))


def _check_page(file: Path, page: int, pages: int) -> None:
    if not 1 <= page <= pages:
        raise NotFoundError(f"{file.name} has {pages} pages, not {page}")


def _found(page: pypdfium2.PdfPage, wanted: str) -> list[Rect]:
    """Find text on the page; one rectangle a line."""
    text = page.get_textpage()
    count = text.count_chars()
    chars = [text.get_text_range(i, 1) for i in range(count)]
    places = [i for i, char in enumerate(chars) if char.strip() and char.strip("\x00\ufffe\xad")]
    flat = "".join(chars[i] for i in places)
    wanted = re.sub(r"\s+", "", wanted)
    start, length = flat.find(wanted), len(wanted)
    if start < 0 and length > 40:  # cleaned text differs here and there: its beginning will do
        start, length = flat.find(wanted[:20]), 20
    if start < 0:
        return []
    boxes = [text.get_charbox(i) for i in places[start : start + length]]
    lines: list[Rect] = []
    for left, bottom, right, top in boxes:
        if lines and bottom < lines[-1][3] and top > lines[-1][1] and left >= lines[-1][0]:
            first = lines[-1]
            lines[-1] = (first[0], min(first[1], bottom), max(first[2], right), max(first[3], top))
        else:
            lines.append((left, bottom, right, top))
    return lines


def _marked(image: Image.Image, marks: Sequence[Rect], scale: float) -> Image.Image:
    if not marks:
        return image
    layer = Image.new("RGBA", image.size)
    draw = ImageDraw.Draw(layer)
    for left, bottom, right, top in marks:
        box = (left * scale - 1, image.height - top * scale - 1, right * scale + 1, image.height - bottom * scale + 1)
        draw.rectangle(box, fill=_MARK)
    return Image.alpha_composite(image.convert("RGBA"), layer).convert("RGB")


def _png(image: Image.Image) -> bytes:
    buffer = io.BytesIO()
    image.save(buffer, "PNG")
    return buffer.getvalue()
