"""Mean and second moment of the vectors of keys: what a cosine is worth against all of them."""

from __future__ import annotations

import numpy as np
from numpy.typing import NDArray

# So many vectors stand for all.
SAMPLE = 20_000


class Moments:
    """Number of keys, sum of their vectors, float64 (dim,), and sum of the outer products, float64 (dim, dim)."""

    def __init__(self, count: float, sums: NDArray[np.float64], products: NDArray[np.float64]) -> None:
        self.count = count
        self._sums = sums
        self._products = products
        self._mean = (sums / max(count, 1)).astype(np.float32)
        self._second = (products / count if count else np.eye(len(sums))).astype(np.float32)

    @classmethod
    def of(cls, vectors: NDArray[np.float32], count: int | None = None) -> Moments:
        """Take vectors, float32 (n, dim), for a sample of ``count``, or for all there are."""
        scale = (len(vectors) if count is None else count) / max(len(vectors), 1)
        products = scale * (vectors.T @ vectors).astype(np.float64)
        return cls(scale * len(vectors), scale * vectors.sum(axis=0, dtype=np.float64), products)

    def changed(self, removed: NDArray[np.float32], added: NDArray[np.float32]) -> Moments:
        """Give the moments without the vectors ``removed`` and with ``added``."""
        gone, new = Moments.of(removed), Moments.of(added)
        return Moments(
            self.count - gone.count + new.count,
            self._sums - gone._sums + new._sums,
            self._products - gone._products + new._products,
        )

    def of_cosines(self, question: NDArray[np.float32]) -> tuple[float, float]:
        """Give the mean of a question's cosines to all keys, and the mean of their squares.

        They follow from the keys' mean vector m and second moment M without comparing the question to every
        key: m.q and q.M.q.
        """
        return float(self._mean @ question), float(question @ self._second @ question)


def standardised(cosines: NDArray[np.float32], mean: float, square: float) -> NDArray[np.float32]:
    """Give cosines as standard deviations above ``mean``; ``square`` is the mean of squares."""
    return ((cosines - mean) / max(square - mean**2, 1e-8) ** 0.5).astype(np.float32)
