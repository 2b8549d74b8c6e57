from __future__ import annotations

import pytest
from hypothesis import given
from hypothesis import strategies as st

from ingest.split.sentences import sentence_spans

TEXT = st.text(
    alphabet=st.sampled_from("年假有天他说GDPab 31.。！？!?…，,；;：:“”‘’「」（）()[]\"'\n\t-—的"), max_size=300
)


def sentences(text: str, max_chars: int = 200) -> list[str]:
    return [text[start:end] for start, end in sentence_spans(text, max_chars)]


@given(text=TEXT | st.text(max_size=200), max_chars=st.integers(min_value=20, max_value=120))
def test_sentences_are_in_order_short_enough_and_leave_out_only_white_space(text: str, max_chars: int) -> None:
    spans = sentence_spans(text, max_chars)
    position = 0
    for start, end in spans:
        assert position <= start < end
        assert not text[position:start].strip()
        assert end - start <= max_chars
        assert text[start:end] == text[start:end].strip()
        position = end
    assert not text[position:].strip()


@pytest.mark.parametrize(
    ("text", "expected"),
    [
        ("年假十天。病假三天！", ["年假十天。", "病假三天！"]),
        ("真的吗？！是的。", ["真的吗？！", "是的。"]),
        ("他说：“好。走吧！”就走了。", ["他说：“好。走吧！”", "就走了。"]),
        ("（见第3条。）之后再说。", ["（见第3条。）", "之后再说。"]),
        ("GDP增长3.5%。明年再看。", ["GDP增长3.5%。", "明年再看。"]),
        (
            "Dr. Smith came. He left at 5 p.m. Nobody saw him.",
            ["Dr. Smith came.", "He left at 5 p.m.", "Nobody saw him."],
        ),
        ("See e.g. the U.S. report. It is long.", ["See e.g. the U.S. report.", "It is long."]),
        ("1. Open the lid. 2. Close it.", ["1. Open the lid.", "2. Close it."]),
        ("Visit example.com today. Thanks.", ["Visit example.com today.", "Thanks."]),
        ("他想……算了。走。", ["他想……", "算了。", "走。"]),
        ("没有句号的一行", ["没有句号的一行"]),
    ],
)
def test_sentences_end_where_a_reader_ends_them(text: str, expected: list[str]) -> None:
    assert sentences(text) == expected


def test_a_long_sentence_is_cut_at_the_strongest_stop_near_its_middle() -> None:
    text = "甲" * 30 + "；" + "乙" * 10 + "，" + "丙" * 30 + "。"
    assert sentences(text, 60) == ["甲" * 30 + "；", "乙" * 10 + "，" + "丙" * 30 + "。"]


def test_text_without_any_stop_is_cut_all_the_same() -> None:
    assert "".join(sentences("字" * 500, 60)) == "字" * 500


@pytest.mark.parametrize("text", ["", " \n\t "])
def test_nothing_gives_no_sentence(text: str) -> None:
    assert sentence_spans(text, 50) == []
