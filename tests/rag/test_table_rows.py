from __future__ import annotations

from dataclasses import replace
from pathlib import Path

import pytest

from ingest.index.schema import UnitRow
from ingest.load.table import row_blocks
from ingest.types import Block
from rag.pack import pack
from rag.retrieve import Retriever
from rag.table_rows import passed_over
from tests.small import SETTINGS, HashedEmbeddings, document, ingested, opened

AXES = [
    "轴：J1；运动范围：±170°；最大速度：260°/s",
    "轴：J2；运动范围：+135°至-90°；最大速度：240°/s",
    "轴：J4；运动范围：±200°；最大速度：430°/s",
]
BOLTS = ["部位：底座螺栓；力矩：210 N·m", "部位：J1电机固定螺栓；力矩：33 N·m", "部位：手腕法兰螺栓；力矩：9 N·m"]
LEAVE = ["累计工作年限：满10年不满15年；年休假天数：12天", "累计工作年限：满15年不满20年；年休假天数：14天"]
CITIES = [
    "City tier: Tier 1; Cities: Beijing, Shanghai; Hotel limit (CNY): 650; Meals (CNY): 120",
    "City tier: Tier 2; Cities: Suzhou, Qingdao; Hotel limit (CNY): 480; Meals (CNY): 100",
]


def units(texts: list[str], kind: str = "row", heading: str = "表") -> list[UnitRow]:
    return [
        UnitRow(n, "d", "d", 1, n, "sentence", kind, 0, len(text), None, (heading,), text, "default")
        for n, text in enumerate(texts)
    ]


@pytest.mark.parametrize(
    ("question", "texts", "kept"),
    [
        ("J4轴能转多快？", AXES, [2]),
        ("J1轴和J4轴能转多快？", AXES, [0, 2]),
        ("各轴的最大速度是多少？", AXES, [0, 1, 2]),
        ("手腕法兰螺栓要拧多紧？", BOLTS, [2]),
        ("What can I spend on a hotel in Suzhou?", CITIES, [1]),
        ("How much are meals?", CITIES, [0, 1]),
        ("Ｊ４軸能轉多快？", AXES, [2]),
    ],
)
def test_rows_are_passed_over_where_the_question_names_others(question: str, texts: list[str], kept: list[int]) -> None:
    assert [n for n, passed in enumerate(passed_over(question, units(texts))) if not passed] == kept


def test_a_plain_number_names_no_row() -> None:
    assert not passed_over("工龄14年的员工有几天年假？", units(LEAVE)).any()


@pytest.mark.parametrize(
    "question",
    [
        "除了J4轴，其他轴能转多快？",
        "哪些轴不是J4？",
        "哪个轴比J4快？",
        "包括J4在内，所有轴能转多快？",
        "Which cities are in another tier than Suzhou?",
    ],
)
def test_no_row_is_passed_over_where_the_others_may_be_meant(question: str) -> None:
    assert not passed_over(question, units([*AXES, *CITIES])).any()


def test_rows_of_another_table_and_sentences_stay() -> None:
    there = [*units(AXES), *units(BOLTS, heading="别的表"), *units(["底座用四颗螺栓固定。"], kind="text")]
    assert passed_over("J4轴能转多快？", there).tolist() == [True, True, False, False, False, False, False]


def test_tables_under_one_heading_are_told_apart() -> None:
    assert passed_over("J4轴能转多快？", units([*AXES, *BOLTS])).tolist() == [True, True, False, False, False, False]


def test_rows_that_are_not_asked_for_are_found_but_stay_out_of_the_prompt(tmp_path: Path) -> None:
    kb = opened(tmp_path / "kb")
    rows = [["部位", "力矩"], ["底座螺栓", "210 N·m"], ["手腕法兰螺栓", "9 N·m"], ["小臂端盖螺栓", "13 N·m"]]
    given = document("维护规程", "用力矩扳手检查下列螺栓：")
    ingested(kb, [replace(given, blocks=(*given.blocks, *row_blocks(rows)))])
    hits = Retriever(kb, HashedEmbeddings(), SETTINGS.retrieve).retrieve("手腕法兰螺栓的力矩是多少？", 10)
    assert len(hits) == 4
    best = hits[0]
    worth = [hit for hit in hits if hit.why.fused >= SETTINGS.pack.min_share * best.why.fused]
    packed = pack(kb.store, worth, 1000, neighbours=SETTINGS.pack.neighbours)
    assert [row for row in row_blocks(rows) if row.text in packed.text] == [Block(best.text, "row")]
    assert best.text == "部位：手腕法兰螺栓；力矩：9 N·m"


def test_what_introduces_a_table_brings_in_its_rows_only_where_none_was_found(tmp_path: Path) -> None:
    kb = opened(tmp_path / "kb")
    given = document("维护规程", "用力矩扳手检查下列螺栓：")
    ingested(kb, [replace(given, blocks=(*given.blocks, *(Block(text, "row") for text in BOLTS)))])
    hits = Retriever(kb, HashedEmbeddings(), SETTINGS.retrieve).retrieve("检查什么？", 10)
    introduction = [hit for hit in hits if hit.text == given.blocks[0].text]
    row = [hit for hit in hits if hit.text == BOLTS[1]]
    assert pack(kb.store, introduction, 1000, neighbours=1).text.splitlines() == [given.blocks[0].text, BOLTS[0]]
    both = [*introduction, *row]
    assert pack(kb.store, both, 1000, neighbours=2).text.splitlines() == [given.blocks[0].text, BOLTS[1]]
    assert pack(kb.store, row, 1000, neighbours=2).text.splitlines() == [given.blocks[0].text, BOLTS[1]]
