"""Names of a question that the text found for it does not hold."""

from __future__ import annotations

import pytest

from rag.checks.unheld import unheld_names
from rag.pack import Packed
from tests.rag.context import packed

FILM = "《红河谷》由冯小宁执导，主演是宁静和邵兵，1997年获得金鸡奖。"


@pytest.mark.parametrize(
    ("question", "unheld"),
    [
        ("《红河谷》是谁执导的？", ()),
        ("《紫日》是谁执导的？", ("紫日",)),
        ("冯小宁在红河谷之后拍了什么？", ()),
        ("陈凯歌执导的电影得过什么奖？", ("陈凯歌",)),
        ("“大红河谷”是什么？", ("大红河谷",)),
        ("《紅河谷》是誰執導的？", ()),
        ("主演有哪些人？", ()),
        ("金鸡奖包括哪些项目？", ()),
    ],
)
def test_a_name_that_the_text_lacks_is_told(question: str, unheld: tuple[str, ...]) -> None:
    assert unheld_names(question, packed((FILM,))) == unheld


@pytest.mark.parametrize(
    ("question", "unheld"),
    [
        ("How tall is Mount Baker?", ("Mount Baker",)),
        ("How tall is Mount Hood?", ()),
        ("Where is it? Also, What is the PPR-9087 made of?", ("PPR-9087",)),
    ],
)
def test_words_that_only_ask_are_no_names(question: str, unheld: tuple[str, ...]) -> None:
    assert unheld_names(question, packed(("Mount Hood is 3,429 m high and stands in Oregon.",))) == unheld


def test_characters_that_meet_by_chance_are_no_name_where_the_text_holds_both() -> None:
    assert unheld_names("生孩子放多少天假？", packed(("产假为158天。",))) == ()


def test_quoted_and_latin_words_of_two_letters_do_not_meet_by_chance() -> None:
    assert unheld_names("《紫日》是谁拍的？", packed(("紫色的花开了十日。",))) == ("紫日",)
    assert unheld_names("What did the UN say?", packed(("Nobody knew until noon.",))) == ("UN",)


def test_titles_and_headings_hold_names_too() -> None:
    assert unheld_names("YL300保修几年？", packed(("保修期为两年。",), titles=("YL300说明书",))) == ()


def test_a_chinese_name_is_not_looked_for_in_english_text() -> None:
    assert unheld_names("陈凯歌的酒店限额是多少？", packed(("The hotel limit is CNY 650 a night.",))) == ()


def test_a_text_of_nothing_holds_no_name() -> None:
    assert unheld_names("《紫日》是谁执导的？", Packed(())) == ("紫日",)
