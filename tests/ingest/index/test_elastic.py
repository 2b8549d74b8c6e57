"""The Elasticsearch backend against a stand-in, and once against the cluster that KEYRAG_TEST_ELASTICSEARCH names."""

from __future__ import annotations

import json
import os
import shutil
from collections.abc import Iterator
from dataclasses import asdict, replace
from pathlib import Path
from typing import Any

import numpy as np
import pytest

from ingest.config import load_settings
from ingest.errors import ClusterError, KeyRAGError
from ingest.index.knowledge_base import KnowledgeBase, open_knowledge_base
from ingest.index.library import Library
from ingest.index.scope import EVERYTHING, Scope
from ingest.index.terms import terms
from ingest.index.union import Union
from ingest.pipeline import Pipeline
from ingest.settings import IndexSettings
from ingest.types import Document, Key, Unit
from rag.retrieve import Retriever
from tests.elasticsearch_server import ElasticsearchServer
from tests.small import DIMENSION, IDENTITY, SETTINGS, HashedEmbeddings, document, ingested, opened

pytest.importorskip("elasticsearch")
from ingest.index.cluster import Cluster

CLUSTER = os.environ.get("KEYRAG_TEST_ELASTICSEARCH")
HANDBOOK = document("员工手册", "年假十天。病假要医生证明。加班按小时计算。", "出差住宿每晚五百元。机票提前七天预订。")
PRICES = document("价格表", "型号PPR-9087的价格是三十元。", "型号PPR-9088的价格是四十元。运费另计。")
MEMO = document("Memo", "Visitors sign in at the front desk. The canteen closes at 14:30 on Fridays.")
ALL = [HANDBOOK, PRICES, MEMO]
QUESTIONS = ("年假有几天？", "PPR-9087多少钱？", "When does the canteen close?", "住宿标准和机票预订分别是什么？")


@pytest.fixture
def cluster() -> Iterator[ElasticsearchServer]:
    with ElasticsearchServer() as server:
        yield server


def settings_of(cluster: ElasticsearchServer, **more: object) -> IndexSettings:
    return load_settings(overrides={"index": {"elasticsearch": {"url": cluster.url, **more}}}).index


def opened_there(folder: Path, cluster: ElasticsearchServer) -> KnowledgeBase:
    return open_knowledge_base(folder, IDENTITY, settings_of(cluster), create=True)


@pytest.fixture
def kb(tmp_path: Path, cluster: ElasticsearchServer) -> KnowledgeBase:
    made = opened_there(tmp_path / "kb", cluster)
    ingested(made, ALL)
    return made


def hits(kb: KnowledgeBase | Union, question: str, scope: Scope = EVERYTHING) -> list[tuple[str, float]]:
    retriever = Retriever(kb, HashedEmbeddings(), SETTINGS.retrieve, scope)
    return [(hit.text, hit.why.fused) for hit in retriever.retrieve(question, 5)]


def titles(kb: KnowledgeBase) -> set[str]:
    """Give the titles of all documents that any search finds."""
    found = [hit for q in QUESTIONS for hit in Retriever(kb, HashedEmbeddings(), SETTINGS.retrieve).retrieve(q, 50)]
    return {hit.document for hit in found}


def held(kb: KnowledgeBase) -> int:
    counts = kb.store.counts()
    return counts["keys"] + counts["segments"] + counts["sentences"]


@pytest.mark.parametrize("question", QUESTIONS)
def test_hits_and_scores_are_those_of_the_local_indexes(kb: KnowledgeBase, tmp_path: Path, question: str) -> None:
    local = opened(tmp_path / "local")
    ingested(local, ALL)
    there, here = hits(kb, question), hits(local, question)
    assert [text for text, _ in there] == [text for text, _ in here]
    # Lucene and tantivy round the lengths of fields, the stand-in does not.
    assert [score for _, score in there] == pytest.approx([score for _, score in here], rel=0.05)


