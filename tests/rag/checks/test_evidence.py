from __future__ import annotations

from ingest.types import Hit, Why
from rag.checks.evidence import enumerated, evidence


def _hit(doc_id: str, text: str, dense: float = 2.0) -> Hit:
    return Hit(1, doc_id, doc_id, "sentence", text, 0, len(text), (doc_id,), 1.0, why=Why(dense=dense))


def _evidence(question: str, *hits: Hit) -> float:
    return evidence([question], hits, lambda terms: ([1] * len(terms), 1000))


QUESTION = "2025年公司的研发投入、研发人员和专利申请情况怎么样？"


def test_items_of_an_enumeration_may_stand_in_different_sentences() -> None:
    hits = [
        _hit("公报", "2025年公司的研发投入为1.58亿元。"),
        _hit("公报", "年末有研发人员428人。"),
        _hit("公报", "全年专利申请168件，情况良好。"),
    ]
    together = _evidence(QUESTION, *hits)
    assert together > 5 * _evidence(QUESTION, hits[0])
    elsewhere = [_hit(f"文件{i}", hit.text) for i, hit in enumerate(hits)]
    assert _evidence(QUESTION, *elsewhere) < together


def test_an_enumeration_of_what_no_sentence_holds_has_no_evidence() -> None:
    assert _evidence(QUESTION, _hit("公报", "食堂周末不开放。"), _hit("公报", "班车七点发车。")) < 0.05


def test_a_question_about_one_thing_is_no_enumeration() -> None:
    assert enumerated("工作满十年的员工有几天年假？") == []
    assert enumerated("Which red seats and sliding doors are there?") == ["Which red seats", "sliding doors are there?"]
