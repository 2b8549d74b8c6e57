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
        ("甲公司的注册资本和法定代表人分别是什么？", ["甲公司的注册资本是什么？", "甲公司的法定代表人是什么？"]),
        (
            "上海、北京和广州的住宿标准各是多少",
            ["上海的住宿标准是多少", "北京的住宿标准是多少", "广州的住宿标准是多少"],
        ),
        ("杰克与罗丝分别由谁扮演？", ["杰克由谁扮演？", "罗丝由谁扮演？"]),
        ("病假和事假有什么区别？", ["病假有什么区别？", "事假有什么区别？"]),
        (
            "What are the capitals of France and Peru, respectively?",
            ["What are the capitals of France?", "What are the capitals of Peru?"],
        ),
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
        "中华人民共和国分别在哪年修宪？",
        "他分别在哪两所大学任教？",
        "公司和工会有多少人？",
        "「先謁陵乎？先即位乎？」這句話是誰說的?",
        "《雷電！》主要記錄哪一年的戰爭?",
        "電荷守恆：總電量不變。這個理論是誰發現的?",
        "What is the difference in price?",
        "？",
        "",
    ],
)
def test_a_simple_question_is_its_only_part(question: str) -> None:
    assert decompose(question) == [question]


def test_white_space_around_a_question_is_dropped() -> None:
    assert decompose("  年假有几天？ ") == ["年假有几天？"]
