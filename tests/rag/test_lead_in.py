from __future__ import annotations

import itertools

import pytest
from hypothesis import given
from hypothesis import strategies as st
from langchain_core.messages.ai import AIMessageChunk

from rag.generate import Attempt
from rag.lead_in import may_become_lead_in, without_lead_in


@pytest.mark.parametrize(
    ("written", "read"),
    [
        ("根据已知信息，年假为十天。", "年假为十天。"),
        ("根據已知信息，年假為十天。", "年假為十天。"),
        ("根据以上提供的信息可知：年假为十天。", "年假为十天。"),
        ("Based on the provided information, the fee is 45 yuan.", "The fee is 45 yuan."),
        ("According to the context above, ten days.", "Ten days."),
    ],
)
def test_an_answer_begins_with_what_it_says(written: str, read: str) -> None:
    assert without_lead_in(written) == read


@pytest.mark.parametrize(
    "text",
    [
        "根据《员工手册》，年假为十天。",
        "从1997年起，公司设在昆明。",
        "根据已知信息无法回答该问题",
        "In 2019, sales rose.",
        "According to the safety report, nothing leaked.",
        "From the station, take bus 5.",
    ],
)
def test_what_says_something_stays(text: str) -> None:
    assert without_lead_in(text) == text


def _streamed(chunks: list[str]) -> str:
    attempt = Attempt("answer", "", {}, shown=True)
    shown = [attempt.take(AIMessageChunk(chunk)) for chunk in chunks]
    return "".join([*shown, attempt.rest()])


_WRITTEN = st.sampled_from(
    [
        "根据已知信息，年假为十天，病假期间按基本工资的百分之八十发放。",
        "根据公司规定，年假为十天，病假期间按基本工资的百分之八十发放。",
        "Based on the known information, the allowance for a night shift is 45 yuan.",
        "Based on the length of service, ten days or fifteen days of leave a year.",
        "In short, ten days.",
        "从",
    ]
)


@given(_WRITTEN, st.lists(st.integers(0, 80), max_size=12))
def test_what_is_streamed_is_the_answer_however_it_is_cut(text: str, cuts: list[int]) -> None:
    places = sorted({0, len(text), *(cut for cut in cuts if cut < len(text))})
    chunks = [text[a:b] for a, b in itertools.pairwise(places)]
    assert _streamed(chunks) == without_lead_in(text)


def test_only_what_may_become_a_lead_in_is_held_back() -> None:
    assert may_become_lead_in("Based on the known")
    assert not may_become_lead_in("Ten days of leave")
    assert not may_become_lead_in("Based on " + "very " * 20)
