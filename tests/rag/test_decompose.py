from __future__ import annotations

import pytest

from rag.decompose import decompose


@pytest.mark.parametrize(
    ("question", "parts"),
    [
        ("年假有几天？另外，病假怎么请？", ["年假有几天？", "病假怎么请？"]),
        ("年假有几天 另外，病假怎么请", ["年假有几天", "病假怎么请"]),
        ("誰創立了它?還有，在哪一年?", ["誰創立了它?", "在哪一年?"]),
        ("年假有几天？啊？事假怎么请？", ["年假有几天？", "事假怎么请？"]),
        ("What is Internet2 Also, who founded it?", ["What is Internet2", "who founded it?"]),
        ("Who founded it? And when did it close?", ["Who founded it?", "when did it close?"]),
    ],
)
def test_a_question_of_several_parts_is_taken_apart(question: str, parts: list[str]) -> None:
    assert decompose(question) == parts


@pytest.mark.parametrize(
    "question",
    [
        "年假有几天？",
        "Who founded it?",
        "他还有什么作品？",
        "Which bands also toured with them?",
        "型号PPR-9087的价格是多少",
        "？",
        "",
    ],
)
def test_a_simple_question_is_its_only_part(question: str) -> None:
    assert decompose(question) == [question]


def test_white_space_around_a_question_is_dropped() -> None:
    assert decompose("  年假有几天？ ") == ["年假有几天？"]
