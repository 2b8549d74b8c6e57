from __future__ import annotations

import tempfile
from collections.abc import Iterator
from pathlib import Path

import pytest
from hypothesis import given
from hypothesis import strategies as st

from ingest.index.knowledge_base import KnowledgeBase
from ingest.index.store import UnitRow
from ingest.types import Block, Document, Hit, Why
from rag.cite import cite
from rag.pack import Measure, pack
from tests.small import document, ingested, opened

MEASURES: dict[str, Measure] = {
    "characters": len,
    "bytes": lambda text: len(text.encode()),
    "words": lambda text: len(text.split()),
    "two for each": lambda text: 2 * len(text) + 3,
}
BIOGRAPHY = Document(
    "元世祖",
    "元世祖",
    "元世祖",
    "text/plain",
    "0",
    (
        Block("元世祖派使者去見海都。他拒絕前來。使者空手而歸。第二年戰爭爆發。", heading_path=("海都",)),
        Block("忽必烈在開平即位。後來他遷都大都。大都就是今天的北京。", heading_path=("大都",)),
    ),
)
NORMANS = document("Normans", "The Normans came from Denmark. They settled in Normandy. Rollo was their leader.")
TABLE = Document(
    "表", "价格表", "表", "text/csv", "0", (Block("型号：A1；价格：30元", "row"), Block("型号：B2；价格：50元", "row"))
)
DOCUMENTS = [BIOGRAPHY, NORMANS, TABLE]


@pytest.fixture(scope="module")
def kb() -> Iterator[KnowledgeBase]:
    with tempfile.TemporaryDirectory() as folder:
        kb = opened(Path(folder) / "kb")
        ingested(kb, DOCUMENTS)
        yield kb
        kb.close()


def sentences(kb: KnowledgeBase) -> list[UnitRow]:
    return [u for given in kb.store.documents() for u in kb.store.document_units(given.doc_id) if u.level == "sentence"]


def hit(row: UnitRow, score: float = 1.0) -> Hit:
    why = Why(fused=score)
    return Hit(
        row.unit_id, row.doc_id, row.document, row.level, row.text, row.start, row.end, row.heading_path, 0.5, why=why
    )


def hits(kb: KnowledgeBase, *scored: tuple[str, float]) -> list[Hit]:
    rows = {row.text: row for row in sentences(kb)}
    return [hit(rows[text], score) for text, score in scored]


@given(data=st.data())
def test_the_context_stays_within_the_budget_for_any_measure(kb: KnowledgeBase, data: st.DataObject) -> None:
    rows = sentences(kb)
    order = data.draw(st.lists(st.sampled_from(rows), unique_by=lambda row: row.unit_id, max_size=len(rows)))
    scores = sorted(data.draw(st.lists(st.floats(-3, 20), min_size=len(order), max_size=len(order))), reverse=True)
    measure = MEASURES[data.draw(st.sampled_from(sorted(MEASURES)))]
    budget = data.draw(st.integers(min_value=0, max_value=250))
    neighbours = data.draw(st.integers(min_value=0, max_value=3))
    found = [hit(row, score) for row, score in zip(order, scores, strict=True)]
    packed = pack(kb.store, found, budget, measure, neighbours)

    spans = [span for passage in packed.passages for span in passage.spans]
    assert sum(measure(span.text + "\n") for span in spans) <= budget
    assert measure(packed.text) <= budget or not packed.text
    assert len({span.unit_id for span in spans}) == len(spans)
    whole = {row.unit_id: row for row in rows}
    cut = [span for span in spans if span.text != whole[span.unit_id].text]
    assert len(cut) <= 1
    for span in spans:
        row = whole[span.unit_id]
        assert row.text.startswith(span.text)
        assert (span.start, span.end) == (row.start, row.start + len(span.text))


@given(data=st.data())
def test_passages_follow_the_best_document_first_and_each_document_in_reading_order(
    kb: KnowledgeBase, data: st.DataObject
) -> None:
    order = data.draw(st.permutations(sentences(kb)))
    found = [hit(row, 20 - rank) for rank, row in enumerate(order)]
    packed = pack(kb.store, found, 120, neighbours=1)
    ranks = list(dict.fromkeys(row.doc_id for row in order))
    places = [(ranks.index(passage.doc_id), span.start) for passage in packed.passages for span in passage.spans]
    assert places == sorted(places)
    assert [passage.n for passage in packed.passages] == list(range(1, len(packed.passages) + 1))


def test_the_best_hits_go_in_first(kb: KnowledgeBase) -> None:
    found = hits(kb, ("大都就是今天的北京。", 9), ("使者空手而歸。", 5), ("第二年戰爭爆發。", 4))
    packed = pack(kb.store, found, 20)
    assert [passage.text for passage in packed.passages] == ["使者空手而歸。", "大都就是今天的北京。"]


