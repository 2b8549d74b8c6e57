"""What is measured: facts in the context by budget, ranks of the right document, answers."""

from __future__ import annotations

import re
from collections.abc import Sequence

from ingest.index.terms import folded

BUDGETS = (150, 300, 600, 1200)

_SPACE = re.compile(r"\s+")
_PUNCTUATION = re.compile(r"[\W_]+")


def fact_share(facts: Sequence[Sequence[str]], context: str) -> float:
    """Give the share of facts of which some wording stands in ``context``, white space aside.

    >>> fact_share([["十天", "10天"], ["三天"]], "年假 10 天")
    0.5
    """
    text = _SPACE.sub("", context)
    return sum(any(_SPACE.sub("", wording) in text for wording in fact) for fact in facts) / len(facts)


def gold_context(pieces: Sequence[tuple[str, str]], gold: frozenset[str], budget: int) -> str:
    """Give the part of a context that comes from a gold document, the whole cut at ``budget`` characters.

    :param pieces: (doc_id, text) in the order of the context.
    """
    kept = []
    for doc_id, text in pieces:
        if budget <= 0:
            break
        if doc_id in gold:
            kept.append(text[:budget])
        budget -= len(text) + 1
    return "\n".join(kept)


def reciprocal_rank(ranked: Sequence[str], gold: frozenset[str], depth: int = 10) -> float:
    """Give 1 / rank of the first gold document, 0 beyond ``depth``."""
    return next((1 / rank for rank, doc_id in enumerate(ranked[:depth], 1) if doc_id in gold), 0.0)


def normalised(text: str) -> str:
    """Fold width, case and script of a text, and leave out its white space and punctuation."""
    return _PUNCTUATION.sub("", folded(text))


def contains(answer: str, facts: Sequence[Sequence[str]]) -> float:
    """Give the share of facts of which some wording stands in the answer; width, case, script, punctuation aside."""
    text = normalised(answer)
    return sum(any(normalised(wording) in text for wording in fact) for fact in facts) / len(facts)


def lcs_f1(answer: str, facts: Sequence[Sequence[str]]) -> float:
    """Give the F1 of the longest common subsequence of characters of the answer and the best wordings.

    The reference is the first wording of each fact joined; with one fact its best wording counts.
    """
    wordings = list(facts[0]) if len(facts) == 1 else ["".join(fact[0] for fact in facts)]
    return max(_f1(normalised(answer), normalised(wording)) for wording in wordings)


def _f1(answer: str, reference: str) -> float:
    if not answer or not reference:
        return 0.0
    common = _lcs(answer, reference)
    return 2 * common / (len(answer) + len(reference))


def _lcs(a: str, b: str) -> int:
    row = [0] * (len(b) + 1)
    for char in a:
        before = 0
        for j, other in enumerate(b, 1):
            before, row[j] = row[j], before + 1 if char == other else max(row[j], row[j - 1])
    return row[-1]