@pytest.mark.skipif(CLUSTER is None, reason="KEYRAG_TEST_ELASTICSEARCH names no cluster")
def test_a_real_cluster_finds_what_the_local_indexes_find(tmp_path: Path) -> None:
    settings = load_settings(overrides={"index": {"elasticsearch": {"url": CLUSTER}}})
    there = open_knowledge_base(tmp_path / "there", IDENTITY, settings.index, create=True)
    here = opened(tmp_path / "here")
    try:
        for kb in (there, here):
            ingested(kb, ALL)
            ingested(kb, [document("价格表", "型号PPR-9087的价格是九十元。")])
            kb.delete(HANDBOOK.doc_id)
            kb.save()
        for question in QUESTIONS:
            assert [text for text, _ in hits(there, question)] == [text for text, _ in hits(here, question)]
        assert there.faults() == []
    finally:
        there.drop_caches()


def test_cosines_and_their_moments_are_exact(kb: KnowledgeBase, tmp_path: Path) -> None:
    local = opened(tmp_path / "local")
    ingested(local, ALL)
    vector = np.array(HashedEmbeddings().embed_query(QUESTIONS[0]), np.float32)
    for level in ("sentence", "segment", "article"):
        there, here = kb.view().dense[level], local.view().dense[level]
        units = here.search(vector, 10).units[::-1]
        assert len(there) == len(here)
        assert there.cosines(vector, units) == pytest.approx(here.cosines(vector, units), abs=1e-5)
        assert there.moments(vector) == pytest.approx(here.moments(vector), abs=1e-5)
    assert there.cosines(vector, np.array([10**6])) == 0


def test_moments_are_carried_on_while_documents_are_added(tmp_path: Path, cluster: ElasticsearchServer) -> None:
    kb, at_once = opened_there(tmp_path / "kb", cluster), opened_there(tmp_path / "other", cluster)
    for one in ALL:
        ingested(kb, [one])
    ingested(at_once, ALL)
    vector = np.array(HashedEmbeddings().embed_query("年假"), np.float32)
    grown, made = (one.view().dense["sentence"].moments(vector) for one in (kb, at_once))
    assert grown == pytest.approx(made, abs=1e-5)


def test_new_versions_and_deletions_are_seen_and_nothing_old_is_left(
    kb: KnowledgeBase, cluster: ElasticsearchServer
) -> None:
    (index,) = cluster.indexes.values()
    assert len(index.seen) == held(kb)
    ingested(kb, [document("价格表", "型号PPR-9087的价格是九十元。")])
    assert any("九十元" in text for text, _ in hits(kb, "PPR-9087多少钱？"))
    assert not any("三十元" in text for text, _ in hits(kb, "PPR-9087多少钱？"))
    kb.delete(HANDBOOK.doc_id)
    kb.save()
    assert titles(kb) == {"价格表", "Memo"}
    assert len(index.documents) == held(kb) and kb.faults() == []


def test_a_search_can_be_limited_to_documents(kb: KnowledgeBase) -> None:
    only = Scope(documents=frozenset([MEMO.doc_id]))
    assert {text for text, _ in hits(kb, "年假有几天？", only)} <= set(MEMO.text.replace(". ", ".|").split("|"))
    assert hits(kb, "年假有几天？", Scope(documents=frozenset(["none"]))) == []
    assert hits(kb, "When does the canteen close?", Scope(heading="Memo"))[0][0].startswith("The canteen")


def test_several_knowledge_bases_are_searched_as_one(tmp_path: Path, cluster: ElasticsearchServer) -> None:
    def parted(name: str, documents: list[Document]) -> KnowledgeBase:
        kb = opened_there(tmp_path / name, cluster)
        ingested(kb, documents)
        return kb

    together = Union([parted("one", [HANDBOOK]), parted("two", [PRICES, MEMO])])
    whole = parted("whole", ALL)
    for question in QUESTIONS[:3]:
        (text, score), (best, wanted) = hits(together, question)[0], hits(whole, question)[0]
        assert text == best and score == pytest.approx(wanted, rel=0.05)


def test_a_reopened_knowledge_base_sends_nothing_again(
    kb: KnowledgeBase, cluster: ElasticsearchServer, monkeypatch: pytest.MonkeyPatch
) -> None:
    kb.close()
    monkeypatch.setattr(Cluster, "add", lambda *_: pytest.fail("sent again"))
    assert titles(opened_there(kb.folder, cluster)) == {"员工手册", "价格表", "Memo"}


