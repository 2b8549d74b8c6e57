"""Run a question set through systems and sum up."""

from __future__ import annotations

import time
from collections.abc import Callable, Sequence
from statistics import mean, median

from rag.evaluate.datasets import KINDS, Dataset, Kind, Query
from rag.evaluate.metrics import BUDGETS, fact_share, gold_context, reciprocal_rank
from rag.evaluate.systems import System

Figures = dict[str, float | int]


def _retrieval(system: System, query: Query) -> Figures:
    began = time.perf_counter()
    found = system.find(query.question)
    figures: Figures = {"ms": (time.perf_counter() - began) * 1000}
    for depth in (1, 5, 10):
        figures[f"doc_recall@{depth}"] = float(any(d in query.doc_ids for d in found.documents[:depth]))
    figures["mrr@10"] = reciprocal_rank(found.documents, query.doc_ids)
    for budget in BUDGETS:
        context = gold_context(found.context(budget), query.doc_ids, budget)
        figures[f"facts@{budget}"] = fact_share(query.facts, context)
    return figures


def _summed(rows: Sequence[Figures]) -> Figures:
    summed: Figures = {"n": len(rows)}
    for name in rows[0]:
        values = [row[name] for row in rows]
        summed[name] = round(median(values) if name == "ms" else mean(values), 4)
    return summed


def evaluate_retrieval(
    system: System, dataset: Dataset, progress: Callable[[], None] = lambda: None
) -> dict[Kind, Figures]:
    """Give, by kind of question, n, document recall, MRR, facts by budget and median milliseconds.

    Questions that can't be answered have no facts to find and are left to the answers.
    """
    rows: dict[Kind, list[Figures]] = {kind: [] for kind in KINDS}
    for query in dataset.queries:
        if query.facts:
            rows[query.kind].append(_retrieval(system, query))
        progress()
    return {kind: _summed(figures) for kind, figures in rows.items() if figures}


def best(results: Sequence[dict[Kind, Figures]]) -> int:
    """Give the index of the result with the highest mean of facts over kinds and budgets."""
    means = [
        mean(float(figures[f"facts@{budget}"]) for figures in result.values() for budget in BUDGETS)
        for result in results
    ]
    return means.index(max(means))
