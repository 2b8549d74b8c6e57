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
        ("The Normans'", "norman"),
        ("Warsaw's", "warsaw"),
    ],
    ids=["traditional", "simplified", "full width", "case", "plural", "possessive"],
)
def test_spellings_of_one_word_give_the_same_terms(question: str, text: str) -> None:
    assert terms(question)[-1] == terms(text)[-1]


def test_chinese_gives_characters_and_pairs_but_no_pair_across_a_stop() -> None:
    assert terms("年假，十天") == ["年", "假", "年假", "十", "天", "十天"]


def test_an_identifier_is_found_whole_and_by_its_parts() -> None:
    assert terms("PPR-9087") == ["ppr-9087", "ppr", "9087"]


def test_text_without_words_gives_no_terms() -> None:
    assert terms(" ，。!? ") == []
    assert folded("") == ""


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
