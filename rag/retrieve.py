"""Find the sentences that answer a question: dense keys and BM25, sentences and segments, fused."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass, replace

import numpy as np
from langchain_core.embeddings import Embeddings
from numpy.typing import NDArray

from ingest.index.backend import SEARCHED, Lexical
from ingest.index.knowledge_base import KnowledgeBase
from ingest.index.lexical import rarity
from ingest.index.schema import UnitRow
from ingest.index.scope import EVERYTHING, Scope
from ingest.index.terms import terms
from ingest.index.union import Union, UnionLexical, UnionView
from ingest.index.view import View
from ingest.settings import RetrieveSettings
from ingest.types import Hit, Level, Why
from rag.answer_type import answer_type, may_answer
from rag.cores import CORES
from rag.decompose import decompose
from rag.fuse import Fused, fuse, probabilities, weigh
from rag.quoted import Quotes
from rag.rerank import load_reranker, reranked
from rag.table_rows import passed_over

# Keys shown for a hit.
_SHOWN_KEYS = 3
# Hits that are looked at for words of the question that stand there as they are.
_LOOKED_AT = 20
# Sentences for each part of a question that are looked at for a thing of the kind that it asks for.
_TYPED = 40
# Units that BM25 gives when only those under a heading count: they may come late.
_WITHIN_HEADING = 10
# The share of the weight of a question's words that a unit must score to count in full, even if no other scores more.
_FULL = 0.5
# What is left of the score of a table's row, where the question is about another row of that table.
_PASSED_OVER = 0.5


@dataclass(frozen=True, slots=True)
class _Ranked:
    """Units that a lexical search found, in ascending order of id, with their scores as shares of a whole."""

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


@dataclass(frozen=True, slots=True)
class Candidates:
    """Sentences that may answer a question.

    :param sentences: ids, int64 (n,); ``documents`` the article of each, likewise.
    :param features: float32 (parts, 6, n), see :mod:`rag.fuse`.
    """

    sentences: NDArray[np.int64]
    documents: NDArray[np.int64]
    features: NDArray[np.float32]


class Retriever:
    """Searches what of one knowledge base, or of several, is in ``scope``."""

    def __init__(
        self,
        kb: KnowledgeBase | Union,
        embeddings: Embeddings,
        settings: RetrieveSettings,
        scope: Scope = EVERYTHING,
    ) -> None:
        self._kb = kb
        self._embeddings = embeddings
        self._settings = settings
        self._scope = scope
        self._reranker = load_reranker(settings.rerank.model) if settings.rerank.model else None

    def frequencies(self, given: list[str]) -> tuple[list[int], int]:
        """Give the number of segments that hold each term, and the number of all segments."""
        return self._kb.view().lexical["segment"].frequencies(given)

    def retrieve(self, question: str, k: int) -> list[Hit]:
        """Give the ``k`` sentences that answer ``question`` best, best first."""
        view = self._kb.view()  # may wait for what is being added, which takes no core
        with CORES:
            return self._retrieved(view, question, k)

    def _retrieved(self, view: View | UnionView, question: str, k: int) -> list[Hit]:
        found = self._candidates(view, question)
        if not len(found.sentences):
            return []
        fused = fuse(found.features, self._settings.weights, found.documents)
        depth = self._settings.rerank.depth if self._reranker else 0
        order = np.argsort(-fused.scores, kind="stable")[: max(k, _LOOKED_AT, depth)]
        rows = self._kb.store.units(found.sentences[order])
        # Those that were deleted since the view was taken are left out.
        order = np.array([i for i in order if int(found.sentences[i]) in rows], np.int64)
        units = [rows[int(i)] for i in found.sentences[order]]
        chosen = Fused(fused.scores[order], fused.dense[order], fused.lexical[order], fused.answer_type[order])
        read = self._read(question, units[:depth])
        if len(read):
            chosen = reranked(chosen, read)
        chosen = _asked_rows_first(question, units, chosen)
        return self._hits(units, _quoted_first(question, units, chosen), k, read)

    def candidates(self, question: str) -> Candidates:
        """Give the sentences that any search for the question or a part of it brings in, with their features."""
        return self._candidates(self._kb.view(), question)

    def _candidates(self, view: View | UnionView, question: str) -> Candidates:
        store = self._kb.store
        versions, within = store.versions_in(self._scope), store.sentences_in(self._scope)
        texts = decompose(question)
        asked = [question, *texts] if len(texts) > 1 else texts
        parts = [self._search(view, text, versions, within) for text in asked]
        sentences = np.unique(np.concatenate([part.candidates for part in parts]))
        features = np.stack([_features(view, part, sentences) for part in parts])
        self._add_answer_type(features, texts, sentences)
        return Candidates(sentences, view.articles_of(sentences), features)

    def _add_answer_type(
        self, features: NDArray[np.float32], texts: Sequence[str], sentences: NDArray[np.int64]
    ) -> None:
        """Set the feature ``answer_type`` of the best sentences for each part; parts come last in ``features``."""
        if not any(map(answer_type, texts)):
            return
        parts = features[-len(texts) :]
        scores = weigh(parts, self._settings.weights).sum(axis=1)
        best = np.unique(np.argsort(-scores, axis=1)[:, :_TYPED])
        rows = self._kb.store.units(sentences[best])
        parts[:, -1, best] = may_answer(texts, [rows.get(int(sentence)) for sentence in sentences[best]])

    def _read(self, question: str, units: Sequence[UnitRow]) -> NDArray[np.float32]:
        """Give what the cross-encoder makes of these units, float32 (parts, n); (0, 0) where there is none to ask."""
        if self._reranker is None or not units:
            return np.zeros((0, 0), np.float32)
        return self._reranker.scores(decompose(question), [" ".join((*u.heading_path, u.text)) for u in units])

    def _hits(self, units: Sequence[UnitRow], fused: Fused, k: int, read: NDArray[np.float32]) -> list[Hit]:
        likely = probabilities(fused.scores)
        judged = (1 + np.tanh(read.max(axis=0, initial=-np.inf) / 2)) / 2  # the logistic function, without overflow
        order = np.argsort(-fused.scores, kind="stable")[:k]
        keys = self._kb.store.unit_keys(units[i].unit_id for i in order)
        hits = []
        for i in order:
            row = units[i]
            why = Why(
                dense=round(float(fused.dense[i]), 4),
                lexical=round(float(fused.lexical[i]), 4),
                answer_type=round(float(fused.answer_type[i]), 4),
                fused=round(float(fused.scores[i]), 4),
                rerank=round(float(judged[i]), 4) if i < len(judged) else None,
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
                    score=round(float(likely[i]), 4),
                    page=row.page,
                    kb=row.kb,
                    why=why,
                )
            )
        return hits

    def _search(
        self, view: View | UnionView, text: str, versions: set[int] | None, within: NDArray[np.int64] | None
    ) -> _Part:
        """Search keys and terms of both levels; a segment that is found brings in its sentences."""
        vector = np.array(self._embeddings.embed_query(text), np.float32)
        words = terms(text)
        count = self._settings.candidates
        # The best segments suffice to bring in sentences that were not found themselves.
        brought = max(count // 10, 1)
        candidates = []
        lexical: dict[Level, _Ranked] = {}
        for level in SEARCHED:
            near = view.dense[level].search(vector, count, versions).units
            found, scores = view.lexical[level].search(
                words, count if within is None else count * _WITHIN_HEADING, versions
            )
            order = np.argsort(found)
            lexical[level] = _Ranked(found[order], scores[order] / _whole(view.lexical[level], words, scores))
            if level == "segment":
                candidates.append(view.sentences_of(np.concatenate([near[:brought], found[:brought]])))
            else:
                candidates += [near, found]
        return _Part(vector, view.held(np.concatenate(candidates) if within is None else within), lexical)


def _features(view: View | UnionView, part: _Part, sentences: NDArray[np.int64]) -> NDArray[np.float32]:
    """Give the features, float32 (6, n), of sentences for a part of the question."""
    segments, articles = view.segments_of(sentences), view.articles_of(sentences)
    return np.stack(
        [
            _dense(view, "sentence", part, sentences),
            _dense(view, "segment", part, segments),
            # Only where articles have keys.
            _dense(view, "article", part, articles) if len(view.dense["article"]) else np.zeros(len(articles)),
            part.lexical["sentence"].of(sentences),
            part.lexical["segment"].of(segments),
            np.zeros(len(sentences)),  # answer_type, which is of the words and not of the index
        ]
    ).astype(np.float32)


def _whole(index: Lexical | UnionLexical, words: Sequence[str], scores: NDArray[np.float32]) -> float:
    """Give the BM25 score that counts in full: the best, but no less than a share of what the words could score."""
    counts, size = index.frequencies(list(dict.fromkeys(words)))
    return max(scores.max(initial=0), _FULL * sum(rarity(count, size) for count in counts))


def _dense(view: View | UnionView, level: Level, part: _Part, units: NDArray[np.int64]) -> NDArray[np.float32]:
    index = view.dense[level]
    distinct, inverse = np.unique(units, return_inverse=True)
    cosines = index.cosines(part.vector, distinct)
    return index.standardise(part.vector, cosines)[inverse]


def _asked_rows_first(question: str, units: Sequence[UnitRow], fused: Fused) -> Fused:
    """Take from rows of a table, where the question is about another row, a share of their distance to the worst."""
    passed = passed_over(question, units)
    least = min(fused.scores.min(initial=0), 0)
    lowered = least + _PASSED_OVER * (fused.scores - least)
    return replace(fused, scores=np.where(passed, lowered, fused.scores))


def _quoted_first(question: str, units: Sequence[UnitRow], fused: Fused) -> Fused:
    """Put first, in their order, the units that the question quotes: with a score just above all others."""
    quotes = Quotes(question)
    quoted = np.zeros(len(units), bool)
    quoted[:_LOOKED_AT] = [quotes.stand_in(unit.text) for unit in units[:_LOOKED_AT]]
    above = fused.scores.max(initial=0) + 1e-3 * (fused.scores - fused.scores.min(initial=0))
    return replace(fused, scores=np.where(quoted, np.maximum(above, fused.scores), fused.scores))
