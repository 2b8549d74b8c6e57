from __future__ import annotations

import re

import pytest
from hypothesis import assume, given, settings
from hypothesis import strategies as st

from rag.checks.grounding import Grounding, grounding
from rag.checks.particulars import Facts, particulars
from rag.cite import cite
from rag.pack import Packed
from tests.rag.context import packed

HANDBOOK = packed(
    ("员工每年有十天年假。", "病假期间按基本工资的百分之八十发放。", "上海的住宿标准为每晚1,200元，2023-05-01起施行。"),
    ("董事赵守拙投了反对票，董事白若川弃权。", "YL300-L的负载为12公斤，总投资1.58亿元。", "机器人不可以在雨中使用。"),
    titles=("员工手册", "2025年公报"),
)
QUESTION = "待遇怎么样？"


def check(answer: str, context: Packed = HANDBOOK, question: str = QUESTION) -> Grounding:
    return grounding(answer, cite(answer, question, context), context, question)


@pytest.mark.parametrize(
    "answer",
    [
        "年假为10天。",
        "年假為１０天。",
        "病假按80%发放。",
        "病假按基本工資的８０％發放。",
        "住宿标准为1200元。",
        "从二〇二三年五月一日起施行，每晚1,200元。",
        "2023年5月1日起施行",
        "总投资15800万元。",
        "总投资为158,000,000元。",
        "赵守拙投了反对票。",
        "董事趙守拙反對。",
        "YL300-L的负载为12公斤",
        "机器人不可以在雨中使用",
        "According to [1], the limit is 1,200.",
        "1. 年假十天。\n2. 病假发80%。",
    ],
)
def test_what_the_cited_sentence_says_in_any_writing_is_no_fault(answer: str) -> None:
    assert check(answer).exact


@pytest.mark.parametrize(
    ("answer", "fault"),
    [
        ("年假为12天。", "12"),
        ("年假为10个月。", "10"),
        ("病假按90%发放。", "90%"),
        ("病假每天发80元。", "80"),
        ("住宿标准为1,250元。", "1,250"),
        ("2023年6月1日起施行", "2023年6月1日"),
        ("总投资1.58万元。", "1.58万"),
        ("总投资158,000元。", "158,000"),
        ("赵守正投了反对票。", "赵守正"),
        ("董事段云峰投了反对票。", "段云峰"),
        ("段云峰", "段云峰"),
        ("YL300-S的负载为12公斤", "YL300-S"),
        ("The robot is called Falcon by everyone.", "Falcon"),
    ],
)
def test_what_is_in_no_cited_sentence_is_named(answer: str, fault: str) -> None:
    found = check(answer)
    assert fault in [checked.text for checked in found.faults]
    for checked in found.particulars:
        assert answer[checked.start : checked.end] == checked.text
    assert any(statement.supported is False for statement in found.statements)


def test_a_number_of_a_sentence_that_is_not_cited_is_a_fault() -> None:
    found = check("董事赵守拙投了12票反对票。")
    assert [(checked.text, checked.found) for checked in found.faults] == [("12", "elsewhere")]


def test_numbers_of_the_question_and_of_headings_are_marked_but_no_fault() -> None:
    found = check("满20年有10天。", question="满20年有几天？")
    assert (found.unknown_numbers, found.only_asked) == ((), ("20",))
    found = check("2025年总投资1.58亿元。")
    assert (found.unknown_numbers, found.only_asked) == ((), ("2025年",))


def test_a_sum_that_is_spelt_out_right_from_known_numbers_stands() -> None:
    question = "住三晚多少钱？"
    assert check("1200元×3=3600元。", question=question).exact
    assert check("1200元×3=3700元。", question=question).unknown_numbers == ("3700",)
    assert check("一共3600元。", question=question).unknown_numbers == ("3600",)


def test_a_quotation_must_stand_word_for_word() -> None:
    assert check("手册写着“按基本工资的百分之八十发放”。").exact
    assert check("手册写着“按全额工资发放”。").named("quote") == ("按全额工资发放",)


def test_a_dropped_negation_is_told() -> None:
    assert check("机器人可以在雨中使用。").dropped_negations == ("器人不可以在雨",)
    english = packed(("The deposit is not refundable after 30 days.",))
    assert check("The deposit is refundable.", english, "Refund?").dropped_negations
    assert not check("The deposit is not refundable.", english, "Refund?").dropped_negations


def test_rows_of_a_table_are_checked_and_its_head_claims_nothing() -> None:
    answer = "如下：\n| 项目 | 值 |\n|---|---|\n| 年假 | 10天 |\n| 住宿标准 | 1,300元 |"
    found = check(answer)
    assert [statement.supported for statement in found.statements] == [None, None, None, True, False]
    assert found.unknown_numbers == ("1,300",)


def test_chinese_names_are_not_looked_for_in_english_text() -> None:
    english = packed(("Mary Jones founded the company in Kunming in 1998.",))
    assert check("玛丽·琼斯于1998年在昆明创立。", english, "谁创立了公司？").exact
    assert check("Mary Smith founded it.", english, "Who founded it?").named("name")


_PIECES = st.sampled_from(
    [
        "年假有{}天",
        "共{}元",
        "增长{}%",
        "占百分之{}",
        "第{}页",
        "于{}年",
        "约{}万人",
        "{}月{}日",
        "型号AB{}",
        "{} km",
        "，",
        "。",
        "和",
    ]
)


@settings(deadline=None, max_examples=60)
@given(st.lists(_PIECES, min_size=1, max_size=6), st.lists(st.integers(0, 9999), min_size=12, max_size=12))
def test_no_number_that_is_in_no_cited_sentence_gets_through_unmarked(pieces: list[str], values: list[int]) -> None:
    numbers = iter(values)
    answer = "".join(re.sub(r"\{\}", lambda _: str(next(numbers)), piece) for piece in pieces)
    statements = cite(answer, QUESTION, HANDBOOK)
    found = grounding(answer, statements, HANDBOOK, QUESTION)
    marked = {i for checked in found.faults for i in range(checked.start, checked.end)}
    marked |= {i for c in found.particulars if c.found in ("heading", "question") for i in range(c.start, c.end)}
    for statement in statements:
        cited = " ".join(citation.quote for citation in statement.citations).replace("1,200", "1200")
        known = {int(digits) for digits in re.findall(r"\d+", cited)} | {10, 80} | {158_000_000}
        for match in re.finditer(r"\d+", answer[statement.start : statement.end]):
            value = int(match.group())
            if value not in known and value * 10_000 not in known:
                assert marked.issuperset(range(statement.start + match.start(), statement.start + match.end()))


@settings(deadline=None)
@given(st.integers(0, 99_999_999), st.integers(0, 99_999_999))
def test_a_number_is_held_only_by_its_like(value: int, other: int) -> None:
    assume(value != other)
    (asked,) = particulars(f"共{value:,}台")
    assert Facts(f"生产了{value}台").hold(asked)
    assert not Facts(f"生产了{other}台").hold(asked)


@settings(deadline=None)
@given(st.text(max_size=60))
def test_any_answer_can_be_checked(answer: str) -> None:
    for checked in check(answer).particulars:
        assert answer[checked.start : checked.end] == checked.text


def test_names_joined_by_any_hyphen_are_the_same() -> None:
    context = packed(("These include the Miller\u2013Rabin primality test, which is fast.",))
    assert check("The Miller-Rabin test is fast.", context, "Which test is fast?").exact
