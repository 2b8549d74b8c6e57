"""Find the sentences that answer a question: dense keys and BM25, sentences and segments, fused.

The score of a sentence is a weighted sum of four: the cosine of its best key and of its segment's best
key, each as standard deviations above the question's mean over all keys, and the BM25 score of the
sentence and of its segment, each as a share of the best. A question of several parts is searched part by
part; a sentence then gets its distance to the best sentence of the part that it answers best.
"""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np
from langchain_core.embeddings import Embeddings
from numpy.typing import NDArray

from ingest.config import RetrieveSettings
from ingest.index.knowledge_base import KnowledgeBase, View
from ingest.index.terms import terms
from ingest.types import Hit, Level, Why
from rag.decompose import decompose

# How much the whole question counts beside each of its parts.
_WHOLE_SHARE = 0.3
# Keys shown for a hit.
_SHOWN_KEYS = 3


@dataclass(frozen=True, slots=True)
class _Scores:
    """Scores of candidate sentences, float32 (n,): fused, and the two sums it is made of."""

    dense: NDArray[np.float32]
    lexical: NDArray[np.float32]

    @property
    def fused(self) -> NDArray[np.float32]:
        return self.dense + self.lexical


@dataclass(frozen=True, slots=True)
class _Part:
    vector: NDArray[np.float32]
    terms: list[str]


class Retriever:
    """Searches one knowledge base."""

    def __init__(self, kb: KnowledgeBase, embeddings: Embeddings, settings: RetrieveSettings) -> None:
        self._kb = kb
        self._embeddings = embeddings
        self._settings = settings

    def retrieve(self, question: str, k: int) -> list[Hit]:
        """Give the ``k`` sentences that answer ``question`` best, best first."""
        view = self._kb.view()
        parts = decompose(question)
        asked = [question, *parts] if len(parts) > 1 else parts
        prepared = [self._part(text) for text in asked]
        candidates = np.unique(np.concatenate([self._candidates(view, part) for part in prepared]))
        if not len(candidates):
            return []
        scored = [self._score(view, part, candidates) for part in prepared]
        fused, best = _combine([scores.fused for scores in scored])
        order = np.argsort(-fused, kind="stable")[:k]
        rows = self._kb.store.units(candidates[order])
        hits = []
        for i in order:
            row = rows.get(int(candidates[i]))
            if row is None:  # deleted since the view was taken
                continue
            scores = scored[best[i]]
            why = Why(round(float(scores.dense[i]), 4), round(float(scores.lexical[i]), 4), self._keys(row.unit_id))
            hits.append(
                Hit(
                    unit_id=row.unit_id,
                    doc_id=row.doc_id,
                    document=row.document,
                    level=row.level,
                    text=row.text,
                    start=row.start,
                    end=row.end,
                    heading_path=row.heading_path,
                    score=round(float(fused[i]), 4),
                    page=row.page,
                    kb=self._kb.name,
                    why=why,
                )
            )
        return hits

    def _part(self, text: str) -> _Part:
        return _Part(np.array(self._embeddings.embed_query(text), np.float32), terms(text))

    def _candidates(self, view: View, part: _Part) -> NDArray[np.int64]:
        """Give the sentences that any of the four searches finds; a segment stands for its sentences."""
        count = self._settings.candidates
        found = {}
        for level in view.dense:
            dense = view.dense[level].search(part.vector, count).units
            lexical, _ = view.lexical[level].search(part.terms, count)
            found[level] = (dense, lexical)
        # The best segments suffice to bring in sentences that were not found themselves.
        segments = np.concatenate([units[: max(count // 10, 1)] for units in found["segment"]])
        return np.unique(np.concatenate([*found["sentence"], view.sentences_of(segments)]))

    def _score(self, view: View, part: _Part, sentences: NDArray[np.int64]) -> _Scores:
        weights = self._settings.weights
        segments = view.segments_of(sentences)
        dense = weights.dense_sentence * _dense(view, "sentence", part, sentences)
        dense = dense + weights.dense_segment * _dense(view, "segment", part, segments)
        lexical = weights.lexical_sentence * self._lexical(view, "sentence", part, sentences)
        lexical = lexical + weights.lexical_segment * self._lexical(view, "segment", part, segments)
        return _Scores(dense.astype(np.float32), lexical.astype(np.float32))

    def _lexical(self, view: View, level: Level, part: _Part, units: NDArray[np.int64]) -> NDArray[np.float32]:
        found, scores = view.lexical[level].search(part.terms, self._settings.candidates)
        if not len(found):
            return np.zeros(len(units), np.float32)
        order = np.argsort(found)
        place = np.minimum(np.searchsorted(found[order], units), len(found) - 1)
        known = found[order][place] == units
        return np.where(known, scores[order][place] / scores[0], 0).astype(np.float32)

    def _keys(self, unit_id: int) -> tuple[str, ...]:
        return tuple(self._kb.store.unit_keys(unit_id)[:_SHOWN_KEYS])


def _dense(view: View, level: Level, part: _Part, units: NDArray[np.int64]) -> NDArray[np.float32]:
    index = view.dense[level]
    distinct, inverse = np.unique(units, return_inverse=True)
    cosines = index.cosines(part.vector, distinct)
    return index.standardise(part.vector, cosines)[inverse]


def _combine(fused: list[NDArray[np.float32]]) -> tuple[NDArray[np.float32], NDArray[np.int64]]:
    """Combine the scores of the whole question (first) and its parts.

    :return: the scores, float32 (n,), and for each sentence the row of ``fused`` that explains it.
    """
    if len(fused) == 1:
        return fused[0], np.zeros(len(fused[0]), np.int64)
    whole, parts = fused[0], np.stack(fused[1:])
    blended = parts + _WHOLE_SHARE * whole
    distance = blended - blended.max(axis=1, keepdims=True)
    best = distance.argmax(axis=0)
    # Shifted so that the best sentence keeps the score that it has for its part.
    return distance.max(axis=0) + parts.max(), best + 1
