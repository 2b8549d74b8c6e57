"""A search: hits, and their text packed into a budget, without asking a language model."""

from __future__ import annotations

import time
from collections.abc import Mapping
from dataclasses import dataclass, field

from ingest.index.store import Store
from ingest.index.union import UnionStore
from ingest.types import Hit
from rag.explain import DEPTH, Stages, stages
from rag.pack import Packed, Passage, pack
from rag.retrieve import Retriever

# Hits that a budget is filled from.
_PACKED_DEPTH = 100


@dataclass(frozen=True, slots=True)
class Found:
    """What a search gives: hits, best first, and the raw text packed into the budget.

    ``scores`` are those of all hits that were packed from, by unit.
    """

    query: str
    hits: tuple[Hit, ...]
    packed: Packed
    took_ms: float
    stages: Stages | None = None
    scores: Mapping[int, float] = field(default_factory=dict)

    def score_of(self, passage: Passage) -> float:
        """Give the score of the best sentence of a passage; neighbours of hits have none of their own."""
        return max((self.scores[span.unit_id] for span in passage.spans if span.unit_id in self.scores), default=0.0)


def search(
    retriever: Retriever,
    store: Store | UnionStore,
    query: str,
    k: int,
    budget: int | None,
    neighbours: int,
    *,
    explain: bool = False,
) -> Found:
    """Give the ``k`` best hits, and packed text: what fits into ``budget`` characters, or just the hits' (None).

    :param neighbours: sentences beside a strong hit that compete with the hits for the budget.
    :param explain: give the stages of the search too.
    """
    began = time.perf_counter()
    depth = k if budget is None else max(k, _PACKED_DEPTH)
    hits = retriever.retrieve(query, max(depth, DEPTH) if explain else depth)
    shown = stages(query, hits, k) if explain else None
    hits = hits[:depth]
    if budget is None:
        packed = pack(store, hits, sum(len(hit.text) + 1 for hit in hits))
    else:
        packed = pack(store, hits, budget, neighbours=neighbours)
    took_ms = round((time.perf_counter() - began) * 1000, 2)
    return Found(query, tuple(hits[:k]), packed, took_ms, shown, {hit.unit_id: hit.score for hit in hits})
