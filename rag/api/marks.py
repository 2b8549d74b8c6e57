"""Where a span of a document's text stands on a page, from the boxes that its loader stored."""

from __future__ import annotations

from collections.abc import Iterator

from ingest.types import Document

# Left, bottom, right, top: points from the lower left corner of the page, pixels for an image.
Rect = tuple[float, float, float, float]


def has_boxes(document: Document) -> bool:
    """Tell whether the document was stored with places; those of older versions were not."""
    return any(block.boxes for block in document.blocks)


def marks(document: Document, start: int, end: int, page: int) -> list[Rect]:
    """Give the rectangles of the characters from ``start`` to ``end`` on a page, one a line at most."""
    return list(_rectangles(document, start, end, page))


def _rectangles(document: Document, start: int, end: int, page: int) -> Iterator[Rect]:
    offset = 0
    for block in document.blocks:
        for box in block.boxes:
            first, last = max(start - offset, box.start), min(end - offset, box.end)
            if box.page == page and first < last:
                yield box.edges[first - box.start], box.bottom, box.edges[last - box.start], box.top
        offset += len(block.text) + 1  # the line break between blocks
