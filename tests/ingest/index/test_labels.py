"""Searches among some documents alone: the choice is made inside the indexes."""

from __future__ import annotations

from pathlib import Path

import numpy as np
import pytest

from ingest.index.dense import DenseIndex
from ingest.index.scope import Scope
from rag.retrieve import Retriever
from tests.small import SETTINGS, HashedEmbeddings, document, ingested, opened


@pytest.mark.parametrize("flat_limit", [1000, 10])
def test_the_nearest_of_the_chosen_versions_are_found(flat_limit: int) -> None:
    """Exact and, above the limit, in the graph; the chosen are far from the question."""
    random = np.random.default_rng(1)
    vectors = random.normal(size=(300, 16)).astype(np.float32)
    vectors /= np.linalg.norm(vectors, axis=1, keepdims=True)
    rows = np.array([(i, i, i % 30) for i in range(300)], np.int64)
    index = DenseIndex.empty(16, flat_limit).updated(set(), [(rows, vectors)])
    assert index.exact == (flat_limit > 300)
    cosines = vectors @ vectors[0]
    chosen = np.flatnonzero(np.isin(rows[:, 2], [3, 7]))
    best = chosen[np.argsort(-cosines[chosen])][:5]
    assert index.search(vectors[0], 5, {3, 7}).units.tolist() == best.tolist()
    assert len(index.search(vectors[0], 50, {3, 7}).units) == 20
    assert len(index.search(vectors[0], 5, set()).units) == 0
    smaller = index.updated({3}, [])
    assert set(smaller.search(vectors[0], 50, {3, 7}).units % 30) == {7}


def test_labels_stay_with_a_document_and_go_with_it(tmp_path: Path) -> None:
    kb = opened(tmp_path / "kb")
    ingested(kb, [document("A", "Apples are red.", doc_id="a"), document("B", "Apples are green.", doc_id="b")])
    kb.store.set_labels("a", ["x", "y"])
    kb.store.set_labels("b", ["z"])
    assert kb.store.labels(["a", "b", "c"]) == {"a": {"x", "y"}, "b": {"z"}, "c": frozenset()}
    ingested(kb, [document("A", "Apples are yellow.", doc_id="a")])
    assert kb.store.labels(["a"]) == {"a": {"x", "y"}}

    def found(*labels: str) -> list[str]:
        retriever = Retriever(kb, HashedEmbeddings(), SETTINGS.retrieve, Scope(readable=frozenset(labels)))
        return sorted(hit.doc_id for hit in retriever.retrieve("What colour are apples?", 10))

    assert (found("y"), found("z"), found("x", "z"), found("w")) == (["a"], ["b"], ["a", "b"], [])
    kb.delete("a")
    assert kb.store.labels(["a"]) == {"a": frozenset()}
    kb.close()
