"""Searches of one index of an Elasticsearch cluster: keys by their vectors, units by their words."""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from typing import Any

import numpy as np
from numpy.typing import NDArray

from ingest.index.cluster import MOST_HITS, Cluster
from ingest.index.dense import DenseHits
from ingest.index.moments import Moments, standardised
from ingest.index.store import Store
from ingest.types import Level

# Nearest keys that each shard compares before it gives the best.
_SEARCH_DEPTH = 256
# Words of a question that are searched for; the cluster limits the clauses of a query.
_MOST_WORDS = 1024
# Lucene leaves the constant factor of BM25, k1 + 1, out of its scores.
_WITH_K1 = np.float32(2.2)


def vector_field(level: Level) -> str:
    """Give the name of the field with the vectors of a level's keys."""
    return f"{level}_vector"


def terms_field(level: Level) -> str:
    """Give the name of the field with the words of a level's units."""
    return f"{level}_terms"


class ElasticDense:
    """The keys of one level; see :class:`ingest.index.backend.Dense`."""

    def __init__(self, cluster: Cluster, index: str, level: Level, store: Store, moments: Moments) -> None:
        self._cluster = cluster
        self._index = index
        self._field = vector_field(level)
        self._store = store
        self._moments = moments

    def __len__(self) -> int:
        return round(self._moments.count)

    def search(self, question: NDArray[np.float32], k: int, versions: set[int] | None = None) -> DenseHits:
        k = min(k, len(self), MOST_HITS)
        if not k or versions == set():
            return DenseHits(np.zeros(0, np.int64), np.zeros(0, np.int64), np.zeros(0, np.float32))
        depth = min(max(_SEARCH_DEPTH, 2 * k), MOST_HITS)
        near = {"field": self._field, "query_vector": question.tolist(), "k": k, "num_candidates": depth}
        if versions is not None:
            near["filter"] = {"terms": {"version": sorted(versions)}}
        hits = self._cluster.hits(self._index, k, ("key", "unit"), knn=near)
        return DenseHits(
            np.array([fields["key"] for _, fields in hits], np.int64),
            np.array([fields["unit"] for _, fields in hits], np.int64),
            np.array([2 * score - 1 for score, _ in hits], np.float32),  # Elasticsearch gives (1 + cosine) / 2
        )

    def cosines(self, question: NDArray[np.float32], units: NDArray[np.int64]) -> NDArray[np.float32]:
        owners, vectors = self._store.unit_vectors(units.tolist(), len(question))
        best = np.zeros(len(units), np.float32)
        if len(owners):
            order = np.argsort(units)
            place = order[np.searchsorted(units, owners, sorter=order)]
            best[place] = -1
            np.maximum.at(best, place, vectors @ question)
        return best

    def standardise(self, question: NDArray[np.float32], cosines: NDArray[np.float32]) -> NDArray[np.float32]:
        return standardised(cosines, *self.moments(question))

    def moments(self, question: NDArray[np.float32]) -> tuple[float, float]:
        return self._moments.of_cosines(question)


class ElasticLexical:
    """The words of the units of one level; see :class:`ingest.index.backend.Lexical`."""

    def __init__(self, cluster: Cluster, index: str, level: Level) -> None:
        self._cluster = cluster
        self._index = index
        self._field = terms_field(level)

    def frequencies(self, given: list[str]) -> tuple[list[int], int]:
        queries: dict[str, dict[str, Any]] = {"all": {"exists": {"field": self._field}}}
        queries |= {str(n): {"term": {self._field: term}} for n, term in enumerate(given)}
        counts = self._cluster.counts(self._index, queries)
        return [counts[str(n)] for n in range(len(given))], counts["all"]

    def search(
        self,
        question_terms: list[str],
        k: int,
        versions: set[int] | None = None,
        boosts: Mapping[str, float] | None = None,
    ) -> tuple[NDArray[np.int64], NDArray[np.float32]]:
        asked = self._asked(list(dict.fromkeys(question_terms))[:_MOST_WORDS], boosts)
        if not asked or versions == set():
            return np.zeros(0, np.int64), np.zeros(0, np.float32)
        query: dict[str, Any] = {"should": asked, "minimum_should_match": 1}
        if versions is not None:
            query["filter"] = {"terms": {"version": sorted(versions)}}
        hits = self._cluster.hits(self._index, k, ("unit",), query={"bool": query})
        units = np.array([fields["unit"] for _, fields in hits], np.int64)
        return units, _WITH_K1 * np.array([score for score, _ in hits], np.float32)

    def _asked(self, words: Iterable[str], boosts: Mapping[str, float] | None) -> list[dict[str, Any]]:
        return [
            {"term": {self._field: {"value": word, **({"boost": boosts[word]} if boosts else {})}}} for word in words
        ]
