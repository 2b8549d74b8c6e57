"""Dense search over the keys of one level: FAISS, exact up to a limit, an HNSW graph above it."""

from __future__ import annotations

import errno
import os
from collections.abc import Iterable
from dataclasses import dataclass
from pathlib import Path

import faiss
import numpy as np
from numpy.typing import NDArray

from ingest.index.moments import SAMPLE, Moments, standardised

_GRAPH_LINKS = 32
_SEARCH_DEPTH = 256
# Dead rows of a graph are skipped at search time until they are this share of it.
_DEAD_SHARE = 0.2


@dataclass(frozen=True, slots=True)
class DenseHits:
    """Keys nearest to a question: ids int64 (n,), cosines float32 (n,), best first."""

    keys: NDArray[np.int64]
    units: NDArray[np.int64]
    cosines: NDArray[np.float32]


class DenseIndex:
    """A FAISS index with the key, unit and version of each of its rows.

    Treated as a value: :meth:`updated` gives a new index, so that a search never sees half a change.
    ``rows`` is int64, (n, 3): key, unit, version; a dead row has version -1.
    """

    def __init__(
        self, index: faiss.Index, rows: NDArray[np.int64], flat_limit: int, moments: Moments | None = None
    ) -> None:
        self._index = index
        self._rows = rows
        self._flat_limit = flat_limit
        self._by_unit = np.argsort(rows[:, 1], kind="stable")
        self._units = rows[self._by_unit, 1]
        alive = np.flatnonzero(rows[:, 2] >= 0)
        self._alive = faiss.IDSelectorBatch(alive) if len(alive) < len(rows) else None
        self._moments = moments or self._sampled_moments(alive)

    @classmethod
    def empty(cls, dimension: int, flat_limit: int) -> DenseIndex:
        return cls(faiss.IndexFlatIP(dimension), np.zeros((0, 3), np.int64), flat_limit)

    @classmethod
    def load(cls, folder: Path, dimension: int, flat_limit: int) -> DenseIndex:
        """Read an index; a missing, torn or unfit one is given as an empty index, to be filled again."""
        try:
            rows = np.load(folder / "rows.npy", allow_pickle=False)
            index = faiss.read_index(str(folder / "vectors.faiss"))
        except (OSError, ValueError, EOFError, RuntimeError):
            return cls.empty(dimension, flat_limit)
        fits = rows.ndim == 2 and rows.shape[1] == 3 and index.ntotal == len(rows) and index.d == dimension
        return cls(index, rows, flat_limit) if fits else cls.empty(dimension, flat_limit)

    def save(self, folder: Path) -> None:
        """Write the index; rows and vectors are replaced one after the other, a tear shows at load.

        :raises OSError: if the disk is full; what was there stays.
        """
        folder.mkdir(parents=True, exist_ok=True)
        temporary = folder / f".{os.getpid()}.faiss"
        rows = folder / f".{os.getpid()}.npy"
        try:
            faiss.write_index(self._index, str(temporary))
            np.save(rows, self._rows)
        except (RuntimeError, OSError) as error:
            temporary.unlink(missing_ok=True)
            rows.unlink(missing_ok=True)
            raise OSError(errno.ENOSPC, "can't be written, most likely the disk is full", str(folder)) from error
        (folder / "rows.npy").unlink(missing_ok=True)
        temporary.replace(folder / "vectors.faiss")
        rows.replace(folder / "rows.npy")

    @property
    def versions(self) -> set[int]:
        return set(np.unique(self._rows[:, 2]).tolist()) - {-1}

    @property
    def exact(self) -> bool:
        """True where every key is compared; False for the graph."""
        return isinstance(self._index, faiss.IndexFlat)

    def __len__(self) -> int:
        return int((self._rows[:, 2] >= 0).sum())

    def updated(self, removed: set[int], added: Iterable[tuple[NDArray[np.int64], NDArray[np.float32]]]) -> DenseIndex:
        """Give the index without the versions ``removed`` and with the keys ``added``.

        :param added: pairs of rows, int64 (n, 3), and L2-normalised vectors, float32 (n, dim).
        """
        batches = list(added)
        rows = np.concatenate([self._rows, *(ids for ids, _ in batches)])
        gone = np.isin(self._rows[:, 2], list(removed))
        moments = self._changed_moments(gone, [vectors for _, vectors in batches])
        dead = gone.sum() + (self._rows[:, 2] < 0).sum()
        alive = len(rows) - int(dead)
        if alive <= self._flat_limit or self.exact or dead > _DEAD_SHARE * len(rows):
            keep = ~gone & (self._rows[:, 2] >= 0)
            vectors = np.concatenate([self._vectors(np.flatnonzero(keep)), *(v for _, v in batches)])
            rows = np.concatenate([self._rows[keep], *(ids for ids, _ in batches)])
            index = _new_index(vectors.shape[1], alive, self._flat_limit)
            index.add(vectors)
            return DenseIndex(index, rows, self._flat_limit, moments)
        rows[: len(gone)][gone, 2] = -1
        index = faiss.clone_index(self._index)
        for _, vectors in batches:
            index.add(vectors)
        return DenseIndex(index, rows, self._flat_limit, moments)

    def _vectors(self, positions: NDArray[np.int64]) -> NDArray[np.float32]:
        if not len(positions):
            return np.zeros((0, self._index.d), np.float32)
        if self.exact:
            # The index's own memory, without the threads that reconstruct_batch starts for it.
            flat = faiss.rev_swig_ptr(self._index.get_xb(), self._index.ntotal * self._index.d)
            return flat.reshape(-1, self._index.d)[positions]
        return self._index.reconstruct_batch(positions)

    def search(self, question: NDArray[np.float32], k: int, versions: set[int] | None = None) -> DenseHits:
        """Find the ``k`` keys nearest to ``question``, float32 (dim,), L2-normalised.

        :param versions: look at the keys of these versions alone; None looks at all.
        """
        selected, count = self._alive, len(self._rows)
        if versions is not None:
            chosen = np.flatnonzero(np.isin(self._rows[:, 2], list(versions)))
            selected, count = faiss.IDSelectorBatch(chosen), len(chosen)
        k = min(k, count)
        if not k:
            return DenseHits(np.zeros(0, np.int64), np.zeros(0, np.int64), np.zeros(0, np.float32))
        params = None
        if not self.exact:
            params = faiss.SearchParametersHNSW(sel=selected, efSearch=max(_SEARCH_DEPTH, k))
        elif versions is not None:
            params = faiss.SearchParameters(sel=selected)
        cosines, positions = self._index.search(question[None], k, params=params)
        found = positions[0] >= 0
        rows = self._rows[positions[0][found]]
        return DenseHits(rows[:, 0], rows[:, 1], cosines[0][found])

    def cosines(self, question: NDArray[np.float32], units: NDArray[np.int64]) -> NDArray[np.float32]:
        """Give the exact best cosine over each unit's keys, float32 (n,); 0 for a unit without keys."""
        first = np.searchsorted(self._units, units, "left")
        last = np.searchsorted(self._units, units, "right")
        best = np.zeros(len(units), np.float32)
        counts = last - first
        if not counts.any():
            return best
        owner = np.repeat(np.arange(len(units)), counts)
        within = np.arange(len(owner)) - np.repeat(np.cumsum(counts) - counts, counts)
        positions = self._by_unit[first[owner] + within]
        # One thread: a product this small is done before the threads of a matrix product have met.
        scores = np.einsum("ij,j->i", self._vectors(positions), question)
        best[np.unique(owner)] = -1
        np.maximum.at(best, owner, scores)
        return best

    def standardise(self, question: NDArray[np.float32], cosines: NDArray[np.float32]) -> NDArray[np.float32]:
        """Give cosines as standard deviations above the mean of this question's cosines to all keys."""
        return standardised(cosines, *self.moments(question))

    def moments(self, question: NDArray[np.float32]) -> tuple[float, float]:
        """Give the mean of this question's cosines to all keys, and the mean of their squares."""
        return self._moments.of_cosines(question)

    def _sampled_moments(self, alive: NDArray[np.int64]) -> Moments:
        sample = alive
        if len(alive) > SAMPLE:
            sample = alive[np.linspace(0, len(alive) - 1, SAMPLE).astype(np.int64)]
        return Moments.of(self._vectors(sample), len(alive))

    def _changed_moments(self, gone: NDArray[np.bool_], added: list[NDArray[np.float32]]) -> Moments | None:
        """Give the moments after a change; None where it is so large that a sample is cheaper, or where vectors go
        that a graph has only rounded, so that errors would add up."""
        if gone.sum() + sum(map(len, added)) > SAMPLE or (gone.any() and not self.exact):
            return None
        new = np.concatenate([np.zeros((0, self._index.d), np.float32), *added])
        return self._moments.changed(self._vectors(np.flatnonzero(gone)), new)


def _new_index(dimension: int, size: int, flat_limit: int) -> faiss.Index:
    if size <= flat_limit:
        return faiss.IndexFlatIP(dimension)
    graph = faiss.IndexHNSWSQ(dimension, faiss.ScalarQuantizer.QT_fp16, _GRAPH_LINKS, faiss.METRIC_INNER_PRODUCT)
    graph.hnsw.efConstruction = 200
    graph.train(np.zeros((1, dimension), np.float32))
    return graph
