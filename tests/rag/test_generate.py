from __future__ import annotations

import pytest
from langchain_core.messages.ai import AIMessageChunk

from rag.generate import Attempt


def _streamed(text: str, size: int = 2) -> list[str]:
    attempt = Attempt("answer", "", {}, shown=True)
    shown = [attempt.take(AIMessageChunk(text[i : i + size])) for i in range(0, len(text), size)]
    return [*shown, attempt.rest()]


@pytest.mark.parametrize(
    "text",
    [
        "根据已知信息无法回答该问题。",
        "根据已知信息，无法回答该问题",
        "根據已知信息無法回答該問題",
        "没有提供足够的相关信息。",
        "抱歉，已知信息中没有提到夜班津贴。",
        "The known information does not answer this question.",
        "The question is not mentioned above.",
        "Based on the provided information, there is no information about the fee.",
        "I'm sorry, but the text does not mention it.",
    ],
)
def test_nothing_of_a_refusal_is_shown(text: str) -> None:
    assert not "".join(_streamed(text))


@pytest.mark.parametrize("text", ["45元", "夜班津贴为每班45元。", "Ten days of leave a year.", "1997", "Zürich"])
def test_an_answer_is_shown_from_its_first_words_on(text: str) -> None:
    assert _streamed(text)[0] == text[:2]
    assert "".join(_streamed(text)) == text


def test_what_only_begins_like_a_refusal_is_shown_once_that_is_plain() -> None:
    for text in ("没有限制。出差都可以报销，但要有发票。", "The question was settled in 1997. It was a long fight."):
        shown = _streamed(text)
        assert "".join(shown) == text
        assert not shown[0] and not shown[-1]


def test_an_answer_that_begins_with_its_year_waits_for_two_words_at_most() -> None:
    assert "".join(_streamed("In 1997 the company moved to Kunming.", 3)[:2]) == "In 199"
