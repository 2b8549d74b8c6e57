from __future__ import annotations

from pathlib import Path

import pytest

from ingest.config import load_settings
from ingest.errors import KeyRAGError
from ingest.settings import PromptSettings
from rag.pack import Packed, Passage
from rag.prompt import context_text, template

SETTINGS = load_settings().prompt
VARIABLES = frozenset({"context", "question"})


def test_the_chinese_template_is_filled_word_for_word() -> None:
    prompt = template(SETTINGS, SETTINGS.answer, "zh", VARIABLES)
    assert prompt.format(context="{甲}", question="乙？") == (
        "已知信息：\n{甲}\n根据上述已知信息，简洁和专业的来回答用户的问题。如果无法从中得到答案，请说 "
        "根据已知信息无法回答该问题 或 没有提供足够的相关信息 ，不允许在答案中添加编造成分，答案请使用中文。\n"
        "问题是：\n乙？"
    )


def _own(folder: Path) -> PromptSettings:
    return SETTINGS.model_copy(update={"folder": folder})


def test_a_template_of_ones_own_comes_first(tmp_path: Path) -> None:
    (tmp_path / "answer.zh.txt").write_text("{context}|{question}", encoding="utf-8")
    assert template(_own(tmp_path), SETTINGS.answer, "zh", VARIABLES).format(context="a", question="b") == "a|b"
    assert "{context}" not in template(_own(tmp_path), SETTINGS.answer, "en", VARIABLES).format(context="", question="")


@pytest.mark.parametrize("text", ["{context}", "{context} {question} {more}", "{context} {question"])
def test_a_template_with_wrong_placeholders_is_refused(text: str, tmp_path: Path) -> None:
    (tmp_path / "answer.zh.txt").write_text(text, encoding="utf-8")
    with pytest.raises(KeyRAGError, match=r"answer\.zh\.txt"):
        template(_own(tmp_path), SETTINGS.answer, "zh", VARIABLES)


def test_the_english_template_needs_no_system_message() -> None:
    assert SETTINGS.system and not template(SETTINGS, SETTINGS.system, "en", frozenset()).format()


def test_a_system_message_has_no_placeholder(tmp_path: Path) -> None:
    assert SETTINGS.system
    assert template(SETTINGS, SETTINGS.system, "zh", frozenset()).format().startswith("直接回答")
    (tmp_path / "system.zh.txt").write_text("{context}", encoding="utf-8")
    with pytest.raises(KeyRAGError, match=r"system\.zh\.txt must hold no placeholder"):
        template(_own(tmp_path), SETTINGS.system, "zh", frozenset())


def test_a_document_is_named_once() -> None:
    passages = [
        Passage(1, "a", "手册", ("手册", "年假"), 3, "十天。", ()),
        Passage(2, "a", "手册", ("手册", "病假"), 4, "三天。", ()),
        Passage(3, "b", "公告", ("公告",), None, "放假。", ()),
    ]
    assert context_text(Packed(tuple(passages))) == "[1] 手册 > 年假\n十天。\n[2] 病假\n三天。\n[3] 公告\n放假。"
