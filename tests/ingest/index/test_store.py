from __future__ import annotations

from pathlib import Path

import numpy as np
import pytest

from ingest.errors import KeyRAGError, NotFoundError
from ingest.index.store import Store
from ingest.keyinfo import keys
from ingest.split import Splitter
from ingest.types import Document
from tests.small import SETTINGS, HashedEmbeddings, document

SPLITTER = Splitter(SETTINGS.split, HashedEmbeddings())

LEAVE = document("员工手册", "年假十天。病假要医生证明。")


@pytest.fixture
def store(tmp_path: Path) -> Store:
    return Store(tmp_path / "kb.sqlite")


def commit(store: Store, given: Document, *, vectors: int | None = None) -> int:
    units = SPLITTER.split(given)
    found = keys(units, SETTINGS.keyinfo)
    return store.commit(given, "settings", units, found, np.ones((vectors or len(found), 4), np.float32))


def texts(store: Store) -> list[str]:
    return [unit.text for row in store.documents() for unit in store.document_units(row.doc_id)]


def test_replacing_a_document_leaves_nothing_of_its_old_version(store: Store) -> None:
    old = commit(store, LEAVE)
    new = commit(store, document("员工手册", "年假十五天。"))
    assert store.versions() == {new}
    assert not any("十天" in text for text in texts(store))
    assert [key for _, _, key in store.document_keys("员工手册")] == ["员工手册 年假十五天。"] * 2
    assert not list(store.vectors("sentence", {old}))


def test_a_replacement_that_fails_keeps_the_old_version(store: Store) -> None:
    version = commit(store, LEAVE)
    before = texts(store), store.generation()
    units = SPLITTER.split(document("员工手册", "年假十五天。"))
    stray = keys(units, SETTINGS.keyinfo)
    with pytest.raises(KeyError):  # the keys of units that are not there are found only after the delete
        store.commit(LEAVE, "settings", units[:1], stray, np.ones((len(stray), 4), np.float32))
    assert store.versions() == {version}
    assert (texts(store), store.generation()) == before


def test_a_wrong_number_of_vectors_is_refused_and_changes_nothing(store: Store) -> None:
    with pytest.raises(ValueError, match="3 keys but 2 vectors"):
        commit(store, LEAVE, vectors=2)
    assert store.documents() == []
    assert store.generation() == 0


def test_deleting_removes_documents_units_and_keys(store: Store) -> None:
    commit(store, LEAVE)
    store.delete("员工手册")
    assert set(store.counts().values()) == {0}
    with pytest.raises(NotFoundError, match="员工手册"):
        store.delete("员工手册")


def test_versions_and_ids_are_never_used_again(store: Store) -> None:
    versions, ids = [], []
    for _ in range(3):
        versions.append(commit(store, LEAVE))
        ids += [unit.unit_id for unit in store.document_units("员工手册")]
        store.delete("员工手册")
    assert len(set(versions)) == 3
    assert len(set(ids)) == len(ids)


def test_every_change_counts_one_generation(store: Store) -> None:
    commit(store, LEAVE)
    commit(store, LEAVE)
    store.delete("员工手册")
    assert store.generation() == 3


def test_vectors_come_back_in_half_precision(store: Store) -> None:
    units = SPLITTER.split(LEAVE)
    found = keys(units, SETTINGS.keyinfo)
    vectors = np.random.default_rng(0).normal(size=(len(found), 8)).astype(np.float32)
    version = store.commit(LEAVE, "", units, found, vectors)
    stored = {
        int(key): row
        for ids, rows in store.vectors("sentence", {version})
        for key, row in zip(ids[:, 0], rows, strict=True)
    }
    assert len(stored) == 2
    for row in stored.values():
        assert np.abs(vectors - row).max(axis=1).min() < 2e-3


def test_keys_and_inner_units_of_many_units_are_read_at_once(store: Store) -> None:
    commit(store, LEAVE)
    article, segment, first, second = store.document_units("员工手册")
    assert store.unit_keys([first.unit_id, second.unit_id]) == {
        first.unit_id: ["员工手册 年假十天。"],
        second.unit_id: ["员工手册 病假要医生证明。"],
    }
    assert store.inside([segment.unit_id]) == [first, second]
    assert store.inside([article.unit_id, segment.unit_id]) == [segment, first, second]
    assert store.unit_keys([]) == {} and store.inside([]) == [] and store.units([]) == {}


def test_a_damaged_file_is_named(tmp_path: Path) -> None:
    path = tmp_path / "kb.sqlite"
    path.write_bytes(b"no database at all" * 100)
    with pytest.raises(KeyRAGError, match=r"kb\.sqlite can't be opened"):
        Store(path)
