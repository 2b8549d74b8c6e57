"""Documents and blocks as JSON values: what the store keeps and what a loading process hands over."""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from dataclasses import fields
from typing import Any

from ingest.types import Block, Box, Document

_PLAIN = [field.name for field in fields(Document) if field.name not in ("blocks", "warnings")]


def blocks_json(blocks: Iterable[Block]) -> list[list[Any]]:
    """Give blocks as lists; coordinates keep a tenth of a point.

    >>> blocks_json([Block("十天。", page=2)])
    [['十天。', 'paragraph', [], 2, []]]
    """
    return [
        [block.text, block.kind, list(block.heading_path), block.page, [_box_json(box) for box in block.boxes]]
        for block in blocks
    ]


def _box_json(box: Box) -> list[Any]:
    edges = [round(edge, 1) for edge in box.edges]
    return [box.page, box.start, box.end, round(box.bottom, 1), round(box.top, 1), edges]


def blocks_from(rows: Iterable[Sequence[Any]]) -> tuple[Block, ...]:
    """Give the blocks back; rows of older stores have no boxes."""
    return tuple(
        Block(text, kind, tuple(path), page, tuple(_box(values) for values in (rest[0] if rest else ())))
        for text, kind, path, page, *rest in rows
    )


def _box(values: Sequence[Any]) -> Box:
    page, start, end, bottom, top, edges = values
    return Box(page, start, end, bottom, top, tuple(edges))


def document_json(document: Document) -> dict[str, Any]:
    """Give a document as an object of JSON values."""
    return {
        **{name: getattr(document, name) for name in _PLAIN},
        "warnings": list(document.warnings),
        "blocks": blocks_json(document.blocks),
    }


def document_from(value: dict[str, Any]) -> Document:
    """Give the document back that :func:`document_json` wrote."""
    return Document(**{**value, "warnings": tuple(value["warnings"]), "blocks": blocks_from(value["blocks"])})
