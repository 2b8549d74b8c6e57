"""Images of text, photographed, scanned or drawn: read by recognition like the scanned pages of a PDF."""

from __future__ import annotations

from pathlib import Path

import numpy as np

from ingest.errors import LoadError
from ingest.load.ocr import read_image
from ingest.load.pdf import page_flows, read_warnings
from ingest.load.pdf_blocks import blocks_of
from ingest.load.pdf_page import PageText
from ingest.load.picture import Picture, opened_picture
from ingest.load.registry import Loaded
from ingest.settings import LoadSettings

# An icon may look like a single letter.
_FEWEST_LETTERS = 2


def image(path: Path, settings: LoadSettings) -> Loaded:
    """Read a picture, or the pages of a TIFF; the boxes are pixels of the upright picture.

    :raises LoadError: if recognition is off, and if the file is no image, damaged, too large, too long or
        without text that can be read.
    """
    if settings.ocr == "off":
        raise LoadError(f"{path.name}: is an image and text recognition is off: set load.ocr to auto")
    with opened_picture(path) as picture:
        count = picture.pages
        if count > settings.max_pages:
            raise LoadError(
                f"{path.name}: has {count} pages, over {settings.max_pages}: split it or raise load.max_pages"
            )
        pages = [_recognised(picture, number) for number in range(1, count + 1)]
    if sum(char.isalnum() for page in pages for line in page.groups[0] for char in line.text) < _FEWEST_LETTERS:
        raise LoadError(f"{path.name}: shows no text that can be read: check that it is sharp and the right file")
    return Loaded(blocks_of(page_flows(pages), {}), pages=count, warnings=tuple(read_warnings(pages)))


def _recognised(picture: Picture, number: int) -> PageText:
    pixels = np.asarray(picture.page(number))
    reading = read_image(np.ascontiguousarray(pixels[:, :, ::-1]), number)
    return PageText((reading.lines,), confidence=reading.confidence)
