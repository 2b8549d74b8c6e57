"""Read the structure of a document: the sentences under each heading, and what holds them together by itself."""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterator, Sequence
from itertools import groupby, pairwise

from ingest.split.gaps import BOUND, Sentence
from ingest.split.sentences import sentence_spans
from ingest.types import Block, Document

# A table row is one statement: it is cut only where it is far too long.
_LONGEST_ROW = 4


def runs(document: Document, sentence_max_chars: int) -> list[list[Sentence]]:
    """Give the sentences of a document, in one list for each stretch of blocks under the same heading.

    A heading is no sentence, it stands in the path of what is below it; one with nothing below it is kept.
    """
    found = _sentences(document, document.text, sentence_max_chars)
    return [list(run) for _, run in groupby(found, key=lambda sentence: sentence.block.heading_path)]


def fixed_bonds(run: Sequence[Sentence], lengths: Sequence[int], maximum: int) -> list[float | None]:
    """Give the bond before each sentence of a run but the first where structure decides, None where it does not.

    A paragraph that fits into a segment is not torn; rows of a table, items of a list and what introduces
    them are one.

    :param lengths: tokens of each sentence.
    """
    whole = Counter[int]()
    for sentence, length in zip(run, lengths, strict=True):
        whole[id(sentence.block)] += length
    bonds: list[float | None] = []
    for before, after in pairwise(run):
        if before.block is after.block:
            bonds.append(BOUND if whole[id(after.block)] <= maximum else None)
        else:
            bonds.append(BOUND / 2 if _one(before, after) else None)
    return bonds


def _one(before: Sentence, after: Sentence) -> bool:
    kinds = (before.block.kind, after.block.kind)
    introduced = kinds[1] in ("row", "list") and before.text.endswith((":", "："))
    return introduced or kinds in (("row", "row"), ("list", "list"))


def _sentences(document: Document, text: str, max_chars: int) -> Iterator[Sentence]:
    above = {block.heading_path[:n] for block in document.blocks for n in range(1, len(block.heading_path) + 1)}
    offset = 0
    for block in document.blocks:
        covered = block.kind == "heading" and (*block.heading_path, block.text) in above
        is_title = block.kind == "heading" and block.text == document.title
        if not covered and not is_title:
            path = (document.title, *block.heading_path)
            for start, end in _spans(block, max_chars):
                yield Sentence(offset + start, offset + end, block.text[start:end], block, path)
        offset += len(block.text) + 1


def _spans(block: Block, max_chars: int) -> Iterator[tuple[int, int]]:
    limit = _LONGEST_ROW * max_chars if block.kind == "row" else max_chars
    if block.kind == "row" and len(block.text) <= limit:
        statements = [(0, len(block.text))]
    elif block.kind == "code":
        statements = list(_lines(block.text, limit))
    else:
        yield from sentence_spans(block.text, limit)
        return
    for start, end in statements:
        whole = block.text[start:end]
        if whole.strip() and len(whole) <= limit:
            yield start + len(whole) - len(whole.lstrip()), start + len(whole.rstrip())
        else:
            yield from ((start + a, start + b) for a, b in sentence_spans(whole, limit))


def _lines(text: str, max_chars: int) -> Iterator[tuple[int, int]]:
    """Give stretches of whole lines, each as long as it may be; a line that is too long stands alone."""
    start = end = 0
    for line in text.splitlines(keepends=True):
        if end > start and end + len(line) - start > max_chars:
            yield start, end
            start = end
        end += len(line)
    if end > start:
        yield start, end