@pytest.mark.parametrize("damage", ["index gone", "index short", "listing torn", "listing gone"])
def test_what_is_lost_is_made_anew_at_the_next_opening(
    kb: KnowledgeBase, cluster: ElasticsearchServer, damage: str
) -> None:
    kb.close()
    (index,) = cluster.indexes.values()
    listing = kb.folder / "elastic.json"
    if damage == "index gone":
        cluster.indexes.clear()
    elif damage == "index short":
        index.documents.popitem()
        index.refresh()
    elif damage == "listing torn":
        listing.write_text(listing.read_text()[:40])
    else:
        listing.unlink()
    again = opened_there(kb.folder, cluster)
    assert titles(again) == {"员工手册", "价格表", "Memo"}
    assert again.faults() == []


def test_an_index_removed_under_a_running_service_is_made_anew_when_documents_change(
    kb: KnowledgeBase, cluster: ElasticsearchServer
) -> None:
    cluster.indexes.clear()
    with pytest.raises(ClusterError, match="no such index"):
        titles(kb)
    ingested(kb, [document("公告", "食堂周五停业。")])
    assert titles(kb) >= {"员工手册", "价格表", "Memo"} and kb.faults() == []
    (index,) = cluster.indexes.values()
    assert index.mappings["dynamic"] == "strict" and len(index.seen) == held(kb)


def test_what_was_sent_before_a_kill_is_not_there_twice(
    tmp_path: Path, cluster: ElasticsearchServer, monkeypatch: pytest.MonkeyPatch
) -> None:
    kb = opened_there(tmp_path / "kb", cluster)
    with monkeypatch.context() as killed:
        killed.setattr(Cluster, "refresh", lambda *_: (_ for _ in ()).throw(KeyboardInterrupt))
        with pytest.raises(KeyboardInterrupt):
            ingested(kb, ALL)
    kb.close()
    again = opened_there(kb.folder, cluster)
    assert titles(again) == {"员工手册", "价格表", "Memo"}
    assert [len(index.documents) for index in cluster.indexes.values()] == [held(again)]


