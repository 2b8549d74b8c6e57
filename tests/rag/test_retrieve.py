from __future__ import annotations

from dataclasses import replace
from pathlib import Path

import pytest

from ingest.index.knowledge_base import KnowledgeBase
from ingest.index.scope import Scope
from ingest.pipeline import Pipeline
from ingest.settings import RetrieveSettings
from ingest.types import Block
from rag.retrieve import Retriever
from tests.small import SETTINGS, HashedEmbeddings, document, ingested, opened

HANDBOOK = document(
    "员工手册",
    "员工每年有十天年假。年假要提前一周申请。未休的年假可以顺延到次年三月。",
    "病假需要医院的证明。病假期间工资照发百分之八十。",
    "出差住宿标准是每晚五百元。高铁可以坐二等座。",
)
NORMANS = document(
    "Normans",
    "The Normans gave their name to Normandy. They came from Denmark, Iceland and Norway.",
    "Rollo agreed to swear fealty to King Charles III of West Francia.",
)
TRADITIONAL = document("梵文", "威廉·瓊斯發現印歐語系，歸功於對梵語的研究。")
DOCUMENTS = [HANDBOOK, NORMANS, TRADITIONAL]
SENTENCES = [
    sentence
    for text in (block.text for given in DOCUMENTS for block in given.blocks)
    for sentence in text.replace("。", "。|").replace(". ", ".|").split("|")
    if sentence
]


@pytest.fixture
def kb(tmp_path: Path) -> KnowledgeBase:
    kb = opened(tmp_path / "handbooks")
    ingested(kb, DOCUMENTS)
    return kb


def retriever(kb: KnowledgeBase, settings: RetrieveSettings = SETTINGS.retrieve) -> Retriever:
    return Retriever(kb, HashedEmbeddings(), settings)


@pytest.mark.parametrize("sentence", SENTENCES)
def test_a_sentence_quoted_word_for_word_comes_first(kb: KnowledgeBase, sentence: str) -> None:
    assert retriever(kb).retrieve(sentence, 3)[0].text == sentence


@pytest.mark.parametrize("candidates", [1, 5, 100])
def test_both_parts_of_a_question_are_found(kb: KnowledgeBase, candidates: int) -> None:
    settings = SETTINGS.retrieve.model_copy(update={"candidates": candidates})
    hits = retriever(kb, settings).retrieve("年假要提前多久申请？另外，出差住宿标准是多少？", 2)
    assert {hit.text for hit in hits} == {"年假要提前一周申请。", "出差住宿标准是每晚五百元。"}


def test_a_simplified_question_finds_traditional_text(kb: KnowledgeBase) -> None:
    assert retriever(kb).retrieve("威廉·琼斯发现了什么？", 1)[0].document == "梵文"


def test_hits_come_best_first_and_at_most_k(kb: KnowledgeBase) -> None:
    hits = retriever(kb).retrieve("年假有几天？", 4)
    assert len(hits) == 4
    assert [hit.score for hit in hits] == sorted((hit.score for hit in hits), reverse=True)
    assert len({hit.unit_id for hit in hits}) == 4


def test_a_hit_tells_where_it_stands_and_why_it_was_found(kb: KnowledgeBase) -> None:
    hit = retriever(kb).retrieve("病假期间工资发多少？", 1)[0]
    assert (hit.doc_id, hit.document, hit.level, hit.kb) == ("员工手册", "员工手册", "sentence", "handbooks")
    assert HANDBOOK.text[hit.start : hit.end] == hit.text == "病假期间工资照发百分之八十。"
    assert hit.why.keys == ("员工手册 病假期间工资照发百分之八十。",)
    assert hit.why.dense > 0 and hit.why.lexical > 0
    assert hit.why.fused == pytest.approx(hit.why.dense + hit.why.lexical + hit.why.answer_type, abs=1e-3)
    assert 0 < hit.score < 1


def test_the_best_hit_by_words_counts_in_full_only_if_it_holds_enough_of_them(kb: KnowledgeBase) -> None:
    asked, other = "年假要提前多久申请？", "火星上的恐龙博物馆放年假吗？"
    full, part = (max(hit.why.lexical for hit in retriever(kb).retrieve(question, 5)) for question in (asked, other))
    weights = SETTINGS.retrieve.weights
    assert full == pytest.approx(weights.lexical_sentence + weights.lexical_segment, rel=0.02)
    assert 0 < part < full / 2


@pytest.mark.parametrize("question", ["", "？！", "完全无关的问题", "🙂"])
def test_any_question_is_answered_with_hits_not_with_an_error(kb: KnowledgeBase, question: str) -> None:
    retriever(kb).retrieve(question, 5)


def test_an_empty_knowledge_base_finds_nothing(tmp_path: Path) -> None:
    assert retriever(opened(tmp_path / "empty")).retrieve("年假有几天？", 5) == []


