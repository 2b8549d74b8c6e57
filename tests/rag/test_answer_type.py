from __future__ import annotations

from pathlib import Path

import pytest

from ingest.index.schema import UnitRow
from rag.answer_type import answer_type, may_answer
from rag.retrieve import Retriever
from tests.small import SETTINGS, HashedEmbeddings, document, ingested, opened


def row(text: str, ordinal: int = 0, parent: int = 1) -> UnitRow:
    return UnitRow(ordinal, "d", "d", parent, ordinal, "sentence", "text", 0, len(text), None, (), text, "default")


@pytest.mark.parametrize(
    ("question", "expected"),
    [
        ("公司哪一年成立？", "year"),
        ("公司于何年上市？", "year"),
        ("In which year was it founded?", "year"),
        ("合同什麼時候到期？", "date"),
        ("When does the contract end?", "date"),
        ("这台机器多少钱？", "money"),
        ("收購價是多少美元？", "money"),
        ("每晚的房价是多少？", "money"),
        ("How much does a ticket cost?", "money"),
        ("What is the monthly fee?", "money"),
        ("How much does the robot weigh?", "number"),
        ("要花費多少時間？", "number"),
        ("获得多少块金牌？", "number"),
        ("How much should I pay for it?", "money"),
        ("How much time did they spend there?", "number"),
        ("年假有多少天？", "number"),
        ("一共有几个仓库？", "number"),
        ("How many days of leave do I have?", "number"),
        ("谁批准年假？", None),
        ("Whenever is mentioned, who approves it?", None),
        ("几何学是谁创立的？", None),
    ],
)
def test_the_words_of_a_question_tell_what_kind_of_thing_it_asks_for(question: str, expected: str | None) -> None:
    assert answer_type(question) == expected


@pytest.mark.parametrize(
    ("question", "text", "holds"),
    [
        ("公司哪一年成立？", "公司成立于1998年。", True),
        ("公司哪一年成立？", "公司成立于一九九八年。", True),
        ("公司哪一年成立？", "公司3月成立。", False),
        ("公司哪一年成立？", "三年级的孩子来参观。", False),
        ("公司1998年成立，哪一年上市？", "公司1998年很小。", False),
        ("公司什么时候成立？", "公司成立于３月。", True),
        ("When was it founded?", "It was founded in March.", True),
        ("When was it founded?", "It was founded by two brothers.", False),
        ("When was it founded?", "It was founded in the Ming dynasty.", True),
        ("年假有多少天？", "年假有十五天。", True),
        ("年假有多少天？", "年假由经理批准。", False),
        ("How many clerks are there?", "There are twenty-one clerks.", True),
        ("How many clerks are there?", "There are clerks.", False),
        ("How many of the 40 clerks left?", "There were 40 clerks.", False),
        ("多少钱？", "含税单价（元）：58000；起订量（台）：1", True),
        ("多少钱？", "售价为0.37美元。", True),
        ("多少钱？", "票价十五元。", True),
        ("多少钱？", "收入五百万美金。", True),
        ("多少钱？", "本体质量：168 kg；交货期：1998年元月", False),
        ("What is the price?", "Price (EUR): 0.024; Copies: 3", True),
        ("What is the price?", "It sold for $5 million.", True),
        ("What is the price?", "It sold for five hundred dollars.", True),
        ("What is the price?", "It sold 500 copies.", False),
        ("这件卖58元的卖给谁要多少钱？", "这件卖58元。", False),
        ("谁批准？", "1998年批准。", False),
    ],
)
def test_a_sentence_may_answer_if_it_holds_such_a_thing_that_the_question_does_not_name(
    question: str, text: str, holds: bool
) -> None:
    assert may_answer([question], [row(text)]).tolist() == [[holds]]


def test_a_date_may_stand_in_the_sentence_before_a_number_may_not() -> None:
    rows = [row("1998年他来到北京。", 0), row("他建了座塔。", 1), row("塔很高。", 2), row("他走了。", 1, parent=2)]
    questions = ["他哪一年建塔？", "他建了多少？"]
    assert may_answer(questions, rows).tolist() == [[1, 1, 0, 0], [1, 0, 0, 0]]
    assert may_answer(questions, [*rows, None]).shape == (2, 5)


def test_of_sentences_as_good_the_one_with_a_date_comes_first(tmp_path: Path) -> None:
    kb = opened(tmp_path)
    ingested(kb, [document("公司", "公司在杭州成立分会。", "公司在宁波成立分会。", "公司在三月成立分会。")])
    hits = Retriever(kb, HashedEmbeddings(), SETTINGS.retrieve).retrieve("公司什么时候成立分会？", 3)
    assert "三月" in hits[0].text
    assert [hit.why.answer_type for hit in hits] == [SETTINGS.retrieve.weights.answer_type, 0, 0]
