from __future__ import annotations

import re
from pathlib import Path
from typing import Any

import pytest

from ingest.config import load_settings
from ingest.errors import KeyRAGError, ModelError
from ingest.keyinfo import extractors, keys
from ingest.keyinfo.generated import read_keywords, read_questions, read_summary
from ingest.pipeline import Pipeline, Progress
from ingest.settings import Settings
from ingest.split import Splitter
from ingest.types import Key
from tests.chat_server import ChatServer
from tests.small import HashedEmbeddings, document, opened

HANDBOOK = document("员工手册", "员工每年有十天年假。" * 13, "病假须在三日内提交证明。" * 13)


def settings(server: ChatServer, folder: Path, **keyinfo: Any) -> Settings:
    chat = {"backend": "openai", "model": "keyllm", "base_url": server.base_url}
    return load_settings(
        overrides={"data": str(folder), "chat": {"backend": "none"}, "keyinfo": {"chat": chat, **keyinfo}}
    )


def written(given: Settings) -> list[Key]:
    units = Splitter(given.split, HashedEmbeddings()).split(HANDBOOK)
    return keys(units, given.keyinfo, extractors(given, HashedEmbeddings()))


def test_questions_become_keys_of_the_segment_they_were_asked_about(chat_server: ChatServer, tmp_path: Path) -> None:
    chat_server.reply = lambda prompt: "1. 年假有几天？\n2. 谁有年假？" if "年假" in prompt else "病假要什么？"
    found = written(settings(chat_server, tmp_path, sentence=[], segment=["questions"]))
    assert [key.text for key in found] == ["员工手册 年假有几天？", "员工手册 谁有年假？", "员工手册 病假要什么？"]
    assert found[0].unit == found[1].unit != found[2].unit
    assert {request["model"] for request in chat_server.requests} == {"keyllm"}


def test_a_document_is_summed_up_as_a_whole(chat_server: ChatServer, tmp_path: Path) -> None:
    chat_server.reply = "概括：假期的规定。"
    (key,) = written(settings(chat_server, tmp_path, sentence=[], segment=[], article=["summary"]))
    assert (key.unit, key.text) == (0, "员工手册 假期的规定。")


def test_what_was_written_is_not_asked_for_again(chat_server: ChatServer, tmp_path: Path) -> None:
    given = settings(chat_server, tmp_path, segment=["keywords"])
    chat_server.reply = "年假、天数"
    first = written(given)
    asked = len(chat_server.requests)
    assert asked == 2
    assert written(given) == first
    assert len(chat_server.requests) == asked
    other = given.keyinfo.chat.model_copy(update={"model": "another"})
    written(given.model_copy(update={"keyinfo": given.keyinfo.model_copy(update={"chat": other})}))
    assert len(chat_server.requests) == 2 * asked


def test_an_interrupted_run_keeps_what_was_written(chat_server: ChatServer, tmp_path: Path) -> None:
    given = settings(chat_server, tmp_path, segment=["questions"])
    chat_server.reply = "年假有几天？"
    units = Splitter(given.split, HashedEmbeddings()).split(HANDBOOK)
    segments = [unit for unit in units if unit.level == "segment"]
    questions = iter(extractors(given, HashedEmbeddings())["questions"](segments[:1], units))
    assert next(questions) == ["员工手册 年假有几天？"]
    del questions  # as a kill would, before the second segment
    assert len(chat_server.requests) == 1
    written(given)
    assert len(chat_server.requests) == len(segments) == 2


def test_a_failing_model_ends_the_ingest_with_one_line_and_a_second_run_goes_on(
    chat_server: ChatServer, tmp_path: Path
) -> None:
    given = settings(chat_server, tmp_path, segment=["context", "questions"])
    kb = opened(tmp_path / "kb")
    chat_server.status = 500
    with pytest.raises(ModelError, match="keyllm"):
        Pipeline(kb, HashedEmbeddings(), given).ingest_documents([HANDBOOK], 1)
    assert kb.store.documents() == []
    chat_server.status, chat_server.reply = 200, "年假有几天？"
    steps: list[Progress] = []
    report = Pipeline(kb, HashedEmbeddings(), given, steps.append).ingest_documents([HANDBOOK], 1)
    assert report.count("added") == 1
    assert [kind for _, kind, _ in kb.store.document_keys(HANDBOOK.doc_id)].count("questions") == 2
    assert len([step for step in steps if step.documents == 0 and step.waiting]) >= 2


def test_replies_of_no_use_give_no_key(chat_server: ChatServer, tmp_path: Path) -> None:
    chat_server.reply = "很抱歉，我无法回答。"
    assert written(settings(chat_server, tmp_path, sentence=[], segment=["questions"])) == []


def test_a_long_text_is_cut_to_the_context_window(chat_server: ChatServer, tmp_path: Path) -> None:
    chat_server.reply = "长"
    given = settings(chat_server, tmp_path, sentence=[], segment=[], article=["summary"])
    long = document("长文", "很长的一句话。" * 3000)
    keys(Splitter(given.split, HashedEmbeddings()).split(long), given.keyinfo, extractors(given, HashedEmbeddings()))
    (request,) = chat_server.requests
    assert 1000 < len(request["messages"][-1]["content"]) < given.chat.context_tokens


def test_written_keys_need_a_model(tmp_path: Path) -> None:
    given = load_settings(
        overrides={"data": str(tmp_path), "chat": {"backend": "none"}, "keyinfo": {"segment": ["summary"]}}
    )
    with pytest.raises(KeyRAGError, match=re.escape("set chat.backend or keyinfo.chat.backend")):
        extractors(given, HashedEmbeddings())


def test_a_template_of_ones_own_must_hold_the_text(chat_server: ChatServer, tmp_path: Path) -> None:
    (tmp_path / "summary.zh.txt").write_text("概括：{headings}", encoding="utf-8")
    given = settings(chat_server, tmp_path, segment=["summary"])
    own = given.model_copy(update={"prompt": given.prompt.model_copy(update={"folder": tmp_path})})
    with pytest.raises(KeyRAGError, match=r"summary\.zh\.txt.* must hold \{text\}"):
        extractors(own, HashedEmbeddings())


@pytest.mark.parametrize(
    ("reply", "questions"),
    [
        ("1. 甲是谁？\n2、乙在哪里？\n（3）丙何时出生？", ["甲是谁？", "乙在哪里？", "丙何时出生？"]),
        ("问题1：甲是谁？\n答案：某人", ["甲是谁？"]),
        ("- **Who was A?**\n- Where is B? (in C)\nSure!", ["Who was A?", "Where is B?"]),
        ("没有问题。", []),
        ("", []),
        ("？？？", []),
    ],
)
def test_questions_are_read_from_what_models_really_write(reply: str, questions: list[str]) -> None:
    assert read_questions(reply) == questions


@pytest.mark.parametrize(
    ("reply", "keywords"),
    [
        ("年假、病假、审批", ["年假 病假 审批"]),
        ("Keywords: leave, sick leave; approval.", ["leave sick leave approval"]),
        ("1. 年假\n2. 病假\n2. 病假", ["年假 病假"]),
        ('["年假", "病假"]', ["年假 病假"]),
        ("、、", []),
    ],
)
def test_keywords_are_read_from_what_models_really_write(reply: str, keywords: list[str]) -> None:
    assert read_keywords(reply) == keywords


def test_a_summary_is_one_line() -> None:
    assert read_summary("**概括**：\n员工有年假。\n\n也有病假。") == ["员工有年假。 也有病假。"]
    assert read_summary("  \n") == []
