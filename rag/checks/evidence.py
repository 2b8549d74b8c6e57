"""Evidence: how likely it is, before the model is asked, that the hits answer the question at all."""

from __future__ import annotations

import math
import re
from collections.abc import Callable, Sequence

from ingest.index.terms import terms
from ingest.types import Hit

# Logistic regression on answerable and unanswerable questions of four development sets (docs/benchmarks.md).
_COVERAGE, _DENSE, _INTERCEPT = 11.832, 0.945, -10.273
_FITTED_SEGMENTS = 1000
# Hits looked at.
_DEPTH = 3
# Hits looked at for the items of an enumeration, which seldom stand in one sentence.
_ENUMERATED_DEPTH = 10
_SEPARATOR = re.compile(
    r"、|(?<=[\u3400-\u9fff])(?:以及|还有|還有|和|与|與|及|跟|或)(?=[\u3400-\u9fff])|,? and |, ", re.IGNORECASE
)
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


def asked_terms(question: str) -> list[str]:
    """Give the distinct terms of a question that say what it is about.

    >>> asked_terms("年假有多少？")
    ['年', '假', '年假', '假有', '有多']
    """
    distinct = dict.fromkeys(terms(question))
    return [term for term in distinct if term not in _ASKING and not _ASKING_CHARACTERS & set(term)]


def enumerated(question: str) -> list[str]:
    """Give the items of a question that asks about several things at once; none of any other.

    >>> enumerated("研发投入、研发人员和专利申请情况怎么样？")
    ['研发投入', '研发人员', '专利申请情况怎么样？']
    """
    items = [item for item in _SEPARATOR.split(question) if len(asked_terms(item)) > 1]
    return items if len(items) > 1 else []


def _expected_best(count: int) -> float:
    return math.sqrt(2 * math.log(max(count, 2)))


def evidence(
    parts: Sequence[str], hits: Sequence[Hit], frequencies: Callable[[list[str]], tuple[list[int], int]]
) -> float:
    """Give a probability, 0 to 1: what the best hits hold of the question's words, and how close they are in meaning.

    :param parts: the question, or its parts; the one with the most evidence counts.
        Of an enumeration each item may be held by another hit of one document.
    :param hits: best first.
    :param frequencies: gives, for terms, the number of segments that hold each, and the number of all segments.

    In a small knowledge base nothing can stand far above the mean: of n normal scores the best is expected at
    sqrt(2 ln n), and the lack against the sets that the regression was fitted on is made good.
    """
    if not hits:
        return 0.0
    looked_at = hits if len(parts) > 1 else hits[:_ENUMERATED_DEPTH]
    held = [frozenset(terms(" ".join((*hit.heading_path, hit.text)))) for hit in looked_at]
    segments = frequencies([])[1]
    lack = max(_expected_best(_FITTED_SEGMENTS) - _expected_best(segments), 0.0)
    dense = max(hit.why.dense for hit in hits[:_DEPTH]) + lack

    def weighed(text: str) -> dict[str, float]:
        asked = asked_terms(text)
        counts, _ = frequencies(asked)
        return {term: math.log(1 + segments / (count + 0.5)) for term, count in zip(asked, counts, strict=True)}

    coverage = 0.0
    for part in parts:
        among = held[:_DEPTH] if len(parts) == 1 else held
        items = [weighed(item) for item in enumerated(part)]
        coverage = max(coverage, _covered([weighed(part)], among), _covered_by_one_document(items, hits, held))
    return round(1 / (1 + math.exp(-(_COVERAGE * coverage + _DENSE * dense + _INTERCEPT))), 4)


def _covered(items: Sequence[dict[str, float]], among: Sequence[frozenset[str]]) -> float:
    """Give the share of the items' weight that hits hold, each item in the hit that holds most of it."""
    whole = sum(sum(weights.values()) for weights in items)
    found = sum(
        max((sum(weight for term, weight in weights.items() if term in words) for words in among), default=0.0)
        for weights in items
    )
    return found / whole if whole else 0.0


def _covered_by_one_document(
    items: Sequence[dict[str, float]], hits: Sequence[Hit], held: Sequence[frozenset[str]]
) -> float:
    documents: dict[tuple[str, str], list[frozenset[str]]] = {}
    for hit, words in zip(hits[:_ENUMERATED_DEPTH], held, strict=False):
        documents.setdefault((hit.kb, hit.doc_id), []).append(words)
    return max(_covered(items, among) for among in documents.values())
