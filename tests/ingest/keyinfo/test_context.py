from __future__ import annotations

import pytest

from ingest.keyinfo.antecedent import antecedent
from ingest.keyinfo.clauses import clauses
from ingest.keyinfo.context import context, without_addresses
from ingest.split import Splitter
from ingest.types import Block, Document, Unit
from tests.small import SETTINGS, HashedEmbeddings, document

SPLITTER = Splitter(SETTINGS.split, HashedEmbeddings())


def sentence(text: str) -> Unit:
    return Unit(1, "sentence", 0, len(text), text, ("手册",))


@pytest.mark.parametrize(
    ("text", "plain"),
    [
        ("见附件 (https://example.com/a_(b).html?x=1)。", "见附件。"),
        ("附件（http://example.com/a）与表 (ftp://example.com/b)", "附件与表"),
        ("The form (https://example.com) is due.", "The form is due."),
        ("网址是 https://example.com/a 。", "网址是 https://example.com/a 。"),
        ("住宿（每晚650元）", "住宿（每晚650元）"),
    ],
)
def test_addresses_of_links_stay_out_of_the_key(text: str, plain: str) -> None:
    assert without_addresses(text) == plain
    assert context(sentence(text)) == [f"手册 {plain}"]


@pytest.mark.parametrize(
    "text",
    [
        "他是京剧演员。",
        "這項工程在1930年完成。",
        "但他没有同意。",
        "后来，该公司迁到上海。",
        "「他」是誰？",
        "隨後裁撤各城副都統。",
        "He was born there.",
        "However, they lost.",
        "Its length is 3 km.",
    ],
)
def test_a_sentence_that_points_back_gets_a_key_with_the_one_before(text: str) -> None:
    units = SPLITTER.split(document("题", f"梅兰芳生于北京，Mei was an actor。{text}"))
    sentences = [unit for unit in units if unit.level == "sentence"]
    *_, last = antecedent(sentences, units)
    assert last == [f"题 {sentences[0].text} {text}"]


@pytest.mark.parametrize(
    "text", ["梅兰芳访问美国。", "Itself a city, Paris grew.", "1930年他访问美国。", "Heat rises."]
)
def test_a_sentence_that_stands_alone_gets_none(text: str) -> None:
    units = SPLITTER.split(document("题", f"梅兰芳生于北京。{text}"))
    assert list(antecedent([unit for unit in units if unit.level == "sentence"], units)) == [[], []]


def test_the_sentence_before_may_stand_in_the_segment_before_but_not_under_another_heading() -> None:
    long = "甲" * 150 + "。"
    same = (Block(long, heading_path=("一",)), Block("他" + long, heading_path=("一",)))
    other = (Block(long, heading_path=("一",)), Block("他" + long, heading_path=("二",)))
    for blocks, count in ((same, 1), (other, 0)):
        units = SPLITTER.split(Document("d", "题", "s", "text/plain", "0", blocks))
        assert sum(unit.level == "segment" for unit in units) == 2
        sentences = [unit for unit in units if unit.level == "sentence"]
        assert sum(map(len, antecedent(sentences, units))) == count


def test_a_long_sentence_gives_its_clauses_and_a_short_one_none() -> None:
    long = "，".join(f"第{n}条规定员工每年有{n}天年假" for n in range(1, 10)) + "。"
    found = clauses(sentence(long))
    assert len(found) > 2
    assert "".join(key.removeprefix("手册 ") for key in found) == long
    assert clauses(sentence("员工每年有十天年假，病假另算。")) == []
    assert clauses(sentence("Every employee has ten days of leave, sick leave apart.")) == []
