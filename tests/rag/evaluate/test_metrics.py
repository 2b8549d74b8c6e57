from __future__ import annotations

import pytest

from rag.evaluate.metrics import contains, fact_share, gold_context, lcs_f1, reciprocal_rank


def test_a_fact_counts_in_any_wording_and_across_line_breaks() -> None:
    facts = [["十天", "10天"], ["百分之八十"]]
    assert fact_share(facts, "年假 10\n天") == 0.5
    assert fact_share(facts, "年假十天，工资百分之 八十") == 1
    assert fact_share(facts, "") == 0


def test_only_text_of_gold_documents_within_the_budget_counts() -> None:
    pieces = [("a", "甲甲甲"), ("b", "乙乙乙"), ("a", "丙丙丙")]
    assert gold_context(pieces, frozenset("a"), 100) == "甲甲甲\n丙丙丙"
    assert gold_context(pieces, frozenset("a"), 10) == "甲甲甲\n丙丙"  # 3 + 1 + 3 + 1 are gone before the third
    assert gold_context(pieces, frozenset("b"), 3) == ""


@pytest.mark.parametrize(("ranked", "expected"), [("ab", 1.0), ("ba", 0.5), ("bc", 0.0), ("", 0.0)])
def test_reciprocal_rank_is_that_of_the_first_gold_document(ranked: str, expected: float) -> None:
    assert reciprocal_rank(list(ranked), frozenset("a")) == expected


def test_a_gold_document_beyond_the_depth_counts_nothing() -> None:
    assert reciprocal_rank([*"bcdefghijk", "a"], frozenset("a")) == 0


def test_width_case_and_punctuation_do_not_matter_in_answers() -> None:
    assert contains("答案是：ＡＢＣ-１。", [["abc1"]]) == 1
    assert contains("不知道", [["abc1"], ["不知道"]]) == 0.5


@pytest.mark.parametrize(
    ("answer", "facts", "expected"),
    [
        ("十天", [["十天"]], 1.0),
        ("", [["十天"]], 0.0),
        ("年假十天", [["十天", "年假是十天"]], 8 / 9),
        ("十天三天", [["十天", "10天"], ["三天"]], 1.0),
    ],
)
def test_f1_is_that_of_the_longest_common_subsequence(answer: str, facts: list[list[str]], expected: float) -> None:
    assert lcs_f1(answer, facts) == pytest.approx(expected)
