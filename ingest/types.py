"""The data that flows through the pipeline: frozen, with no behaviour beyond themselves.

A :class:`Document` is what a loader reads: blocks in reading order. A :class:`Unit` is a span of the
document's text (level 2 of the index, what the language model reads). A :class:`Key` is a short text
that stands for exactly one unit (level 1, the only thing that is embedded).
"""

from __future__ import annotations

from dataclasses import dataclass, field
from typing import Literal

BlockKind = Literal["heading", "paragraph", "list", "row", "code"]
Level = Literal["article", "segment", "sentence"]
LEVELS: tuple[Level, ...] = ("article", "segment", "sentence")


@dataclass(frozen=True, slots=True)
class Box:
    """Where a stretch of a block's text, one line at most, stands on a page.

    ``start`` and ``end`` count characters of the block's text; ``page`` counts from 1. ``bottom``, ``top``
    and ``edges`` are points from the lower left corner of the page (pixels for an image). ``edges`` has one
    number more than there are characters: the left side of each and the right side of the last.
    """

    page: int
    start: int
    end: int
    bottom: float
    top: float
    edges: tuple[float, ...]


@dataclass(frozen=True, slots=True)
class Block:
    """One paragraph, heading, list item or table row of a document.

    ``heading_path`` holds the headings above the block, outermost first, without the document's title;
    a heading's own text is not part of its own path. ``page`` counts from 1, None where the format has
    no pages. ``boxes`` tell where the text stands, in reading order; none where the format has no pages.
    """

    text: str
    kind: BlockKind = "paragraph"
    heading_path: tuple[str, ...] = ()
    page: int | None = None
    boxes: tuple[Box, ...] = ()


@dataclass(frozen=True, slots=True)
class Document:
    """A document as read: its blocks in reading order.

    ``doc_id`` is stable for a source (see :func:`ingest.pipeline.document_id`), ``sha256`` is the hex
    digest of its bytes. ``text`` is all blocks joined by a line break; every offset of a unit counts
    characters of it.
    """

    doc_id: str
    title: str
    source: str
    media_type: str
    sha256: str
    blocks: tuple[Block, ...]
    pages: int | None = None
    warnings: tuple[str, ...] = ()

    @property
    def text(self) -> str:
        return "\n".join(block.text for block in self.blocks)


@dataclass(frozen=True, slots=True)
class Unit:
    """A span of a document's text: ``text == document.text[start:end]``.

    ``ordinal`` numbers a document's units of all levels in reading order, an outer unit before the
    units inside it; ``parent`` is the ordinal of the enclosing unit, None for the article.
    ``heading_path`` starts with the document's title.
    """

    ordinal: int
    level: Level
    start: int
    end: int
    text: str
    heading_path: tuple[str, ...]
    kind: BlockKind = "paragraph"
    page: int | None = None
    parent: int | None = None


@dataclass(frozen=True, slots=True)
class Key:
    """A short text that is embedded and compared in place of the unit with that ordinal."""

    unit: int
    kind: str
    text: str


@dataclass(frozen=True, slots=True)
class Why:
    """Why a hit was found: its scores by meaning (0 is the mean of all keys) and by words, what it gets for holding a
    date or number where one is asked for, and its best keys.

    ``fused`` is the score that orders the hits of one question; it has no scale. ``rerank`` is what the reranker
    makes of the hit, 0 to 1, None where it was not asked; it deals the best fused scores out anew.
    """

    dense: float = 0.0
    lexical: float = 0.0
    answer_type: float = 0.0
    fused: float = 0.0
    rerank: float | None = None
    keys: tuple[str, ...] = ()


@dataclass(frozen=True, slots=True)
class Hit:
    """A unit of a knowledge base that answers a question.

    ``score`` is the probability, 0 to 1, that it holds what was asked for.
    """

    unit_id: int
    doc_id: str
    document: str
    level: Level
    text: str
    start: int
    end: int
    heading_path: tuple[str, ...]
    score: float
    page: int | None = None
    kb: str = ""
    why: Why = field(default_factory=Why)


@dataclass(frozen=True, slots=True)
class EmbeddingIdentity:
    """What makes vectors comparable: the model, its dimension, prefixes and cut."""

    model: str
    dimension: int
    query_prefix: str | None
    passage_prefix: str | None
    max_tokens: int
