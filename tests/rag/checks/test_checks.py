from __future__ import annotations

import pytest
from hypothesis import given
from hypothesis import strategies as st

from ingest.index.numerals import chinese_value
from rag.checks.refusal import REFUSALS, refuses
from rag.checks.repetition import loop_start


@pytest.mark.parametrize(
    "text",
    [
        REFUSALS["zh"],
        REFUSALS["en"],
        "没有提供足够的相关信息。",
        "抱歉，根据上述已知信息，无法从中得到答案。",
        "The provided information does not mention the bus.",
        "The question is not mentioned above.",
        "There is no information about that.",
    ],
)
def test_words_that_mean_a_refusal_are_recognised(text: str) -> None:
    assert refuses(text)


@pytest.mark.parametrize(
    "text",
    ["年假为十天。", "It was founded in 1998.", "不得携带易燃物品。", "The fee is not refundable after 30 days."],
)
def test_an_answer_is_no_refusal(text: str) -> None:
    assert not refuses(text)


@given(st.integers(0, 99_999_999))
def test_whole_numbers_in_chinese_have_their_value(value: int) -> None:
    assert chinese_value(_in_chinese(value)) == value


def _in_chinese(value: int) -> str:
    digits = "零一二三四五六七八九"
    if value >= 10_000:
        rest = value % 10_000
        zero = "零" if 0 < rest < 1000 else ""
        return _in_chinese(value // 10_000) + "万" + zero + (_in_chinese(rest) if rest else "")
    text = ""
    pending = False
    for unit, name in ((1000, "千"), (100, "百"), (10, "十"), (1, "")):
        digit = value // unit % 10
        if digit:
            text += ("零" if pending else "") + digits[digit] + name
            pending = False
        elif text:
            pending = True
    return text or "零"


@given(st.text("年假有十天需要提前申请abc123，。", min_size=6, max_size=40), st.integers(3, 6))
def test_a_loop_is_cut_after_its_first_round(pattern: str, times: int) -> None:
    text = pattern * times
    start = loop_start(text)
    if len(text) >= 16:
        assert start is not None
        assert text.startswith(text[:start]) and start <= 2 * len(pattern)


@pytest.mark.parametrize(
    "text", ["年假十天，病假三天，事假两天。", "100000000", "哈哈哈哈", "1. 申请。\n2. 审批。\n3. 归档。"]
)
def test_ordinary_text_is_no_loop(text: str) -> None:
    assert loop_start(text) is None
