from __future__ import annotations

from pathlib import Path

import pytest

from ingest.index.lexical import LexicalIndex
from ingest.index.terms import folded, terms


@pytest.mark.parametrize(
    ("question", "text"),
    [
        ("漢語", "汉语"),
        ("汉语", "漢語"),
        ("ＡＢＣ１２３", "abc123"),
        ("Résumé", "résumé"),
        ("Ergänzungsschulen", "erganzungsschulen"),
        ("Đà Nẵng", "đa nang"),
        ("Cafe\u0301", "café"),
        ("The Normans'", "norman"),
        ("Warsaw's", "warsaw"),
    ],
    ids=[
        "traditional",
        "simplified",
        "full width",
        "case",
        "accent",
        "two accents",
        "accent apart",
        "plural",
        "possessive",
    ],
)
def test_spellings_of_one_word_give_the_same_terms(question: str, text: str) -> None:
    assert terms(question)[-1] == terms(text)[-1]


def test_chinese_gives_characters_and_pairs_but_no_pair_across_a_stop() -> None:
    assert terms("年假，十天") == ["年", "假", "年假", "十", "天", "十天"]


def test_an_identifier_is_found_whole_and_by_its_parts() -> None:
    assert terms("PPR-9087") == ["ppr-9087", "ppr", "9087", "ppr9087"]
    assert terms("PPR9087") == ["ppr9087", "ppr", "9087"]
    assert terms("10.5") == ["10.5", "10", "5"]


@pytest.mark.parametrize(
    ("one", "other", "shared"),
    [
        ("二〇二三年", "2023年", {"2023"}),
        ("十二月三日", "12月3日", {"12", "3"}),
        ("三百五十元", "350元", {"350"}),
        ("三万元", "30,000元", {"30000"}),
        ("百分之八十", "80%", {"80"}),
        ("2023-05-03", "2023年5月3日", {"2023", "5", "3"}),
        ("May 3, 2023", "2023年5月3日", {"2023", "5", "3"}),
        ("3rd September", "9月", {"9"}),
        ("GB/T 19001-2016", "GB/T19001", {"19001"}),
        ("V2.3.1", "v2.3.1版", {"v2.3.1"}),
        ("三碼", "三码", {"三", "码", "三码"}),
    ],
)
def test_numbers_and_dates_written_otherwise_share_terms(one: str, other: str, shared: set[str]) -> None:
    assert shared <= set(terms(one)) & set(terms(other))


def test_a_word_with_a_numeral_in_it_is_no_number() -> None:
    assert terms("三亚一般") == ["三", "亚", "一", "般", "三亚", "亚一", "一般"]


def test_text_without_words_gives_no_terms() -> None:
    assert terms(" ，。!? ") == []
    assert folded("") == ""


def test_japanese_and_korean_letters_keep_their_signs() -> None:
    assert folded("がぎ 한글") == "がぎ 한글"


def test_a_traditional_question_finds_simplified_text(tmp_path: Path) -> None:
    index = LexicalIndex(tmp_path / "lexical")
    index.update(set(), [(1, 1, ("手册",), "年假十天"), (2, 1, ("手册",), "汉语考试"), (3, 1, ("手册",), "价格表")])
    units, scores = index.search(terms("漢語"), 10)
    assert units.tolist() == [2]
    assert scores[0] > 0


def test_a_question_without_words_finds_nothing(tmp_path: Path) -> None:
    index = LexicalIndex(tmp_path / "lexical")
    index.update(set(), [(1, 1, (), "年假十天")])
    assert len(index.search([], 10)[0]) == 0
