"""What the ways of splitting share: sentences in their place, the gaps between them, and who judges these."""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from typing import Protocol

import numpy as np
from numpy.typing import NDArray

from ingest.types import Block

# The bond within a paragraph that fits into a segment. Judges stay below half of it.
BOUND = 4.0


@dataclass(frozen=True, slots=True)
class Sentence:
    """A sentence with the block it stands in; ``start`` and ``end`` count characters of the document's text."""

    start: int
    end: int
    text: str
    block: Block
    path: tuple[str, ...]


@dataclass(frozen=True, slots=True)
class Gap:
    """The place before sentence ``at`` of ``run``, the sentences under one heading in reading order."""

    run: Sequence[Sentence]
    at: int

    @property
    def between_blocks(self) -> bool:
        return self.run[self.at - 1].block is not self.run[self.at].block

    def around(self, chars: int) -> tuple[str, str]:
        """Give the text before and the text after the gap: whole sentences until there are ``chars`` characters."""
        before = _until((self.run[i] for i in range(self.at - 1, -1, -1)), chars)
        return "".join(reversed(before)), "".join(_until((self.run[i] for i in range(self.at, len(self.run))), chars))


def _until(sentences: Iterable[Sentence], chars: int) -> list[str]:
    texts: list[str] = []
    length = 0
    for sentence in sentences:
        if length >= chars:
            break
        # A space between words, none between Chinese sentences.
        texts.append(sentence.text + " " if sentence.text[-1:].isascii() else sentence.text)
        length += len(texts[-1])
    return texts


class Judge(Protocol):
    """Tells how strongly the text on either side of a gap belongs together."""

    def __call__(self, gaps: Sequence[Gap]) -> NDArray[np.float32]:
        """Judge gaps, runs in reading order and gaps ascending within them.

        :return: float32, (n,): above 0 both sides belong together, the higher the stronger; at 0 or below
            the text is cut there, lengths permitting.
        """
        ...


def between_paragraphs(gaps: Sequence[Gap]) -> NDArray[np.float32]:
    """Judge by structure alone: paragraphs stand apart, the sentences of one hold together."""
    return np.array([-1 if gap.between_blocks else 1 for gap in gaps], np.float32)
