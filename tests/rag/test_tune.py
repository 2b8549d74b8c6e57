from __future__ import annotations

from pathlib import Path

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from ingest.errors import KeyRAGError
from ingest.index.knowledge_base import KnowledgeBase
from ingest.settings import WeightSettings
from rag.evaluate.datasets import Query
from rag.tune import LEAST, SIGNIFICANT, Example, Step, chance, halves, learn, tune
from tests.small import SETTINGS, HashedEmbeddings, document, ingested, opened

DEFAULT = SETTINGS.retrieve.weights
# Segments alone: all sentences of one are as good.
SEGMENTS = DEFAULT.model_copy(update={**dict.fromkeys(WeightSettings.model_fields, 0.0), "dense_segment": 1.0})


def query(n: int, *doc_ids: str, fact: str = "事") -> Query:
    return Query(str(n), f"第{n}问？", "fine", ((fact,),), frozenset(doc_ids))


@settings(max_examples=20)
@given(st.lists(st.sets(st.sampled_from("abcdefgh"), min_size=1, max_size=2), min_size=150, max_size=200))
def test_no_document_is_asked_about_in_both_halves(asked: list[set[str]]) -> None:
    queries = [query(n, *doc_ids) for n, doc_ids in enumerate(asked)]
    try:
        training, held_out = halves(queries)
    except KeyRAGError:
        return
    documents = [{doc_id for query in half for doc_id in query.doc_ids} for half in (training, held_out)]
    assert not documents[0] & documents[1]
    assert min(len(training), len(held_out)) >= LEAST


def test_halves_are_the_same_in_every_run_and_of_like_size() -> None:
    queries = [query(n, f"document {n // 5}") for n in range(100)]
    training, held_out = halves(queries)
    assert len(training) == len(held_out) == 50
    assert halves(queries[::-1]) == (training, held_out)


@pytest.mark.parametrize("queries", [[query(n, f"d{n}") for n in range(30)], [query(n, "one") for n in range(200)]])
def test_too_few_questions_or_documents_are_told_with_how_many_are_needed(queries: list[Query]) -> None:
    with pytest.raises(KeyRAGError, match="20 at least in each"):
        halves(queries)


def test_a_gain_counts_only_beyond_chance() -> None:
    assert chance(np.array([0.25] * 4 + [0.0] * 90)) > SIGNIFICANT
    assert chance(np.array([0.25] * 9 + [0.0] * 90)) < SIGNIFICANT
    assert chance(np.array([0.25, -0.25] * 40)) > 0.3
    assert chance(np.array([-0.25] * 40)) > 0.99


def examples(telling: int, count: int = 40) -> list[Example]:
    """Questions with one telling feature, among others that are noise."""
    draw = np.random.default_rng(0)
    made = []
    for _ in range(count):
        features = draw.random((1, 6, 30)).astype(np.float32)
        holds = np.zeros((1, 30), np.bool_)
        holds[0, features[0, telling].argmax()] = True
        made.append(Example(features, np.zeros(30, np.int64), np.full(30, 60), holds))
    return made


@pytest.mark.parametrize("telling", range(6))
def test_weight_moves_to_the_feature_that_tells(telling: int) -> None:
    steps: list[Step] = []
    given = examples(telling)
    learned = [*learn(given, DEFAULT, steps.append).model_dump().values()]
    assert learned[telling] == max(learned)
    assert steps and all(step.what == "learning" for step in steps)
    before, after = (
        np.mean([(e.features[0] * np.array(w)[:, None]).sum(axis=0).max() for e in given])
        for w in ([*DEFAULT.model_dump().values()], learned)
    )
    assert after == pytest.approx(before, rel=0.01)


def test_weights_that_can_teach_nothing_stay() -> None:
    same = [Example(e.features, e.documents, e.sizes, np.zeros_like(e.holds)) for e in examples(0)]
    assert learn(same, DEFAULT) == DEFAULT


@pytest.fixture
def asked(tmp_path: Path) -> tuple[KnowledgeBase, list[Query]]:
    """Documents of one segment whose last sentence is asked about."""
    towns = [f"{a}{b}" for a in "东西南北上下" for b in "山河海湖城村镇桥"]
    documents = [
        document(town, "这里的人每天都很忙，都要做很多的事。" * 9 + f"{town}的人口是{n * 37 + 1000}人。")
        for n, town in enumerate(towns)
    ]
    kb = opened(tmp_path / "towns")
    ingested(kb, documents)
    queries = [
        Query(str(n), f"{town}的人口是多少？", "fine", ((f"{n * 37 + 1000}人",),), frozenset({town}))
        for n, town in enumerate(towns)
    ]
    return kb, queries


def test_learned_weights_win_where_those_in_force_are_bad(asked: tuple[KnowledgeBase, list[Query]]) -> None:
    bad = SETTINGS.model_copy(update={"retrieve": SETTINGS.retrieve.model_copy(update={"weights": SEGMENTS})})
    kb, queries = asked
    tuning = tune(kb, HashedEmbeddings(), bad, queries)
    assert tuning.wins
    assert tuning.training == tuning.held_out == 24
    assert tuning.better > tuning.worse and np.mean(tuning.after) > np.mean(tuning.before)


def test_learned_weights_are_refused_where_those_in_force_find_everything(
    asked: tuple[KnowledgeBase, list[Query]],
) -> None:
    kb, queries = asked
    tuning = tune(kb, HashedEmbeddings(), SETTINGS, queries)
    assert not tuning.wins and tuning.chance == 1
