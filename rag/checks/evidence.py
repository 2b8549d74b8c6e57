"""Evidence: how likely it is, before the model is asked, that the hits answer the question at all."""

from __future__ import annotations

import math
from collections.abc import Callable, Sequence

from ingest.index.terms import terms
from ingest.types import Hit

# Logistic regression on answerable and unanswerable questions of four development sets (docs/benchmarks.md).
_COVERAGE, _DENSE, _INTERCEPT = 11.832, 0.945, -10.273
_FITTED_SEGMENTS = 1000
# Hits looked at.
_DEPTH = 3
# Words that a question is asked with, and that its answer need not hold.
_ASKING = frozenset(
    (
        "什 么 什么 哪 哪里 哪个 哪些 多 少 多少 几 谁 何 怎 怎么 样 么样 怎样 如何 是否 为何 吗 呢 的 了 是 在 "
        "有 和 与 及 或 被 为 对 于 由 其 这 那 个 请 问 请问 what which who whom whose when where why how many much "
        "did do does was were is are the a an of in to for and or on at by from with that this it its be been have "
        "has had"
    ).split()
)
_ASKING_CHARACTERS = frozenset("什哪谁吗呢")


def content_terms(question: str) -> list[str]:
    """Give the distinct terms of a question that say what it is about.

    >>> content_terms("年假有多少？")
    ['年', '假', '年假', '假有', '有多']
    """
    distinct = dict.fromkeys(terms(question))
    return [term for term in distinct if term not in _ASKING and not _ASKING_CHARACTERS & set(term)]


def _expected_best(count: int) -> float:
    return math.sqrt(2 * math.log(max(count, 2)))


def evidence(
    parts: Sequence[str], hits: Sequence[Hit], frequencies: Callable[[list[str]], tuple[list[int], int]]
) -> float:
    """Give a probability, 0 to 1: what the best hits hold of the question's words, and how close they are in meaning.

    :param parts: the question, or its parts; the one with the most evidence counts.
    :param hits: best first.
    :param frequencies: gives, for terms, the number of segments that hold each, and the number of all segments.

    In a small knowledge base nothing can stand far above the mean: of n normal scores the best is expected at
    sqrt(2 ln n), and the lack against the sets that the regression was fitted on is made good.
    """
    if not hits:
        return 0.0
    held = [frozenset(terms(" ".join((*hit.heading_path, hit.text)))) for hit in hits]
    segments = frequencies([])[1]
    lack = max(_expected_best(_FITTED_SEGMENTS) - _expected_best(segments), 0.0)
    dense = max(hit.why.dense for hit in hits[:_DEPTH]) + lack
    coverage = 0.0
    for part in parts:
        asked = content_terms(part)
        counts, _ = frequencies(asked)
        weights = [math.log(1 + segments / (count + 0.5)) for count in counts]
        whole = sum(weights)
        among = held[:_DEPTH] if len(parts) == 1 else held
        for words in among:
            found = sum(weight for term, weight in zip(asked, weights, strict=True) if term in words)
            coverage = max(coverage, found / whole if whole else 0.0)
    return round(1 / (1 + math.exp(-(_COVERAGE * coverage + _DENSE * dense + _INTERCEPT))), 4)
