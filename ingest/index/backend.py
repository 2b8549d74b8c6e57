"""What searches a knowledge base: the shape that FAISS with tantivy, and Elasticsearch, both take."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Protocol

import numpy as np
from numpy.typing import NDArray

from ingest.index.dense import DenseHits
from ingest.types import Level

# The levels whose units are found by their keys and words; an article only adds to what is found in it.
SEARCHED: tuple[Level, ...] = ("segment", "sentence")


class Dense(Protocol):
    """The keys of one level; its length is their number. See :class:`ingest.index.dense.DenseIndex`."""

    def __len__(self) -> int: ...

    def search(self, question: NDArray[np.float32], k: int, versions: set[int] | None = None) -> DenseHits:
        """Find the ``k`` keys nearest to ``question``, float32 (dim,), L2-normalised; None looks at all versions."""
        ...

    def cosines(self, question: NDArray[np.float32], units: NDArray[np.int64]) -> NDArray[np.float32]:
        """Give the exact best cosine over each unit's keys, float32 (n,); 0 for a unit without keys."""
        ...

    def standardise(self, question: NDArray[np.float32], cosines: NDArray[np.float32]) -> NDArray[np.float32]:
        """Give cosines as standard deviations above the mean of this question's cosines to all keys."""
        ...

    def moments(self, question: NDArray[np.float32]) -> tuple[float, float]:
        """Give the mean of this question's cosines to all keys, and the mean of their squares."""
        ...


class Lexical(Protocol):
    """The words of the units of one level. See :class:`ingest.index.lexical.LexicalIndex`."""

    def frequencies(self, given: list[str]) -> tuple[list[int], int]:
        """Give the number of units that hold each term, and the number of all units."""
        ...

    def search(
        self,
        question_terms: list[str],
        k: int,
        versions: set[int] | None = None,
        boosts: Mapping[str, float] | None = None,
    ) -> tuple[NDArray[np.int64], NDArray[np.float32]]:
        """Find the ``k`` units that score best: ids int64 (n,), BM25 scores float32 (n,), best first.

        k1 is 1.2 and its factor k1 + 1 is in the scores: a word scores its :func:`ingest.index.lexical.rarity`
        in a unit of average length that holds it once.
        """
        ...


class Backend(Protocol):
    """Keeps the indexes of one knowledge base in step with its store; used by one thread at a time."""

    def updated(self, versions: set[int]) -> tuple[dict[Level, Dense], dict[Level, Lexical]]:
        """Give the indexes of all levels, and of those in :data:`SEARCHED`, with just these versions of documents."""
        ...

    def moved(self) -> bool:
        """Tell whether another process has made anew, elsewhere, what :meth:`updated` gave last."""
        ...

    def save(self) -> None:
        """Keep what :meth:`updated` gave last, so that the next opening need not make it anew.

        :raises OSError: if the disk is full.
        """
        ...

    def drop(self) -> None:
        """Remove the indexes; :meth:`updated` makes them anew."""
        ...

    def faults(self) -> list[str]:
        """Hold what :meth:`updated` gave last against the store; an empty list is good news."""
        ...
