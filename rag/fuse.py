"""Fuse the scores of candidate sentences into one that orders them, and that into a probability.

A score is a weighted sum of six features: the cosine of the best key of the sentence, of its segment and of its
article, each as standard deviations above the question's mean over all keys; the BM25 score of the sentence and of its
segment, each as a share of the best, or of what half of the question's words score if none scores that much; and
whether the sentence holds a date, an amount of money or a number, if one is asked for (:mod:`rag.answer_type`). Of a
question of several parts each part is scored; a sentence then gets its distance to the best sentence of the part that
it answers best, and its document's distance to the document that answers all parts together best.
"""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

from ingest.settings import WeightSettings

FEATURES = ("dense_sentence", "dense_segment", "dense_article", "lexical_sentence", "lexical_segment", "answer_type")
_DENSE, _LEXICAL, _TYPE = slice(0, 3), slice(3, 5), 5
# How much the whole question, and the document as an answer to all parts, count beside each part.
_WHOLE_SHARE = 0.3
_DOCUMENT_SHARE = 0.5
# Logistic regression of "holds a fact that is asked for" on a score and its lead over the best other one, fitted on
# the first twenty sentences of all questions of four development sets (docs/benchmarks.md).
_SCORE, _LEAD, _INTERCEPT = 0.147, 0.305, -2.842


@dataclass(frozen=True, slots=True)
class Fused:
    """Scores of sentences, float32 (n,): what orders them, and the parts that explain it: by meaning, by words and by
    the type of the answer."""

    scores: NDArray[np.float32]
    dense: NDArray[np.float32]
    lexical: NDArray[np.float32]
    answer_type: NDArray[np.float32]


def fuse(features: NDArray[np.float32], weights: WeightSettings, documents: NDArray[np.int64]) -> Fused:
    """Fuse features of sentences.

    :param features: float32 (parts, 6, n), in the order of :data:`FEATURES`; of a question with several parts the
        whole question comes first.
    :param documents: the document of each sentence, int64 (n,).
    """
    weighed = weigh(features, weights)
    dense, lexical = weighed[:, _DENSE].sum(axis=1), weighed[:, _LEXICAL].sum(axis=1)
    scores, part = _combined(weighed.sum(axis=1), documents)
    sentence = np.arange(len(scores))
    return Fused(scores, dense[part, sentence], lexical[part, sentence], weighed[part, _TYPE, sentence])


def weigh(features: NDArray[np.float32], weights: WeightSettings) -> NDArray[np.float32]:
    """Multiply each feature by its weight; features as :func:`fuse` takes them, or those of some parts."""
    return features * np.array([getattr(weights, name) for name in FEATURES], np.float32)[:, None]


def probabilities(scores: NDArray[np.float32]) -> NDArray[np.float32]:
    """Give how likely each sentence holds what was asked for, float32 (n,).

    :param scores: of all hits of a question; a hit that leads far is likelier than one of many as good.
    """
    if not len(scores):
        return scores
    best = scores.argmax()
    others = np.full(len(scores), scores[best])
    others[best] = min(np.delete(scores, best).max(initial=0.0), scores[best])  # it leads even where all are below 0
    return 1 / (1 + np.exp(-(_SCORE * scores + _LEAD * (scores - others) + _INTERCEPT)))


def _combined(
    parts: NDArray[np.float32], documents: NDArray[np.int64]
) -> tuple[NDArray[np.float32], NDArray[np.int64]]:
    """Give one score for each sentence, and the row of ``parts`` that explains it."""
    if len(parts) == 1:
        return parts[0], np.zeros(parts.shape[1], np.int64)
    whole, parts = parts[0], parts[1:]
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