def test_a_kill_in_the_middle_of_many_documents_loses_a_few_of_them_at_most(
    tmp_path: Path, cluster: ElasticsearchServer, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr("ingest.index.elastic._AT_A_TIME", 1)
    add, sent = Cluster.add, []

    def counted(self: Cluster, *what: Any) -> None:
        sent.append(what)
        if len(sent) == 3:
            raise KeyboardInterrupt
        add(self, *what)

    monkeypatch.setattr(Cluster, "add", counted)
    kb = opened_there(tmp_path / "kb", cluster)
    with pytest.raises(KeyboardInterrupt):
        ingested(kb, ALL)
    kb.close()
    again = opened_there(kb.folder, cluster)
    assert titles(again) == {"员工手册", "价格表", "Memo"} and again.faults() == []
    assert len(sent) == 4


def test_a_kill_while_the_index_is_made_leaves_no_stray_one(
    tmp_path: Path, cluster: ElasticsearchServer, monkeypatch: pytest.MonkeyPatch
) -> None:
    kb = opened_there(tmp_path / "kb", cluster)
    create = Cluster.create

    def killed(self: Cluster, *how: Any) -> None:
        create(self, *how)
        raise KeyboardInterrupt

    with monkeypatch.context() as patched:
        patched.setattr(Cluster, "create", killed)
        with pytest.raises(KeyboardInterrupt):
            ingested(kb, ALL)
    kb.close()
    again = opened_there(kb.folder, cluster)
    assert titles(again) == {"员工手册", "价格表", "Memo"} and len(cluster.indexes) == 1


def test_a_copied_folder_gets_an_index_of_its_own(kb: KnowledgeBase, cluster: ElasticsearchServer) -> None:
    kb.close()
    copied = kb.folder.with_name("copy")
    shutil.copytree(kb.folder, copied)
    copy, first = opened_there(copied, cluster), opened_there(kb.folder, cluster)
    copy.delete(HANDBOOK.doc_id)
    copy.save()
    assert titles(copy) == {"价格表", "Memo"} and titles(first) == {"员工手册", "价格表", "Memo"}
    assert len(cluster.indexes) == 2


def test_indexes_made_anew_by_another_process_are_used_at_once(kb: KnowledgeBase, cluster: ElasticsearchServer) -> None:
    other = opened_there(kb.folder, cluster)
    assert titles(other) == titles(kb)
    other.drop_caches()
    other.save()
    assert titles(kb) == {"员工手册", "价格表", "Memo"}
    assert len(cluster.indexes) == 1


def test_another_dimension_gets_another_index(kb: KnowledgeBase, cluster: ElasticsearchServer) -> None:
    half = DIMENSION // 2
    kb.store.set_meta("embedding", json.dumps(asdict(replace(IDENTITY, dimension=half))))
    kb.close()
    with pytest.raises(KeyRAGError, match="keyrag kb rebuild"):
        opened_there(kb.folder, cluster)
    again = open_knowledge_base(kb.folder, replace(IDENTITY, dimension=half), settings_of(cluster), create=False)
    for doc_id in [row.doc_id for row in again.store.documents()]:
        again.delete(doc_id)
    unit = Unit(0, "article", 0, len(MEMO.text), MEMO.text, ("Memo",))
    again.commit(MEMO, "", [unit], [Key(0, "context", "Memo")], np.eye(1, half, dtype=np.float32))
    again.save()
    (index,) = cluster.indexes.values()
    assert [len(document["article_vector"]) for document in index.seen.values()] == [half]


def test_two_openings_see_each_others_changes(kb: KnowledgeBase, cluster: ElasticsearchServer) -> None:
    other = opened_there(kb.folder, cluster)
    assert "Memo" in titles(other)
    kb.delete(MEMO.doc_id)
    kb.save()
    assert "Memo" not in titles(other)
    ingested(other, [MEMO])
    assert "Memo" in titles(kb)


def test_a_deleted_knowledge_base_leaves_nothing_in_the_cluster(
    tmp_path: Path, kb: KnowledgeBase, cluster: ElasticsearchServer
) -> None:
    kb.close()
    Library(tmp_path).delete("kb", settings_of(cluster))
    assert cluster.indexes == {} and not (tmp_path / "kb").exists()


def test_documents_are_safe_while_the_cluster_is_away(tmp_path: Path, cluster: ElasticsearchServer) -> None:
    kb = opened_there(tmp_path / "kb", cluster)
    cluster.down = True
    with pytest.raises(ClusterError, match=r"^Elasticsearch at 127\.0\.0\.1:\d+ fails \(503 no master\): check"):
        ingested(kb, ALL)
    assert kb.store.counts()["documents"] == 3
    cluster.down = False
    assert titles(kb) == {"员工手册", "价格表", "Memo"}


def test_errors_tell_neither_the_password_nor_a_traceback(tmp_path: Path) -> None:
    index = load_settings(overrides={"index": {"elasticsearch": {"url": "http://me:secret@127.0.0.1:9"}}}).index
    kb = open_knowledge_base(tmp_path / "kb", IDENTITY, index, create=True)
    with pytest.raises(ClusterError, match=r"^Elasticsearch at 127\.0\.0\.1:9 fails \(.*refused.*\): check") as caught:
        Pipeline(kb, HashedEmbeddings(), SETTINGS).ingest_documents([MEMO], 1)
    assert "secret" not in str(caught.value) and "\n" not in str(caught.value)


def test_an_address_that_is_none_is_told(tmp_path: Path) -> None:
    index = load_settings(overrides={"index": {"elasticsearch": {"url": "search.example.org"}}}).index
    with pytest.raises(KeyRAGError, match=r"index\.elasticsearch can't be used .*https://HOST:PORT"):
        open_knowledge_base(tmp_path / "kb", IDENTITY, index, create=True)


def test_the_key_is_sent(tmp_path: Path, cluster: ElasticsearchServer) -> None:
    settings = settings_of(cluster, api_key="abc")
    ingested(open_knowledge_base(tmp_path / "kb", IDENTITY, settings, create=True), [MEMO])
    assert cluster.keys == {"ApiKey abc"}


def test_a_word_is_counted_in_units_of_its_level(kb: KnowledgeBase) -> None:
    counts, size = kb.view().lexical["sentence"].frequencies([*terms("PPR-9087")[:1], "none"])
    assert (counts, size) == ([1, 0], kb.store.counts()["sentences"])
