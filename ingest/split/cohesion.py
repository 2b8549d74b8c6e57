"""Find where the topic changes from the embeddings of the sentences.

TextTiling (Hearst 1997, https://aclanthology.org/J97-1003) on vectors in place of words: the windows of
sentences on either side of a gap are compared, and a gap is a boundary where their likeness falls deep
below the peaks around it.
"""

from __future__ import annotations

from collections.abc import Sequence
from itertools import groupby

import numpy as np
from langchain_core.embeddings import Embeddings
from numpy.typing import NDArray

from ingest.split.gaps import Gap, Sentence

# Sentences in a window.
_WINDOW = 3
# TextTiling's cutoff: a boundary is deeper than the mean by half a standard deviation.
_CUTOFF = 0.5


class Cohesion:
    """Judges gaps by the likeness of the sentences around them.

    The texts embedded are those of the sentences' default keys, so that an embedding model which remembers
    them makes this free.
    """

    def __init__(self, embeddings: Embeddings) -> None:
        self._embeddings = embeddings

    def __call__(self, gaps: Sequence[Gap]) -> NDArray[np.float32]:
        if not gaps:
            return np.zeros(0, np.float32)
        runs = [list(group) for _, group in groupby(gaps, key=lambda gap: id(gap.run))]
        texts = [_key(sentence) for group in runs for sentence in group[0].run]
        vectors = np.array(self._embeddings.embed_documents(texts), np.float32)
        depths = []
        start = 0
        for group in runs:
            end = start + len(group[0].run)
            likeness = window_likeness(vectors[start:end], _WINDOW)
            depths.append(depth(likeness)[[gap.at - 1 for gap in group]])
            start = end
        found = np.concatenate(depths)
        spread = float(found.std()) or 1.0
        return (_CUTOFF - (found - found.mean()) / spread).astype(np.float32)


def _key(sentence: Sentence) -> str:
    return " ".join((*sentence.path, sentence.text))


def window_likeness(vectors: NDArray[np.float32], window: int) -> NDArray[np.float32]:
    """Give the cosine of the sums of up to ``window`` vectors before and after each gap.

    :param vectors: float32, (n, dim).
    :return: float32, (n - 1,).
    """
    sums = np.concatenate([np.zeros((1, vectors.shape[1]), np.float32), np.cumsum(vectors, axis=0)])
    gaps = np.arange(1, len(vectors))
    before = sums[gaps] - sums[np.maximum(gaps - window, 0)]
    after = sums[np.minimum(gaps + window, len(vectors))] - sums[gaps]
    norms = np.linalg.norm(before, axis=1) * np.linalg.norm(after, axis=1)
    return (before * after).sum(axis=1) / np.maximum(norms, 1e-9)


def depth(likeness: NDArray[np.float32]) -> NDArray[np.float32]:
    """Give how far each value lies below the peaks that one climbs to on its left and on its right."""
    return _climb(likeness) + _climb(likeness[::-1])[::-1]


def _climb(likeness: NDArray[np.float32]) -> NDArray[np.float32]:
    peaks = likeness.copy()
    for i in range(1, len(peaks)):
        if peaks[i - 1] > likeness[i]:
            peaks[i] = peaks[i - 1] if likeness[i - 1] >= likeness[i] else likeness[i]
    return peaks - likeness
