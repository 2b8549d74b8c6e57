"""Cut a document into units: article > segment > sentence, following its structure."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass

from ingest.config import SplitSettings
from ingest.split.sentences import sentence_spans
from ingest.types import Block, Document, Unit


@dataclass(frozen=True, slots=True)
class _Sentence:
    start: int
    end: int
    block: Block


def split(document: Document, settings: SplitSettings) -> tuple[Unit, ...]:
    """Cut ``document`` into its units, numbered in reading order.

    Every character of a block that is no heading, white space aside, lies in exactly one sentence, every
    sentence in exactly one segment. A heading is no unit of its own, it stands in the path of what is below
    it; one with nothing below it is kept as a sentence.
    """
    text = document.text
    article = Unit(0, "article", 0, len(text), text, (document.title,))
    units = [article]
    for sentences in _segments(document, text, settings):
        first, last = sentences[0], sentences[-1]
        path = (document.title, *first.block.heading_path)
        segment = Unit(
            ordinal=len(units),
            level="segment",
            start=first.start,
            end=last.end,
            text=text[first.start : last.end],
            heading_path=path,
            kind=first.block.kind,
            page=first.block.page,
            parent=0,
        )
        units.append(segment)
        units += (
            Unit(
                ordinal=segment.ordinal + number,
                level="sentence",
                start=sentence.start,
                end=sentence.end,
                text=text[sentence.start : sentence.end],
                heading_path=path,
                kind=sentence.block.kind,
                page=sentence.block.page,
                parent=segment.ordinal,
            )
            for number, sentence in enumerate(sentences, 1)
        )
    return tuple(units)


def _segments(document: Document, text: str, settings: SplitSettings) -> Iterator[list[_Sentence]]:
    """Join neighbouring blocks under one heading until they are long enough; cut what is too long."""
    current: list[_Sentence] = []
    for sentences in _blocks(document, text, settings.sentence_max_chars):
        if current:
            same = current[-1].block.heading_path == sentences[0].block.heading_path
            length = current[-1].end - current[0].start
            joined = sentences[-1].end - current[0].start
            if not same or length >= settings.segment_min_chars or joined > settings.segment_max_chars:
                yield current
                current = []
        current += sentences
        while current and current[-1].end - current[0].start > settings.segment_max_chars and len(current) > 1:
            cut = next(
                i
                for i in range(len(current), 0, -1)
                if i == 1 or current[i - 1].end - current[0].start <= settings.segment_max_chars
            )
            yield current[:cut]
            current = current[cut:]
    if current:
        yield current


def _blocks(document: Document, text: str, max_chars: int) -> Iterator[list[_Sentence]]:
    above = {block.heading_path[:n] for block in document.blocks for n in range(1, len(block.heading_path) + 1)}
    offset = 0
    for block in document.blocks:
        covered = block.kind == "heading" and (*block.heading_path, block.text) in above
        is_title = block.kind == "heading" and block.text == document.title
        if not covered and not is_title:
            # A table row is one statement: it is cut only where it is far too long.
            limit = 4 * max_chars if block.kind == "row" else max_chars
            spans = [(0, len(block.text))] if block.kind == "row" and len(block.text) <= limit else None
            sentences = [
                _Sentence(offset + start, offset + end, block)
                for start, end in spans or sentence_spans(block.text, limit)
            ]
            if sentences:
                yield sentences
        offset += len(block.text) + 1
