from __future__ import annotations

from pathlib import Path

import faiss
import numpy as np
import pytest
from numpy.typing import NDArray

from ingest.index.dense import DenseIndex

DIMENSION = 32


def vectors(count: int, seed: int = 0) -> NDArray[np.float32]:
    found = np.random.default_rng(seed).normal(size=(count, DIMENSION)).astype(np.float32)
    return found / np.linalg.norm(found, axis=1, keepdims=True)


def rows(count: int, version: int = 1, first: int = 0) -> NDArray[np.int64]:
    ids = np.arange(first, first + count)
    return np.stack([ids, ids + 10_000, np.full(count, version)], axis=1).astype(np.int64)


def built(count: int, flat_limit: int) -> DenseIndex:
    return DenseIndex.empty(DIMENSION, flat_limit).updated(set(), [(rows(count), vectors(count))])


def test_above_the_flat_limit_a_graph_finds_nearly_what_the_exact_search_finds() -> None:
    flat, graph = built(3000, 10_000), built(3000, 1000)
    assert flat.exact and not graph.exact
    questions = vectors(50, seed=1)
    same = [
        len(set(flat.search(question, 20).keys.tolist()) & set(graph.search(question, 20).keys.tolist()))
        for question in questions
    ]
    assert sum(same) / (20 * len(questions)) >= 0.98


@pytest.mark.parametrize("flat_limit", [10_000, 1000], ids=["flat", "graph"])
def test_removed_versions_are_never_found(flat_limit: int) -> None:
    index = built(1500, flat_limit).updated(set(), [(rows(100, version=2, first=1500), vectors(100, seed=2))])
    question = vectors(100, seed=2)[3]
    assert index.search(question, 1).keys.tolist() == [1503]
    index = index.updated({2}, [])
    assert index.versions == {1}
    assert len(index) == 1500
    assert index.search(question, 50).keys.max() < 1500


def test_an_update_leaves_the_old_index_as_it_was() -> None:
    before = built(1500, 1000)
    before.updated({1}, [(rows(10, version=2, first=2000), vectors(10, seed=3))])
    assert before.versions == {1}
    assert len(before.search(vectors(1)[0], 10).keys) == 10


@pytest.mark.parametrize("flat_limit", [10_000, 100], ids=["flat", "graph"])
def test_a_units_cosine_is_that_of_its_best_key(flat_limit: int) -> None:
    ids, keys = rows(400), vectors(400)
    ids[:, 1] = np.repeat(np.arange(100), 4)
    index = DenseIndex.empty(DIMENSION, flat_limit).updated(set(), [(ids, keys)])
    question = vectors(1, seed=5)[0]
    expected = (keys @ question).reshape(100, 4).max(axis=1)
    units = np.array([0, 7, 99, 4711])
    assert index.cosines(question, units) == pytest.approx([*expected[[0, 7, 99]], 0], abs=2e-3)


def test_standardised_cosines_have_mean_0_and_deviation_1_over_all_keys() -> None:
    index = built(2000, 10_000)
    question = vectors(1, seed=6)[0]
    scores = index.standardise(question, index.cosines(question, np.arange(10_000, 12_000)))
    assert scores.mean() == pytest.approx(0, abs=1e-3)
    assert scores.std() == pytest.approx(1, abs=1e-3)


def test_an_empty_index_finds_nothing() -> None:
    index = DenseIndex.empty(DIMENSION, 10)
    assert len(index.search(vectors(1)[0], 5).keys) == 0
    assert index.cosines(vectors(1)[0], np.array([1, 2])).tolist() == [0, 0]


@pytest.mark.parametrize("file", ["rows.npy", "vectors.faiss"])
@pytest.mark.parametrize("damage", ["missing", "torn", "empty", "other size"])
def test_a_damaged_file_gives_an_empty_index(tmp_path: Path, file: str, damage: str) -> None:
    built(50, 1000).save(tmp_path)
    path = tmp_path / file
    if damage == "missing":
        path.unlink()
    elif damage == "other size":
        built(40, 1000).save(tmp_path / "other")
        path.write_bytes((tmp_path / "other" / file).read_bytes())
    else:
        path.write_bytes(path.read_bytes()[: 100 if damage == "torn" else 0])
    loaded = DenseIndex.load(tmp_path, DIMENSION, 1000)
    assert len(loaded) == 0 and loaded.versions == set()


def test_a_saved_index_is_loaded_as_it_was(tmp_path: Path) -> None:
    index = built(50, 1000)
    index.save(tmp_path)
    loaded = DenseIndex.load(tmp_path, DIMENSION, 1000)
    question = vectors(1, seed=7)[0]
    assert loaded.search(question, 5).keys.tolist() == index.search(question, 5).keys.tolist()
    assert sorted(path.name for path in tmp_path.iterdir()) == ["rows.npy", "vectors.faiss"]


def test_an_index_of_another_dimension_is_not_loaded(tmp_path: Path) -> None:
    built(50, 1000).save(tmp_path)
    assert len(DenseIndex.load(tmp_path, DIMENSION + 1, 1000)) == 0


def test_a_full_disk_leaves_what_was_there(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    index = DenseIndex.empty(4, 10).updated(set(), [(np.array([[1, 1, 1]]), np.eye(4, dtype=np.float32)[:1])])
    index.save(tmp_path)
    before = {file.name: file.read_bytes() for file in tmp_path.iterdir()}

    def full(_: object, name: str) -> None:
        Path(name).write_bytes(b"half")
        raise RuntimeError("No space left on device")

    monkeypatch.setattr(faiss, "write_index", full)
    with pytest.raises(OSError, match="disk is full"):
        index.save(tmp_path)
    assert {file.name: file.read_bytes() for file in tmp_path.iterdir()} == before


@pytest.mark.parametrize("flat_limit", [10_000, 500], ids=["flat", "graph"])
def test_scores_are_standardised_alike_however_an_index_came_about(flat_limit: int, tmp_path: Path) -> None:
    grown = built(400, flat_limit)
    grown = grown.updated(set(), [(rows(300, version=2, first=400), vectors(300, seed=1))])
    grown = grown.updated({2}, [(rows(200, version=3, first=700), vectors(200, seed=2))])
    at_once = DenseIndex.empty(DIMENSION, flat_limit).updated(
        set(), [(rows(400), vectors(400)), (rows(200, version=3, first=700), vectors(200, seed=2))]
    )
    grown.save(tmp_path)
    reopened = DenseIndex.load(tmp_path, DIMENSION, flat_limit)
    question = vectors(1, seed=3)[0]
    for index in (grown, reopened):
        assert index.moments(question) == pytest.approx(at_once.moments(question), rel=1e-3, abs=1e-3)
    assert grown.updated({1, 3}, []).moments(question) == pytest.approx((0.0, 1.0), abs=1e-6)
