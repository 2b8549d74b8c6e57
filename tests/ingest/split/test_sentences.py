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
        ("“你来了？”他问。“早来了。”她笑着说，“坐吧。”", ["“你来了？”他问。", "“早来了。”她笑着说，“坐吧。”"]),
        ("「好。」他說。「她說『不。』就走。」", ["「好。」他說。", "「她說『不。』就走。」"]),
        ('"Stop! Now!" she cried. Nobody did.', ['"Stop! Now!" she cried.', "Nobody did."]),
        ('他走了。"你好。"他又说。', ["他走了。", '"你好。"他又说。']),
        ("他说“走……算了吧。”然后走了。", ["他说“走……算了吧。”", "然后走了。"]),
        ("……他走了。好…的，行。", ["……他走了。", "好…的，行。"]),
        ("Wait... what? I don't know... Maybe.", ["Wait... what?", "I don't know...", "Maybe."]),
        (
            "见 https://a.com/x?y=1.html。写信给 a.b@c.com. Done.",
            ["见 https://a.com/x?y=1.html。", "写信给 a.b@c.com.", "Done."],
        ),
        ("Yahoo! announced v2.0.1 today. It works.", ["Yahoo! announced v2.0.1 today.", "It works."]),
        (
            "He met J. K. Rowling in Jan. 2020. The answer is no.",
            ["He met J. K. Rowling in Jan. 2020.", "The answer is no."],
        ),
        (
            "He lives in the U.S. He works at Apple Inc. The rest is 5 m. Next.",
            ["He lives in the U.S.", "He works at Apple Inc.", "The rest is 5 m.", "Next."],
        ),
        ("１．打开盖子。2．关上。（3）完成。", ["１．打开盖子。", "2．关上。", "（3）完成。"]),
        ("这是第一句。[3]第二句。It works.[1] Next.", ["这是第一句。[3]", "第二句。", "It works.[1]", "Next."]),
        ("标题\n\n正文一。正文二\n- 项目一\n- 项目二", ["标题", "正文一。", "正文二", "- 项目一", "- 项目二"]),
        ("包括：（一）甲；（二）乙。", ["包括：（一）甲；（二）乙。"]),
        ("what is it? i dont know. ok", ["what is it?", "i dont know.", "ok"]),
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


def test_an_enumeration_that_is_too_long_is_cut_before_its_items() -> None:
    items = ["有下列情形之一的：", "（一）" + "甲" * 20 + "，" + "乙" * 9 + "；", "（二）" + "丙" * 30 + "。"]
    assert sentences("".join(items), 50) == ["".join(items[:2]), items[2]]


@given(text=st.text(alphabet=st.sampled_from("年假有天他说GDPab 31.。！？!?…，,；;：:\n-—的"), max_size=300))
def test_a_sentence_cut_again_stays_whole(text: str) -> None:
    for sentence in sentences(text, 400):
        again = sentences(sentence, 400)
        assert again == [sentence] or sentence[0] in ".．)" or any(mark in sentence for mark in "\n.!?…")


@pytest.mark.parametrize(
    "text", ["（" * 20_000, "“。" * 10_000, "a. " * 10_000, "（a。" * 5_000 + "）" * 5_000, "字" * 50_000]
)
@pytest.mark.timeout(20)
def test_hostile_text_takes_no_longer_than_its_length(text: str) -> None:
    assert "".join(sentences(text)).replace(" ", "") == text.replace(" ", "")