def test_a_hit_that_does_not_fit_is_cut_to_what_is_left(kb: KnowledgeBase) -> None:
    packed = pack(kb.store, hits(kb, ("使者空手而歸。", 9), ("大都就是今天的北京。", 8)), 14)
    assert packed.text == "使者空手而歸。\n大都就是今"


def test_what_is_cut_does_not_run_into_the_next_sentence(kb: KnowledgeBase) -> None:
    packed = pack(kb.store, hits(kb, ("大都就是今天的北京。", 9), ("後來他遷都大都。", 8)), 17)
    assert packed.text == "後來他遷都\n大都就是今天的北京。"


def test_sentences_of_one_segment_are_one_passage(kb: KnowledgeBase) -> None:
    found = hits(kb, ("Rollo was their leader.", 9), ("The Normans came from Denmark.", 8), ("他拒絕前來。", 3))
    packed = pack(kb.store, found, 200)
    assert [(passage.n, passage.text) for passage in packed.passages] == [
        (1, "The Normans came from Denmark. Rollo was their leader."),
        (2, "他拒絕前來。"),
    ]
    assert [span.text for span in packed.passages[0].spans] == [
        "The Normans came from Denmark.",
        "Rollo was their leader.",
    ]


def test_rows_of_a_table_stay_on_lines_of_their_own(kb: KnowledgeBase) -> None:
    found = hits(kb, ("型号：B2；价格：50元", 2), ("型号：A1；价格：30元", 1))
    assert pack(kb.store, found, 100).text == "型号：A1；价格：30元\n型号：B2；价格：50元"


def test_the_sentence_that_says_who_he_is_comes_before_weak_hits(kb: KnowledgeBase) -> None:
    found = hits(kb, ("他拒絕前來。", 15), ("Rollo was their leader.", 4))
    assert "海都" in pack(kb.store, found, 30, neighbours=1).text
    assert "海都" not in pack(kb.store, found, 30, neighbours=0).text


def test_a_strong_hit_comes_before_the_neighbours_of_another(kb: KnowledgeBase) -> None:
    found = hits(kb, ("他拒絕前來。", 15), ("大都就是今天的北京。", 14))
    assert pack(kb.store, found, 18, neighbours=2).text == "他拒絕前來。\n大都就是今天的北京。"


def test_nearer_neighbours_come_first_and_none_from_beyond_the_segment(kb: KnowledgeBase) -> None:
    found = hits(kb, ("第二年戰爭爆發。", 10))
    assert pack(kb.store, found, 18, neighbours=2).text == "使者空手而歸。第二年戰爭爆發。"
    assert "忽必烈" not in pack(kb.store, found, 1000, neighbours=3).text


def test_a_unit_deleted_since_is_left_out(kb: KnowledgeBase) -> None:
    gone = hit(sentences(kb)[0])
    assert pack(kb.store, [Hit(10**6, *(getattr(gone, n) for n in Hit.__slots__[1:9]))], 100).passages == ()


def test_nothing_found_gives_an_empty_context(kb: KnowledgeBase) -> None:
    assert pack(kb.store, [], 100, neighbours=2).text == ""


def test_what_another_document_says_in_the_same_words_takes_no_room_but_is_kept_as_a_copy(tmp_path: Path) -> None:
    twice = "员工每年有十天带薪年假，未休完的可以顺延。"
    kb = opened(tmp_path / "copies")
    ingested(kb, [document("手册", twice, "第二段说的是病假。"), document("通知", twice.replace("，", ","))])
    found = [hit(row, 10) for row in sentences(kb)]
    packed = pack(kb.store, found, 60)
    assert packed.text.count("顺延") == 1
    spans = [span for passage in packed.passages for span in passage.spans]
    assert [[copy.document for copy in span.copies] for span in spans if "顺延" in span.text] == [["通知"]]
    cited = cite("年假有十天，未休完的可以顺延。", "年假有几天？", packed)[0].citations
    assert [citation.document for citation in cited] == ["手册", "通知"]
    assert len({citation.n for citation in cited}) == 1


def test_the_same_short_words_in_two_documents_are_two_facts(tmp_path: Path) -> None:
    kb = opened(tmp_path / "short")
    ingested(kb, [document("甲公司", "注册资本一亿元。"), document("乙公司", "注册资本一亿元。")])
    packed = pack(kb.store, [hit(row, 10) for row in sentences(kb)], 60)
    assert [passage.document for passage in packed.passages] == ["甲公司", "乙公司"]


@pytest.mark.parametrize("also", ["他拒絕前來。", "第二年戰爭爆發。"])
def test_of_two_neighbours_the_one_that_is_a_hit_too_comes_first(kb: KnowledgeBase, also: str) -> None:
    found = hits(kb, ("使者空手而歸。", 10), (also, 1))
    text = pack(kb.store, found, 17, neighbours=1).text
    assert also in text and len(text) < 17