def test_a_document_deleted_since_is_not_found(kb: KnowledgeBase) -> None:
    found = retriever(kb)
    assert found.retrieve("年假有几天？", 1)[0].document == "员工手册"
    kb.delete("员工手册")
    assert "员工手册" not in {hit.document for hit in found.retrieve("年假有几天？", 10)}


def test_a_search_goes_on_while_another_opening_writes(kb: KnowledgeBase, monkeypatch: pytest.MonkeyPatch) -> None:
    before = kb.view()
    ingested(opened(kb.folder), [document("食堂", "食堂的午餐十二点开始。", "年假期间食堂照常开放。")])
    kb.view()  # the lexical index has moved on
    monkeypatch.setattr(kb, "view", lambda: before)
    hits = retriever(kb).retrieve("年假期间食堂开放吗？", 20)
    assert hits and "食堂" not in {hit.document for hit in hits}


def test_the_document_that_answers_all_parts_is_preferred(tmp_path: Path) -> None:
    kb = opened(tmp_path / "plants")
    east = document("东厂", "东厂的厂长是王明，任期三年。", "东厂的食堂有二百个座位。")
    west = document("西厂", "西厂的仓库共有两座。", "食堂有三百个座位，比别的食堂都大。")
    ingested(kb, [east, west])
    hits = retriever(kb).retrieve("东厂的厂长是谁？另外，食堂有多少个座位？", 3)
    assert {hit.document for hit in hits[:2]} == {"东厂"}


def test_a_key_of_a_whole_document_lifts_its_sentences(tmp_path: Path) -> None:
    documents = [document("甲", "水泵的功率是七千瓦。"), document("乙", "水泵的功率是九千瓦。")]
    question = "矿山水泵的功率是多少？"
    scores = {}
    for name, kinds in (("without", ()), ("with", ("tfidf",))):
        kb = opened(tmp_path / name)
        keyinfo = SETTINGS.keyinfo.model_copy(update={"article": kinds})
        settings = SETTINGS.model_copy(update={"keyinfo": keyinfo})
        mine = document("矿山", "矿山的巷道很深。矿山的巷道很长。矿山的设备很多。", "水泵的功率是八千瓦。")
        Pipeline(kb, HashedEmbeddings(), settings).ingest_documents([*documents, mine], 3)
        scores[name] = {
            hit.document: hit.why.fused for hit in retriever(kb).retrieve(question, 10) if "功率" in hit.text
        }
    lift = {title: scores["with"][title] - scores["without"][title] for title in ("甲", "乙", "矿山")}
    assert lift["矿山"] > 0 and lift["矿山"] == max(lift.values())


def test_a_part_of_a_sentence_and_a_sentence_in_quotation_marks_come_first(kb: KnowledgeBase) -> None:
    for question in ("Rollo agreed to swear fealty", "哪里写着“未休的年假可以顺延到次年三月”？年假有几天？"):
        best = retriever(kb).retrieve(question, 1)[0]
        assert "fealty" in best.text or "顺延" in best.text


@pytest.mark.parametrize(
    ("scope", "found"),
    [
        (Scope(), {"员工手册", "Normans", "梵文"}),
        (Scope(documents=frozenset({"Normans", "梵文"})), {"Normans", "梵文"}),
        (Scope(labels=frozenset({"hr"})), {"员工手册"}),
        (Scope(readable=frozenset({"hr", "history"}), labels=frozenset({"history"})), {"Normans"}),
        (Scope(since="2000-01-01", until="2999"), {"员工手册", "Normans", "梵文"}),
        (Scope(since="2999"), set()),
        (Scope(until="2000-01"), set()),
        (Scope(heading="norm"), {"Normans"}),
        (Scope(heading="手册", labels=frozenset({"history"})), set()),
        (Scope(heading="100%"), set()),
    ],
)
def test_only_what_is_in_scope_is_found(kb: KnowledgeBase, scope: Scope, found: set[str]) -> None:
    kb.store.set_labels("员工手册", ["hr"])
    kb.store.set_labels("Normans", ["history"])
    searching = Retriever(kb, HashedEmbeddings(), SETTINGS.retrieve, scope)
    assert {hit.document for hit in searching.retrieve("年假有几天？ Who was Rollo? 梵语", 50)} == found


def test_a_heading_keeps_sentences_of_other_sections_out(tmp_path: Path) -> None:
    kb = opened(tmp_path / "manual")
    blocks = (
        Block("年假", "heading"),
        Block("每年十天，提前申请。", "paragraph", ("年假",)),
        Block("病假", "heading"),
        Block("每年十天，需要证明。", "paragraph", ("病假",)),
    )
    ingested(kb, [replace(document("手册", ""), blocks=blocks)])
    searching = Retriever(kb, HashedEmbeddings(), SETTINGS.retrieve, Scope(heading="病假"))
    assert {hit.heading_path for hit in searching.retrieve("年假每年几天？", 10)} == {("手册", "病假")}
