"""Pictures of text for tests, set in fonts that pdfium draws itself."""

from __future__ import annotations

import io
from collections.abc import Sequence
from typing import Any

import pypdfium2
from PIL import Image

from .samples import TextLine, pdf_bytes


def drawn_picture(lines: Sequence[TextLine], scale: float = 2.0, height: int = 260) -> Image.Image:
    """Draw the upper ``height`` points of a page; RGB."""
    with pypdfium2.PdfDocument(pdf_bytes([lines])) as document:
        page = document[0].render(scale=scale).to_pil().convert("RGB")
    return page.crop((0, 0, page.width, round(height * scale)))


def saved_as(picture: Image.Image, kind: str = "PNG", **options: Any) -> bytes:
    buffer = io.BytesIO()
    picture.save(buffer, kind, **options)
    return buffer.getvalue()
