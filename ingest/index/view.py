"""What a search sees of a knowledge base: one generation of its indexes."""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

from ingest.index.backend import Dense, Lexical
from ingest.types import Level


@dataclass(frozen=True, slots=True)
class View:
    """One generation of a knowledge base, as searches see it.

    ``dense`` has every level, ``lexical`` those in :data:`ingest.index.backend.SEARCHED`. ``parents`` is int64,
    (n, 3): sentence, its segment and its article, all in ascending order.
    """

    generation: int
    dense: dict[Level, Dense]
    lexical: dict[Level, Lexical]
    parents: NDArray[np.int64]

    def sentences_of(self, segments: NDArray[np.int64]) -> NDArray[np.int64]:
        """Give the sentences of these segments, in ascending order."""
        segments = np.unique(segments)
        first = np.searchsorted(self.parents[:, 1], segments, "left")
        last = np.searchsorted(self.parents[:, 1], segments, "right")
        spans = [self.parents[a:b, 0] for a, b in zip(first, last, strict=True)]
        return np.concatenate([np.zeros(0, np.int64), *spans])

    def held(self, sentences: NDArray[np.int64]) -> NDArray[np.int64]:
        """Give those of the sentences that this generation has, in ascending order.

        The lexical index on disk moves on under a search that began before a change.
        """
        sentences = np.unique(sentences)
        first, last = np.searchsorted(self.parents[:, 0], sentences), np.searchsorted(self.parents[:, 0], sentences + 1)
        return sentences[first < last]

    def segments_of(self, sentences: NDArray[np.int64]) -> NDArray[np.int64]:
        """Give the segment of each sentence; each must be one that :meth:`held` gives."""
        return self.parents[np.searchsorted(self.parents[:, 0], sentences), 1]

    def articles_of(self, sentences: NDArray[np.int64]) -> NDArray[np.int64]:
        """Give the article of each sentence; each must be one that :meth:`held` gives."""
        return self.parents[np.searchsorted(self.parents[:, 0], sentences), 2]
