"""Run a question set through systems and sum up."""

from __future__ import annotations

import time
from collections.abc import Callable, Sequence
from statistics import mean, median

from rag.evaluate.datasets import KINDS, Dataset, Kind, Query
from rag.evaluate.metrics import BUDGETS, fact_share, gold_context, reciprocal_rank
from rag.evaluate.systems import Found, System

Figures = dict[str, float | int]

# Questions of a kind that are timed.
_TIMED = 200


def _retrieval(system: System, query: Query) -> Figures:
    found = system.find(query.question)
    figures: Figures = {}
    for depth in (1, 5, 10):
        figures[f"doc_recall@{depth}"] = float(any(d in query.doc_ids for d in found.documents[:depth]))
    figures["mrr@10"] = reciprocal_rank(found.documents, query.doc_ids)
    for budget, share in zip(BUDGETS, facts_covered(found, query), strict=True):
        figures[f"facts@{budget}"] = share
    return figures


def facts_covered(found: Found, query: Query) -> list[float]:
    """Give the share of a question's facts that the context holds, for each of the budgets."""
    return [fact_share(query.facts, gold_context(found.context(budget), query.doc_ids, budget)) for budget in BUDGETS]


def _milliseconds(system: System, queries: Sequence[Query]) -> float:
    """Give the median time of a search, of questions that were asked before and need no embedding any more."""
    times = []
    for query in queries[:_TIMED]:
        began = time.perf_counter()
        system.find(query.question)
        times.append((time.perf_counter() - began) * 1000)
    return round(median(times), 4)


def _summed(rows: Sequence[Figures]) -> Figures:
    return {"n": len(rows), **{name: round(mean(row[name] for row in rows), 4) for name in rows[0]}}


def evaluate_retrieval(
    system: System, dataset: Dataset, progress: Callable[[], None] = lambda: None
) -> dict[Kind, Figures]:
    """Give, by kind of question, n, document recall, MRR, facts by budget and median milliseconds.

    The milliseconds leave the embedding of the question out, if ``system`` remembers it. Questions that
    can't be answered have no facts to find and are left to the answers.
    """
    rows: dict[Kind, list[Figures]] = {kind: [] for kind in KINDS}
    asked: dict[Kind, list[Query]] = {kind: [] for kind in KINDS}
    for query in dataset.queries:
        if query.facts:
            rows[query.kind].append(_retrieval(system, query))
            asked[query.kind].append(query)
        progress()
    return {kind: {**_summed(rows[kind]), "ms": _milliseconds(system, asked[kind])} for kind in KINDS if rows[kind]}


def best(results: Sequence[dict[Kind, Figures]]) -> int:
    """Give the index of the result with the highest mean of facts over kinds and budgets."""
    means = [
        mean(float(figures[f"facts@{budget}"]) for figures in result.values() for budget in BUDGETS)
        for result in results
    ]
    return means.index(max(means))
