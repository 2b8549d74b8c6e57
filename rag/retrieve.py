"""Find the sentences that answer a question: dense keys and BM25, sentences and segments, fused.

The score of a sentence is a weighted sum of four: the cosine of its best key and of its segment's best
key, each as standard deviations above the question's mean over all keys, and the BM25 score of the
sentence and of its segment, each as a share of the best. Keys of whole articles, where there are any, add to
the sentences in them. A question of several parts is searched part by
part; a sentence then gets its distance to the best sentence of the part that it answers best, and its
document's distance to the document that answers all parts together best.
"""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np
from langchain_core.embeddings import Embeddings
from numpy.typing import NDArray

from ingest.config import RetrieveSettings
from ingest.index.knowledge_base import SEARCHED, KnowledgeBase, View
from ingest.index.terms import terms
from ingest.types import Hit, Level, Why
from rag.decompose import decompose

# How much the whole question, and the document as an answer to all parts, count beside each part.
_WHOLE_SHARE = 0.3
_DOCUMENT_SHARE = 0.5
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
class _Ranked:
    """Units that a lexical search found, in ascending order of id, with their scores as shares of the best."""

    units: NDArray[np.int64]
    shares: NDArray[np.float32]

    def of(self, units: NDArray[np.int64]) -> NDArray[np.float32]:
        """Give the share of each unit, 0 for those that were not found."""
        if not len(self.units):
            return np.zeros(len(units), np.float32)
        place = np.minimum(np.searchsorted(self.units, units), len(self.units) - 1)
        return np.where(self.units[place] == units, self.shares[place], 0).astype(np.float32)


@dataclass(frozen=True, slots=True)
class _Part:
    """One part of a question: its vector, the sentences that any of the four searches brings in, its BM25 hits."""

    vector: NDArray[np.float32]
    candidates: NDArray[np.int64]
    lexical: dict[Level, _Ranked]


class Retriever:
    """Searches one knowledge base.

    :param labels: search only the documents that carry at least one of these; None searches all.
    """

    def __init__(
        self,
        kb: KnowledgeBase,
        embeddings: Embeddings,
        settings: RetrieveSettings,
        labels: frozenset[str] | None = None,
    ) -> None:
        self._kb = kb
        self._embeddings = embeddings
        self._settings = settings
        self._labels = labels

    def frequencies(self, given: list[str]) -> tuple[list[int], int]:
        """Give the number of segments that hold each term, and the number of all segments."""
        return self._kb.view().lexical["segment"].frequencies(given)

    def retrieve(self, question: str, k: int) -> list[Hit]:
        """Give the ``k`` sentences that answer ``question`` best, best first."""
        view = self._kb.view()
        texts = decompose(question)
        asked = [question, *texts] if len(texts) > 1 else texts
        parts = [self._search(view, text) for text in asked]
        candidates = np.unique(np.concatenate([part.candidates for part in parts]))
        if not len(candidates):
            return []
        scored = [self._score(view, part, candidates) for part in parts]
        fused, best = _combine([scores.fused for scores in scored], view.articles_of(candidates))
        order = np.argsort(-fused, kind="stable")[:k]
        rows = self._kb.store.units(candidates[order])
        keys = self._kb.store.unit_keys(rows)
        hits = []
        for i in order:
            row = rows.get(int(candidates[i]))
            if row is None:  # deleted since the view was taken
                continue
            scores = scored[best[i]]
            why = Why(
                dense=round(float(scores.dense[i]), 4),
                lexical=round(float(scores.lexical[i]), 4),
                keys=tuple(keys.get(row.unit_id, ())[:_SHOWN_KEYS]),
            )
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

    def _search(self, view: View, text: str) -> _Part:
        """Search keys and terms of both levels; a segment that is found brings in its sentences."""
        versions = None if self._labels is None else self._kb.store.labelled(self._labels)
        vector = np.array(self._embeddings.embed_query(text), np.float32)
        words = terms(text)
        count = self._settings.candidates
        # The best segments suffice to bring in sentences that were not found themselves.
        brought = max(count // 10, 1)
        candidates = []
        lexical: dict[Level, _Ranked] = {}
        for level in SEARCHED:
            near = view.dense[level].search(vector, count, versions).units
            found, scores = view.lexical[level].search(words, count, versions)
            order = np.argsort(found)
            lexical[level] = _Ranked(found[order], scores[order] / scores[:1])
            if level == "segment":
                candidates.append(view.sentences_of(np.concatenate([near[:brought], found[:brought]])))
            else:
                candidates += [near, found]
        return _Part(vector, view.held(np.concatenate(candidates)), lexical)

    def _score(self, view: View, part: _Part, sentences: NDArray[np.int64]) -> _Scores:
        weights = self._settings.weights
        segments = view.segments_of(sentences)
        dense = weights.dense_sentence * _dense(view, "sentence", part, sentences)
        dense = dense + weights.dense_segment * _dense(view, "segment", part, segments)
        if weights.dense_article and len(view.dense["article"]):
            dense = dense + weights.dense_article * _dense(view, "article", part, view.articles_of(sentences))
        lexical = weights.lexical_sentence * part.lexical["sentence"].of(sentences)
        lexical = lexical + weights.lexical_segment * part.lexical["segment"].of(segments)
        return _Scores(dense.astype(np.float32), lexical.astype(np.float32))


def _dense(view: View, level: Level, part: _Part, units: NDArray[np.int64]) -> NDArray[np.float32]:
    index = view.dense[level]
    distinct, inverse = np.unique(units, return_inverse=True)
    cosines = index.cosines(part.vector, distinct)
    return index.standardise(part.vector, cosines)[inverse]


def _combine(
    fused: list[NDArray[np.float32]], documents: NDArray[np.int64]
) -> tuple[NDArray[np.float32], NDArray[np.int64]]:
    """Combine the scores of the whole question (first) and its parts.

    :param documents: the document of each sentence, int64 (n,).
    :return: the scores, float32 (n,), and for each sentence the row of ``fused`` that explains it.
    """
    if len(fused) == 1:
        return fused[0], np.zeros(len(fused[0]), np.int64)
    whole, parts = fused[0], np.stack(fused[1:])
    distance = _below_best(parts + _WHOLE_SHARE * whole)
    best = distance.argmax(axis=0)
    document = _below_best(_document_scores(parts, documents).sum(axis=0))
    # Shifted so that the best sentence keeps the score that it has for its part.
    return distance.max(axis=0) + _DOCUMENT_SHARE * document + parts.max(), best + 1


def _below_best(scores: NDArray[np.float32]) -> NDArray[np.float32]:
    return scores - scores.max(axis=-1, keepdims=True)


def _document_scores(parts: NDArray[np.float32], documents: NDArray[np.int64]) -> NDArray[np.float32]:
    """Give each sentence, for each part, the score of the best sentence of its document, float32 (parts, n)."""
    order = np.argsort(documents, kind="stable")
    _, starts, counts = np.unique(documents[order], return_index=True, return_counts=True)
    best = np.empty_like(parts)
    best[:, order] = np.repeat(np.maximum.reduceat(parts[:, order], starts, axis=1), counts, axis=1)
    return best
