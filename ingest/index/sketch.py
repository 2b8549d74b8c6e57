"""Near-duplicates: bottom-k sketches of a document's shingles.

A sketch holds the ``SIZE`` smallest hashes of all runs of ``SHINGLE`` characters. The share that two
sketches have in common among the smallest of both estimates the Jaccard similarity of the documents
(Broder, On the resemblance and containment of documents, 1997).
"""

from __future__ import annotations

import numpy as np
from numpy.typing import NDArray

SIZE = 128
SHINGLE = 8
_MULTIPLIER = 0x9E3779B97F4A7C15


def sketch(text: str) -> NDArray[np.int64]:
    """Give the sketch of a text, int64 (at most SIZE,), ascending; case, white space and punctuation don't count.

    >>> len(sketch("年假十天，病假五天。")), len(sketch(""))
    (1, 0)
    """
    plain = "".join(char for char in text.lower() if char.isalnum())
    if not plain:
        return np.zeros(0, np.int64)
    codes = np.frombuffer(plain.encode("utf-32-le"), np.uint32).astype(np.uint64)
    width = min(SHINGLE, len(codes))
    hashes = np.zeros(len(codes) - width + 1, np.uint64)
    for offset in range(width):
        hashes = hashes * np.uint64(_MULTIPLIER) + codes[offset : offset + len(hashes)]
    return np.unique(_mixed(hashes))[:SIZE].view(np.int64)


def _mixed(hashes: NDArray[np.uint64]) -> NDArray[np.uint64]:
    """Spread the hashes evenly (the finaliser of MurmurHash3), one bit short so that they are positive."""
    hashes = (hashes ^ (hashes >> np.uint64(33))) * np.uint64(0xFF51AFD7ED558CCD)
    hashes = (hashes ^ (hashes >> np.uint64(33))) * np.uint64(0xC4CEB9FE1A85EC53)
    return (hashes ^ (hashes >> np.uint64(33))) >> np.uint64(1)


def resemblance(one: NDArray[np.int64], other: NDArray[np.int64]) -> float:
    """Estimate the Jaccard similarity, 0 to 1, of the texts behind two sketches."""
    smallest = np.union1d(one, other)[:SIZE]
    if not len(smallest):
        return 0.0
    return float(np.isin(smallest, np.intersect1d(one, other)).mean())
